"""From the workbench into the lab, and from a cell of the lab back to its run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sandbox.bench.options import DEFAULT_SEED, RunOptions
from sandbox.tui.desk import Job
from sandbox.tui.screens.running import Running
from sandbox.tui.state import CallRow

if TYPE_CHECKING:
    from sandbox.lab.suite import Scenario
    from sandbox.tui.lab_asking import Asked, Opened

__all__ = ["Experimenting"]


class Experimenting(Running):
    """A stage with a lab over it."""

    def action_lab(self) -> None:
        """Every failure of the selected journey."""
        from sandbox.tui.lab_asking import Asked
        from sandbox.tui.screens.lab import Lab  # nobody waits for it before it is opened

        journey = self.journey
        if journey is None:
            self.notify("There is no journey to sweep.", severity="warning")
            return
        rules = self.catalogue.rules(self.choice.rules)
        seed = rules.seed if rules is not None and rules.seed is not None else DEFAULT_SEED
        options = RunOptions(rules=rules, include_user=self.choice.include_user, seed=seed)
        everybody = tuple(one.id for one in self.catalogue.profiles)
        asked = Asked(journey.id, journey.dialect, self.choice.profile, everybody, options)

        def back(opened: Opened | None) -> None:
            if opened is not None:
                self.play(opened, asked)

        self.app.push_screen(Lab(self.desk, self.backstage, asked), back)

    def play(self, opened: Opened, asked: Asked) -> None:
        """Run a scenario of the lab, mocked, so that the whole workbench shows it."""
        scenario = opened.scenario
        if all(one.id != scenario.profile for one in self.profiles.shown):
            line = self.panes["profiles"].filter_line
            if line is not None:
                line.remove()
            self.profiles.filter("")
            self.count_shown()
        self.profiles.go_to(scenario.profile)
        self.open(None)
        self.choice = replace(
            self.choice, profile=scenario.profile, step=opened.step or self.choice.step
        )
        self._start(partial(self._play, opened, asked))

    async def _play(self, opened: Opened, asked: Asked) -> None:
        from sandbox.lab.answers import rules_of

        scenario, step = opened.scenario, opened.step
        rules = rules_of(scenario.items, asked.options.seed)
        options = replace(asked.options, rules=rules, dialect=opened.dialect or None)
        await self._run_jobs([Job(asked.journey, scenario.profile, options)], moves=False)
        # After the news of the run, which is a message of this screen as well.
        self.call_later(self._show_played, scenario, step)

    def _show_played(self, scenario: Scenario, step: str) -> None:
        """The map's cursor on the call, and its answer in the inspector."""
        trace = self.snapshot.trace
        run = trace["run"]["id"] if trace is not None else ""
        rows = [row for row in self.snapshot.calls if row.run == run]
        here = [row for row in rows if row.step == step]
        failed = [row for row in rows if row.outcome == "failure"]
        row: CallRow | None = next(iter(here or failed or rows), None)
        if row is not None:
            self.choice = replace(self.choice, step=row.step, tab="response")
            self.map.go_to(row.step)
            self.open(row)
        self.go_to("map")
        self.see()
        self.notify(
            f"From the lab: {scenario.title}, {scenario.status.replace('_', ' ')}.",
            timeout=4,
            markup=False,
        )
