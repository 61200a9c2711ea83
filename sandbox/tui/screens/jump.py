"""Jump: one letter to any pane, in sight or not."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen

from sandbox.tui.actions import PANE_HELP
from sandbox.tui.ink import Ink
from sandbox.tui.widgets.reading import Reading

__all__ = ["LETTERS", "Jump"]

LETTERS = {
    "j": "journeys",
    "p": "profiles",
    "t": "triggers",
    "m": "map",
    "b": "bars",
    "i": "inspector",
    "a": "answer",
    "c": "calls",
}
"""Letter → pane."""


class Jump(ModalScreen[str | None]):
    """The panes and their letters."""

    def compose(self) -> ComposeResult:
        """One line for each pane."""
        lines = [
            [Ink(f" {letter} ", "brand"), Ink(f"  {PANE_HELP[pane][0]}", "strong")]
            for letter, pane in LETTERS.items()
        ]
        with Vertical(classes="window jump") as window:
            window.border_title = "Jump to"
            window.border_subtitle = "a letter, or esc"
            yield Reading(lines)

    def on_key(self, event: Key) -> None:
        """A letter jumps, anything else leaves."""
        event.stop()
        event.prevent_default()
        self.dismiss(LETTERS.get(event.key))
