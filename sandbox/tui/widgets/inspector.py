"""The inspector: five tabs over one view of lines."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType

from sandbox.tui.actions import bindings
from sandbox.tui.messages import TabAsked
from sandbox.tui.sheets import TABS, Sheet
from sandbox.tui.widgets.click_line import ClickLine, Part
from sandbox.tui.widgets.line_view import LineView
from sandbox.tui.widgets.pane import Pane

__all__ = ["Inspector", "TabLine"]


class TabLine(ClickLine):
    """The names of the tabs; the open one is bold and underlined."""

    tab = "payload"

    def parts(self, cells: int) -> list[Part]:
        """Five names."""
        glyphs = self.sandbox.glyphs
        line: list[Part] = []
        for name, title in TABS.items():
            here = name == self.tab
            line += [
                Part(f"{glyphs.current} " if here else "  ", "tab_on" if here else "tab"),
                Part(title, "tab_on" if here else "tab", TabAsked(name)),
                Part(" "),
            ]
        return line


class Inspector(Pane):
    """What a call sends and what it gets."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("inspector")]

    def __init__(self, id: str) -> None:
        """Nothing to show yet."""
        self.tabs = TabLine()
        self.view = LineView()
        super().__init__(id, "Inspector", self.view, self.tabs)

    def show(self, tab: str, sheet: Sheet, title: str, keep: bool) -> None:
        """A sheet under a tab; ``keep``: the place where one was reading."""
        if self.tabs.tab != tab:
            self.tabs.tab = tab
            self.tabs.refresh()
            keep = False
        self.rename(title)
        self.view.show(sheet, keep)
        lines = len(sheet.body)
        search = f"{self.view.needle}: {self.view.place}  " if self.view.needle else ""
        self.tell(f"{search}{lines:,} lines" if lines > 1 else search.strip())

    def action_tab(self, by: int) -> None:
        """The next tab, or the one before."""
        names = list(TABS)
        place = (names.index(self.tabs.tab) + by) % len(names)
        self.post_message(TabAsked(names[place]))
