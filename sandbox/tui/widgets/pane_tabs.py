"""The row of tabs that says which panes there are when not all are seen."""

from __future__ import annotations

from sandbox.tui.arrangement import TABBED
from sandbox.tui.messages import PaneAsked
from sandbox.tui.widgets.click_line import ClickLine, Part

__all__ = ["PANE_TITLES", "PaneTabs"]

PANE_TITLES = {
    "journeys": "Journeys",
    "profiles": "Profiles",
    "triggers": "Triggers",
    "map": "Map",
    "bars": "Bars",
    "inspector": "Inspector",
    "calls": "Calls",
}
"""Pane → its short name."""


class PaneTabs(ClickLine):
    """Seven names; the ones in sight are marked."""

    focused = "map"
    seen: frozenset[str] = frozenset()

    def show(self, focused: str, seen: frozenset[str]) -> None:
        """These panes are in sight."""
        self.focused, self.seen = focused, seen
        self.refresh()

    def parts(self, cells: int) -> list[Part]:
        """The names, and how to get there."""
        line: list[Part] = [Part(" ")]
        for pane in TABBED:
            role = "tab_on" if pane == self.focused else "strong" if pane in self.seen else "tab"
            mark = self.sandbox.glyphs.current if pane == self.focused else " "
            line += [
                Part(mark, role, PaneAsked(pane)),
                Part(PANE_TITLES[pane], role, PaneAsked(pane)),
                Part(" "),
            ]
        taken = sum(len(part.text) for part in line)
        hint = "tab: next"
        if taken + len(hint) < cells:
            line += [Part(" " * (cells - taken - len(hint) - 1)), Part(hint, "dim")]
        return line
