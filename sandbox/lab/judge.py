"""What became of the person: a verdict for each cell, and what a person should know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sandbox.engine.compiled import CompiledJourney, ConditionNode
from sandbox.engine.conditions import comparisons
from sandbox.engine.response import exposed, save_values
from sandbox.engine.retrying import IDEMPOTENT, UNDER_WAY
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.reads import conditions_of
from sandbox.lab.walked import (
    BROKEN,
    Choice,
    Explored,
    decided,
    is_again,
    is_endless,
    is_unbuilt,
    named,
    view_of,
)
from sandbox.model.base import Json
from sandbox.model.exchange import Request
from sandbox.model.trace import Finding, Level, StepFact, Trace
from sandbox.templates.paths import MISSING, Path, dotted, look_up

__all__ = ["VERDICTS", "Found", "findings_in", "verdict_of"]

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
_WRITTEN_BODY = re.compile(r"(?<=\d):.*|(?<=[a-z]):\{.*", re.DOTALL)


class Found(NamedTuple):
    """A finding, and what makes it the same as another one."""

    same: tuple[object, ...]
    finding: Finding


def verdict_of(journey: CompiledJourney, explored: Explored) -> str:
    """What the call that was decided last did to the person."""
    trace = explored.trace
    choice = explored.choices[explored.last]
    if is_endless(trace):
        return "never ends"
    if any(fact.step == choice.step and not key for fact, key in _sent_twice(journey, trace)):
        return "sent twice"
    if trace.status in ("dropped", "failed"):
        return "dropped" if trace.status == "dropped" else "run failed"
    if trace.status == "ended":
        return "ended nowhere"
    if explored.parent is not None and view_of(trace).path == explored.parent.path:
        return "proceeded"
    return "other path" if choice.outcome.success else "failure path"


def _sent_twice(journey: CompiledJourney, trace: Trace) -> Iterator[tuple[StepFact, str]]:
    """Calls that were sent again although the first may have been carried out, each with the
    header of the idempotency key that both carried; empty without one.

    A request that was under way when the connection failed may have arrived; one that was refused
    before, or answered, was certainly not left in doubt. Sent again is what is retried, and what
    its own failure exit leads back to.
    """
    facts = trace.facts
    for place, fact in enumerate(facts):
        error = fact.answer.error if fact.answer else None
        if error is None or error.phase not in UNDER_WAY:
            continue
        if fact.request is None or fact.request.method in IDEMPOTENT:
            continue
        if is_again(facts, place):
            node = journey.call(fact.step)
            yield fact, node.key_header if node is not None else ""
        elif fact.outcome == "failure" and fact.decided_by == "edge":
            later = facts[place + 1 :]
            if any(one.step == fact.step and not is_unbuilt(one) for one in later):
                yield fact, ""  # another visit has a key of its own


def findings_in(journey: CompiledJourney, explored: Explored) -> Iterator[Found]:
    """What one walk shows that a person should know; endless loops are told by ``Loops``."""
    trace = explored.trace
    if trace.status == "not_entered":
        return
    yield from _vanished(explored)
    yield from _twice(journey, trace)
    yield from _broken(journey, explored)


def _vanished(explored: Explored) -> Iterator[Found]:
    """People who end where nobody meant them to."""
    trace = explored.trace
    if not trace.facts or trace.status not in ("dropped", "ended", "failed"):
        return
    last = trace.facts[-1]
    call = last.answer is not None and last.outcome == "failure"
    after = f"after {_names(explored, last)}"
    if trace.status == "dropped":
        code, what = "customer_dropped", f"{after} the person is dropped silently: no later step"
        what += " sees them, and nobody is told"
    elif trace.status == "failed" and call and not last.next:
        code, what = "run_failed", f"{after} the platform fails the run: no later step sees"
        what += " the person"
    elif trace.status == "ended" and call:
        code, what = "failure_unhandled", f"{after} the person ends there: nothing is connected"
        what += " for failure"
    elif trace.status == "ended":
        when = "even when everything succeeds"
        if explored.failing:
            when = f"when {_words(explored)}"
        code, what = "customer_vanishes", f"the person ends there: nothing is connected, {when}"
    else:
        return
    level = "warning"
    # Answers that differ in their bodies alone are told once.
    same = (code, last.step, _WRITTEN_BODY.sub("", after) if call else "")
    yield Found(same, Finding(code, level, last.step, what))  # type: ignore[arg-type]


def _words(explored: Explored) -> str:
    """What had to go wrong."""
    return " and ".join(
        named(choice.step, choice.outcome.names, choice.lasting)
        for choice in decided(explored.choices)
    )


def _names(explored: Explored, fact: StepFact) -> str:
    """What the step was answered, with all that the journey cannot tell from it."""
    if is_unbuilt(fact) and fact.answer is not None and fact.answer.error is not None:
        return f"a request that cannot be sent ({fact.answer.error.message})"
    error = fact.answer.error if fact.answer is not None else None
    if error is not None and error.phase == "sandbox":
        return f"{error.kind} (held back by the journey's own calls)"
    choice = next((one for one in reversed(explored.choices) if one.step == fact.step), None)
    return ", ".join(choice.outcome.names) if choice is not None else "this"


def _twice(journey: CompiledJourney, trace: Trace) -> Iterator[Found]:
    for fact, key in _sent_twice(journey, trace):
        kind = fact.answer.error.kind if fact.answer and fact.answer.error else ""
        node = journey.call(fact.step)
        effect = node.plan.step.effect if node is not None else None
        level: Level = "info" if key else "warning"
        message = (
            f"after {kind} the call is sent again although the first may have been carried out: "
            "its effect may happen twice"
        )
        if key:
            message += f" unless the endpoint honours {key}"
        elif effect is not None and effect.key:
            message += f" unless the endpoint honours the key {effect.key}"
        same = ("duplicate_send", fact.step, kind)
        yield Found(same, Finding("duplicate_send", level, fact.step, message))


def _broken(journey: CompiledJourney, explored: Explored) -> Iterator[Found]:
    """Payloads and decisions that read what an answer did not bring."""
    view = view_of(explored.trace)
    if explored.parent is None or explored.last < 0:
        for finding in explored.trace.findings:
            if finding.code in BROKEN:
                yield Found((finding.code, finding.step, finding.message), finding)
        yield from _unsendable(explored, "whatever the calls answer", frozenset())
        return
    choice = explored.choices[explored.last]
    after = f"after {choice.step}={', '.join(choice.outcome.names)}"
    told = view.unbuilt - explored.parent.unbuilt
    unread = [one for one in _unread(journey, explored, choice) if one[0] not in told]
    yield from (found for _, found in unread)
    told |= {step for step, _ in unread}
    for finding in explored.trace.findings:
        if finding in view.broken - explored.parent.broken and finding.step not in told:
            same = ("payload_broken", finding.step, finding.message, choice.step)
            message = f"{after}: {finding.message}"
            yield Found(same, Finding("payload_broken", "warning", finding.step, message))
    yield from _unsendable(explored, after, explored.parent.unbuilt)


def _unsendable(explored: Explored, after: str, before: frozenset[str]) -> Iterator[Found]:
    for fact in explored.trace.facts:
        if is_unbuilt(fact) and fact.step not in before and fact.answer and fact.answer.error:
            message = f"{after} it cannot be sent: {fact.answer.error.message}"
            same = ("payload_broken", fact.step, "unsendable", *_kind_of(explored))
            yield Found(same, Finding("payload_broken", "error", fact.step, message))


def _kind_of(explored: Explored) -> tuple[object, ...]:
    """Call, whether it succeeded, whether usually: what tells one broken payload from another."""
    if explored.last < 0:
        return ()
    choice = explored.choices[explored.last]
    return choice.step, choice.outcome.success, choice.outcome.name in OUTCOMES


def _unread(
    journey: CompiledJourney, explored: Explored, choice: Choice
) -> Iterator[tuple[str, Found]]:
    """A success without the body that later steps read: the step that reads, and the finding."""
    names = [name for name in choice.outcome.names if name in _UNREADABLE]
    node = journey.call(choice.step)
    if not names or not choice.outcome.success or node is None or explored.parent is None:
        return
    saved = {save.name for save in node.save}
    new = {one for one in explored.trace.findings if one not in explored.parent.broken}
    asked = _asked_for(journey)
    moved = view_of(explored.trace).path != explored.parent.path
    after = _after(explored.trace, choice.step)
    scope: dict[str, Json] = {}
    answer = choice.outcome.answer
    request = Request(node.plan.step.method, "", (), b"")
    scope["steps"] = {node.id: exposed(node, request, None, answer)}
    save_values(node, answer, scope, [])
    for path, steps in journey.reads.items():
        own = path[:3] == ("steps", choice.step, "body") or path[0] in saved
        if not own or look_up(scope, path) is not MISSING:
            continue
        for step in steps:
            where = (
                f"nothing at {dotted(path)}",
                f"nothing at {dotted(path)}, so the field is left out",
            )
            if isinstance(journey.node(step), ConditionNode):
                if step not in after or not moved or path in asked:
                    continue
                does = f"decides by it and goes to {after[step].next or 'nowhere'}"
            elif any(one.step == step and one.message.endswith(where) for one in new):
                does = "puts nothing in its place"
            else:
                continue
            message = (
                f"{choice.step} may answer {' or '.join(names)}, a success; then {dotted(path)} "
                f"is not there, and {step} {does}"
            )
            same = ("empty_body_read", step, path, choice.step)
            yield step, Found(same, Finding("empty_body_read", "warning", step, message))


def _asked_for(journey: CompiledJourney) -> set[Path]:
    """Paths that a condition asks about, so that their absence is provided for."""
    return {
        test.path
        for condition in conditions_of(journey)
        for test in comparisons(condition, journey.syntax)
        if test.op == "exists"
    }


def _after(trace: Trace, step: str) -> dict[str, StepFact]:
    """The steps after the first visit of a step, each with its last fact."""
    seen: dict[str, StepFact] = {}
    passed = False
    for fact in trace.facts:
        if passed:
            seen[fact.step] = fact
        passed = passed or fact.step == step
    return seen
