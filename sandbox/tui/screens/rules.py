"""The rule sets, presets among them, and answers that come before them: one key, or a sequence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from sandbox.errors import InputError
from sandbox.model.rules import RuleSet
from sandbox.tui.forcing import QUICK, forced_from
from sandbox.tui.ink import text_of
from sandbox.tui.state import SCOPES, Forced, Scope
from sandbox.tui.widgets.rows import Rows
from sandbox.tui.widgets.rule_list import RuleList, words_of

__all__ = ["Rules", "RulesChosen"]

_FIXED = 7
"""Rows of the window beside the list and the words, the border left out."""


class RulesChosen(NamedTuple):
    """What was chosen."""

    rules: str
    forced: Forced | None
    copy: bool = False
    """Whether the preset is to be copied into the workspace."""


class Rules(ModalScreen[RulesChosen | None]):
    """A letter, or arrow keys and enter, choose a rule set; a quick key forces an answer."""

    AUTO_FOCUS = "RuleList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", show=False),
        Binding("o", "scope", "Scope", show=False),
        Binding("c", "copy", "Copy", show=False),
    ]

    def __init__(
        self,
        sets: Sequence[RuleSet],
        chosen: str,
        forced: Forced | None,
        own: Collection[str] | None = None,
    ) -> None:
        """Nothing is shown yet.

        Args:
            sets: the rule sets, the workspace's first.
            chosen: the one in use.
            forced: what is forced already.
            own: ids of those in the workspace; the rest are presets. None: all of them.
        """
        super().__init__()
        self._list = RuleList(sets, chosen, own)
        self._chosen = chosen
        self._forced = forced
        self._scope: Scope = forced.scope if forced is not None else "call"

    def compose(self) -> ComposeResult:
        """The list, the chosen one in words, the quick keys, the scope, the sequence."""
        with Vertical(classes="window rules") as window:
            window.border_title = "Rules and forced answers"
            window.border_subtitle = "enter chooses, c copies a preset, esc closes"
            yield self._list
            yield Static(id="words", markup=False)
            yield Static(id="quick")
            yield Static(id="scope")
            sequence = Input(
                self._forced.text if self._forced else "",
                placeholder='503, 503, 200   or   201:{"id": 1}   or   reset',
                id="sequence",
                select_on_focus=False,
            )
            sequence.border_title = "or several, in order (tab)"
            yield sequence
            yield Static(classes="error", id="wrong", markup=False)

    def on_mount(self) -> None:
        """Say what the keys mean."""
        roles = self._list.roles
        quick: list[tuple[str, str]] = [("Force ", "dim")]
        for key, answer in QUICK.items():
            quick += [(f" {key} ", "chip"), (f" {answer} ", "")]
        quick += [(" 0 ", "chip"), (" none", "")]
        self.query_one("#quick", Static).update(text_of(quick, roles))
        self._tell_scope()
        self.query_one("#wrong").display = False
        self._fit()

    def on_resize(self, event: events.Resize) -> None:
        """Another size: fewer or more rows of the list and of the words."""
        self._fit()

    def _fit(self) -> None:
        room = int(self.app.size.height * 0.94) - 2 - _FIXED
        most = 3 if room < 18 else 7
        self._list.styles.max_height = max(3, room - most)
        self._words = most
        self._tell_words()

    _words = 3

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """The cursor is on another one: what it does, in words."""
        event.stop()
        self._tell_words()

    def _tell_words(self) -> None:
        chosen = self._list.selected
        words = self.query_one("#words", Static)
        words.styles.height = self._words
        lines = words_of(chosen, self._words) if chosen is not None else []
        words.update("\n".join(lines))

    def _tell_scope(self) -> None:
        line: list[tuple[str, str]] = [("For   ", "dim"), (" o ", "chip"), (" ", "")]
        for scope, words in SCOPES.items():
            here = scope == self._scope
            line += [(words, "tab_on" if here else "tab"), ("  ", "")]
        self.query_one("#scope", Static).update(text_of(line, self._list.roles))

    def action_scope(self) -> None:
        """The next scope."""
        scopes = list(SCOPES)
        self._scope = scopes[(scopes.index(self._scope) + 1) % len(scopes)]
        self._tell_scope()

    def action_cancel(self) -> None:
        """Nothing changes."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """The preset under the cursor becomes a rule set of the workspace, and is chosen."""
        chosen = self._list.selected
        if chosen is None:
            return
        if self._list.is_own(chosen):
            self._tell(f"{chosen.id} is in the workspace already; sandbox export rules {chosen.id} "
                       "--as yaml takes it out")  # fmt: skip
            return
        self.dismiss(RulesChosen(chosen.id, self._kept(), True))

    def on_key(self, event: events.Key) -> None:
        """A quick key forces and closes; a rule set's own key chooses it and closes."""
        if isinstance(self.focused, Input):
            return
        if event.key in QUICK:
            event.stop()
            self._close(QUICK[event.key])
        elif event.key == "0":
            event.stop()
            self.dismiss(RulesChosen(self._selected, None))
        elif event.key in self._list.keys:
            event.stop()
            self.dismiss(RulesChosen(self._list.keys[event.key], self._kept()))

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Enter on a rule set; what is forced stays."""
        event.stop()
        self.dismiss(RulesChosen(self._selected, self._kept()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the sequence."""
        event.stop()
        if event.value.strip():
            self._close(event.value.strip())
        else:
            self.dismiss(RulesChosen(self._selected, None))

    @property
    def _selected(self) -> str:
        chosen = self._list.selected
        return chosen.id if chosen is not None else self._chosen

    def _kept(self) -> Forced | None:
        """What is forced already, for the scope of now."""
        return self._forced._replace(scope=self._scope) if self._forced else None

    def _close(self, text: str) -> None:
        try:
            forced = forced_from(text, self._scope)
        except InputError as wrong:
            self._tell(str(wrong))
            return
        self.dismiss(RulesChosen(self._selected, forced))

    def _tell(self, text: str) -> None:
        label = self.query_one("#wrong", Static)
        label.update(text)
        label.display = True
        self.query_one("#words").display = False  # its place is needed
