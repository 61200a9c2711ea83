"""The rules that a cell of the vendor table rests on, each with where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sandbox.dialects import NAMES, dialect
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.model.trace import StepFact

__all__ = ["ORIGINS", "Rule", "rests_on", "weakest"]

ORIGINS: Final = ("assumed", "reported", "documented", "journey")
"""From the weakest; ``journey``: a setting or step of the journey's own."""


class Rule(NamedTuple):
    """One value that a cell rests on."""

    name: str
    """Of the dialect's values; ``retry`` is the step's own."""
    value: object
    origin: str
    source: str


def weakest(rules: tuple[Rule, ...]) -> str:
    """The weakest origin among rules."""
    origins = {rule.origin for rule in rules}
    return next((one for one in ORIGINS if one in origins), "documented")


def rests_on(journey: CompiledJourney, node: CallNode, fact: StepFact) -> tuple[Rule, ...]:
    """The values that decided what this call's last attempt did to the person."""
    found = [_rule(journey, node, name) for name in dict.fromkeys(_names(journey, node, fact))]
    if fact.attempt > 1 and node.retry is not None:
        if node.plan.step.retry is None:
            found += [_rule(journey, node, name) for name in ("retry.apply", "retry.times")]
        else:
            found.append(Rule("retry", node.retry.times, "journey", f"the step {node.id}"))
    return tuple(found)


def _names(journey: CompiledJourney, node: CallNode, fact: StepFact) -> Iterator[str]:
    behaviour = journey.behaviour
    answer = fact.answer
    error = answer.error if answer is not None else None
    status = answer.status if answer is not None else None
    if error is None:
        yield "success.status"
    elif error.kind.endswith("_timeout"):
        yield "timeout_s"
    elif error.phase == "redirect":
        yield "redirects.max"
    if fact.redirects or (status is not None and 300 <= status < 400):
        yield "redirects.follow"
    if fact.outcome == "success":
        return
    own_exit = fact.decided_by == "edge"
    if own_exit or node.on_failure is not None:
        yield "policy.exits"
    if error is not None and (not own_exit or behaviour.transport_error == "as_failure"):
        yield "policy.transport_error"
    if own_exit or (error is not None and behaviour.transport_error == "fail_run"):
        return
    yield "policy.failure"
    if behaviour.failure == "branch":
        yield "policy.unconnected"


def _rule(journey: CompiledJourney, node: CallNode, name: str) -> Rule:
    assert name in NAMES, name
    own = {
        "timeout_s": node.plan.step.timeout_s,
        "redirects.follow": node.plan.step.follow_redirects,
    }.get(name)
    if own is not None:
        return Rule(name, own, "journey", f"the step {node.id}")
    if name in journey.journey.settings:
        return Rule(name, journey.journey.settings[name], "journey", "the journey's settings")
    setting = dialect(journey.dialect).values[name]
    return Rule(name, setting.value, setting.origin, setting.source)
