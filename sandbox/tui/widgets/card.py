"""The card under the map of a narrow window: the selected step in a few lines."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from sandbox.tui.ink import Line
from sandbox.tui.widgets.rows import Rows

__all__ = ["Card"]


class Card(Rows, can_focus=False):
    """A few lines; without the focus and without a cursor."""

    def __init__(self, id: str | None = None) -> None:
        """Empty."""
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()

    def show(self, title: str, lines: Sequence[Line]) -> None:
        """These lines."""
        self.border_title = Content(title)
        self._lines = lines
        self.redraw()

    @property
    def has_cursor(self) -> bool:
        """It cannot be moved in."""
        return False

    @property
    def count(self) -> int:
        """Lines."""
        return len(self._lines)

    def line(self, index: int, cells: int) -> Line:
        """A line."""
        return self._lines[index]
