"""The driver: joins one walk with whoever answers.

``drive`` is for answerers that wait (mock through the client stack, live); those that do not
(rules, sweeps) have ``drive_pure``, beside the walk itself.
``Stepper`` walks one fact at a time, and back, by walking again with the answers it has recorded.
``Limited`` is an answerer behind limits and breakers; a ``Crowd`` is many runs that share them, or
rules that remember more than a run, and are answered in turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sandbox.engine.limits import Limits
from sandbox.engine.turns import Turns
from sandbox.engine.walk import Walk
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import StepFact, Trace
from sandbox.seams import Answerer

__all__ = ["Crowd", "Limited", "Stepper", "drive"]


async def drive(
    walk: Walk, answerer: Answerer, on_fact: Callable[[StepFact], None] | None = None
) -> Trace:
    """Run a walk to its end.

    Args:
        walk: started with ``pause`` when ``on_fact`` is given.
        answerer: who answers.
        on_fact: told of every fact as it happens.

    Raises:
        LiveRefused: when the answerer's guard refuses.
    """
    try:
        asked = next(walk)
        while True:
            if isinstance(asked, Send):
                asked = walk.send(await answerer.answer(asked))
            else:
                if on_fact is not None:
                    on_fact(asked)
                asked = next(walk)
    except StopIteration as end:
        trace: Trace = end.value
        return trace


class Stepper:
    """One run, one fact at a time, forward and back."""

    def __init__(self, start: Callable[[], Walk], answerer: Answerer) -> None:
        """``start`` begins a fresh walk with ``pause``; the same one every time."""
        self._start = start
        self._answerer = answerer
        self._answers: list[Answer] = []
        self._walk = start()
        self._given = 0
        self._asked: Send | StepFact | None = None
        self._instead: Callable[[Send], Answer] | None = None
        self.facts: list[StepFact] = []
        self.trace: Trace | None = None
        """The whole trace, once the run has ended."""

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self.trace is not None

    async def forward(self, instead: Callable[[Send], Answer] | None = None) -> StepFact | None:
        """The next fact, or None when the run has ended.

        Args:
            instead: answers the next call in place of the answerer, be it now or some steps on;
                what was recorded after it is forgotten, so the run forks there.
        """
        self._instead = instead if instead is not None else self._instead
        if self.done:
            return None
        try:
            while True:
                asked = self._asked if self._asked is not None else next(self._walk)
                self._asked = None
                if isinstance(asked, StepFact):
                    self.facts.append(asked)
                    return asked
                if self._instead is not None:
                    del self._answers[self._given :]
                    answer, self._instead = self._instead(asked), None
                    self._answers.append(answer)
                elif self._given < len(self._answers):
                    answer = self._answers[self._given]
                else:
                    self._asked = asked  # asked again when waiting for the answer is cancelled
                    answer = await self._answerer.answer(asked)
                    self._asked = None
                    self._answers.append(answer)
                self._given += 1
                self._asked = self._walk.send(answer)
        except StopIteration as end:
            self.trace = end.value
            return None

    async def back(self) -> None:
        """One fact back: walks again with the recorded answers, which is exact."""
        wanted = max(0, len(self.facts) - 1)
        self._walk.close()
        self._walk = self._start()
        self._given = 0
        self._asked = None
        self.facts = []
        self.trace = None
        while len(self.facts) < wanted and await self.forward() is not None:
            pass


class Limited:
    """An answerer behind limits: what they refuse does not reach it."""

    def __init__(self, answerer: Answerer, limits: Limits) -> None:
        """``limits``: of this run, or shared with others."""
        self._answerer = answerer
        self._limits = limits

    async def answer(self, send: Send) -> Answer:
        """The refusal, else the answerer's own answer.

        Raises:
            LiveRefused: when the answerer's guard refuses.
        """
        entered = self._limits.enter(send)
        if isinstance(entered, Answer):
            return entered
        answer: Answer | None = None
        try:
            answer = await self._answerer.answer(send)
        finally:
            self._limits.leave(entered, send, answer)
        return answer

    async def close(self) -> None:
        """Close the answerer."""
        await self._answerer.close()


class Crowd:
    """Runs under way at once whose calls are answered in turn; see ``engine.turns``.

    Each of them is a task of its own, and must ``end`` whatever becomes of it.
    """

    def __init__(self, number: int) -> None:
        """So many runs, with the places 0, 1, 2 …"""
        self._turns = Turns(number)
        self._limits = Limits()
        self._waiting: dict[int, asyncio.Future[None]] = {}

    def member(
        self, place: int, answerer: Answerer, answered: Callable[[], None] | None = None
    ) -> Answerer:
        """The answerer of the run at this place; ``answered`` is told of each answer."""
        return _Member(self, place, Limited(answerer, self._limits), answered)

    async def turn(self, place: int, send: Send) -> None:
        """Wait until this call is the first."""
        waiting = self._waiting[place] = asyncio.get_running_loop().create_future()
        self._turns.ask(place, send)
        self._go_on()
        await waiting

    def end(self, place: int) -> None:
        """The run at this place is over."""
        self._waiting.pop(place, None)
        self._turns.end(place)
        self._go_on()

    def _go_on(self) -> None:
        while (turn := self._turns.next()) is not None:
            waiting = self._waiting.pop(turn[0], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
                return
            self._turns.end(turn[0])


class _Member:
    """An answerer that waits for its turn."""

    def __init__(
        self,
        crowd: Crowd,
        place: int,
        answerer: Answerer,
        answered: Callable[[], None] | None,
    ) -> None:
        self._crowd = crowd
        self._place = place
        self._answerer = answerer
        self._answered = answered

    async def answer(self, send: Send) -> Answer:
        await self._crowd.turn(self._place, send)
        answer = await self._answerer.answer(send)
        if self._answered is not None:
            self._answered()
        return answer

    async def close(self) -> None:
        await self._answerer.close()
