"""What a parsed template is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sandbox.model.base import Json

__all__ = [
    "Block",
    "Call",
    "Comment",
    "Content",
    "Expression",
    "Literal",
    "Mustache",
    "Node",
    "PathName",
    "Program",
    "Strip",
]


class PathName(NamedTuple):
    """``../user.name``, ``this.[first name]``, ``@index``."""

    source: str
    start: int
    depth: int
    """How many ``../``."""
    data: bool
    """Begins with @."""
    scoped: bool
    """Begins with ``this`` or a dot, so it is never a helper."""
    parts: tuple[str, ...]

    @property
    def simple(self) -> str:
        """The name when it could be a helper's; else empty."""
        plain = len(self.parts) == 1 and not (self.depth or self.data or self.scoped)
        return self.parts[0] if plain else ""


class Literal(NamedTuple):
    """A text, number, true, false, null or undefined."""

    source: str
    start: int
    value: Json


class Call(NamedTuple):
    """A helper with its arguments: a subexpression, or what a mustache or block holds."""

    source: str
    start: int
    name: PathName
    params: tuple[Expression, ...]
    hash: tuple[tuple[str, Expression], ...]


Expression = PathName | Literal | Call


class Strip(NamedTuple):
    """Whether white space before and after a tag goes (the ``~``)."""

    open: bool = False
    close: bool = False


@dataclass(slots=True)
class Content:
    """Text as it is."""

    original: str
    value: str
    right_stripped: bool = False
    left_stripped: bool = False


@dataclass(slots=True)
class Comment:
    """A comment; only its effect on white space remains."""

    strip: Strip


@dataclass(slots=True)
class Mustache:
    """A value or helper that is printed."""

    source: str
    start: int
    call: Call
    escape: bool
    strip: Strip


@dataclass(slots=True)
class Program:
    """Statements one after the other."""

    body: list[Node] = field(default_factory=list)
    params: tuple[str, ...] = ()
    """Names after ``as |``."""
    chained: bool = False
    """The part after ``else if``: its only statement is the next block."""


@dataclass(slots=True)
class Block:
    """A block with what is shown when its helper says so, and what otherwise."""

    source: str
    start: int
    call: Call
    program: Program | None
    inverse: Program | None
    open_strip: Strip
    inverse_strip: Strip | None
    close_strip: Strip | None


Node = Content | Comment | Mustache | Block
