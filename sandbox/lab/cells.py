"""One person's part of the matrix."""

from __future__ import annotations

from sandbox.engine.compiled import CompiledJourney
from sandbox.lab.judge import verdict_of
from sandbox.lab.outcomes import OutcomeClass
from sandbox.lab.suite import Scenario, scenario_of
from sandbox.lab.walked import Explored

__all__ = ["Cells"]


class Cells:
    """One person's part of the matrix: each cell is judged by the run with the fewest failures."""

    def __init__(self) -> None:
        self.verdicts: dict[str, dict[str, str]] = {}
        self.passing: dict[str, dict[str, str]] = {}
        self.examples: dict[tuple[str, str], Scenario] = {}
        self._judged: dict[tuple[str, int], tuple[int, bool]] = {}
        """Step and class → failing calls of the run it is judged by, and whether it lasted."""

    def take(self, journey: CompiledJourney, profile: str, explored: Explored) -> None:
        """Judge the call that was decided last; calls that went well beside it are well."""
        scenario: Scenario | None = None
        for choice in explored.choices:
            if choice.number == 0 and (choice.step, 0) not in self._judged:
                scenario = scenario or scenario_of(journey, profile, explored)
                self._judged[choice.step, 0] = (0, False)
                self._put(choice.step, choice.outcome, "proceeded", scenario)
        if explored.last < 0:
            return
        choice = explored.choices[explored.last]
        judged = self._judged.get((choice.step, choice.number))
        if judged is not None and (not choice.lasting or judged[1] or judged[0] < explored.failing):
            return
        verdict = verdict_of(journey, explored)
        if judged is not None:
            row = self.verdicts[choice.step]
            for name in choice.outcome.names:
                self.passing.setdefault(choice.step, {})[name] = row[name]
        self._judged[choice.step, choice.number] = (explored.failing, choice.lasting)
        self._put(choice.step, choice.outcome, verdict, scenario_of(journey, profile, explored))

    def _put(self, step: str, outcome: OutcomeClass, verdict: str, scenario: Scenario) -> None:
        row = self.verdicts.setdefault(step, {})
        for name in outcome.names:
            row[name] = verdict
            self.examples[step, name] = scenario
