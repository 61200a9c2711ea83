"""Which edges of the graph a trace has taken, and why others were not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.engine.compiled import CallNode, CompiledJourney, SplitNode
from sandbox.engine.graph import edges_of
from sandbox.lab.walked import is_again
from sandbox.model.graph import Edge
from sandbox.model.trace import Finding, StepFact, Trace

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

    def __init__(self, journey: CompiledJourney) -> None:
        """The edges are those of the compiled journey, in order."""
        self.edges: list[Edge] = list(edges_of(journey))
        edges = self.edges
        self._exact = {(edge.source, edge.target, edge.label): n for n, edge in enumerate(edges)}
        self._kind = {(edge.source, edge.kind): n for n, edge in reversed(list(enumerate(edges)))}
        self._plain: dict[tuple[str, str], int] = {}
        for n, edge in enumerate(edges):
            self._plain.setdefault((edge.source, edge.target), n)

    def of(self, trace: Trace) -> set[int]:
        """The edges a trace took, by their places in ``edges``."""
        taken: set[int] = set()
        facts = trace.facts
        if facts:
            taken.add(self._plain[("", facts[0].step)])
        for place, fact in enumerate(facts):
            if is_again(facts, place):
                continue  # sent again, not left
            last = place == len(facts) - 1
            number = self._edge(fact, trace.status if last else "")
            if number is not None:
                taken.add(number)
        return taken

    def _edge(self, fact: StepFact, status: str) -> int | None:
        labels: tuple[str, ...] = ("", "then")
        if fact.answer is not None:
            if status == "failed" and not fact.next:
                return None
            if status == "dropped":
                return self._kind.get((fact.step, "drop"))
            labels = (fact.outcome, "either way", "then")
        elif fact.decided_by == "condition":
            labels = ("else" if fact.output == "no branch" else str(fact.output),)
        for label in labels:
            number = self._exact.get((fact.step, fact.next, label))
            if number is not None:
                return number
        return self._plain.get((fact.step, fact.next))


def explain_uncovered(
    journey: CompiledJourney,
    edges: list[Edge],
    covered: set[int],
    impossible: Mapping[int, str],
    unsent: Mapping[str, str],
    depth: str,
    stopped: str,
) -> list[Uncovered]:
    """Every edge that was not taken, with the reason.

    Args:
        journey: the compiled journey.
        edges: of its graph.
        covered: places of those that were taken.
        impossible: places of those that nobody can take → why.
        unsent: calls that could never be sent → why not.
        depth: of the sweep.
        stopped: why it ended early; empty when it did not.
    """
    visited = {""} | {edges[n].target for n in covered}
    deeper = {"single": "pairs", "pairs": "full"}.get(depth, "")
    hint = f"; --depth {deeper} lets more calls fail in one run" if deeper else ""
    found = []
    for number, edge in enumerate(edges):
        if number in covered:
            continue
        why = impossible.get(number, "")
        possible = not why
        if possible and stopped:
            why = f"beyond the budget: {stopped}" if "budget" in stopped else stopped
        elif possible:
            why = _why(journey, edge, edge.source in visited, unsent, hint)
        found.append(Uncovered(edge.source, edge.target, edge.label, why, possible))
    return found


def _why(
    journey: CompiledJourney, edge: Edge, visited: bool, unsent: Mapping[str, str], hint: str
) -> str:
    if not visited:
        return f"no run came to {edge.source or 'the start'}; another person or event may{hint}"
    node = journey.node(edge.source)
    if isinstance(node, SplitNode):
        return "needs another person or --seed: the split's draw went elsewhere"
    if isinstance(node, CallNode):
        if edge.source in unsent:
            return f"the call could never be sent: {unsent[edge.source]}"
        return f"no answer led there{hint or '; another person or event may'}"
    return f"needs another person, event or answer{hint}"
