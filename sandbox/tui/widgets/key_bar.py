"""The footer: the keys that matter most, as many as there is room for."""

from __future__ import annotations

from sandbox.charts.cells import width
from sandbox.tui.actions import ACTIONS
from sandbox.tui.messages import KeyAsked
from sandbox.tui.widgets.click_line import ClickLine, Part

__all__ = ["KeyBar"]

_MOST_AT_80 = 8


class KeyBar(ClickLine):
    """Read from the registry, most important first."""

    note = ""

    def tell(self, note: str) -> None:
        """A note for the focused pane, in front of the keys."""
        if note != self.note:
            self.note = note
            self.refresh()

    def parts(self, cells: int) -> list[Part]:
        """The keys, by rank."""
        ranked = sorted((one for one in ACTIONS if one.rank), key=lambda one: one.rank)
        if cells < 100:
            ranked = ranked[:_MOST_AT_80]
        line: list[Part] = []
        room = cells - 1
        if self.note:
            line = [Part(f" {self.note} ", "hot")]
            room -= width(self.note) + 2
        for action in ranked:
            taken = width(action.shown) + width(action.verb) + 3
            if taken > room:
                break
            room -= taken
            message = KeyAsked(action.call)
            line += [
                Part(f" {action.shown}", "hot", message),
                Part(f" {action.verb} ", "dim", KeyAsked(action.call)),
            ]
        return line
