"""The wire tier: a real HTTP/1.1 client over a network that follows a script. No socket, no sleep.

Only httpcore's public interfaces are used. Its h11 connection decodes the script's bytes and is
given the caller's own time-outs; a wait that is longer ends in the exception that a socket would
end in, and only the script's virtual clock moves.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import httpcore
import httpx

from sandbox.mocks.faults import Fault
from sandbox.mocks.script import Late, Playback, Torn

__all__ = ["ScriptedTransport", "root_of"]

_RAISED: Final[tuple[tuple[type[Exception], type[httpx.TransportError]], ...]] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.ReadTimeout, httpx.ReadTimeout),
    (httpcore.WriteTimeout, httpx.WriteTimeout),
    (httpcore.PoolTimeout, httpx.PoolTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.ReadError, httpx.ReadError),
    (httpcore.WriteError, httpx.WriteError),
    (httpcore.ProxyError, httpx.ProxyError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
    (httpcore.LocalProtocolError, httpx.LocalProtocolError),
    (httpcore.RemoteProtocolError, httpx.RemoteProtocolError),
)


class _Stream(httpcore.AsyncNetworkStream):
    """One connection; TLS adds nothing to it."""

    def __init__(self, playback: Playback, fault: Fault) -> None:
        self._playback = playback
        self._fault = fault

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """The script's next bytes.

        Raises:
            httpcore.ReadTimeout: when the script waits longer.
            httpcore.ReadError: when it resets the connection.
        """
        try:
            return self._playback.read(max_bytes, _us(timeout))
        except Late:
            raise httpcore.ReadTimeout from None
        except Torn:
            raise httpcore.ReadError(self._fault.detail) from None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Taken as it is.

        Raises:
            httpcore.WriteTimeout: when the script does not read.
        """
        if self._playback.script.reads:
            return
        try:
            self._playback.hold(_us(timeout))
        except Late:
            raise httpcore.WriteTimeout from None

    async def aclose(self) -> None:
        """Nothing is open."""

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """This stream itself: what matters of TLS is whether the handshake succeeds."""
        return self

    def get_extra_info(self, info: str) -> None:
        """Nothing is known of a network that is not there."""


class _Network(httpcore.AsyncNetworkBackend):
    """Connects anybody to the script."""

    def __init__(self, playback: Playback, fault: Fault) -> None:
        self._playback = playback
        self._fault = fault

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[object] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection, or the script's failure to make one; of TLS too, whatever the scheme.

        Raises:
            httpcore.ConnectTimeout: when it takes longer than is waited.
            httpcore.ConnectError: in any other case.
        """
        playback, fault = self._playback, self._fault
        script = playback.script
        if not (script.no_connection or script.no_handshake):
            return _Stream(playback, fault)
        try:
            if fault.takes_whole_timeout:
                playback.hold(_us(timeout))
            playback.wait(_us(timeout))
        except Late:
            raise httpcore.ConnectTimeout from None
        text = fault.text(host)
        try:
            raise root_of(fault.kind or "", text)
        except OSError:
            raise httpcore.ConnectError(text) from None

    async def sleep(self, seconds: float) -> None:
        """Never: there is nothing to wait for."""


class ScriptedTransport(httpx.AsyncBaseTransport):
    """httpx's seam over httpcore: one connection, for one request.

    A pool would find the same connection: it only costs more.
    """

    def __init__(self, playback: Playback, fault: Fault) -> None:
        """``playback`` is what the network does, under this fault."""
        self._network = _Network(playback, fault)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What the real parser makes of the script.

        Raises:
            httpx.TransportError: as over a socket.
        """
        assert isinstance(request.stream, httpx.AsyncByteStream)
        url = request.url
        core = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={name: request.extensions[name] for name in ("timeout", "target")},
        )
        connection = httpcore.AsyncHTTPConnection(
            core.url.origin,
            # Never used for a handshake: it keeps httpcore from reading certificates.
            ssl_context=_context(),
            network_backend=self._network,
        )
        with _as_httpx():
            response = await connection.handle_async_request(core)
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response), request=request
        )


class _Body(httpx.AsyncByteStream):
    """A response's body, its exceptions those of httpx."""

    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for part in self._response.aiter_stream():
                yield part

    async def aclose(self) -> None:
        with _as_httpx():
            await self._response.aclose()


def root_of(kind: str, text: str) -> OSError:
    """What lies below a ConnectError of this kind in real life."""
    if kind == "dns":
        return socket.gaierror(socket.EAI_NONAME, text)
    if kind == "tls":
        return ssl.SSLError(1, text)
    return ConnectionRefusedError(text)


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        for ours, theirs in _RAISED:
            if isinstance(error, ours):
                raise theirs(str(error)) from error
        raise


def _us(timeout_s: float | None) -> int | None:
    return None if timeout_s is None else round(timeout_s * 1_000_000.0)


@cache
def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
