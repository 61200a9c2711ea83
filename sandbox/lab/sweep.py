"""The sweep: every failure of a journey, what becomes of the person, and what no run has reached.

Runs are counted, judged and forgotten: what is kept is one cell and one example per step and
outcome, one representative per set of things reached, and one example per finding. So memory does
not grow with the number of runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.walk import Run
from sandbox.lab.cells import Cells
from sandbox.lab.closing import nobody, spent, unreachable
from sandbox.lab.coverage import EdgeIndex, explain_uncovered
from sandbox.lab.explore import DEPTHS, Explorer
from sandbox.lab.judge import VERDICTS, findings_in
from sandbox.lab.loops import Loops
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.possible import impossible_edges
from sandbox.lab.report import DEFAULT_BUDGET, SweepReport
from sandbox.lab.suite import Scenario, choose, scenario_of
from sandbox.lab.walked import Explored, is_unbuilt
from sandbox.model.trace import Finding

__all__ = ["Sweep"]

_MOST_KEPT = 2_000
_MOST_FINDINGS = 500
_TOLD_EVERY = 100


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
        self._edges = EdgeIndex(journey)
        self._kept: dict[frozenset[object], Scenario] = {}
        self._reached: set[object] = set()
        self._found: dict[tuple[object, ...], Finding] = {}
        self._loops = Loops()
        self._impossible: dict[int, str] | None = None
        self._limits: dict[str, None] = {}
        self._sent: set[str] = set()
        self._unsent: dict[str, str] = {}
        self._order: dict[str, dict[str, None]] = {}
        self.report = SweepReport(journey.id, journey.dialect, depth, budget, seed, [])

    def run(self, on_progress: Callable[[SweepReport], bool] | None = None) -> SweepReport:
        """Walk until everything is tried or the budget is spent.

        Args:
            on_progress: told now and then; stops the sweep by returning False.
        """
        report = self.report
        report.edges_total = len(self._edges.edges)
        for profile, start in self._people.items():
            if report.profiles and not self._everybody and self._nothing_left():
                break
            report.profiles.append(profile)
            explorer = Explorer(self._journey, start, self._occurrence)
            self._prepare(explorer)
            if not self._explore(profile, explorer, on_progress):
                break
        self._finish()
        return report

    def _nothing_left(self) -> bool:
        edges = self._edges.edges
        never = self._impossible or {}
        left = {n for n in range(len(edges)) if n not in never} - self.report.covered
        return not left

    def _prepare(self, explorer: Explorer) -> None:
        """What is known of the calls before anybody walks."""
        edges = self._edges.edges
        limited = any("were tried" in one for one in explorer.limits)
        never = impossible_edges(self._journey, edges, explorer.classes, limited, explorer.scope)
        if self._impossible is not None:
            never = {n: why for n, why in never.items() if n in self._impossible}
        self._impossible = never
        for step, groups in explorer.classes.items():
            names = [group.names for group in groups]
            self.report.classes.setdefault(step, names)
            order = self._order.setdefault(step, {})
            order.update(dict.fromkeys(name for group in names for name in group))

    def _explore(
        self,
        profile: str,
        explorer: Explorer,
        on_progress: Callable[[SweepReport], bool] | None,
    ) -> bool:
        """Walk one person; False when the sweep is to stop."""
        report = self.report
        cells = Cells()
        going = True
        walks = explorer.walks(DEPTHS[report.depth])
        for explored in walks:
            if report.runs >= report.budget:
                going = False
                whom = profile if len(self._people) > 1 and self._everybody else ""
                later = [one for one in self._people if one not in report.profiles]
                never = [
                    step
                    for step, classes in explorer.classes.items()
                    if not any(one.name in cells.verdicts.get(step, {}) for one in classes[1:])
                ]
                self._stop(
                    spent(report, explorer.level, never, whom, later if self._everybody else [])
                )
                break
            report.runs += 1
            self._take(profile, explored, cells)
            told = report.runs % _TOLD_EVERY == 0 and on_progress is not None
            if told and on_progress is not None and not on_progress(report):
                going = False
                self._stop(f"it was interrupted after {report.runs:,} runs")
                break
        self._limits.update(dict.fromkeys(explorer.limits))
        self._merge(cells)
        return going

    def _stop(self, why: str) -> None:
        self.report.complete = False
        self.report.stopped = why

    def _take(self, profile: str, explored: Explored, cells: Cells) -> None:
        report = self.report
        trace = explored.trace
        if trace.status == "not_entered":
            report.not_entered[profile] = trace.findings[0].message
            return
        reached = self._edges.of(trace)
        report.covered |= reached
        for fact in trace.facts:
            if is_unbuilt(fact) and fact.answer and fact.answer.error:
                self._unsent.setdefault(fact.step, fact.answer.error.message)
        self._sent.update(choice.step for choice in explored.choices)
        things: set[object] = {*reached, f"ends {trace.status}"}
        for same, finding in findings_in(self._journey, explored):
            things.add((finding.code, finding.step))
            if same not in self._found and len(self._found) < _MOST_FINDINGS:
                self._found[same] = finding
        loop = self._loops.take(explored)
        if loop:
            things.add(("endless_loop", loop))
        key = frozenset(things)
        new = not things <= self._reached
        if new or (key not in self._kept and len(self._kept) < _MOST_KEPT):
            self._reached |= things
            self._kept.setdefault(key, scenario_of(self._journey, profile, explored))
        cells.take(self._journey, profile, explored)

    def _merge(self, cells: Cells) -> None:
        """One person's cells into the matrix: the worst verdict stays."""
        report = self.report
        for into, verdicts in ((report.matrix, cells.verdicts), (report.passing, cells.passing)):
            for step, row in verdicts.items():
                mine = into.setdefault(step, {})
                for name, verdict in row.items():
                    if name not in mine or VERDICTS.index(verdict) > VERDICTS.index(mine[name]):
                        mine[name] = verdict
                        if into is report.matrix:
                            report.example[step, name] = cells.examples[step, name]

    def _finish(self) -> None:
        report = self.report
        edges = self._edges.edges
        report.edges_covered = len(report.covered)
        report.covered_edges = frozenset((edges[n].source, edges[n].target) for n in report.covered)
        unsent = {s: why for s, why in self._unsent.items() if s not in self._sent}
        report.uncovered = explain_uncovered(
            self._journey, edges, report.covered, self._impossible or {}, unsent, report.depth,
            report.stopped,
        )  # fmt: skip
        report.matrix, report.passing = map(self._sorted, (report.matrix, report.passing))
        found = [*self._found.values(), *self._loops.findings()]
        found += unreachable(edges, report.uncovered)
        if report.nobody_entered:
            found.append(nobody(report))
        if len(self._found) >= _MOST_FINDINGS:
            self._limits[f"only the first {_MOST_FINDINGS} findings are kept"] = None
        if self._order and any(path[0] == "now" for path in self._journey.reads):
            self._limits[
                "the journey reads the time: answers were tried that come at once and time-outs "
                "that last, nothing in between"
            ] = None
        found += [Finding("sweep_limited", "info", "", limit) for limit in self._limits]
        levels = {"error": 0, "warning": 1, "info": 2}
        report.findings = sorted(
            dict.fromkeys(found),
            key=lambda one: (levels[one.level], one.step, one.code, one.message),
        )
        report.suite = choose(self._kept)

    def _sorted(self, cells: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """Steps in the order of the document, outcomes in the order of the matrix."""
        found = {}
        for node in self._journey.nodes:
            if node.id in cells:
                more = [one for one in self._order.get(node.id, ()) if one not in OUTCOMES]
                order = {name: place for place, name in enumerate((*OUTCOMES, *more))}
                row = sorted(cells[node.id].items(), key=lambda cell: order[cell[0]])
                found[node.id] = dict(row)
        return found
