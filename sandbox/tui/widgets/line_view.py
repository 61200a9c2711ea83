"""Big texts by line: five megabytes of JSON open as fast as five lines.

Lines that are too long for the window are wrapped, so nothing hides beyond the right edge; only
lines in sight are coloured.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import ClassVar

from rich.cells import chop_cells
from textual.binding import BindingType
from textual.message import Message

from sandbox.charts.cells import clean, width
from sandbox.charts.glyphs import ASCII
from sandbox.tui.actions import bindings
from sandbox.tui.ink import Line, part_of, plain
from sandbox.tui.json_lines import lit
from sandbox.tui.sheets import Sheet
from sandbox.tui.widgets.rows import Rows

__all__ = ["LineView"]

_IN_ASCII = str.maketrans({"✓": "+", "✗": "x", "→": ">", "·": "-", "…": "~"})
"""Our own marks; a body is never changed."""


class LineView(Rows):
    """A sheet, to be scrolled and searched."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("body")]

    class Searched(Message):
        """Another match is shown."""

        def __init__(self, view: LineView) -> None:
            """``view``: where."""
            super().__init__()
            self.view = view

    def __init__(self, id: str | None = None) -> None:
        """Nothing to read yet."""
        super().__init__(id=id)
        self.sheet = Sheet()
        self.needle = ""
        self._hits: list[int] = []
        self._hit = 0
        self._starts: list[int] | None = None
        self._wrapped_at = 0

    def show(self, sheet: Sheet, keep: bool = False) -> None:
        """Read this; with ``keep`` from where the last one was read."""
        if sheet == self.sheet:
            return
        self.sheet = sheet
        self._starts = None
        if not keep:
            self.scroll_to(y=0, animate=False)
        if self.needle:
            self.search(self.needle, move=False)
        self.redraw()

    # Rows ---------------------------------------------------------------------------------------

    @property
    def has_cursor(self) -> bool:
        """Keys scroll."""
        return False

    @property
    def count(self) -> int:
        """Rows, wrapped lines counted as often as they wrap."""
        self._wrap()
        lines = len(self.sheet.head) + len(self.sheet.body)
        return lines if self._starts is None else self._starts[-1]

    def line(self, index: int, cells: int) -> Line:
        """A row: a line, or a piece of one that is too long."""
        self._wrap()
        if self._starts is None:
            return self._marked(index, self._whole(index))
        number = bisect_right(self._starts, index) - 1
        line = self._marked(number, self._whole(number))
        pieces = self._pieces(plain(line), words=number < len(self.sheet.head))
        place = index - self._starts[number]
        start = sum(map(len, pieces[:place]))
        return part_of(line, start, start + len(pieces[place]))

    def _raw(self, number: int) -> str:
        head = self.sheet.head
        return plain(head[number]) if number < len(head) else self.sheet.body[number - len(head)]

    def _whole(self, number: int) -> Line:
        head = self.sheet.head
        if number < len(head):
            line = head[number]
            if self.sandbox.glyphs is ASCII:
                return [(text.translate(_IN_ASCII), role) for text, role in line]
            return line
        place = number - len(head)
        text = clean(self.sheet.body[place])
        if place in self.sheet.missing:
            indent = len(text) - len(text.lstrip())
            return [(text[:indent], ""), (text[indent:], "missing")]
        return lit(text, self.sheet.kind)

    def _marked(self, number: int, line: Line) -> Line:
        """The line with the search's matches in it."""
        if not self.needle:
            return line
        text, needle = plain(line).casefold(), self.needle.casefold()
        parts: list[tuple[str, str]] = []
        here = bool(self._hits) and self._hits[self._hit] == number
        at = 0
        while (found := text.find(needle, at)) >= 0:
            parts += part_of(line, at, found)
            end = found + len(needle)
            parts.append((plain(part_of(line, found, end)), "found" if here else "match"))
            at = end
        return [*parts, *part_of(line, at, len(text))] if parts else line

    def _wrap(self) -> None:
        """Where each line begins among the rows; not needed when all are short."""
        cells = self.cells
        lines = len(self.sheet.head) + len(self.sheet.body)
        if self._starts is not None and self._wrapped_at == cells:
            return
        if self._wrapped_at == cells and self._starts is None and self._plain_sheet is self.sheet:
            return
        self._wrapped_at, self._plain_sheet = cells, self.sheet
        self._starts = None
        if not cells:
            return
        raw = [self._raw(number) for number in range(len(self.sheet.head))]
        if all(len(line) <= cells and line.isascii() for line in (*raw, *self.sheet.body)):
            return
        first = len(self.sheet.head)
        heights = [len(self._pieces(text, words=True)) for text in raw]
        heights += [
            -(-len(text) // cells) or 1 if text.isascii() else len(self._pieces(clean(text)))
            for text in map(self._raw, range(first, lines))
        ]
        self._starts = [0, *accumulate(heights)]

    _plain_sheet: Sheet | None = None

    def _pieces(self, text: str, words: bool = False) -> list[str]:
        """A line as the rows it takes; ``words``: broken between words, where there are any."""
        cells = max(2, self.cells)
        if words and len(text) == width(text):
            pieces = []
            while len(text) > cells:
                space = text.rfind(" ", cells // 2, cells + 1)
                end = space + 1 if space >= 0 else cells
                pieces.append(text[:end])
                text = text[end:]
            return [*pieces, text]
        if text.isascii():
            return [text[at : at + cells] for at in range(0, len(text), cells)] or [""]
        return chop_cells(text, cells) or [""]

    # Searching ----------------------------------------------------------------------------------

    def search(self, needle: str, move: bool = True) -> int:
        """Mark every match; the view goes to the first one from here.

        Returns:
            How many lines match.
        """
        self.needle = needle
        folded = needle.casefold()
        lines = len(self.sheet.head) + len(self.sheet.body)
        self._hits = (
            [number for number in range(lines) if folded in self._raw(number).casefold()]
            if needle
            else []
        )
        self._hit = 0
        if move and self._hits:
            here = self.scroll_offset.y
            self._hit = next(
                (place for place, hit in enumerate(self._hits) if self._row(hit) >= here), 0
            )
            self._show_hit()
        self.refresh()
        return len(self._hits)

    @property
    def place(self) -> str:
        """``3/17`` of the matches."""
        if not self.needle:
            return ""
        return f"{self._hit + 1}/{len(self._hits)}" if self._hits else "no match"

    def action_match(self, by: int) -> None:
        """The next match; without a search the key means what it means elsewhere."""
        if not self.needle:
            if by > 0:
                self.screen.call_later(self.screen.run_action, "force('refused')")
            return
        if self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            self._show_hit()
            self.refresh()
            self.post_message(self.Searched(self))

    def _row(self, number: int) -> int:
        self._wrap()
        return number if self._starts is None else self._starts[number]

    def _show_hit(self) -> None:
        row = self._row(self._hits[self._hit])
        if not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
            self.scroll_to(y=max(0, row - self.size.height // 3), animate=False)
