"""The same walks on three schedules: one after the other, at once on one loop, in two processes."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterable, Sequence
from multiprocessing.connection import Connection
from typing import Literal

from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.limits import Limits
from sandbox.engine.person import Person, person_of
from sandbox.engine.turns import Turns, walk_together
from sandbox.engine.walk import Walk, drive_pure, walk
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import Trace
from sandbox.runner import Crowd, drive
from sandbox.wire.mocked import MockedAnswerer

START_US = 1_767_225_600_000_000
_RETRY: Json = {
    "on": [429, 503, "timeout", "reset"], "times": 3, "delay": "2s", "jitter": "full",
    "max_delay": "1m",
}  # fmt: skip

JOURNEY: Json = {
    "id": "crowded",
    "dialect": "usercom",
    "trigger": {"kind": "event", "name": "happened"},
    "steps": [
        {"id": "first", "kind": "call_api", "url": "http://api.test/first", "retry": _RETRY,
         "save": [{"name": "number", "path": "$.n"}],
         "on_success": "split", "on_failure": "split"},
        {"id": "split", "kind": "split",
         "arms": [{"weight": 0.5, "next": "soon"}, {"weight": 0.5, "next": "second"}]},
        {"id": "soon", "kind": "wait", "for": "750ms"},
        {"id": "second", "kind": "call_api", "url": "http://api.test/second", "retry": _RETRY,
         "body": {"n": "{{ number }}"}, "throttle": {"per_s": 20},
         "breaker": {"failures": 2, "for": "300ms"},
         "on_success": "done", "on_failure": "missed"},
        {"id": "done", "kind": "add_tag", "tag": "done", "next": "end"},
        {"id": "missed", "kind": "add_tag", "tag": "missed", "next": "end"},
    ],
}  # fmt: skip

_LATENCY: Json = {"dist": "lognormal", "median_ms": 90, "sigma": 0.6}

OF_A_RUN: Json = {
    "id": "of-a-run", "version": 1, "seed": 7,
    "rules": [
        {"id": "flaky", "match": {"step": "first"}, "latency": _LATENCY, "respond": {
            "mode": "weighted", "items": [
                {"weight": 0.6, "status": 200, "json": {"n": 1}}, {"weight": 0.2, "status": 503},
                {"weight": 0.1, "status": 429, "headers": {"Retry-After": "3"}},
                {"weight": 0.1, "fault": "reset"}]}},
        {"id": "in-turn", "match": {"step": "second"}, "latency": _LATENCY, "respond": {
            "items": [{"status": 503}, {"fault": "read_timeout"}, {"status": 201}]}},
    ],
}  # fmt: skip
"""Nothing reaches past a run."""

OF_ALL: Json = {
    "id": "of-all", "version": 1, "seed": 7,
    "rules": [
        {"id": "shared", "match": {"step": "first"}, "latency": _LATENCY,
         "rate_limit": {"limit": 60, "per_s": 1, "by": "rule", "retry_after": "auto"},
         "respond": {"per": "all", "at_end": "cycle", "items": [
             {"times": 3, "status": 200, "json": {"n": "{{ call.number }}"}}, {"status": 503},
             {"times": 2, "status": 200, "json": {"n": 0}}, {"fault": "reset"}]}},
        {"id": "journeys", "match": {"step": "second"}, "latency": _LATENCY,
         "respond": {"per": "journey", "at_end": "cycle", "items": [
             {"times": 9, "status": 201}, {"times": 4, "status": 503}]}},
    ],
}  # fmt: skip
"""Sequences, a rate limit, a throttle and a breaker that all people share."""

Schedule = Literal["serial", "at once", "two processes"]


def people(number: int) -> list[Person]:
    """So many, not in the order of their ids."""
    ids = [f"{n * 7919 % 10_000:04}" for n in range(number)]
    return [person_of(Profile(id=one, attributes={"name": f"Person {one}"})) for one in ids]


def _compiled() -> CompiledJourney:
    return compile_journey(Journey.parse(JOURNEY))


def _walk(made: CompiledJourney, person: Person) -> Walk:
    return walk(made, person, {}, env={}, seed=7, start_us=START_US)


def _alike(traces: Iterable[Trace]) -> dict[str, Trace]:
    """By profile, without what says by which way an answer came."""
    return {
        trace.profile: trace._replace(
            via="",
            facts=tuple(
                fact if fact.answer is None else fact._replace(answer=_plain(fact.answer))
                for fact in trace.facts
            ),
        )
        for trace in traces
    }


def _plain(answer: Answer) -> Answer:
    return answer._replace(source="", took_ms=round(answer.took_ms, 6))


def traces_of(schedule: Schedule, rules: Json, number: int) -> dict[str, Trace]:
    """Profile → trace."""
    if schedule == "serial":
        return _alike(_serial(rules, number))
    if schedule == "at once":
        return _alike(asyncio.run(_at_once(rules, number)))
    return _alike(_two_processes(rules, number))


def _serial(rules: Json, number: int) -> list[Trace]:
    made, engine = _compiled(), MockEngine(RuleSet.parse(rules))
    crowd = people(number)
    if engine.shares:
        walks = [_walk(made, person) for person in crowd]
        return walk_together(walks, [engine.session().answer for _ in crowd])
    return [
        drive_pure(_walk(made, person), Limits().asking(engine.session().answer))
        for person in crowd
    ]


async def _at_once(rules: Json, number: int) -> list[Trace]:
    """A hundred at a time, backwards; all of them, where they have to wait for each other."""
    made, engine = _compiled(), MockEngine(RuleSet.parse(rules))
    crowd = people(number)[::-1]
    together = Crowd(len(crowd))
    room = asyncio.Semaphore(len(crowd) if engine.shares else 100)
    line = MockedAnswerer(engine.session())

    async def run(place: int, person: Person) -> Trace:
        async with room:
            answerer = line.for_run(engine.session())
            if not engine.shares:
                alone = Crowd(1).member(0, answerer)
                return await drive(_walk(made, person), alone)
            try:
                return await drive(_walk(made, person), together.member(place, answerer))
            finally:
                together.end(place)

    traces = await asyncio.gather(*(run(place, one) for place, one in enumerate(crowd)))
    await line.close()
    return list(traces)


def _two_processes(rules: Json, number: int) -> list[Trace]:
    """Even and odd people in a process each; what they share is asked for here, in turn."""
    context = multiprocessing.get_context("spawn")
    engine = MockEngine(RuleSet.parse(rules))
    lines: list[Connection] = []
    processes = []
    for part in range(2):
        ours, theirs = context.Pipe()
        shared = rules if not engine.shares else None
        process = context.Process(target=_worker, args=(theirs, part, number, shared))
        process.start()
        theirs.close()
        lines.append(ours)
        processes.append(process)
    try:
        found = _coordinated(lines, engine, number) if engine.shares else []
        for line in lines:
            found += line.recv()
    finally:
        for process in processes:
            process.join(60)
    return found


def _coordinated(lines: Sequence[Connection], engine: MockEngine, number: int) -> list[Trace]:
    turns = Turns(number)
    limits = Limits()
    asks = [limits.asking(engine.session().answer) for _ in range(number)]

    def heard(line: Connection) -> None:
        who, send = line.recv()
        if send is None:
            turns.end(who)
        else:
            turns.ask(who, send)

    for who in range(number):
        heard(lines[who % 2])
    while (turn := turns.next()) is not None:
        who, send = turn
        lines[who % 2].send((who, asks[who](send)))
        heard(lines[who % 2])
    for line in lines:
        line.send(None)
    return []


def _worker(line: Connection, part: int, number: int, rules: Json) -> None:
    """Walks half of the people; asks the parent when it is given no rules."""
    made = _compiled()
    mine = list(enumerate(people(number)))[part::2]
    if rules is not None:
        engine = MockEngine(RuleSet.parse(rules))
        line.send([
            drive_pure(_walk(made, person), Limits().asking(engine.session().answer))
            for _, person in mine
        ])  # fmt: skip
        return
    walks = {who: _walk(made, person) for who, person in mine}
    traces = []

    def go_on(who: int, answer: Answer | None) -> None:
        try:
            asked = walks[who].send(answer)
        except StopIteration as end:
            traces.append(end.value)
            line.send((who, None))
        else:
            assert isinstance(asked, Send)
            line.send((who, asked))

    for who in walks:
        go_on(who, None)
    while (told := line.recv()) is not None:
        go_on(*told)
    line.send(traces)
