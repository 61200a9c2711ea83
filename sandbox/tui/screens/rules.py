"""The rule set, and answers that come before it: one key, or a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from sandbox.charts.cells import clean
from sandbox.errors import InputError
from sandbox.model.rules import RuleSet
from sandbox.tui.forcing import QUICK, forced_from
from sandbox.tui.ink import Ink, Line, text_of
from sandbox.tui.state import SCOPES, Forced, Scope
from sandbox.tui.widgets.rows import Rows

__all__ = ["Rules", "RulesChosen"]


class RulesChosen(NamedTuple):
    """What was chosen."""

    rules: str
    forced: Forced | None


class _RuleList(Rows):
    """The rule sets, in the order of the workspace."""

    def __init__(self, sets: Sequence[RuleSet], chosen: str) -> None:
        super().__init__()
        self._sets = sets
        self._chosen = chosen
        self.set_reactive(
            Rows.cursor, next((at for at, one in enumerate(sets) if one.id == chosen), 0)
        )

    @property
    def count(self) -> int:
        return len(self._sets)

    @property
    def selected(self) -> str:
        return self._sets[self.cursor].id if self._sets else ""

    def line(self, index: int, cells: int) -> Line:
        one = self._sets[index]
        mark = self.sandbox.glyphs.current if one.id == self._chosen else " "
        return [
            Ink(f"{mark} ", "hot"), Ink(f"{clean(one.id):<16}", "step"), Ink(clean(one.name)),
            Ink(f"  {len(one.rules)} rule{'s' * (len(one.rules) != 1)}", "dim"),
        ]  # fmt: skip


class Rules(ModalScreen[RulesChosen | None]):
    """Arrow keys and enter choose a rule set; a quick key forces an answer; tab to a sequence."""

    AUTO_FOCUS = "_RuleList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", show=False),
        Binding("o", "scope", "Scope", show=False),
    ]

    def __init__(self, sets: Sequence[RuleSet], chosen: str, forced: Forced | None) -> None:
        """``chosen``: the rule set in use; ``forced``: what is forced already."""
        super().__init__()
        self._list = _RuleList(sets, chosen)
        self._chosen = chosen
        self._forced = forced
        self._scope: Scope = forced.scope if forced is not None else "call"

    def compose(self) -> ComposeResult:
        """The list, the quick keys, the scope, the sequence."""
        with Vertical(classes="window") as window:
            window.border_title = "Rules and forced answers"
            window.border_subtitle = "enter chooses, esc closes"
            yield self._list
            yield Static("Force one answer:", classes="label")
            yield Static(id="quick")
            yield Static("For:", classes="label")
            yield Static(id="scope")
            yield Static("Or several, in order (tab goes there):", classes="label")
            yield Input(
                self._forced.text if self._forced else "",
                placeholder='503, 503, 200   or   201:{"id": 1}   or   reset',
                id="sequence",
                select_on_focus=False,
            )
            yield Static(classes="error", id="wrong", markup=False)

    def on_mount(self) -> None:
        """Say what the keys mean."""
        roles = self._list.roles
        quick: list[tuple[str, str]] = []
        for key, answer in QUICK.items():
            quick += [(f" {key} ", "chip"), (f" {answer} ", "")]
        quick += [(" 0 ", "chip"), (" none", "")]
        self.query_one("#quick", Static).update(text_of(quick, roles))
        self._tell_scope()
        self.query_one("#wrong").display = False

    def _tell_scope(self) -> None:
        line: list[tuple[str, str]] = [(" o ", "chip"), ("  ", "")]
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

    def on_key(self, event: Key) -> None:
        """A quick key forces and closes."""
        if isinstance(self.focused, Input):
            return
        if event.key in QUICK:
            event.stop()
            self._close(QUICK[event.key])
        elif event.key == "0":
            event.stop()
            self.dismiss(RulesChosen(self._list.selected or self._chosen, None))

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Enter on a rule set; what is forced stays."""
        event.stop()
        forced = self._forced._replace(scope=self._scope) if self._forced else None
        self.dismiss(RulesChosen(self._list.selected or self._chosen, forced))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the sequence."""
        event.stop()
        if event.value.strip():
            self._close(event.value.strip())
        else:
            self.dismiss(RulesChosen(self._list.selected or self._chosen, None))

    def _close(self, text: str) -> None:
        try:
            forced = forced_from(text, self._scope)
        except InputError as wrong:
            label = self.query_one("#wrong", Static)
            label.update(str(wrong))
            label.display = True
            return
        self.dismiss(RulesChosen(self._list.selected or self._chosen, forced))
