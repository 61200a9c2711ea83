"""Everything that can happen to one person, by plain recursion: the yardstick of a sweep.

Every request gets every answer of a list that is far finer than the classes; nothing is merged,
nothing is skipped, and nothing of ``sandbox.lab`` is used. A time-out passes whole; other answers
come at once. What the run's own limits and breakers hold back is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.limits import Limits
from sandbox.engine.person import person_of
from sandbox.engine.walk import Run
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.profile import Profile
from sandbox.model.trace import Trace

__all__ = [
    "Seen",
    "TooMany",
    "enumerate_walks",
    "error",
    "fresh_run",
    "path_when",
    "seen_in",
    "status",
]

_BROKEN = ("value_missing", "value_too_large", "bad_moment", "message_no_address")


class TooMany(Exception):
    """The journey has more walks than are worth the wait."""


class Seen(NamedTuple):
    """What walks have shown."""

    edges: frozenset[tuple[str, str]]
    labels: frozenset[tuple[str, str]]
    """Condition or split, and the name of the way taken."""
    statuses: frozenset[str]
    findings: frozenset[tuple[str, str]]


def status(code: int, body: bytes = b"", *headers: tuple[str, str]) -> Answer:
    return Answer(code, headers, body, None, 0.0, "model")


def error(kind: str, phase: str) -> Answer:
    return Answer(error=Fail(kind, phase, "as the test says"), source="model")  # type: ignore[arg-type]


def fresh_run(
    journey: CompiledJourney, attributes: dict[str, Json], event: dict[str, Json], steps: int
) -> Run:
    person = person_of(Profile.parse({"id": "7", "attributes": attributes}))
    env = {"BASE_URL": "http://api.test"}
    run = Run(
        journey, person, event, env, 42, 1_767_225_600_000_000, None, "mock", "r", 10**6, 10**7
    )
    run.most_steps = steps
    return run


def enumerate_walks(
    journey: CompiledJourney,
    answers: Sequence[Answer],
    attributes: dict[str, Json],
    event: dict[str, Json],
    steps: int = 2_000,
    most: int = 4_000,
) -> list[Trace]:
    """Every walk.

    Raises:
        TooMany: past ``most``.
    """
    traces: list[Trace] = []

    def go(given: list[Answer]) -> None:
        if len(traces) >= most:
            raise TooMany
        asked = 0

        def reply(send: Send) -> Answer | None:
            nonlocal asked
            asked += 1
            return given[asked - 1] if asked <= len(given) else None

        trace = _walk(fresh_run(journey, attributes, event, steps), reply)
        if trace is not None:
            traces.append(trace)
            return
        for one in answers:
            go([*given, one])

    go([])
    return traces


def _walk(run: Run, reply: Callable[[Send], Answer | None]) -> Trace | None:
    """The trace; None when a request is asked for that has no answer yet."""
    walk = run.go(None, False, False)
    limits = Limits()
    try:
        asked = next(walk)
        while True:
            assert isinstance(asked, Send)
            passed = limits.enter(asked)
            if isinstance(passed, Answer):
                asked = walk.send(passed)
                continue
            answer = reply(asked)
            if answer is None:
                walk.close()
                return None
            if answer.error is not None and answer.error.kind.endswith("_timeout"):
                answer = answer._replace(took_ms=asked.timeout_s * 1000)
            limits.leave(passed, asked, answer)
            asked = walk.send(answer)
    except StopIteration as end:
        found: Trace = end.value
        return found


def path_when(
    journey: CompiledJourney,
    answers: Mapping[str, Answer],
    attributes: dict[str, Json],
    event: dict[str, Json],
    steps: int,
) -> tuple[tuple[object, ...], set[str]]:
    """The way of a run in which these calls get these answers every time and all others a 200;
    and the calls that were really sent.
    """
    sent: set[str] = set()

    def reply(send: Send) -> Answer:
        sent.add(send.step)
        return answers.get(send.step, status(200))

    trace = _walk(fresh_run(journey, attributes, event, steps), reply)
    assert trace is not None
    facts = trace.facts
    way = [
        (fact.step, fact.next)
        for n, fact in enumerate(facts)
        if n + 1 == len(facts) or facts[n + 1].attempt == 1
    ]
    return (*way, trace.status), sent


def seen_in(traces: Sequence[Trace]) -> Seen:
    """What walks have shown, in the words of a sweep's report."""
    edges: set[tuple[str, str]] = set()
    labels: set[tuple[str, str]] = set()
    findings: set[tuple[str, str]] = set()
    for trace in traces:
        endless = any(one.code == "endless_loop" for one in trace.findings)
        for n, fact in enumerate(trace.facts):
            last = n == len(trace.facts) - 1
            if n == 0:
                edges.add(("", fact.step))
            if fact.kind in ("condition", "split"):
                labels.add((fact.step, "else" if fact.output == "no branch" else fact.output))
            retried = not last and trace.facts[n + 1].attempt > 1
            gone = last and trace.status == "failed" and not endless
            if not retried and not gone:
                edges.add((fact.step, fact.next))
        findings.update(_findings(trace, endless))
    statuses = frozenset(trace.status for trace in traces)
    return Seen(frozenset(edges), frozenset(labels), statuses, frozenset(findings))


def _findings(trace: Trace, endless: bool) -> Iterator[tuple[str, str]]:
    facts = trace.facts
    for one in trace.findings:
        if one.code in _BROKEN:
            yield "broken", one.step
    for n, fact in enumerate(facts):
        failed = fact.answer.error if fact.answer else None
        if failed is None:
            continue
        if failed.phase == "build":
            yield "broken", fact.step
        doubtful = failed.phase in ("send", "head", "body")
        if not doubtful or fact.request is None or fact.request.method != "POST":
            continue
        later = [
            one
            for one in facts[n + 1 :]
            if one.step == fact.step
            and not (one.answer and one.answer.error and one.answer.error.phase == "build")
        ]
        retried = n + 1 < len(facts) and facts[n + 1].attempt > 1
        if retried or (later and fact.decided_by == "edge"):
            yield "duplicate_send", fact.step
    if endless:
        yield "endless_loop", ""
        return
    if not facts:
        return
    last = facts[-1]
    failing = last.outcome == "failure"
    if trace.status == "dropped":
        yield "customer_dropped", last.step
    elif trace.status == "failed":
        yield "run_failed", last.step
    elif trace.status == "ended":
        yield ("failure_unhandled" if failing else "customer_vanishes"), last.step
