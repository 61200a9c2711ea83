"""A port of 127.0.0.1 and the connections to it."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod

from sandbox.errors import InputError
from sandbox.serve.http1 import Limits, Refused

__all__ = ["Listener", "hang_up"]

_LINGER_S = 1.0


class Listener(ABC):
    """Listens between ``start`` and ``stop``. It belongs to one event loop."""

    hint = "choose another port, or 0 for any that is free"
    """What to do when the port cannot be had."""

    def __init__(self, limits: Limits) -> None:
        """``limits``: of one caller and of all."""
        self._limits = limits
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self, port: int = 0) -> int:
        """Listen; 0 lets the system choose.

        Returns:
            The port.

        Raises:
            InputError: when the port cannot be had.
        """
        try:
            self._server = await asyncio.start_server(
                self._connected, "127.0.0.1", port, limit=self._limits.head
            )
        except (OSError, OverflowError) as wrong:
            reason = getattr(wrong, "strerror", None) or str(wrong)
            raise InputError(f"cannot listen on 127.0.0.1:{port}: {reason}", self.hint) from None
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    async def stop(self) -> None:
        """Stop listening and drop what is open."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._attend(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from the first request until it is closed."""
        try:
            if len(self._tasks) > self._limits.connections:
                raise Refused(503, "too many connections are open")
            await self.serve(reader, writer)
        except Refused as refused:
            with contextlib.suppress(OSError):
                await self.refuse(reader, writer, refused)
        except TimeoutError:
            # The caller does not read its answer; waiting for the rest to go out would not end.
            writer.transport.abort()
        except OSError:
            pass  # the caller has gone; not every system calls that a ConnectionError
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection.

        Raises:
            Refused: for one that shall not be answered.
            OSError: when the caller has gone.
            TimeoutError: when the caller does not read.
        """

    @abstractmethod
    async def refuse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refused: Refused
    ) -> None:
        """Say why, and hang up."""


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close, without cutting off a caller that is still sending or reading."""
    with contextlib.suppress(OSError):  # it has gone, or does not end in time: all the same
        async with asyncio.timeout(_LINGER_S):
            await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()
            # Closing with unread bytes would reset the connection and lose the answer.
            while await reader.read(65_536):
                pass
