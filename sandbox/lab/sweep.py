"""The sweep: every failure of a journey, what becomes of the person, and what no run has reached.

Runs are counted, judged and forgotten: what is kept is one cell per step and outcome, one
representative per set of things reached,
and one example per finding. So memory does not grow with the number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sandbox.engine.check import reached_steps
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.graph import edges_of
from sandbox.engine.walk import Run
from sandbox.lab.coverage import EdgeIndex, Uncovered, explain_uncovered
from sandbox.lab.explore import DEPTHS, Explored, Explorer
from sandbox.lab.judge import finding_of, findings_in, verdict_of
from sandbox.lab.outcomes import OUTCOMES, OutcomeClass
from sandbox.lab.suite import Scenario, choose, scenario_of
from sandbox.model.trace import Finding

__all__ = ["DEFAULT_BUDGET", "Sweep", "SweepReport"]

DEFAULT_BUDGET = 20_000
"""Runs a sweep makes before it stops and says so."""

_MOST_KEPT = 4_096


@dataclass(slots=True)
class SweepReport:
    """What a sweep found."""

    journey: str
    dialect: str
    depth: str
    budget: int
    seed: int
    profiles: list[str]
    """Whom it walked."""
    runs: int = 0
    complete: bool = True
    """False when the budget or the person ended it."""
    stopped: str = ""
    edges_total: int = 0
    edges_covered: int = 0
    uncovered: list[Uncovered] = field(default_factory=list)
    matrix: dict[str, dict[str, str]] = field(default_factory=dict)
    """Step → outcome → verdict."""
    classes: dict[str, list[list[str]]] = field(default_factory=dict)
    """Step → the outcomes that the journey cannot tell apart."""
    suite: list[Scenario] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    covered: set[int] = field(default_factory=set)

    @property
    def unreachable(self) -> int:
        """Uncovered edges that nothing could ever reach."""
        return sum(not edge.possible for edge in self.uncovered)


class Sweep:
    """One sweep in the making; ``run`` does it, and may be stopped at any time."""

    def __init__(
        self,
        journey: CompiledJourney,
        people: Mapping[str, Callable[[], Run]],
        *,
        depth: str = "single",
        budget: int = DEFAULT_BUDGET,
        seed: int = 42,
        everybody: bool = False,
        occurrence: int | None = None,
    ) -> None:
        """Prepare.

        Args:
            journey: compiled under the dialect to be swept.
            people: profile id → makes a fresh run, in order.
            depth: ``single``, ``pairs`` or ``full``.
            budget: the most runs.
            seed: for the report; the runs carry their own.
            everybody: walk every person; else only until nothing is left to be covered.
            occurrence: as for a walk.
        """
        self._journey = journey
        self._people = people
        self._everybody = everybody
        self._occurrence = occurrence
        self._edges = EdgeIndex(list(edges_of(journey)))
        self._kept: dict[frozenset[object], Scenario] = {}
        self._found: dict[tuple[str, str, str], Finding] = {}
        self.report = SweepReport(journey.id, journey.dialect, depth, budget, seed, [])

    def run(self, on_progress: Callable[[SweepReport], bool] | None = None) -> SweepReport:
        """Walk until everything is tried or the budget is spent.

        Args:
            on_progress: told every 200 runs; stops the sweep by returning False.
        """
        report = self.report
        report.edges_total = len(self._edges.edges)
        for profile, start in self._people.items():
            if report.profiles and not self._everybody and self._nothing_left():
                break
            report.profiles.append(profile)
            explorer = Explorer(self._journey, start, self._occurrence)
            self._name_classes(explorer.classes)
            if not self._explore(profile, explorer, on_progress):
                break
        self._finish()
        return report

    def _nothing_left(self) -> bool:
        reachable = reached_steps(self._edges.edges)
        wanted = {n for n, edge in enumerate(self._edges.edges) if edge.source in reachable}
        return wanted <= self.report.covered

    def _name_classes(self, classes: Mapping[str, Iterable[OutcomeClass]]) -> None:
        for step, groups in classes.items():
            names = [[one.name for one in group.members] for group in groups]
            self.report.classes.setdefault(step, names)

    def _explore(
        self,
        profile: str,
        explorer: Explorer,
        on_progress: Callable[[SweepReport], bool] | None,
    ) -> bool:
        """Walk one person; False when the sweep is to stop."""
        report = self.report
        for explored in explorer.walks(DEPTHS[report.depth]):
            report.runs += 1
            self._take(profile, explored)
            if report.runs % 200 == 0 and on_progress is not None and not on_progress(report):
                report.complete = False
                report.stopped = "it was interrupted"
                return False
            if report.runs >= report.budget:
                report.complete = False
                report.stopped = f"the budget of {report.budget:,} runs is spent; try --budget"
                return False
        return True

    def _take(self, profile: str, explored: Explored) -> None:
        report = self.report
        reached = self._edges.of(explored.trace)
        report.covered |= reached
        if explored.trace.status != "not_entered":
            self._mark(explored)
        found = [finding_of(one) for one in findings_in(self._journey, explored)]
        for finding in found:
            self._found.setdefault((finding.code, finding.step, finding.message), finding)
        things: set[object] = {*reached, f"ends {explored.trace.status}"}
        things |= {(finding.code, finding.step) for finding in found}
        key = frozenset(things)
        if key not in self._kept and len(self._kept) < _MOST_KEPT:
            self._kept[key] = scenario_of(profile, explored)

    def _mark(self, explored: Explored) -> None:
        """One cell of the matrix: the call that was decided last, against its success."""
        if explored.last < 0:
            for choice in explored.choices:
                self._cells(choice.step, choice.outcome, "proceeded", False)
            return
        choice = explored.choices[explored.last]
        verdict = verdict_of(self._journey, explored)
        self._cells(choice.step, choice.outcome, verdict, choice.lasting)

    def _cells(self, step: str, outcome: OutcomeClass, verdict: str, lasting: bool) -> None:
        row = self.report.matrix.setdefault(step, {})
        for member in outcome.members:
            if member.name in OUTCOMES and (lasting or member.name not in row):
                row[member.name] = verdict

    def _finish(self) -> None:
        report = self.report
        report.edges_covered = len(report.covered)
        report.uncovered = explain_uncovered(self._journey, self._edges, report)
        order = {name: place for place, name in enumerate(OUTCOMES)}
        report.matrix = {
            node.id: dict(sorted(report.matrix[node.id].items(), key=lambda cell: order[cell[0]]))
            for node in self._journey.nodes
            if node.id in report.matrix
        }
        for edge in report.uncovered:
            if not edge.possible:
                self._found.setdefault(
                    ("branch_unreachable", edge.source, edge.label), edge.finding()
                )
        levels = {"error": 0, "warning": 1, "info": 2}
        report.findings = sorted(
            self._found.values(),
            key=lambda one: (levels[one.level], one.step, one.code, one.message),
        )
        report.suite = choose(self._kept)
