"""The matrix of a sweep: outcomes down, calls across, a mark and a word in every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sandbox.charts.glyphs import UNICODE, Glyphs
from sandbox.charts.line import Line, Span, Style
from sandbox.charts.table import table

__all__ = ["matrix", "verdict_span"]

_STYLES: Final[Mapping[str, Style]] = {
    "proceeded": "success",
    "other path": "passed",
    "failure path": "warning",
    "ended nowhere": "failure",
    "dropped": "failure",
    "run failed": "failure",
    "sent twice": "failure",
    "never ends": "failure",
}


def verdict_span(verdict: str, glyphs: Glyphs = UNICODE) -> Span:
    """One cell: a mark, the word, and a role that is never the only difference."""
    marks = {
        "proceeded": glyphs.success,
        "other path": glyphs.jump,
        "failure path": glyphs.jump,
        "ended nowhere": glyphs.end,
        "dropped": glyphs.dropped,
        "run failed": glyphs.failure,
        "sent twice": "2",
        "never ends": glyphs.loop,
        "": " ",
    }
    if not verdict:
        return Span("", "dim")
    return Span(f"{marks.get(verdict, '?')} {verdict}", _STYLES.get(verdict, "strong"))


def matrix(
    cells: Mapping[str, Mapping[str, str]],
    outcomes: Sequence[str],
    width: int | None = None,
    glyphs: Glyphs = UNICODE,
    names: Mapping[str, str] | None = None,
) -> list[Line]:
    """Step → outcome → verdict as lines; outcomes that no call has are left out.

    Args:
        cells: the matrix.
        outcomes: the order of the rows.
        width: of a line; None: as wide as it gets.
        glyphs: the table of characters.
        names: outcome → what is shown of it; None: itself.
    """
    steps = list(cells)
    shown = [name for name in outcomes if any(name in cells[step] for step in steps)]
    shows = names or {}
    rows: list[list[str | Span]] = [
        [
            Span(shows.get(name, name), "strong"),
            *(verdict_span(cells[step].get(name, ""), glyphs) for step in steps),
        ]
        for name in shown
    ]
    return table(["answer", *steps], rows, width, glyphs=glyphs)
