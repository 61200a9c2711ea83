"""Which edges of the graph a trace has taken, and why others were not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from sandbox.engine.check import reached_steps
from sandbox.engine.compiled import CallNode, CompiledJourney, ConditionNode, SplitNode
from sandbox.engine.conditions import paths_of
from sandbox.model.graph import Edge
from sandbox.model.journey import ConditionStep
from sandbox.model.trace import Finding, StepFact, Trace

if TYPE_CHECKING:
    from sandbox.lab.sweep import SweepReport

__all__ = ["EdgeIndex", "Uncovered", "explain_uncovered"]


class Uncovered(NamedTuple):
    """An edge that no run took, and why."""

    source: str
    target: str
    label: str
    why: str
    possible: bool
    """False when no person and no answer could ever take it."""

    def finding(self) -> Finding:
        """As a finding."""
        way = f"the way {self.label!r}" if self.label else "the way on"
        message = f"{way} to {self.target or 'nowhere'} can never be taken: {self.why}"
        return Finding("branch_unreachable", "warning", self.source, message)


class EdgeIndex:
    """Finds the edge of a fact."""

    def __init__(self, edges: list[Edge]) -> None:
        """``edges``: of the compiled journey, in order."""
        self.edges = edges
        self._exact = {(edge.source, edge.target, edge.label): n for n, edge in enumerate(edges)}
        self._kind = {(edge.source, edge.kind): n for n, edge in reversed(list(enumerate(edges)))}
        self._plain: dict[tuple[str, str], int] = {}
        for n, edge in enumerate(edges):
            self._plain.setdefault((edge.source, edge.target), n)

    def of(self, trace: Trace) -> set[int]:
        """The edges a trace took, by their places in ``edges``."""
        taken: set[int] = set()
        if trace.status == "not_entered":
            return taken
        if trace.facts:
            taken.add(self._plain[("", trace.facts[0].step)])
        for place, fact in enumerate(trace.facts):
            last = place == len(trace.facts) - 1
            number = self._edge(fact, trace.status if last else "")
            if number is not None:
                taken.add(number)
        return taken

    def _edge(self, fact: StepFact, status: str) -> int | None:
        if fact.answer is not None:
            if fact.next == fact.step and fact.decided_by == "policy":
                return None  # sent again, not left
            if status == "failed":
                return None
            if status == "dropped":
                return self._kind.get((fact.step, "drop"))
            for label in (fact.outcome, "either way", "then", ""):
                number = self._exact.get((fact.step, fact.next, label))
                if number is not None:
                    return number
        elif isinstance(fact.output, str):
            label = "else" if fact.output == "no branch" else fact.output
            number = self._exact.get((fact.step, fact.next, label))
            if number is not None:
                return number
        return self._plain.get((fact.step, fact.next))


def explain_uncovered(
    journey: CompiledJourney, index: EdgeIndex, report: SweepReport
) -> list[Uncovered]:
    """Every edge that was not taken, with the reason."""
    reachable = reached_steps(index.edges)
    visited = {""} | {index.edges[n].target for n in report.covered}
    found = []
    for number, edge in enumerate(index.edges):
        if number not in report.covered:
            why, possible = _why(journey, edge, reachable, visited, report)
            found.append(Uncovered(edge.source, edge.target, edge.label, why, possible))
    return found


def _why(
    journey: CompiledJourney,
    edge: Edge,
    reachable: Iterable[str],
    visited: Iterable[str],
    report: SweepReport,
) -> tuple[str, bool]:
    if edge.source not in reachable:
        return f"no path leads to {edge.source}", False
    if not report.complete:
        return f"not reached: {report.stopped}", True
    deeper = {"single": "pairs", "pairs": "full"}.get(report.depth)
    hint = f"; --depth {deeper} lets more calls fail at once" if deeper else ""
    if edge.source not in visited:
        return (
            f"no run came to {edge.source or 'the start'}{hint}; another person or event may",
            True,
        )
    node = journey.node(edge.source)
    if isinstance(node, SplitNode):
        share = next((arm for arm in node.arms if arm[2] == edge.label), None)
        before = [arm[0] for arm in node.arms if share is not None and arm[0] < share[0]]
        if share is not None and share[0] == max(before, default=0.0):
            return "its weight is 0", False
        return "needs another person or --seed: the split's draw went elsewhere", True
    if isinstance(node, ConditionNode):
        return _why_not_branch(journey, node, edge, hint)
    if isinstance(node, CallNode):
        return f"no answer led there{hint}", bool(hint)
    return "needs another person or event", True


def _why_not_branch(
    journey: CompiledJourney, node: ConditionNode, edge: Edge, hint: str
) -> tuple[str, bool]:
    """Branches that read answers only cannot be helped by another person."""
    written = journey.journey.steps[node.index]
    branches = written.branches if isinstance(written, ConditionStep) else ()
    saved = {
        saving.name
        for other in journey.nodes
        if isinstance(other, CallNode)
        for saving in other.save
    }
    paths = [path for branch in branches for path in paths_of(branch.when)]
    answers = [path for path in paths if path[0] == "steps" or path[0] in saved]
    if paths and len(answers) == len(paths):
        steps = {path[1] if path[0] == "steps" else path[0] for path in paths}
        if len(steps) <= 1 or not hint:
            return "no answer can make its condition hold", False
        return f"no answer so far made its condition hold{hint}", True
    return f"needs another person or event{hint}", True
