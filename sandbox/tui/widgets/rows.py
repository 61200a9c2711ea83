"""The base of every pane: rows that are drawn when they are looked at.

A list of ten thousand people costs no more than the rows that fit on the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sandbox.tui.actions import bindings
from sandbox.tui.ink import Line, strip_of
from sandbox.tui.theme import Roles

if TYPE_CHECKING:
    from sandbox.tui.app import SandboxApp

__all__ = ["Rows"]


class Rows(ScrollView, can_focus=True):
    """Rows, a cursor on one of them, and perhaps a head that stays. Subclasses draw."""

    DEFAULT_CSS = """
    Rows { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rows")]

    cursor: reactive[int] = reactive(0, repaint=False)

    _base = Style()

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, rows: Rows, index: int) -> None:
            """``index``: of the row."""
            super().__init__()
            self.rows = rows
            self.index = index

        @property
        def control(self) -> Rows:
            """Who says it."""
            return self.rows

    class Chosen(Moved):
        """Enter was pressed on a row, or it was clicked when the cursor was there."""

    # What subclasses say ------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def line(self, index: int, cells: int) -> Line:
        """A row."""
        raise NotImplementedError

    @property
    def heading(self) -> Line | None:
        """What stays at the top; None: nothing."""
        return None

    @property
    def has_cursor(self) -> bool:
        """Whether a row is marked; without it, the keys scroll."""
        return True

    def choosable(self, index: int) -> bool:
        """Whether the cursor may stand on a row."""
        return True

    # Drawing ------------------------------------------------------------------------------------

    @property
    def sandbox(self) -> SandboxApp:
        """The app."""
        return cast("SandboxApp", self.app)

    @property
    def roles(self) -> Roles:
        """How roles look under the current theme."""
        return self.sandbox.roles

    @property
    def cells(self) -> int:
        """Columns that a row has: the window's, less those of a scrollbar."""
        return max(0, self.size.width - self.scrollbar_size_vertical)

    def lay_out(self, cells: int) -> None:
        """Make the rows for a width, where they depend on it."""

    def redraw(self) -> None:
        """The rows have changed."""
        for _ in range(2):
            cells = self.cells
            self.lay_out(cells)
            self._resize(Size(cells, self.count + (self.heading is not None)))
            if self.cells == cells:  # else a scrollbar has come or gone
                break
        last = max(0, self.count - 1)
        if self.cursor > last:
            self.cursor = last
        self.refresh()

    def _resize(self, size: Size) -> None:
        if size == self.virtual_size:
            return
        if self.styles.is_auto_height:
            self.virtual_size = size
        else:
            # Setting it lays the whole screen out anew, which fifteen times a second is too much
            # for a list that only grows.
            self.set_reactive(Rows.virtual_size, size)
            self._scroll_update(size)

    def on_resize(self, event: events.Resize) -> None:
        """Rows may be cut elsewhere now."""
        self.redraw()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region; what they stand on is asked for once."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        whole, cells = self.size.width, self.cells
        base = self._base
        heading = self.heading
        if heading is not None:
            if y == 0:
                return strip_of(heading, self.roles, base, whole)
            y -= 1
        index = self.scroll_offset.y + y
        if index >= self.count:
            return Strip.blank(whole, base)
        over = ""
        if self.has_cursor and index == self.cursor:
            over = "cursor" if self.has_focus else "idle_cursor"
        return strip_of(self.line(index, cells), self.roles, base, whole, over)

    # Moving -------------------------------------------------------------------------------------

    def watch_cursor(self, before: int, after: int) -> None:
        """Show the row and tell."""
        self.reveal(after)
        self.refresh()
        if self.is_attached:
            self.post_message(self.Moved(self, after))

    def reveal(self, index: int) -> None:
        """Scroll so that a row is in sight."""
        top = 1 if self.heading is not None else 0
        room = self.size.height - top
        if room <= 0:
            return
        if index < self.scroll_offset.y:
            self.scroll_to(y=index, animate=False)
        elif index >= self.scroll_offset.y + room:
            self.scroll_to(y=index - room + 1, animate=False)

    def action_cursor(self, by: int) -> None:
        """So many rows on."""
        self._go(self.cursor + by, by)

    def action_page(self, by: int) -> None:
        """So many pages on."""
        rows = max(1, self.size.height - 2)
        self._go(self.cursor + by * rows, by)

    def action_end(self, side: int) -> None:
        """The first or the last row."""
        self._go(0 if side < 0 else self.count - 1, -side)

    def _go(self, wanted: int, direction: int) -> None:
        if not self.has_cursor:
            if direction and abs(wanted - self.cursor) > 1:
                pages = self.size.height - 1 if 0 < wanted < self.count - 1 else self.count
                by = pages if wanted > self.cursor else -pages
                self.scroll_to(y=self.scroll_offset.y + by, animate=False)
            else:
                self.scroll_to(y=self.scroll_offset.y + direction, animate=False)
            return
        if not self.count:
            return
        index = min(max(wanted, 0), self.count - 1)
        step = 1 if direction > 0 else -1
        while 0 <= index < self.count and not self.choosable(index):
            index += step
        if 0 <= index < self.count:
            self.cursor = index

    def action_choose(self) -> None:
        """Enter."""
        if self.has_cursor and self.count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; one where it stands already chooses."""
        top = 1 if self.heading is not None else 0
        gutter = self.gutter
        index = self.scroll_offset.y + event.y - gutter.top - top
        if not self.has_cursor or not 0 <= index < self.count or not self.choosable(index):
            return
        if index == self.cursor:
            self.action_choose()
        else:
            self.cursor = index

    def on_focus(self) -> None:
        """The cursor looks different with the focus."""
        self.refresh()

    def on_blur(self) -> None:
        """And without."""
        self.refresh(Region(0, 0, *self.size))
