"""Lines to read in a small window: wrapped, scrolled, without a cursor."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.tui.ink import Line
from sandbox.tui.sheets import Sheet
from sandbox.tui.widgets.line_view import LineView

__all__ = ["Reading"]


class Reading(LineView):
    """A few styled lines."""

    def __init__(self, lines: Sequence[Line], id: str | None = None) -> None:
        """``lines``: what to read."""
        super().__init__(id=id)
        self.show(Sheet(tuple(lines)))
