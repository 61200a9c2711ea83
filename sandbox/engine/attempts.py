"""One call of a walk: its attempts until it is settled, and the way on.

1. Each attempt is rendered, asked for, judged, and leaves a fact; attempts are numbered from 1.
2. An attempt that a shared limit holds back (``throttled @ sandbox``) waits as the dialect says and
   tries again; these tries are counted apart from retries.
3. Any other answer is a reason to retry when the step's or the dialect's retry names it.
4. A call that was under way when it failed, and is sent again, may have been applied twice: a
   finding, unless the method is idempotent (RFC 9110 §9.2.2).
5. The last attempt decides; what to doubt about it is noted, and what is kept of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from typing import Final

from sandbox.draws import run_id
from sandbox.engine.asking import ask
from sandbox.engine.call import Built
from sandbox.engine.compiled import CallNode, Way
from sandbox.engine.doubts import doubts
from sandbox.engine.response import exposed, save_values
from sandbox.engine.retrying import IDEMPOTENT, UNDER_WAY, Waiting
from sandbox.engine.state import State, new_fact
from sandbox.engine.traps import traps
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.trace import Finding, StepFact
from sandbox.templates.noticing import Found

__all__ = ["call_api", "with_key"]

_HELD_BACK: Final = "throttled"
_SHARED: Final = (_HELD_BACK, "breaker_open")

_asking: Callable[[tuple[object, ...]], Send] = partial(tuple.__new__, Send)
"""A ``Send`` from all of its fields in order; half the price of naming them."""


def call_api(
    run: State, node: CallNode, visit: int, rest: Way
) -> Generator[Send | StepFact, Answer | None, Way | None]:
    """Ask, retry, judge; the way on, or None when the run ends here."""
    behaviour = run.journey.behaviour
    with_user = node.include_user if run.include_user is None else run.include_user
    attempt = 1
    tries: _Tries | None = None
    while True:
        missing: Found = []
        at_us = run.at_us
        built = node.plan.build(run.scope, run.person, at_us, with_user, run.max_sent, missing)
        if missing:
            run.report(node.id, missing)
        if node.key_header:
            built = with_key(run, node, visit, built)
        hops: list[str] = []
        if built.fail is None and node.plain:
            # What ``ask`` does when there is neither a token nor a redirect to follow.
            told = yield _asking((
                built.request, run.id, run.start.id, node.id, visit, attempt,
                run.seed, at_us, node.timeout_s, run.max_received, run.scope["user"], 0,
                run.trigger, run.start_us, node.terms,
            ))  # fmt: skip
            if told is None:
                raise RuntimeError("a walk that asked was sent no answer")
            answer = told
            run.at_us = at_us + int(answer.took_ms * 1000)
        else:
            answer = yield from ask(run, node, visit, attempt, built, hops)
        if behaviour.max_body_bytes and len(built.request.body) > behaviour.max_body_bytes:
            _over_limit(run, node.id, len(built.request.body), behaviour.max_body_bytes)
        error = answer.error
        success = error is None and answer.status in behaviour.success
        if error is not None and error.kind in _SHARED:
            answer = answer._replace(source=run.via)
        if tries is not None and tries.doubtful and (error is None or error.phase in UNDER_WAY):
            _twice(run, node, attempt, tries.doubtful)
            tries.doubtful = None
        if error is None and node.retry is None:
            break
        tries = tries or _Tries()
        waiting = _waiting(run, node, visit, attempt, answer, tries)
        if waiting is None:
            break
        run.facts.append(new_fact((
            node.id, node.kind, visit, attempt, at_us, "success" if success else "failure",
            node.id, "policy", built.request, answer, None, None, tuple(hops),
        )))  # fmt: skip
        run.at_us += waiting.wait_us
        attempt += 1
    if missing or built.empty or behaviour.json_flag:
        lacks = any(one.code == "value_missing" for one in missing)
        for doubt in doubts(run.journey, node, built, answer, lacks, run.scope, run.person):
            if doubt not in run.findings:
                run.findings.append(doubt)
    for trap in traps(run.journey, node, answer, len(hops)):
        if trap not in run.findings:
            run.findings.append(trap)
    if node.exposed:
        left = run.steps[node.id] = exposed(node, built.request, built.payload, answer)
        if left["error"] is not None and behaviour.syntax == "kustomer":
            run.scope["error"] = left["error"]  # /#error.message of an error case
    if node.save:
        save_values(node, answer, run.scope, run.findings)
    if success:
        way: Way | None = node.forward
        decided = "edge"
    else:
        way, decided = _failed(run, node, answer, bool(rest))
    onward = "" if way is None else run.name(rest or way)
    run.facts.append(new_fact((
        node.id, node.kind, visit, attempt, at_us, "success" if success else "failure",
        onward, decided, built.request, answer, None, None, tuple(hops),
    )))  # fmt: skip
    return way


def with_key(run: State, node: CallNode, visit: int, built: Built) -> Built:
    """The call with its idempotency key, the same one at every attempt of a visit.

    A header of that name that the author has written stays as it is.
    """
    name, request = node.key_header, built.request
    if any(own.lower() == name.lower() for own, _ in request.headers):
        return built
    key = run_id(run.seed, "key", run.id, run.start.id, node.id, visit, run.start_us)
    return built._replace(request=request._replace(headers=(*request.headers, (name, key))))


class _Tries:
    """What a call has been through."""

    __slots__ = ("doubtful", "held", "retried")

    def __init__(self) -> None:
        self.held = self.retried = 0
        self.doubtful: Fail | None = None
        """The last failure of an attempt that may have been carried out."""


def _waiting(
    run: State, node: CallNode, visit: int, attempt: int, answer: Answer, tries: _Tries
) -> Waiting | None:
    """How long to wait for the next attempt; None when this was the last."""
    error, rule, number = answer.error, node.retry, 0
    if error is not None and error.kind == _HELD_BACK and node.held_back is not None:
        rule, number = node.held_back, tries.held + 1
    if number and rule is not None and number <= rule.times:
        tries.held = number
    else:
        rule, number = node.retry, tries.retried + 1
        if rule is None or number > rule.times or not rule.wants(answer):
            return None
        tries.retried = number
    key = run.id, run.start.id, node.id, visit, attempt
    waiting = rule.waiting(number, answer, run.at_us, run.seed, *key)
    if waiting.unread is not None:
        message = (
            f"Retry-After {waiting.unread!r} is neither whole seconds nor an HTTP date "
            "(RFC 9110 §10.2.3); the step's own delay was used"
        )
        run.doubt("bad_retry_after", "warning", node.id, message)
    if error is not None and error.phase in UNDER_WAY:
        tries.doubtful = error
    return waiting


def _twice(run: State, node: CallNode, attempt: int, first: Fail) -> None:
    method = node.plan.step.method
    if method in IDEMPOTENT:
        return
    message = (
        f"{method} was sent again (attempt {attempt}) after {first.kind} @ {first.phase}: "
        "it may have been applied twice"
    )
    if node.key_header:
        message += f" unless the endpoint honours {node.key_header}"
    run.doubt("duplicate_send", "info" if node.key_header else "warning", node.id, message)


def _over_limit(run: State, step_id: str, size: int, limit: int) -> None:
    message = f"a body of {size:,} bytes; the vendor is reported to send at most {limit:,}"
    run.findings.append(Finding("body_over_vendor_limit", "warning", step_id, message))


def _failed(
    run: State, node: CallNode, answer: Answer, within_list: bool
) -> tuple[Way | None, str]:
    """The way on after a failure and who decided; None when the run ends by it."""
    behaviour = run.journey.behaviour
    if behaviour.exits and node.on_failure is not None:
        return node.on_failure, "edge"
    if node.on_failure is not None:
        message = (
            f"{run.journey.dialect} has no exits for success and failure, so on_failure is "
            f"ignored; the policy {behaviour.failure} decides"
        )
        run.findings.append(Finding("edge_ignored", "warning", node.id, message))
    if answer.error is not None and behaviour.transport_error == "fail_run":
        message = (
            f"{answer.error.kind} @ {answer.error.phase}: the platform fails the run (assumed)"
        )
        run.findings.append(Finding("run_failed", "error", node.id, message))
        run.outcome = "failed"
        return None, "policy"
    if behaviour.failure == "drop":
        run.outcome = "dropped"
        return None, "policy"
    if behaviour.failure == "branch" and not within_list:
        return (node.next if behaviour.unconnected == "next" else ()), "policy"
    return node.forward, "policy"
