"""Rules in the workbench: choosing them, copying a preset, making one from a call."""

from __future__ import annotations

from functools import partial

from sandbox.errors import InputError
from sandbox.model.rules import RuleSet
from sandbox.tui.screens.experimenting import Experimenting
from sandbox.tui.state import call_steps

__all__ = ["Ruling"]


class Ruling(Experimenting):
    """A stage whose answers can be chosen and made."""

    def action_rules(self) -> None:
        """Choose the rule set; force answers in sequence."""
        self.work(self._ask_rules, "ask")

    async def _ask_rules(self) -> None:
        from sandbox.tui.screens.rules import Rules, RulesChosen

        await self._loaded.wait()

        def chosen(made: RulesChosen | None) -> None:
            if made is None:
                return
            self.choose(rules=made.rules, forced=made.forced)
            self.next_seed()
            self.show_header()
            if made.copy:
                self.work(partial(self._copy_preset, made.rules), "copy")

        self.app.push_screen(
            Rules(self.catalogue.all_rules, self.choice.rules, self.choice.forced,
                  frozenset(one.id for one in self.catalogue.rule_sets)), chosen
        )  # fmt: skip

    async def _copy_preset(self, name: str) -> None:
        from sandbox.mocks.presets import preset

        await self._keep(preset(name))
        self.notify(
            f"{name} is a rule set of the workspace now. Change it with: sandbox export rules "
            f"{name} --as yaml, then sandbox import FILE --replace",
            timeout=8,
            markup=False,
        )

    def action_make_rule(self) -> None:
        """A rule from the opened call, the one under the cursor, or the step's newest."""
        self.work(self._make_rule, "copy")

    async def _make_rule(self) -> None:
        from sandbox.tui.making import made_rules

        row = self.opened or (self.calls.selected if self.pane == "calls" else None)
        if row is None:
            calls = call_steps(self.journey)
            step = self.choice.step if self.choice.step in calls else next(iter(calls), "")
            here = (self.choice.journey, step)
            made = (one for one in self.snapshot.calls if (one.journey, one.step) == here)
            row = next(made, None)
        if row is None:
            self.notify("There is no call to make a rule from: f fires one.", severity="warning")
            return
        run = row.run
        trace = self.snapshot.trace
        if run:
            trace = await self.backstage.call(lambda: self.desk.trace(run))
        if trace is None:
            raise InputError("this run is no longer in the history", "f fires a new one")
        taken = [one.id for one in self.catalogue.all_rules]
        before = self.choice.rules
        rules = made_rules(trace, row.step, self.catalogue.rules(before), taken)
        await self._keep(rules)
        self.choose(rules=rules.id)
        self.next_seed()
        self.show_header()
        self.notify(
            f"{rules.id} answers {row.step} like this and leaves the rest to {before}; it is in "
            f"use now. r shows it; sandbox export rules {rules.id} --as yaml takes it out.",
            timeout=8,
            markup=False,
        )

    async def _keep(self, rules: RuleSet) -> None:
        self.catalogue = await self.backstage.call(lambda: self.desk.keep_rules(rules))
