"""What a template knows while it renders: the context, what is outside it, how far it may go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sandbox.model.base import Json
from sandbox.templates.filters import MAX_TEXT, TooLarge
from sandbox.templates.handlebars.javascript import js_same
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING, Path

__all__ = ["MAX_TURNS", "MAX_WORK", "Data", "Frame", "Line", "State"]

MAX_TURNS: Final = 100_000
"""Turns that all the loops of one rendering may take together."""
MAX_WORK: Final = 20 * MAX_TEXT
"""Characters and items that all the helpers of one rendering may make together."""


class Line(NamedTuple):
    """One value that was printed: where it came from."""

    source: str
    path: str
    value: Json
    rendered: str


class State:
    """One rendering."""

    __slots__ = ("at", "found", "lines", "root", "size", "turns", "work")

    def __init__(self, root: Json, found: Found, at: str, lines: list[Line] | None) -> None:
        self.root = root
        self.found = found
        self.at = at
        self.lines = lines
        """Where each printed value is told; None: nobody asked."""
        self.size = 0
        self.turns = 0
        self.work = 0

    def turn(self) -> None:
        """Count one turn of a loop.

        Raises:
            TooLarge: past ``MAX_TURNS``.
        """
        self.turns += 1
        if self.turns > MAX_TURNS:
            raise TooLarge(f"{self.at or 'a text'} takes more than {MAX_TURNS:,} turns of a loop")

    def helped(self, made: Json) -> Json:
        """Count what a helper made, printed or not.

        Raises:
            TooLarge: past ``MAX_TEXT`` characters, or ``MAX_WORK`` together.
        """
        if isinstance(made, str | list):
            self.work += len(made)
            if len(made) > MAX_TEXT or self.work > MAX_WORK:
                raise TooLarge(f"the helpers of {self.at or 'a text'} make too much text")
        return made

    def grow(self, text: str) -> str:
        """Count text that was made.

        Raises:
            TooLarge: past ``MAX_TEXT`` characters.
        """
        self.size += len(text) or 4  # what prints nothing takes its time too
        if self.size > MAX_TEXT:
            raise TooLarge(f"{self.at or 'a text'} grew past {MAX_TEXT:,} characters")
        return text


class Data(NamedTuple):
    """What ``@index`` and its like mean in one turn of a loop."""

    index: Json
    key: Json
    first: bool
    last: bool
    outer: Data | None


class Frame:
    """A context (``this``) and what lies outside it (``../``)."""

    __slots__ = ("anchor", "data", "names", "path", "state", "this", "up")

    def __init__(
        self,
        this: Json,
        up: Frame | None,
        data: Data | None,
        state: State,
        names: Mapping[str, Json],
        path: Path | None,
    ) -> None:
        self.this = this
        self.up = up
        self.data = data
        self.state = state
        self.names = names
        """Values of the names after ``as |``."""
        self.path = path
        """Where ``this`` stands in the scope; None when it was computed."""
        self.anchor: Frame | None = None
        """The frame that ``../`` leads to from inside; None: this one."""

    def inner(
        self, this: Json, data: Data | None, names: Mapping[str, Json], path: Path | None
    ) -> Frame:
        """The frame of a block on ``this``; the same context again is not a level of ``../``."""
        outer = self.anchor or self
        up = outer.up if js_same(this, outer.this) else outer
        return Frame(this, up, data, self.state, names, path)

    def same(self) -> Frame:
        """The frame of a block on the same context; null becomes an empty object there, which is
        no level of ``../``.
        """
        if self.this is not None:
            return self
        frame = Frame({}, self.up, self.data, self.state, self.names, self.path)
        frame.anchor = self
        return frame

    def outside(self, depth: int) -> Frame | None:
        """The frame so many ``../`` away."""
        frame: Frame | None = self
        for _ in range(depth):
            if frame is None:
                return None
            frame = frame.up
        return frame

    def datum(self, name: str, depth: int) -> Json:
        """``@index``, ``@key``, ``@first``, ``@last``; ``@../index`` with a depth."""
        data = self.data
        for _ in range(depth):
            data = None if data is None else data.outer
        return MISSING if data is None else getattr(data, name)
