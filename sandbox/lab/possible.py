"""Which edges no answer can ever take, whoever walks: decided from the classes, without walking.

A condition that reads answers only is tried with every combination of the classes of the calls it
reads, and with each of them not made. What it reads of people, events or time is never judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from math import prod
from typing import NamedTuple

from sandbox.engine.check import reached_steps
from sandbox.engine.compiled import CallNode, CompiledJourney, ConditionNode, SplitNode
from sandbox.engine.conditions import paths_of
from sandbox.engine.response import exposed, save_values
from sandbox.lab.outcomes import OutcomeClass
from sandbox.lab.reads import is_answer
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Request
from sandbox.model.graph import Edge
from sandbox.model.journey import ConditionStep
from sandbox.templates.paths import Path

__all__ = ["impossible_edges"]

_MOST_COMBINATIONS = 20_000

Class = Mapping[str, tuple[OutcomeClass, ...]]


class _Option(NamedTuple):
    """One answer of a call as a condition sees it."""

    step: str
    view: Json
    saved: dict[str, Json]


def impossible_edges(
    journey: CompiledJourney, edges: list[Edge], classes: Class, limited: bool, scope: Json
) -> dict[int, str]:
    """Places of edges that cannot be taken → why.

    Args:
        journey: the compiled journey.
        edges: of its graph.
        classes: of every call.
        limited: whether some answers were left out, so that conditions cannot be judged.
        scope: the template roots at the start of a run.
    """
    found: dict[int, str] = {}
    for node in journey.nodes:
        own = {n: edge for n, edge in enumerate(edges) if edge.source == node.id}
        if isinstance(node, SplitNode):
            found |= _arms(node, own)
        elif isinstance(node, CallNode):
            found |= _exits(journey, node, own, classes[node.id])
        elif isinstance(node, ConditionNode) and not limited:
            found |= _branches(journey, node, own, classes, scope)
    left = [edge for n, edge in enumerate(edges) if n not in found]
    reached = reached_steps(left)
    whole = reached_steps(edges)
    for n, edge in enumerate(edges):
        if edge.source not in reached:
            only = "only by ways that nobody can take" if edge.source in whole else "by nothing"
            found.setdefault(n, f"{edge.source} is reached {only}")
    return found


def _arms(node: SplitNode, own: Mapping[int, Edge]) -> dict[int, str]:
    before = 0.0
    empty: set[str] = set()
    taken: set[str] = set()
    for reached, _, label in node.arms:
        (taken if reached > before else empty).add(label)
        before = reached
    return {
        n: "its weight is 0"
        for n, edge in own.items()
        if edge.kind == "arm" and edge.label in empty - taken
    }


def _exits(
    journey: CompiledJourney,
    node: CallNode,
    own: Mapping[int, Edge],
    classes: tuple[OutcomeClass, ...],
) -> dict[int, str]:
    """Exits of a call for which no answer is a success, or a failure that stays in the run."""
    behaviour = journey.behaviour
    stays = behaviour.exits and node.on_failure is not None
    failing = node.terms is not None
    for one in classes:
        error = one.answer.error
        throws = error is not None and behaviour.transport_error == "fail_run" and not stays
        failing = failing or (not one.success and not throws)
    succeeding = any(one.success for one in classes)
    found = {}
    for n, edge in own.items():
        if edge.kind == "success" and not succeeding:
            found[n] = "no answer counts as a success here"
        elif edge.kind in ("failure", "drop") and not failing:
            found[n] = "no answer counts as a failure here"
    return found


def _branches(
    journey: CompiledJourney,
    node: ConditionNode,
    own: Mapping[int, Edge],
    classes: Class,
    scope: Json,
) -> dict[int, str]:
    step = journey.journey.steps[node.index]
    assert isinstance(step, ConditionStep)
    savers: dict[str, list[str]] = {}
    for other in journey.nodes:
        if isinstance(other, CallNode):
            for save in other.save:
                savers.setdefault(save.name, []).append(other.id)
    read = _calls_read(
        (p for branch in step.branches for p in paths_of(branch.when, journey.syntax)), savers
    )
    if read is None or not set(read) <= set(classes):
        return {}
    options = [_options(journey, call, classes[call]) for call in read]
    ways = prod(map(len, options))
    if ways > _MOST_COMBINATIONS:
        return {}
    holding: set[str] = set()
    taken: set[str] = set()
    for chosen in product(*options):
        here = {**scope, "steps": {one.step: one.view for one in chosen if one.view is not None}}
        for one in chosen:
            here |= one.saved
        first = "else"
        for test, _, label in node.branches:
            if test(here):
                holding.add(label)
                first = label if first == "else" else first
        taken.add(first)
    found = {}
    for n, edge in own.items():
        if edge.label in taken or edge.kind not in ("branch", "else"):
            continue
        if edge.kind == "else":
            found[n] = "one of the branches holds whatever the calls answer"
        elif edge.label in holding:
            found[n] = "whenever its condition holds, an earlier branch holds too and goes first"
        else:
            found[n] = "no answer can make its condition hold"
    return found


def _calls_read(paths: Iterable[Path], savers: Mapping[str, list[str]]) -> list[str] | None:
    """The calls whose answers are read; None when anything else is."""
    calls: dict[str, None] = {}
    for path in paths:
        if is_answer(path):
            calls[path[1]] = None
        elif path[0] in savers and len(savers[path[0]]) == 1:
            calls[savers[path[0]][0]] = None
        else:
            return None
    return list(calls)


def _options(
    journey: CompiledJourney, call: str, classes: tuple[OutcomeClass, ...]
) -> list[_Option]:
    node = journey.call(call)
    assert node is not None
    found = [_Option(call, None, {})]
    request = Request(node.plan.step.method, "", (), b"")
    seen = [one.answer for one in classes]
    if any(one.followed for one in classes):
        seen.append(Answer(error=Fail("too_many_redirects", "redirect", "followed for ever")))
    if node.terms is not None:
        kinds = ("throttled", "breaker_open")
        seen += [Answer(error=Fail(kind, "sandbox", "held back")) for kind in kinds]
    for answer in seen:
        saved: dict[str, Json] = {}
        save_values(node, answer, saved, [])
        found.append(_Option(call, exposed(node, request, None, answer), saved))
    return found
