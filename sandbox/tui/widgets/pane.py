"""A pane: a border with a title around rows, and a line for its filter when one is wanted."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from sandbox.tui.messages import FilterSet
from sandbox.tui.widgets.rows import Rows

__all__ = ["FilterLine", "Pane"]


class FilterLine(Input):
    """The filter of a pane: up, down and enter go back to the rows, escape empties it."""

    def on_key(self, event: Key) -> None:
        """Leave upwards and downwards as well."""
        if event.key in ("up", "down"):
            event.stop()
            self.post_message(FilterSet(self.value, final=True))


class Pane(Vertical):
    """One pane of the workbench; its id is the pane's name."""

    def __init__(self, id: str, title: str, rows: Rows, *above: Widget) -> None:
        """``above``: what stands over the rows, such as a line of tabs."""
        super().__init__(id=id)
        self._title = self._note = ""
        self.rename(title)
        self.rows = rows
        self._above: Iterable[Widget] = above

    def compose(self) -> ComposeResult:
        """What stands above, and the rows."""
        yield from self._above
        yield self.rows

    def rename(self, title: str) -> None:
        """What stands in the upper border; plain text, never markup."""
        if title != self._title:
            self._title = title
            self.border_title = Content(title)

    def tell(self, note: str) -> None:
        """A note in the lower border: how many are shown, or where a search stands."""
        if note != self._note:
            self._note = note
            self.border_subtitle = Content(note)

    # The filter ---------------------------------------------------------------------------------

    @property
    def filter_line(self) -> FilterLine | None:
        """The filter's line, if it is open."""
        try:
            return self.query_one(FilterLine)
        except NoMatches:
            return None

    def open_filter(self, words: str) -> None:
        """Open it, or go to it."""
        line = self.filter_line
        if line is None:
            line = FilterLine(placeholder=words, compact=True)
            self.mount(line)
        line.focus()

    def close_filter(self) -> bool:
        """Take it away and show everything again; whether there was one."""
        line = self.filter_line
        if line is None:
            return False
        had_focus = line.has_focus
        line.remove()
        self.post_message(FilterSet(""))
        if had_focus:
            self.rows.focus()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        if self.filter_line is not None:
            self.post_message(FilterSet(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Done: back to the rows."""
        event.stop()
        self.post_message(FilterSet(event.value, final=True))
