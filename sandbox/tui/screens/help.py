"""Help for the focused pane first, then every key; read from the registry."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from sandbox.tui.actions import ACTIONS, GROUPS, PANE_HELP, Action, actions_for
from sandbox.tui.ink import Ink, Line
from sandbox.tui.widgets.reading import Reading

__all__ = ["Help", "help_lines"]

_CELLS = 64


def help_lines(pane: str) -> Iterator[Line]:
    """The page for a pane."""
    _, kinds, words = PANE_HELP[pane]
    for line in textwrap.wrap(words, _CELLS):
        yield [Ink(line)]
    yield []
    yield [Ink("In this pane", "hot")]
    for kind in kinds:
        for action in actions_for(kind):
            yield from _keys(action)
    for group, title in GROUPS.items():
        actions = [one for one in ACTIONS if one.where == "everywhere" and one.group == group]
        if actions:
            yield []
            yield [Ink(title, "hot")]
            for action in actions:
                yield from _keys(action)
    yield []
    yield [Ink("Every action is also in the palette (^p) and in the shell: sandbox --help", "dim")]


def _keys(action: Action) -> Iterator[Line]:
    first, *rest = textwrap.wrap(action.help, _CELLS - 13) or [""]
    yield [Ink(f"  {action.shown:<11}", "strong"), Ink(first)]
    for line in rest:
        yield [Ink(" " * 13), Ink(line)]


class Help(ModalScreen[None]):
    """One page, to be scrolled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close", show=False)
    ]

    def __init__(self, pane: str) -> None:
        """``pane``: the one that has the focus."""
        super().__init__()
        self._pane = pane

    def compose(self) -> ComposeResult:
        """The page."""
        with Vertical(classes="window tall") as window:
            window.border_title = f"Help: {PANE_HELP[self._pane][0]}"
            window.border_subtitle = "esc closes, j k scroll"
            yield Reading(list(help_lines(self._pane)))

    def on_mount(self) -> None:
        """Read from the top."""
        self.query_one(Reading).focus()
