"""The workbench: switches, forced answers, copies and the export, over everything below it.

Stage      the picture: state to panes
Viewing    panes, zoom, filter, search, jump, help
Backed     the bench: loading, polling, looking
Running    fire, step, repeat, live
Experimenting  the lab, and its runs
Ruling     rules: choose, copy, make one from a call
Workbench  what is left, and the keys
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from sandbox.errors import InputError
from sandbox.tui.actions import bindings
from sandbox.tui.screens.ruling import Ruling
from sandbox.tui.state import Forced, call_steps

__all__ = ["Workbench"]


class Workbench(Ruling):
    """The one screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("everywhere")]

    def action_user_info(self) -> None:
        """User info in the payload, on or off; the diff tab shows what that takes away."""
        self.choose(include_user=not self.user_info)

    def action_force(self, text: str) -> None:
        """The next call's answer; empty: the rules' own."""
        from sandbox.tui.forcing import forced_from

        forced: Forced | None = forced_from(text) if text else None
        if self.choice.live and forced is not None:
            self.notify("A live call answers for itself: m goes back to mock.", severity="warning")
            return
        self.choose(forced=forced)

    # Copies -------------------------------------------------------------------------------------

    def action_copy_curl(self, reveal: bool) -> None:
        """The selected call as curl."""
        self.work(partial(self._copy_curl, reveal), "copy")

    async def _copy_curl(self, reveal: bool) -> None:
        choice, row, options = self.choice, self.opened, self.options()
        where = (choice.journey, choice.step, choice.profile)
        if row is not None:
            where = (row.journey, row.step, row.profile)
            options = self.desk.options(row.run) or options
        elif choice.step not in call_steps(self.journey):
            calls = call_steps(self.journey)
            if not calls:
                raise InputError("this journey calls no API", "choose another journey")
            where = (choice.journey, calls[0], choice.profile)
        command = await self.backstage.call(lambda: self.desk.bench.curl(*where, options, reveal))
        self.copy(command, f"{where[1]} as curl, " + ("with values" if reveal else
                                                       "secrets as $NAME"))  # fmt: skip

    def action_copy_body(self) -> None:
        """The body that the inspector shows."""
        sheet = self.inspector.view.sheet
        text = sheet.text or "\n".join(sheet.body)
        if not text:
            self.notify("There is no body to copy.", severity="warning")
            return
        self.copy(text, "the body")

    def copy(self, text: str, what: str) -> None:
        """Into the clipboard, through the terminal (OSC 52)."""
        self.app.copy_to_clipboard(text)
        self.notify(
            f"Copied {what}: {len(text):,} characters, through the terminal (OSC 52). "
            "If nothing arrives, the terminal does not allow it; x writes the run to a file.",
            timeout=5,
            markup=False,
        )

    def action_export(self) -> None:
        """The selected run, or the newest one, as JSON in the current folder."""
        self.work(self._export, "copy")

    async def _export(self) -> None:
        from sandbox.tui.exporting import write_run

        row = self.opened or (self.calls.selected if self.pane == "calls" else None)
        trace = self.snapshot.trace
        if row is not None and row.run:
            run = row.run
            trace = await self.backstage.call(lambda: self.desk.trace(run))
        if trace is None:
            raise InputError("there is no run to export", "f fires one")
        kept = trace
        path = await self.backstage.call(lambda: write_run(kept))
        self.notify(f"Wrote {path}", timeout=6, markup=False)
