"""One thread with an event loop, on which everything that touches the bench happens.

So the keyboard never waits for a running journey, a slow disk or a large body, and the bench is
only ever used from one thread. Work takes turns with ``await``; whoever works for long must
await now and then.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

__all__ = ["Backstage"]

Result = TypeVar("Result")


class Backstage:
    """The thread; it starts with the first work and ends with ``close``."""

    def __init__(self) -> None:
        """Touches nothing yet."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def run(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do ``work`` there, and wait for it here; cancelling here cancels it there."""
        future = asyncio.run_coroutine_threadsafe(_awaited(work), self._started())
        return await asyncio.wrap_future(future)

    async def call(self, work: Callable[[], Result]) -> Result:
        """The same for a plain function."""

        async def whole() -> Result:
            return work()

        return await self.run(whole)

    def close(self, last: Callable[[], Coroutine[None, None, None]]) -> None:
        """End what runs, do ``last``, and end the thread."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None

        async def end() -> None:
            mine = asyncio.current_task()
            others = [task for task in asyncio.all_tasks() if task is not mine]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await last()

        try:
            asyncio.run_coroutine_threadsafe(end(), loop).result(timeout=10)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(timeout=10)
            loop.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="bench", daemon=True
            )
            self._thread.start()
        return self._loop


async def _awaited(work: Callable[[], Awaitable[Result]]) -> Result:
    return await work()
