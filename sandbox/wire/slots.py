"""Connections for live calls: many transports of one connection each.

httpcore 1.0.9 looks through all connections for every idle one at every assignment, which makes its
pool quadratic (encode/httpx#3215, encode/httpcore#1035: at 50 connections most of the time goes
there). One connection per pool, and a list of idle pools kept here, costs the same at any number.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

__all__ = ["Slots"]

_Origin = tuple[str, str, int | None]
_KEEP_S = 2.0
"""Idle connections live shorter than the five seconds many servers give them, so that a request
hardly ever meets a connection that is just being closed."""


class _Slot:
    """One transport with room for one connection."""

    __slots__ = ("origin", "transport")

    def __init__(self, origin: _Origin, transport: httpx.AsyncHTTPTransport) -> None:
        self.origin = origin
        self.transport = transport


class _Held(httpx.AsyncByteStream):
    """A response's stream that gives its slot back when it is closed."""

    def __init__(self, inner: httpx.AsyncByteStream, done: Callable[[], Awaitable[None]]) -> None:
        self._inner = inner
        self._done: Callable[[], Awaitable[None]] | None = done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._inner:
            yield part

    async def aclose(self) -> None:
        done, self._done = self._done, None
        if done is not None:
            try:
                await self._inner.aclose()
            finally:
                await done()


class Slots(httpx.AsyncBaseTransport):
    """A transport that lends each request a connection of its own."""

    def __init__(self, connections: int, context: Callable[[], ssl.SSLContext]) -> None:
        """At most ``connections`` at a time; ``context`` is asked once, at the first https call."""
        self._room = asyncio.Semaphore(connections)
        self._connections = connections
        self._make_context = context
        self._secure: ssl.SSLContext | None = None
        # Never used for a connection: it only keeps httpx from reading certificates for http.
        self._plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._idle: OrderedDict[_Origin, list[_Slot]] = OrderedDict()
        self._count = 0
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on an idle connection to the same origin, else on a new one.

        Raises:
            httpx.PoolTimeout: when no connection came free in time.
        """
        await self._wait(request)
        slot: _Slot | None = None
        try:
            slot = await self._take((request.url.scheme, request.url.raw_host.decode("ascii"),
                                     request.url.port))  # fmt: skip
            response = await slot.transport.handle_async_request(request)
        except BaseException:
            self._give_back(slot)
            raise
        taken = slot

        async def done() -> None:
            self._give_back(taken)
            if self._closed:
                await self.aclose()

        assert isinstance(response.stream, httpx.AsyncByteStream)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Held(response.stream, done),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every idle connection, now and when a busy one is given back."""
        self._closed = True
        waiting = [slot for slots in self._idle.values() for slot in slots]
        self._idle.clear()
        self._count -= len(waiting)
        for slot in waiting:
            await slot.transport.aclose()

    async def _wait(self, request: httpx.Request) -> None:
        if not self._room.locked():
            await self._room.acquire()
            return
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("pool")):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("") from None

    async def _take(self, origin: _Origin) -> _Slot:
        same = self._idle.get(origin)
        if same:
            slot = same.pop()
            if not same:
                del self._idle[origin]
            return slot
        if self._count >= self._connections and self._idle:
            oldest, slots = next(iter(self._idle.items()))
            stale = slots.pop(0)
            if not slots:
                del self._idle[oldest]
            self._count -= 1
            await stale.transport.aclose()
        transport = httpx.AsyncHTTPTransport(
            verify=self._context(origin[0] == "https"),
            trust_env=False,
            limits=httpx.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEEP_S
            ),
        )
        self._count += 1
        return _Slot(origin, transport)

    def _give_back(self, slot: _Slot | None) -> None:
        if slot is not None:
            self._idle.setdefault(slot.origin, []).append(slot)
            self._idle.move_to_end(slot.origin)
        self._room.release()

    def _context(self, secure: bool) -> ssl.SSLContext:
        if not secure:
            return self._plain
        if self._secure is None:
            self._secure = self._make_context()
        return self._secure
