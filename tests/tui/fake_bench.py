"""A bench over nothing but memory: no disk, no client, answers at once (or as slowly as wanted).

The engine, the rules and the templates are the real ones, so what the workbench shows is true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import cache

from sandbox.bench.bench import Bench
from sandbox.bench.opened import Opened
from sandbox.cli.demo import Demo, demo
from sandbox.mocks.engine import Session
from sandbox.model.exchange import Answer, Send
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.seams import Answerer
from tests.memory import Memory, Remembered

__all__ = ["Answers", "FakeBench", "people"]


class _Mocked:
    def __init__(self, session: Session, pause_s: float) -> None:
        self._session = session
        self._pause_s = pause_s

    async def answer(self, send: Send) -> Answer:
        if self._pause_s:
            await asyncio.sleep(self._pause_s)
        return self._session.answer(send)._replace(source="mock")

    async def close(self) -> None: ...


class _Live:
    def __init__(self, sent: list[Send]) -> None:
        self._sent = sent

    async def answer(self, send: Send) -> Answer:
        self._sent.append(send)
        return Answer(204, (), b"", took_ms=12.0, source="live")

    async def close(self) -> None: ...


class Answers:
    """Makes answerers; ``sent`` is what a live one would have sent."""

    def __init__(self) -> None:
        self.pause_s = 0.0
        self.sent: list[Send] = []
        self.warmed = False

    def mocked(self, session: Session) -> Answerer:
        return _Mocked(session, self.pause_s)

    def live(self, allowed_hosts: Iterable[str]) -> Answerer:
        return _Live(self.sent)

    def warm(self) -> None:
        self.warmed = True


@cache
def _demo() -> Demo:
    """Read once: documents are frozen."""
    return demo()


class FakeBench(Bench):
    """The demo workspace in memory."""

    def __init__(
        self,
        journeys: Sequence[Journey] | None = None,
        profiles: Sequence[Profile] | None = None,
    ) -> None:
        made = _demo()
        self.documents = Memory(kept_settings=made.settings)
        self.documents.put_journeys(made.journeys if journeys is None else journeys)
        self.documents.put_profiles(made.profiles if profiles is None else profiles)
        self.documents.put_rule_sets(made.rule_sets)
        self.documents.put_variables(made.variables)
        self.past = Remembered()
        self.answers = Answers()
        super().__init__(self.documents, self.past, self.answers, {})

    @property
    def opened(self) -> Opened:
        """As the workbench is given it."""
        return Opened(self.documents, self.past, lambda: self)


def people(count: int) -> list[Profile]:
    """So many people."""
    return [
        Profile(id=str(number), attributes={"name": f"Person {number}", "status": "user"})
        for number in range(count)
    ]
