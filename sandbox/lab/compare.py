"""Vendors side by side: one journey, the same answer, and what each does to the person.

Every cell says which rules it rests on and where they come from, so that what a document says and
what is only assumed stay apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.dialects import NAMES, Dialect, dialect
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.fold import counts_of
from sandbox.engine.walk import Run
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import CallCounts, StepFact, Trace

__all__ = ["Cell", "Row", "Rule", "VendorTable", "compare"]


class Rule(NamedTuple):
    """One value that a cell rests on."""

    name: str
    value: object
    origin: str
    """``documented``, ``reported``, ``assumed``, or ``journey`` for a setting or step of its own.
    """
    source: str


class Cell(NamedTuple):
    """What one vendor does with one answer to one call."""

    dialect: str
    outcome: str
    next: str
    """The step the person goes on to; ``end``, or empty when the path ends there."""
    decided_by: str
    policy: str
    status: str
    """How the run ends when every other call succeeds."""
    counts: CallCounts
    rests_on: tuple[Rule, ...]
    path: tuple[str, ...]

    @property
    def origin(self) -> str:
        """The weakest origin among its rules."""
        order = ("assumed", "reported", "documented", "journey")
        origins = {rule.origin for rule in self.rests_on}
        return next((one for one in order if one in origins), "documented")


class Row(NamedTuple):
    """One answer to one call, at every vendor."""

    step: str
    answer: str
    cells: tuple[Cell, ...]
    diverges_at: str
    """The first step at which the paths differ; empty when all agree."""


class VendorTable(NamedTuple):
    """The whole table."""

    journey: str
    profile: str
    dialects: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def differs(self) -> bool:
        """Whether the vendors disagree anywhere."""
        return any(row.diverges_at for row in self.rows)


def compare(
    journeys: Sequence[CompiledJourney],
    start: Callable[[CompiledJourney], Run],
    answers: Sequence[tuple[str, Answer]],
    good: Callable[[Send], Answer],
    profile: str,
    occurrence: int | None = None,
) -> VendorTable:
    """The table of one journey under several dialects.

    Args:
        journeys: the journey, compiled under each dialect.
        start: makes a fresh run.
        answers: name and answer, in the order of the rows.
        good: answers the other calls.
        profile: whose runs they are.
        occurrence: as for a walk.
    """
    calls = [node.id for node in journeys[0].nodes if isinstance(node, CallNode)]
    rows = []
    for step in calls:
        for name, answer in answers:
            cells = tuple(
                cell
                for journey in journeys
                if (cell := _cell(journey, start(journey), step, answer, good, occurrence))
            )
            if cells:
                rows.append(Row(step, name, cells, _divergence(cells)))
    return VendorTable(
        journeys[0].id, profile, tuple(journey.dialect for journey in journeys), tuple(rows)
    )


def _cell(
    journey: CompiledJourney,
    run: Run,
    step: str,
    answer: Answer,
    good: Callable[[Send], Answer],
    occurrence: int | None,
) -> Cell | None:
    """None when the call is not reached under this dialect."""
    walk = run.go(occurrence, False, False)
    try:
        asked = next(walk)
        while True:
            assert isinstance(asked, Send)
            asked = walk.send(answer if asked.step == step else good(asked))
    except StopIteration as end:
        trace: Trace = end.value
    facts = [fact for fact in trace.facts if fact.step == step]
    node = journey.call(step)
    if not facts or node is None:
        return None
    fact = facts[-1]
    return Cell(
        journey.dialect,
        fact.outcome,
        fact.next,
        fact.decided_by,
        journey.behaviour.failure,
        trace.status,
        counts_of(trace.facts)[step],
        tuple(_rests_on(journey, node, fact)),
        (*(one.step for one in trace.facts), trace.status),
    )


def _rests_on(journey: CompiledJourney, node: CallNode, fact: StepFact) -> list[Rule]:
    """The dialect's values that made this cell what it is."""
    names = []
    error = fact.answer.error if fact.answer else None
    status = fact.answer.status if fact.answer else None
    if error is None:
        names.append("success.status")
        if status is not None and 300 <= status < 400 and node.follow != "never":
            names.append("redirects.follow")
    if error is not None and error.kind.endswith("_timeout"):
        names.append("timeout_s")
    if fact.outcome == "failure":
        own_edge = fact.decided_by == "edge"
        names.append(
            "policy.exits" if own_edge or node.on_failure is not None else "policy.failure"
        )
        if not own_edge:
            names.append("policy.failure")
            if not fact.next and error is None and journey.behaviour.failure == "branch":
                names.append("policy.unconnected")
        if error is not None:
            names.append("policy.transport_error")
    known: Dialect = dialect(journey.dialect)
    return [_rule(journey, known, node, name) for name in dict.fromkeys(names)]


def _rule(journey: CompiledJourney, known: Dialect, node: CallNode, name: str) -> Rule:
    assert name in NAMES
    own = {
        "timeout_s": node.plan.step.timeout_s,
        "redirects.follow": node.plan.step.follow_redirects,
    }.get(name)
    if own is not None:
        return Rule(name, own, "journey", f"the step {node.id}")
    if name in journey.journey.settings:
        return Rule(name, journey.journey.settings[name], "journey", "the journey's settings")
    setting = known.values[name]
    return Rule(name, setting.value, setting.origin, setting.source)


def _divergence(cells: Sequence[Cell]) -> str:
    """The first step whose way on differs between the vendors."""
    paths = [cell.path for cell in cells]
    if len(set(paths)) <= 1:
        return ""
    for place in range(max(len(path) for path in paths)):
        here = {path[place] if place < len(path) else "" for path in paths}
        if len(here) > 1:
            return paths[0][place - 1] if place else ""
    return ""
