"""Lines of text in roles, and how they reach the screen.

A chart's spans are such lines as they are; the workbench adds roles of its own (a key of JSON, a
chip in the header). ``theme`` says how a role looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from sandbox.charts.cells import width
from sandbox.tui.theme import Roles

__all__ = ["Ink", "Line", "line_cells", "part_of", "plain", "strip_of", "text_of"]


class Ink(NamedTuple):
    """Some text in one role."""

    text: str
    role: str = ""


Line = Sequence[tuple[str, str]]
"""Pairs of text and role; a chart's spans are such pairs."""


def plain(line: Line) -> str:
    """The text alone."""
    return "".join(text for text, _ in line)


def line_cells(line: Line) -> int:
    """Cells of the whole line."""
    return sum(width(text) for text, _ in line)


def part_of(line: Line, start: int, end: int) -> list[tuple[str, str]]:
    """The characters from ``start`` to ``end``, in their roles."""
    kept = []
    at = 0
    for text, role in line:
        low, high = max(start - at, 0), min(end - at, len(text))
        if low < high:
            kept.append((text[low:high], role))
        at += len(text)
        if at >= end:
            break
    return kept


def strip_of(line: Line, roles: Roles, base: Style, cells: int, over: str = "") -> Strip:
    """A line as it is drawn, exactly ``cells`` wide.

    Args:
        line: what to draw.
        roles: the theme's looks.
        base: what every part stands on.
        cells: the width.
        over: a role laid over all of it, such as a cursor's.
    """
    top = roles[over] if over else None
    ground = base + top if top is not None else base
    segments = []
    for text, role in line:
        look = base + roles[role]
        segments.append(Segment(text, look + top if top is not None else look))
    return Strip(segments).adjust_cell_length(cells, ground)


def text_of(line: Iterable[tuple[str, str]], roles: Roles) -> Text:
    """The same for widgets that render a text; it never wraps."""
    text = Text(no_wrap=True, end="")
    for words, role in line:
        text.append(words, roles[role])
    return text
