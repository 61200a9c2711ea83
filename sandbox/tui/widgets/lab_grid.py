"""A table to walk in cell by cell: the matrix of a sweep, and the vendors side by side.

Every cell is a mark, a word and a role; where the theme has colours of its own the role also tints
the cell's ground, which makes a heat map of it. Columns that find no room are scrolled to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from sandbox.charts.cells import clean, fit, pad, width
from sandbox.tui.ink import Ink, Line
from sandbox.tui.lab_actions import lab_bindings
from sandbox.tui.widgets.rows import Rows

__all__ = ["Grid", "GridRow", "tinted"]

_LABEL_MOST = 22
_CELL_MOST = 30
_TINT = 0.22
_TINTED = ("success", "failure", "warning", "passed")


class GridRow(NamedTuple):
    """One row."""

    key: str
    label: str
    cells: Sequence[tuple[str, str]]
    """Text and role for each column; a text of nothing is a cell that cannot be opened."""


def tinted(role: Style, ground: Style) -> Style:
    """A role over a ground that leans to its colour; as it is where there are no such colours."""
    ink, paper = role.color, ground.bgcolor
    if ink is None or paper is None or ink.triplet is None or paper.triplet is None:
        return role
    mixed = (round(b + (a - b) * _TINT) for a, b in zip(ink.triplet, paper.triplet, strict=True))
    return role + Style(bgcolor=Color.from_triplet(ColorTriplet(*mixed)))


class Grid(Rows):
    """Rows, columns, and a cursor on one cell."""

    BINDINGS: ClassVar[list[BindingType]] = [*lab_bindings("grid")]

    column: reactive[int] = reactive(0, repaint=False)

    class At(Message):
        """The cursor is on another cell."""

        def __init__(self, grid: Grid) -> None:
            """``grid``: where."""
            super().__init__()
            self.grid = grid

    def __init__(self, corner: str, id: str | None = None) -> None:
        """``corner``: what stands over the rows' labels."""
        super().__init__(id=id)
        self._corner = corner
        self.columns: Sequence[str] = ()
        self.rows: Sequence[GridRow] = ()
        self._words: Sequence[Line] = ()
        self._first = 0
        self._label = 0
        self._wide: list[int] = []

    def show(self, columns: Sequence[str], rows: Sequence[GridRow]) -> None:
        """This table; the cursor stays on its row and column if they are still there."""
        key, name = self.row.key if self.row else "", self.name_here
        self.columns, self.rows, self._words = columns, rows, ()
        self._label = max([width(self._corner), *(width(row.label) for row in rows)])
        self._wide = [
            min(_CELL_MOST, max(width(name), *(width(row.cells[at][0]) for row in rows)))
            for at, name in enumerate(columns)
        ]
        keys = [one.key for one in rows]
        self.cursor = keys.index(key) if key in keys else 0
        self.column = list(columns).index(name) if name in columns else 0
        self.redraw()
        self.post_message(self.At(self))

    def say(self, lines: Sequence[Line]) -> None:
        """Words where there is no table."""
        self.columns, self.rows, self._words = (), (), lines
        self.redraw()
        self.post_message(self.At(self))

    @property
    def row(self) -> GridRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def name_here(self) -> str:
        """The name of the column under the cursor."""
        return self.columns[self.column] if self.column < len(self.columns) else ""

    def go_to(self, key: str, column: str) -> None:
        """The cursor to a cell."""
        keys = [one.key for one in self.rows]
        if key in keys and column in self.columns:
            self.cursor = keys.index(key)
            self.column = list(self.columns).index(column)

    # Rows ---------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """Rows, or lines of words."""
        return len(self.rows) or len(self._words)

    @property
    def has_cursor(self) -> bool:
        """Words have none."""
        return bool(self.rows)

    @property
    def heading(self) -> Line | None:
        """The columns' names."""
        if not self.rows:
            return None
        label, wide, first, last = self._plan()
        line: list[Ink] = [Ink(f" {pad(fit(self._corner, label), label)}", "dim")]
        more = self.sandbox.glyphs.more
        for at in range(first, last):
            here = at == self.column
            text = pad(fit(clean(self.columns[at]), wide[at], more), wide[at])
            line += [Ink(" "), Ink(f" {text} ", "hot" if here else "step")]
        left, right = first, len(self.columns) - last
        glyphs = self.sandbox.glyphs
        if left or right:
            before = f"{glyphs.to_left}{left} " if left else ""
            after = f"{right}{glyphs.to_right}" if right else ""
            line.append(Ink(f" {before}{after}", "warning"))
        return line

    def line(self, index: int, cells: int) -> Line:
        """Words; rows of the table are drawn cell by cell."""
        return self._words[index]

    def render_line(self, y: int) -> Strip:
        """One line; each cell on its own ground."""
        index = self.scroll_offset.y + y - 1
        if not self.rows or y == 0 or index >= len(self.rows):
            return super().render_line(y)
        label, wide, first, last = self._plan()
        row, base, roles = self.rows[index], self._base, self.roles
        here = index == self.cursor
        over = roles["cursor" if self.has_focus else "idle_cursor"]
        more = self.sandbox.glyphs.more
        name = pad(fit(clean(row.label), label, more), label)
        segments = [Segment(f" {name}", base + roles["hot" if here else "strong"])]
        for at in range(first, last):
            text, role = row.cells[at]
            look = base + roles[role]
            if role in _TINTED and not self.app.no_color:
                look = base + tinted(roles[role], base)
            if here and at == self.column:
                look += over
                if self.has_focus:
                    look += Style(reverse=True)
            shown = pad(fit(clean(text), wide[at], more), wide[at])
            segments += [Segment(" ", base), Segment(f" {shown} ", look)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _plan(self) -> tuple[int, list[int], int, int]:
        """Cells of the label, of every column, and which columns are in sight."""
        room = self.cells - 2
        most = max(8, min(_LABEL_MOST, room // 3))
        label = min(most, self._label)
        wide = self._wide
        room -= label
        whole = sum(one + 3 for one in wide) <= room
        room -= 0 if whole else 6
        first = min(self._first, self.column)
        while first < self.column and sum(w + 3 for w in wide[first : self.column + 1]) > room:
            first += 1
        last = first
        while last < len(wide) and (last == first or wide[last] + 3 <= room):
            room -= wide[last] + 3
            last += 1
        self._first = first
        return label, wide, first, last

    # Moving -------------------------------------------------------------------------------------

    def action_across(self, by: int) -> None:
        """So many columns on."""
        if self.columns:
            self.column = min(max(self.column + by, 0), len(self.columns) - 1)

    def watch_column(self) -> None:
        """Show the column and tell."""
        self.refresh()
        if self.is_attached:
            self.post_message(self.At(self))

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell which cell it is."""
        super().watch_cursor(before, after)
        if self.is_attached:
            self.post_message(self.At(self))

    def on_click(self, event: events.Click) -> None:
        """A click moves to the cell; one where the cursor stands already opens it."""
        event.prevent_default()
        index = self.scroll_offset.y + event.y - self.gutter.top - 1
        if not self.rows or not 0 <= index < len(self.rows):
            return
        label, wide, first, last = self._plan()
        at = label + 1
        for column in range(first, last):
            at += wide[column] + 3
            if event.x - self.gutter.left < at:
                if (index, column) == (self.cursor, self.column):
                    self.action_choose()
                self.cursor, self.column = index, column
                return
