"""What became of the person: a verdict for each cell, and what a person should know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.lab.explore import Explored, decided
from sandbox.model.trace import Finding, StepFact, Trace

__all__ = ["VERDICTS", "finding_of", "findings_in", "verdict_of"]

VERDICTS: Final = (
    "proceeded",
    "other path",
    "failure path",
    "ended nowhere",
    "dropped",
    "run failed",
    "sent twice",
    "never ends",
)
"""From harmless to worst. ``proceeded``: the same path as after a success."""

_UNREADABLE = ("204", "2xx unreadable", "2xx not JSON")


def verdict_of(journey: CompiledJourney, explored: Explored) -> str:
    """What the call that was decided last did to the person."""
    trace = explored.trace
    choice = explored.choices[explored.last]
    if any(finding.code == "endless_loop" for finding in trace.findings):
        return "never ends"
    if any(fact.step == choice.step for fact in _sent_twice(trace)):
        return "sent twice"
    if trace.status in ("dropped", "failed"):
        return "dropped" if trace.status == "dropped" else "run failed"
    if trace.status == "ended":
        return "ended nowhere"
    parent = explored.parent
    if parent is not None and _path(trace) == _path(parent):
        return "proceeded"
    return "other path" if choice.outcome.success else "failure path"


def _path(trace: Trace) -> tuple[object, ...]:
    """The steps in order, each once however often it was sent."""
    path = [(fact.step, fact.next) for fact in trace.facts if not _again(fact)]
    return (*path, trace.status)


def _again(fact: StepFact) -> bool:
    return fact.answer is not None and fact.next == fact.step and fact.decided_by == "policy"


def _sent_twice(trace: Trace) -> Iterator[StepFact]:
    """Calls that were sent again although the first may have been carried out.

    A request that was under way when the connection failed may have arrived; one that was refused
    before, or answered, was certainly not left in doubt. GET and HEAD change nothing.
    """
    for fact, following in zip(trace.facts, trace.facts[1:], strict=False):
        if not _again(fact) or fact.answer is None or fact.request is None:
            continue
        error = fact.answer.error
        doubt = error is not None and error.phase in ("send", "head", "body")
        if doubt and following.step == fact.step and fact.request.method not in ("GET", "HEAD"):
            yield fact


def finding_of(finding: Finding) -> Finding:
    """The finding as it is kept: one per code, step and sentence."""
    return finding


def findings_in(journey: CompiledJourney, explored: Explored) -> Iterator[Finding]:
    """What one walk shows that a person should know."""
    trace = explored.trace
    if trace.status == "not_entered":
        return
    yield from _endless(explored)
    yield from _vanished(explored)
    for fact in _sent_twice(trace):
        kind = fact.answer.error.kind if fact.answer and fact.answer.error else ""
        message = (
            f"after {kind} the call is sent again although the first may have been carried out: "
            "the effect may happen twice"
        )
        yield Finding("duplicate_send", "warning", fact.step, message)
    yield from _broken(journey, explored)


def _endless(explored: Explored) -> Iterator[Finding]:
    for finding in explored.trace.findings:
        if finding.code == "endless_loop":
            when = explored.title if explored.failing else "whatever the calls answer"
            message = f"the journey never ends when {when}: nothing leaves the loop"
            if not explored.failing:
                message = f"the journey never ends, {when}: nothing leaves the loop"
            steps = {fact.step for fact in explored.trace.facts[-50:]}
            first = next((f.step for f in explored.trace.facts if f.step in steps), finding.step)
            yield Finding("endless_loop", "error", first, message)


def _vanished(explored: Explored) -> Iterator[Finding]:
    """People who end where nobody meant them to."""
    trace = explored.trace
    if not trace.facts or explored.failing == 0:
        return
    last = trace.facts[-1]
    after = _names(explored, last.step)
    if trace.status == "dropped":
        message = f"after {after} the person is dropped silently: no later step sees them"
        yield Finding("customer_dropped", "warning", last.step, message)
    elif trace.status == "ended" and last.answer is not None and last.outcome == "failure":
        message = f"after {after} the person ends there: nothing is connected for failure"
        yield Finding("failure_unhandled", "warning", last.step, message)
    elif trace.status == "ended":
        message = f"the person ends there: nothing is connected ({explored.title})"
        yield Finding("customer_vanishes", "warning", last.step, message)
    elif trace.status == "failed" and last.answer is not None:
        message = f"after {after} the platform fails the run: no later step sees the person"
        yield Finding("run_failed", "warning", last.step, message)


def _names(explored: Explored, step: str) -> str:
    """What the step was answered, with all that the journey cannot tell from it."""
    choice = next((one for one in reversed(decided(explored.choices)) if one.step == step), None)
    if choice is None:
        return "this"
    names = [one.name for one in choice.outcome.members if " body " not in one.name]
    return ", ".join(names) or choice.outcome.name


def _broken(journey: CompiledJourney, explored: Explored) -> Iterator[Finding]:
    """Payloads and decisions that read what an answer did not bring."""
    parent = explored.parent
    if parent is None or explored.last < 0:
        return
    trace = explored.trace
    choice = explored.choices[explored.last]
    before = {(one.code, one.step, one.message) for one in parent.findings}
    names = _names(explored, choice.step)
    for finding in trace.findings:
        broken = finding.code in ("value_missing", "save_missing", "value_too_large")
        if broken and (finding.code, finding.step, finding.message) not in before:
            message = f"after {choice.step}={names}: {finding.message}"
            yield Finding("payload_broken", "warning", finding.step, message)
    sendable = {fact.step for fact in parent.facts if fact.answer and not _unbuilt(fact)}
    for fact in trace.facts:
        if _unbuilt(fact) and fact.step in sendable and fact.answer and fact.answer.error:
            message = f"after {choice.step}={names} it cannot be sent: {fact.answer.error.message}"
            yield Finding("payload_broken", "error", fact.step, message)
    yield from _unread(journey, explored)


def _unbuilt(fact: StepFact) -> bool:
    return bool(fact.answer and fact.answer.error and fact.answer.error.phase == "build")


def _unread(journey: CompiledJourney, explored: Explored) -> Iterator[Finding]:
    """A success without a usable body, whose body is read all the same."""
    choice = explored.choices[explored.last]
    kinds = [one.name for one in choice.outcome.members if one.name in _UNREADABLE]
    node = journey.node(choice.step)
    if not kinds or not choice.outcome.success or not isinstance(node, CallNode):
        return
    saved = {save.name for save in node.save}
    after = _after(explored.trace, choice.step)
    for path, steps in journey.reads.items():
        if path[:3] != ("steps", choice.step, "body") and path[0] not in saved:
            continue
        for step in steps:
            if step in after:
                message = (
                    f"{choice.step} may answer {' or '.join(kinds)}, a success; "
                    f"then {'.'.join(path)} is not there, and {step} reads it"
                )
                yield Finding("empty_body_read", "warning", choice.step, message)


def _after(trace: Trace, step: str) -> set[str]:
    seen: set[str] = set()
    passed = False
    for fact in trace.facts:
        if passed:
            seen.add(fact.step)
        passed = passed or fact.step == step
    return seen
