"""The trigger API on 127.0.0.1: starts, stops, and keeps what it promised before it ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Iterator

import uvicorn

from sandbox.bench.bench import Bench
from sandbox.clock import wall_us
from sandbox.errors import InputError
from sandbox.serve.api import Clocks, TriggerApi
from sandbox.serve.credentials import Hashes
from sandbox.serve.gate import HEAD_BYTES, Heard
from sandbox.serve.limiter import Limiter
from sandbox.serve.people import People
from sandbox.serve.protocol import BoundedProtocol
from sandbox.serve.runs import Lost, Ran, RunQueue

__all__ = ["DEFAULT_PORT", "Told", "TriggerServer"]

DEFAULT_PORT = 8766

_BACKLOG = 512
_STOPPING_S = 5

Told = Callable[[Heard | Ran | Lost], None]


class _Uvicorn(uvicorn.Server):
    """uvicorn that leaves the process's signals to whoever runs it, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens."""
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Takes none."""
        yield


class TriggerServer:
    """Listens between ``start`` and ``stop``. It belongs to one event loop."""

    def __init__(
        self,
        bench: Bench,
        hashes: Callable[[], Hashes | None],
        version: Callable[[], object],
        tell: Told,
        limiter: Limiter | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            bench: runs the journeys, mocked; its history records them.
            hashes: of the token and the key that are right now.
            version: differs when anybody has written the profiles.
            tell: hears of every request and every run; must not wait.
            limiter: None lets everything through.
        """
        self._queue = RunQueue(bench, tell)
        api = TriggerApi(
            bench,
            People(bench.repository, version),
            self._queue,
            hashes,
            limiter,
            Clocks(lambda: time.monotonic_ns() // 1000, wall_us),
            tell,
        )
        config = uvicorn.Config(
            api.app,
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=_STOPPING_S,
            h11_max_incomplete_event_size=HEAD_BYTES,
        )
        self._uvicorn = _Uvicorn(config)
        self._tasks: list[asyncio.Task[None]] = []
        self._port = 0

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def unfinished(self) -> int:
        """Runs that are promised and not in the history yet."""
        return self._queue.unfinished

    async def start(self, port: int = 0) -> int:
        """Listen; 0 lets the system choose.

        Returns:
            The port.

        Raises:
            InputError: when the port cannot be had.
        """
        listening = _bind(port)
        self._port = int(listening.getsockname()[1])
        loop = asyncio.get_running_loop()
        serving = loop.create_task(self._uvicorn.serve([listening]))
        self._tasks = [serving, loop.create_task(self._queue.work())]
        listens = loop.create_task(self._uvicorn.listens.wait())
        await asyncio.wait({serving, listens}, return_when=asyncio.FIRST_COMPLETED)
        listens.cancel()
        if serving.done():
            await serving
        return self._port

    async def failed(self) -> None:
        """Wait until a part of the server ends by itself, which only a mistake of ours can cause.

        Raises:
            Exception: that mistake.
        """
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task

    async def stop(self) -> None:
        """Answer what has come in, run what was promised, then let go of the port."""
        tasks, self._tasks = self._tasks, []
        if not tasks:
            return
        serving, working = tasks
        self._uvicorn.should_exit = True
        try:
            await serving
            await self._queue.close()
            await working
        finally:
            working.cancel()
            serving.cancel()
            await asyncio.gather(serving, working, return_exceptions=True)


def _bind(port: int) -> socket.socket:
    # Named as TCP, or asyncio would not switch Nagle's waiting off: 40 ms for every reply.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            # Windows: without it, two servers could share a port.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.setblocking(False)
    except (OSError, OverflowError) as wrong:
        listening.close()
        reason = getattr(wrong, "strerror", None) or str(wrong)
        raise InputError(
            f"cannot listen on 127.0.0.1:{port}: {reason}",
            "choose another port, or 0 for any that is free",
        ) from None
    return listening
