"""A text with tags, whatever its syntax: what the engine asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from sandbox.model.base import Json
from sandbox.templates.noticing import Found, Notice
from sandbox.templates.paths import Path
from sandbox.templates.snippet import Tag

__all__ = ["LEFT_OUT", "Printing", "Provenance", "Render", "Straight", "Text"]

LEFT_OUT: Final = "left out"
"""A value that found nothing, and takes its field with it."""
Render = Callable[[Json, Found], Json]


class Provenance(NamedTuple):
    """Where one rendered value came from."""

    at: str
    """The field: ``body.extra.variable_1``."""
    tag: str
    path: str
    value: Json
    """None when missing."""
    type: str
    """A JSON type, ``missing``, or ``too large``."""
    rendered: Json
    """What stands in the payload in the tag's place."""
    sent: str = ""
    """The JSON type it is sent with, ``LEFT_OUT``, ``too large``, or ``text`` for a piece of JSON
    that is no value by itself; empty until the call is known."""


class Printing(NamedTuple):
    """How a syntax writes a value as text."""

    text_of: Callable[[Json], str]
    harmless: Callable[[str], bool]
    """Whether no sign of a text would be escaped."""
    escape: Callable[[str], str]
    """The same object when nothing is to be escaped."""


class Straight(NamedTuple):
    """A text that is the value at one path, perhaps between two constants."""

    path: Path
    printing: Printing | None
    """None: the value keeps its JSON type."""
    changed: Notice | None = None
    """What to tell when an escape changes the value."""
    before: str = ""
    after: str = ""


class Text:
    """One text, parsed once and rendered many times."""

    __slots__ = (
        "at", "literal", "notices", "omits", "plain", "render", "source", "static", "straight",
    )  # fmt: skip

    def __init__(self, source: str, at: str) -> None:
        self.source = source
        self.at = at
        """The field it stands in, for findings."""
        self.static = False
        """Whether nothing in it depends on the scope."""
        self.literal = ""
        """What a static one renders."""
        self.omits = False
        """Whether it may render ``MISSING``, and its field is then left out."""
        self.plain = False
        """Whether the paths of its tags are all that it reads."""
        self.straight: Straight | None = None
        """Set when nothing but the value at one path decides it; ``render`` gives the same."""
        self.notices: list[Notice] = []
        """What is worth telling before anybody renders."""
        self.render: Render = lambda scope, found: self.literal
        """Render for a scope; what finds nothing is appended. Raises ``TooLarge``."""

    def text(self, scope: Json, found: Found) -> str:
        """``render``, as text whatever the syntax."""
        raise NotImplementedError

    def tags(self) -> Iterator[Tag]:
        """The paths it reads, as far as they are known before rendering."""
        raise NotImplementedError

    def explain(self, scope: Json) -> list[Provenance]:
        """One line per value that is put in."""
        raise NotImplementedError

    def pieces(self) -> list[str | Tag] | None:
        """Its text and tags, in order; None when blocks decide what stands where."""
        raise NotImplementedError

    def filled(self, stub: str) -> str | None:
        """The text with ``stub`` in the place of every tag; None when blocks decide what stands
        there.
        """
        pieces = self.pieces()
        if pieces is None:
            return None
        return "".join(piece if isinstance(piece, str) else stub for piece in pieces)

    @property
    def begins_fixed(self) -> bool:
        """Whether its beginning is the same for everybody."""
        pieces = self.pieces()
        return pieces is not None and (not pieces or isinstance(pieces[0], str))
