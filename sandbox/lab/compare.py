"""Vendors side by side: one journey, the same answer, and what each does to the person.

Every cell says which rules it rests on and where they come from, so that what a document says and
what is only assumed stay apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.counting import counts_of
from sandbox.engine.limits import Limits
from sandbox.engine.walk import Run, drive_pure
from sandbox.lab.answers import TOKEN, answer_to, refused
from sandbox.lab.origins import Rule, rests_on, weakest
from sandbox.lab.walked import is_again
from sandbox.mocks.compiled import CompiledItem
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import CallCounts, Status, Trace

__all__ = ["Cell", "Row", "VendorTable", "compare"]


class Cell(NamedTuple):
    """What one vendor does with one answer to one call."""

    dialect: str
    outcome: str
    """``success``, ``failure``, or ``not reached``: then the rest is empty but the status."""
    next: str
    """The step the person goes on to; ``end``, or empty when the path ends there."""
    decided_by: str
    policy: str
    """The failure policy, where it decided; else empty."""
    status: Status
    """How the run ends when every other call succeeds."""
    counts: CallCounts | None
    rests_on: tuple[Rule, ...]
    path: tuple[tuple[str, str, str], ...]
    """Step, outcome and next, for each step; then the status."""

    @property
    def origin(self) -> str:
        """The weakest origin among its rules."""
        return weakest(self.rests_on)

    @property
    def assumed(self) -> tuple[Rule, ...]:
        """Those of its rules that no document says."""
        return tuple(rule for rule in self.rests_on if rule.origin == "assumed")


class Row(NamedTuple):
    """One answer to one call, at every vendor."""

    step: str
    answer: str
    cells: tuple[Cell, ...]
    diverges_at: str
    """The first step after which the vendors differ; empty when all agree."""


class VendorTable(NamedTuple):
    """The whole table."""

    journey: str
    profile: str
    dialects: tuple[str, ...]
    rows: tuple[Row, ...]
    not_entered: str = ""
    """Why the trigger did not let the person in; there are no rows then."""

    @property
    def differs(self) -> bool:
        """Whether the vendors disagree anywhere."""
        return any(row.diverges_at for row in self.rows)


def compare(
    journeys: Sequence[CompiledJourney],
    start: Callable[[CompiledJourney], Run],
    answers: Sequence[tuple[str, CompiledItem]],
    good: Callable[[Send], CompiledItem],
    profile: str,
    occurrence: int | None = None,
) -> VendorTable:
    """The table of one journey under several dialects.

    Args:
        journeys: the journey, compiled under each dialect.
        start: makes a fresh run.
        answers: name and answer, in the order of the rows; a call gets it every time, a request
            that follows a redirect does not.
        good: answers the other calls.
        profile: whose runs they are.
        occurrence: as for a walk.
    """
    dialects = tuple(journey.dialect for journey in journeys)
    first = _walk(start(journeys[0]), "", None, good, occurrence)
    if first.status == "not_entered":
        why = first.findings[0].message
        return VendorTable(journeys[0].id, profile, dialects, (), why)
    rows = []
    for node in journeys[0].nodes:
        if not isinstance(node, CallNode):
            continue
        for name, item in answers:
            cells = tuple(
                _cell(one, _walk(start(one), node.id, item, good, occurrence), node.id)
                for one in journeys
            )
            if any(cell.outcome != "not reached" for cell in cells):
                rows.append(Row(node.id, name, cells, _divergence(cells)))
    return VendorTable(journeys[0].id, profile, dialects, tuple(rows))


def _walk(
    run: Run,
    step: str,
    item: CompiledItem | None,
    good: Callable[[Send], CompiledItem],
    occurrence: int | None,
) -> Trace:
    def answer(send: Send) -> Answer:
        no = refused(send)
        if no is not None:
            return no
        if send.step.endswith(":token"):
            return TOKEN
        if item is not None and send.step == step and send.hop == 0:
            return answer_to(item, send)
        return answer_to(good(send), send)

    return drive_pure(run.go(occurrence, False, False), Limits().asking(answer))


def _cell(journey: CompiledJourney, trace: Trace, step: str) -> Cell:
    facts = [fact for fact in trace.facts if fact.step == step]
    node = journey.call(step)
    path = _path(trace)
    if not facts or node is None:
        return Cell(journey.dialect, "not reached", "", "", "", trace.status, None, (), path)
    fact = facts[-1]
    policy = ""
    if fact.outcome == "failure" and fact.decided_by == "policy":
        policy = journey.behaviour.failure
        if trace.status == "failed" and not fact.next:
            policy = journey.behaviour.transport_error
    return Cell(
        journey.dialect,
        fact.outcome,
        fact.next,
        fact.decided_by,
        policy,
        trace.status,
        counts_of(trace.facts)[step],
        rests_on(journey, node, fact),
        path,
    )


def _path(trace: Trace) -> tuple[tuple[str, str, str], ...]:
    facts = trace.facts
    steps = [
        (fact.step, fact.outcome, fact.next)
        for place, fact in enumerate(facts)
        if not is_again(facts, place)
    ]
    return (*steps, ("", trace.status, ""))


def _divergence(cells: Sequence[Cell]) -> str:
    """The first step that comes out, or goes on, differently between the vendors."""
    paths = [cell.path for cell in cells]
    if len(set(paths)) <= 1:
        return ""
    place = next(
        n for n in range(max(map(len, paths))) if len({path[n : n + 1] for path in paths}) > 1
    )
    steps = [path[place][0] for path in paths if place < len(path) and path[place][0]]
    return steps[0] if steps else paths[0][place - 1][0]
