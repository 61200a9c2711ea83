"""Plain tables for the command line, aligned by cells; nothing wraps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sandbox.charts.glyphs import UNICODE, Glyphs, clean, fit, width
from sandbox.charts.line import Line, Span, Style

__all__ = ["Align", "table"]

Align = Literal["left", "right"]
Cell = str | Span
_GAP = "  "
_NARROWEST = 4


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    cells: int | None = None,
    align: Sequence[Align] = (),
    glyphs: Glyphs = UNICODE,
) -> list[Line]:
    """A head, a rule and one line for each row.

    Args:
        head: the columns' names; a table without a head is given empty names.
        rows: texts or spans; a short row is filled up with empty cells.
        cells: the width of a line; the widest columns are cut first. None: as wide as it gets,
            which is what a pipe wants.
        align: a side for each column, left where nothing is said.
        glyphs: the table of characters.
    """
    body = [[_span(cell) for cell in row] for row in rows]
    columns = max([len(head), *map(len, body)], default=0)
    titles = [Span(clean(name), "strong") for name in head]
    grid = [line + [Span("")] * (columns - len(line)) for line in [titles, *body]]
    widths = [max(width(line[at].text) for line in grid) for at in range(columns)]
    if cells is not None:
        widths = _narrowed(widths, cells - len(_GAP) * (columns - 1))
    sides = [*align, *["left"] * columns][:columns]
    lines = [_line(line, widths, sides, glyphs) for line in grid]
    if not any(head):
        return lines[1:]
    rule: Style = "dim"
    total = sum(widths) + len(_GAP) * (columns - 1)
    return [lines[0], (Span(glyphs.rule * max(0, total), rule),), *lines[1:]]


def _span(cell: Cell) -> Span:
    return Span(clean(cell.text), cell.style) if isinstance(cell, Span) else Span(clean(cell))


def _narrowed(widths: list[int], room: int) -> list[int]:
    """Takes from the widest column until all fit, and from none below what is readable."""
    widths = list(widths)
    while sum(widths) > room:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= _NARROWEST:
            break
        second = max((w for at, w in enumerate(widths) if at != widest), default=0)
        over = sum(widths) - room
        widths[widest] -= min(over, max(1, widths[widest] - max(second, _NARROWEST)))
    return widths


def _line(line: list[Span], widths: list[int], sides: Sequence[str], glyphs: Glyphs) -> Line:
    spans: list[Span] = []
    for at, (span, wide, side) in enumerate(zip(line, widths, sides, strict=True)):
        text = fit(span.text, wide, glyphs.more)
        padding = " " * (wide - width(text))
        last = at == len(line) - 1
        if side == "right":
            spans += [Span(padding), Span(text, span.style)]
        else:
            spans += [Span(text, span.style), Span("" if last else padding)]
        if not last:
            spans.append(Span(_GAP))
    while spans and not spans[-1].text.strip():
        spans.pop()
    return tuple(span for span in spans if span.text)
