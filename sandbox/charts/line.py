"""A line of a chart: spans of text, each in a role; who prints it picks the colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from sandbox.charts.cells import fit, width

__all__ = ["Line", "Span", "Style", "cut", "line_width", "plain"]

Style = Literal[
    "",
    "success",
    "failure",
    "dim",
    "strong",
    "kind",
    "step",
    "edge",
    "passed",
    "current",
    "warning",
]
"""The closed list of roles. ``passed`` is an edge that a run has taken."""


class Span(NamedTuple):
    """Some text in one role."""

    text: str
    style: Style = ""


Line = tuple[Span, ...]


def plain(line: Iterable[Span]) -> str:
    """The text alone, without spaces at its end."""
    return "".join(span.text for span in line).rstrip()


def line_width(line: Iterable[Span]) -> int:
    """Cells of the whole line."""
    return sum(width(span.text) for span in line)


def cut(line: Iterable[Span], cells: int, more: str = "…") -> Line:
    """The line in at most so many cells, neighbours of one role made one span."""
    kept: list[Span] = []
    room = cells
    spans = [span for span in line if span.text]
    for at, span in enumerate(spans):
        wide = width(span.text)
        follows = any(later.text.strip() for later in spans[at + 1 :])
        over = wide > room or (wide == room and follows)
        text = _forced(span.text, room, more) if over else span.text
        if kept and kept[-1].style == span.style:
            kept[-1] = Span(kept[-1].text + text, span.style)
        elif text:
            kept.append(Span(text, span.style))
        if over:
            break
        room -= wide
    return tuple(kept)


def _forced(text: str, room: int, more: str) -> str:
    """Cut so that the mark of a cut always shows, even where the text itself would just fit."""
    return fit(text + " " + more, room, more)
