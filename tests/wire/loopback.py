"""A server on 127.0.0.1 that writes any bytes, and remembers exactly what it was sent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

CERTIFICATES = Path(__file__).parent / "certificates"

Behaviour = Callable[["Connection"], Awaitable[None]]


class Connection:
    def __init__(self, server: Loopback, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self._writer = writer

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def hold(self) -> None:
        """Stay silent until the test is over."""
        await self.server.over.wait()

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        opened = self._writer.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class Loopback:
    """Answers every request by ``behaviour``, then hangs up unless ``keep`` is set."""

    def __init__(self, behaviour: Behaviour, *, keep: bool = False, read: bool = True) -> None:
        self.behaviour = behaviour
        self.keep = keep
        self.read = read
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.over = asyncio.Event()
        self.seen = asyncio.Event()
        self.port = 0
        self.scheme = "http"
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}/hook"

    @property
    def requests(self) -> int:
        return len(self.heads)

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                if self.read:
                    await self._read(reader)
                await self.behaviour(Connection(self, writer))
                if not self.keep:
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head)
        self.seen.set()
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        self.bodies.append(await reader.readexactly(length))

    async def stop(self) -> None:
        self.over.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def loopback(
    behaviour: Behaviour, *, keep: bool = False, read: bool = True, certificate: str = ""
) -> AsyncIterator[Loopback]:
    made = Loopback(behaviour, keep=keep, read=read)
    tls = None
    if certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        made.scheme = "https"
    server = await asyncio.start_server(made.connected, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.stop()
        await server.wait_closed()


def says(data: bytes) -> Behaviour:
    """Write these bytes."""

    async def behave(connection: Connection) -> None:
        await connection.write(data)

    return behave


def says_then_holds(data: bytes) -> Behaviour:
    async def behave(connection: Connection) -> None:
        await connection.write(data)
        await connection.hold()

    return behave


def says_then_resets(data: bytes) -> Behaviour:
    async def behave(connection: Connection) -> None:
        if data:
            await connection.write(data)
            # Let the client read the head before the reset throws it away.
            await asyncio.sleep(0.05)
        connection.reset()

    return behave


def answer(status: int, body: bytes = b"", *headers: str) -> Behaviour:
    """A whole answer with its length."""
    lines = [f"HTTP/1.1 {status} X", *headers]
    if status != 204:
        lines.append(f"Content-Length: {len(body)}")
    return says("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


async def by_status(connection: Connection) -> None:
    """Answer with the status that the path names, and a small body where one is allowed."""
    head = connection.server.heads[-1]
    status = int(head.split(b" ")[1].rsplit(b"/", 1)[1])
    body = b"" if status in (204, 304) else b'{"ok":true}'
    await connection.write(
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n".encode()
        + (f"Content-Length: {len(body)}\r\n\r\n".encode() if body else b"\r\n")
        + body
    )


def proxy_that_wants_credentials() -> Behaviour:
    return says(
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
        b"Content-Length: 0\r\n\r\n"
    )


@contextlib.contextmanager
def full_port() -> Iterator[int]:
    """A port whose queue of new connections is full: the next one is never answered (Linux)."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = int(listening.getsockname()[1])
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])
