"""One step forward, one back: always the same run."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.walk import drive_pure
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import StepFact
from sandbox.runner import Stepper, drive
from tests.engine.journeys import ANSWERS, journeys
from tests.engine.walking import Asked, call, compiled, fixture, go, journey, notify, start, tag

RETRIED = journey(
    call(retry={"times": 2, "on": [503]}, on_success="ok", on_failure="bad"),
    tag("ok", next="end"),
    tag("bad"),
)


class Answering:
    """A pure answerer that could wait."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.closed = False

    async def answer(self, send: Send) -> Answer:
        await asyncio.sleep(0)
        return self.asked(send)

    async def close(self) -> None:
        self.closed = True


def stepper(made: CompiledJourney, *answers: Answer | int) -> Stepper:
    return Stepper(lambda: start(made, pause=True), Answering(Asked(*answers)))


async def all_of(steps: Stepper) -> list[StepFact]:
    facts = []
    while (fact := await steps.forward()) is not None:
        facts.append(fact)
    return facts


async def test_driving_tells_every_fact_as_it_happens() -> None:
    made = fixture("newsletter")
    told: list[StepFact] = []
    trace = await drive(start(made, pause=True), Answering(Asked(503)), told.append)
    assert tuple(told) == trace.facts
    assert await drive(start(made), Answering(Asked(503))) == trace
    assert drive_pure(start(made), Asked(503)) == trace


@pytest.mark.slow
@given(
    journeys(loops=False),
    st.lists(ANSWERS, min_size=1, max_size=5),
    st.lists(st.booleans(), max_size=12),
)
def test_going_forward_and_back_ends_as_the_straight_walk(
    document: Json, answers: list[Answer], moves: list[bool]
) -> None:
    made = compiled(document)
    straight = go(made, Asked(*answers))

    async def walk() -> None:
        steps = stepper(made, *answers)
        for forward in moves:
            if forward:
                await steps.forward()
            else:
                await steps.back()
            assert tuple(steps.facts) == straight.facts[: len(steps.facts)]
        await all_of(steps)
        assert steps.trace == straight
        assert tuple(steps.facts) == straight.facts

    asyncio.run(walk())


async def test_stepping_back_does_not_ask_again() -> None:
    asked = Asked(503, 200)
    steps = Stepper(lambda: start(compiled(RETRIED), pause=True), Answering(asked))
    first = await steps.forward()
    await steps.back()
    assert steps.facts == []
    assert await steps.forward() == first
    assert len(asked.sends) == 2  # the call and its retry, once each


async def test_another_answer_forks_the_run_here() -> None:
    made = compiled(journey(call("a"), call("b"), call("c"), dialect="insider"))
    steps = stepper(made, 200, 201, 202)
    await steps.forward()
    await steps.forward()
    await steps.back()
    fork = await steps.forward(lambda send: Answer(503))
    assert fork is not None
    assert fork.outcome == "failure"
    await all_of(steps)
    statuses = [fact.answer.status for fact in steps.facts if fact.answer]
    assert statuses == [200, 503, 202]


async def test_the_end_can_be_left_again() -> None:
    steps = stepper(compiled(journey(notify("a", "a"), notify("b", "b"))))
    assert [fact.step for fact in await all_of(steps)] == ["a", "b"]
    assert steps.done
    assert await steps.forward() is None
    await steps.back()
    assert not steps.done
    assert [fact.step for fact in steps.facts] == ["a"]
    await steps.back()
    await steps.back()
    assert steps.facts == []
    assert [fact.step for fact in await all_of(steps)] == ["a", "b"]


async def test_a_wait_that_is_cancelled_can_be_taken_up_again() -> None:
    class Slow(Answering):
        hang = True

        async def answer(self, send: Send) -> Answer:
            if self.hang:
                await asyncio.Event().wait()
            return await super().answer(send)

    slow = Slow(Asked(200))
    steps = Stepper(lambda: start(compiled(journey(call())), pause=True), slow)
    waiting = asyncio.create_task(steps.forward())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    slow.hang = False
    fact = await steps.forward()
    assert fact is not None
    assert fact.outcome == "success"
