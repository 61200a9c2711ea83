"""Scrollbars of whole cells, for terminals that draw no eighths of a block."""

from __future__ import annotations

from typing import ClassVar

from textual.scrollbar import ScrollBar, ScrollBarRender

__all__ = ["draw_scrollbars"]


class _Whole(ScrollBarRender):
    """The thumb is cells with their colours swapped, and ends at the edge of a cell."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def draw_scrollbars(ascii: bool) -> None:
    """From now on with ASCII characters only, or as Textual does it."""
    ScrollBar.renderer = _Whole if ascii else ScrollBarRender
