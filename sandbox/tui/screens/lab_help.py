"""Help for the lab: what it shows, and every key; read from the lab's registry."""

from __future__ import annotations

import textwrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from sandbox.tui.ink import Ink, Line
from sandbox.tui.lab_actions import LAB_ACTIONS, LAB_HELP
from sandbox.tui.widgets.reading import Reading

__all__ = ["LabHelp"]


class LabHelp(ModalScreen[None]):
    """One page, to be scrolled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close", show=False)
    ]

    def compose(self) -> ComposeResult:
        """The page."""
        lines: list[Line] = []
        for paragraph in LAB_HELP:
            lines += [*([Ink(line)] for line in textwrap.wrap(paragraph, 64)), []]
        for action in LAB_ACTIONS:
            first, *rest = textwrap.wrap(action.help, 51)
            lines.append([Ink(f"  {action.shown:<11}", "strong"), Ink(first)])
            lines += [[Ink(" " * 13), Ink(line)] for line in rest]
        with Vertical(classes="window tall") as window:
            window.border_title = "Help: Lab"
            window.border_subtitle = "esc closes"
            yield Reading(lines)

    def on_mount(self) -> None:
        """To be scrolled at once."""
        self.query_one(Reading).focus()
