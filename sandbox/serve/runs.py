"""The runs that were promised with a 204: they wait in line, happen one after the other, and are
recorded together, each exactly once.

What waits is bounded in number and in bytes; a request that finds no room waits a little itself,
and is then refused before anything was promised.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.errors import SandboxError, StoreError
from sandbox.model.trace import TraceDocument
from sandbox.serve.refusals import Refusal

__all__ = ["Lost", "Promise", "Ran", "RunQueue", "Told"]

_BATCH = 64
_BATCH_BYTES = 2_000_000
_ATTEMPTS = 4
_PAUSE_S = 0.25


class Promise(NamedTuple):
    """A journey that will run for a person."""

    journey: str
    profile: str
    event: Mapping[str, str]
    size: int
    """Bytes of the request's body."""


class Ran(NamedTuple):
    """A run that is in the history now."""

    id: str
    trace: TraceDocument


class Lost(NamedTuple):
    """A promise that could not be kept, and why."""

    promise: Promise
    reason: str


Told = Callable[[Ran | Lost], None]


class RunQueue:
    """First in, first out; one run at a time, so that the order of the triggers is theirs."""

    def __init__(
        self,
        bench: Bench,
        tell: Told,
        *,
        most: int = 1000,
        most_bytes: int = 16_000_000,
        patience_s: float = 5.0,
    ) -> None:
        """Call ``work`` in a task; ``tell`` hears of every run once it is in the history."""
        self._bench = bench
        self._tell = tell
        self._most = most
        self._most_bytes = most_bytes
        self._patience_s = patience_s
        self._waiting: deque[Promise] = deque()
        self._taken = 0
        self._taken_bytes = 0
        self._changed = asyncio.Condition()
        self._closed = False
        self._fired = 0

    @property
    def unfinished(self) -> int:
        """Promises that are not kept yet, and places that are reserved for more."""
        return self._taken

    async def reserve(self, size: int) -> None:
        """Take room for one promise of so many bytes; to be given back, or used by ``promise``.

        Raises:
            Refusal: 503, when there is none in time.
        """
        try:
            async with asyncio.timeout(self._patience_s), self._changed:
                await self._changed.wait_for(lambda: self._closed or self._has_room(size))
                if not self._closed:
                    self._taken += 1
                    self._taken_bytes += size
                    return
        except TimeoutError:
            pass
        why = "the server is stopping" if self._closed else f"{self._taken} runs are waiting"
        raise Refusal(
            "SERVICE_UNAVAILABLE", f"{why}; nothing was started", headers={"Retry-After": "1"}
        )

    async def promise(self, promise: Promise) -> None:
        """Line up, in the room that was reserved."""
        async with self._changed:
            self._waiting.append(promise)
            self._changed.notify_all()

    async def give_back(self, size: int) -> None:
        """Reserved, and not needed after all."""
        async with self._changed:
            self._taken -= 1
            self._taken_bytes -= size
            self._changed.notify_all()

    async def close(self) -> None:
        """Take no more; ``work`` returns when everything that was promised is done."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def work(self) -> None:
        """Run what is promised until ``close``."""
        while batch := await self._next():
            try:
                await self._run(batch)
            finally:
                async with self._changed:
                    self._taken -= len(batch)
                    self._taken_bytes -= sum(one.size for one in batch)
                    self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        # A large body is let in when it is alone, or it would never be.
        return self._taken == 0 or (
            self._taken < self._most and self._taken_bytes + size <= self._most_bytes
        )

    async def _next(self) -> list[Promise]:
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self._waiting) or self._closed)
        batch: list[Promise] = []
        size = 0
        while self._waiting and len(batch) < _BATCH and size < _BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size += batch[-1].size
        return batch

    async def _run(self, batch: list[Promise]) -> None:
        traces: list[TraceDocument] = []
        kept: list[Promise] = []
        entered: set[tuple[str, str]] = set()
        for promise in batch:
            try:
                trace = await self._fire(promise, entered)
            except SandboxError as wrong:
                self._tell(Lost(promise, wrong.message))
                continue
            traces.append(trace)
            kept.append(promise)
            if trace["run"]["status"] != "not_entered":
                entered.add((promise.journey, promise.profile))
            await asyncio.sleep(0)  # requests come first: a mocked run never waits by itself
        if traces:
            await self._record(traces, kept)

    async def _fire(self, promise: Promise, entered: set[tuple[str, str]]) -> TraceDocument:
        """One run, not recorded yet. Each takes the next seed, so that weighted answers differ."""
        bench = self._bench
        seed = bench.seed(RunOptions()) + self._fired
        self._fired += 1
        been_here = False
        if bench.repository.journey(promise.journey).trigger.reentry == "once":
            been_here = (promise.journey, promise.profile) in entered or bench.history.seen(
                promise.journey, promise.profile
            )
        return await bench.fire(
            promise.journey,
            promise.profile,
            RunOptions(event=promise.event, seed=seed),
            been_here=been_here,
            record=False,
        )

    async def _record(self, traces: list[TraceDocument], kept: list[Promise]) -> None:
        """All of a batch in one transaction: all or none, so trying again records nothing twice."""
        for attempt in range(_ATTEMPTS):
            try:
                ids = await asyncio.to_thread(self._bench.history.record, traces)
            except StoreError as wrong:
                if attempt + 1 == _ATTEMPTS:
                    for promise in kept:
                        self._tell(Lost(promise, wrong.message))
                    return
                await asyncio.sleep(_PAUSE_S * 2**attempt)
            else:
                for own_id, trace in zip(ids, traces, strict=True):
                    self._tell(Ran(own_id, trace))
                return
