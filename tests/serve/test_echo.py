from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from sandbox.errors import InputError
from sandbox.model.base import Json
from sandbox.serve.echo import EchoServer, RequestSeen
from sandbox.serve.http1 import Incoming, Limits

SMALL = Limits(head=2_000, body=10_000, connections=3, idle_s=0.1)


class Echo:
    """A server under test, and what it reported."""

    def __init__(self) -> None:
        self.seen: list[RequestSeen] = []
        self.server = EchoServer(self.seen.append, limits=SMALL)
        self.port = 0

    async def say(self, data: bytes, *, end: bool = True) -> bytes:
        """Everything that comes back on one connection until it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            if end:
                writer.write_eof()
            return await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()

    async def ask(self, target: str, method: str = "GET", body: bytes = b"") -> Reply:
        head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        return Reply(await self.say(head.encode() + body))


class Reply:
    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = dict(line.split(": ", 1) for line in lines[1:])

    @property
    def json(self) -> Json:
        return json.loads(self.body)


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    made.port = await made.server.start()
    yield made
    await made.server.stop()


@pytest.mark.parametrize("path", ["/post", "/anything", "/hook", "/customers/7/credit"])
@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "PATCH", "BREW"])
async def test_it_echoes_what_arrived(echo: Echo, path: str, method: str) -> None:
    reply = await echo.ask(f"{path}?q=1", method, '{"é":[1,18446744073709551617]}'.encode())
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json == {
        "method": method,
        "url": f"{echo.server.url}{path}?q=1",
        "headers": {"Host": "x", "Content-Length": "31"},
        "json": {"é": [1, 18446744073709551617]},
        "text": '{"é":[1,18446744073709551617]}',
    }
    assert echo.server.url == f"http://127.0.0.1:{echo.port}"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\xfa", b"NaN", b"[" * 5000, b'"\\ud800"'])
async def test_a_body_that_is_no_json_is_text(echo: Echo, body: bytes) -> None:
    reply = await echo.ask("/post", "POST", body)
    assert reply.status == 200
    assert reply.json["text"] == body.decode("utf-8", "replace")
    assert reply.json["json"] in (None, "\ud800")


async def test_a_deeply_nested_body_is_answered(echo: Echo) -> None:
    for depth in (100, 300, 900, 990, 2000):
        assert (await echo.ask("/post", "POST", b"[" * depth + b"]" * depth)).status == 200


@pytest.mark.parametrize("status", [200, 204, 302, 304, 404, 429, 500, 503, 599, 999])
async def test_status(echo: Echo, status: int) -> None:
    reply = await echo.ask(f"/status/{status}", "POST", b"{}")
    assert reply.status == status
    assert bool(reply.body) == (status not in (204, 304))


@pytest.mark.parametrize("path", ["/status/199", "/status/1000", "/status/x", "/status/"])
async def test_a_status_that_is_none_is_404_and_says_what_there_is(echo: Echo, path: str) -> None:
    reply = await echo.ask(path)
    assert reply.status == 404
    assert b"/slow?s=3" in reply.body


async def test_help(echo: Echo) -> None:
    reply = await echo.ask("/")
    assert reply.status == 200
    assert b"/redirect" in reply.body


@pytest.mark.parametrize(
    ("query", "status", "location"),
    [
        ("", 302, "/post"),
        ("?to=/anything%3Fa=1", 302, "/anything?a=1"),
        ("?to=http://api.test/%C3%A9&status=307", 307, "http://api.test/%C3%A9"),
        ("?to=/x%0d%0aX:%20y", 400, None),
        ("?status=200", 400, None),
    ],
)
async def test_redirect(echo: Echo, query: str, status: int, location: str | None) -> None:
    reply = await echo.ask(f"/redirect{query}")
    assert reply.status == status
    assert reply.headers.get("Location") == location
    assert "X" not in reply.headers


async def test_slow(echo: Echo) -> None:
    assert (await echo.ask("/slow?s=0.01")).json["method"] == "GET"
    for wrong in ("x", "-1", "61", "nan", "inf"):
        assert (await echo.ask(f"/slow?s={wrong}")).status == 400


async def test_slow_is_slower_than_a_short_timeout(echo: Echo) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(echo.ask("/slow"), 0.1)


async def test_every_request_is_reported_before_its_answer(echo: Echo) -> None:
    await echo.say(b"POST /status/503?a HTTP/1.1\r\nHost: x\r\nA: b\r\nA: c\r\n"
                   b"Content-Length: 2\r\n\r\nhi")  # fmt: skip
    headers = (("Host", "x"), ("A", "b"), ("A", "c"), ("Content-Length", "2"))
    assert echo.seen == [RequestSeen("POST", "/status/503?a", headers, b"hi", 503)]


async def test_a_connection_stays_for_the_next_request_until_told(echo: Echo) -> None:
    one = b"GET /status/201 HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /status/202 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    got = await echo.say(one + b"\r\n" + one + last + one, end=False)
    assert got.count(b"HTTP/1.1 201") == 2
    assert got.count(b"HTTP/1.1 202") == 1
    assert got.count(b"Connection: close") == 1
    assert len(echo.seen) == 3


async def test_http_1_0_closes(echo: Echo) -> None:
    got = await echo.say(b"GET /status/201 HTTP/1.0\r\n\r\n", end=False)
    assert b"Connection: close" in got


async def test_head_has_the_length_and_no_body(echo: Echo) -> None:
    reply = await echo.ask("/", "HEAD")
    assert reply.status == 200
    assert int(reply.headers["Content-Length"]) > 100
    assert reply.body == b""


async def test_chunks_are_put_together(echo: Echo) -> None:
    head = b"POST /post HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    got = Reply(await echo.say(head + b'3;x=y\r\n{"a\r\nA \r\n":1}      \r\n0\r\nT: x\r\n\r\n'))
    assert got.json["json"] == {"a": 1}


async def test_a_client_that_waits_to_be_told_to_go_on(echo: Echo) -> None:
    head = (
        b"POST /status/201 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.port)
    writer.write(head)
    assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
    writer.write(b"{}")
    writer.write_eof()
    assert b"HTTP/1.1 201" in await reader.read()
    writer.close()
    await writer.wait_closed()


GET = b"GET / HTTP/1.1\r\n"
POST = b"POST /post HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (b"GET / HTTP/1.1\nHost: x\n\n", 400),
        (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (GET + b"\r\n", 400),
        (GET + b"Host: x\r\nHost: y\r\n\r\n", 400),
        (GET + b"Host: x\r\nno colon\r\n\r\n", 400),
        (GET + b"Host: x\r\n folded: y\r\n\r\n", 400),
        (GET + b"Host : x\r\n\r\n", 400),
        (GET + b"Host: x\0\r\n\r\n", 400),
        (GET + b"Host: x", 400),
        (b"\r\n\r\n" + GET + b"Host: x\r\n\r\n", 400),
        (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (POST + b"Content-Length: -1\r\n\r\n", 400),
        (POST + b"Content-Length: +1\r\n\r\na", 400),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2711\r\n", 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 5000, 413),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 999, 431),
        (POST + b"Content-Length: 10001\r\n\r\n" + b"x" * 10_001, 413),
        (GET + b"A: " + b"x" * 3_000 + b"\r\n\r\n", 431),
        (GET + b"A: b\r\n" * 500 + b"\r\n", 431),
        (b"x" * 3_000, 431),
    ],
    ids=lambda value: repr(value)[-30:],
)
async def test_what_is_malformed_or_too_large_is_refused(
    echo: Echo, data: bytes, status: int
) -> None:
    reply = Reply(await echo.say(data))
    assert reply.status == status
    assert reply.headers["Connection"] == "close"
    assert reply.body.endswith(b"\n")
    assert echo.seen == []


async def test_a_target_that_cannot_be_read(echo: Echo) -> None:
    assert (await echo.ask("http://[/")).status == 400
    assert (await echo.ask("http://x/post")).json["url"] == "http://x/post"


async def test_a_client_that_stops_in_the_middle_is_let_go(echo: Echo) -> None:
    assert await echo.say(b"") == b""
    assert await echo.say(b"", end=False) == b""
    assert await echo.say(POST + b"Content-Length: 9\r\n\r\nab") == b""
    assert Reply(await echo.say(GET + b"Ho", end=False)).status == 408
    late = POST + b"Content-Length: 9\r\n\r\nab"
    assert Reply(await echo.say(late, end=False)).status == 408


async def test_too_many_connections(echo: Echo) -> None:
    opened = [await asyncio.open_connection("127.0.0.1", echo.port) for _ in range(3)]
    assert (await echo.ask("/")).status == 503
    for _, writer in opened:
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.05)
    assert (await echo.ask("/")).status == 200


async def test_a_port_that_is_taken(echo: Echo) -> None:
    with pytest.raises(InputError, match=f"cannot listen on 127.0.0.1:{echo.port}"):
        await EchoServer().start(echo.port)
    with pytest.raises(InputError, match="cannot listen"):
        await EchoServer().start(99_999)


async def test_stop_ends_what_is_open_and_may_be_repeated() -> None:
    server = EchoServer()
    port = await server.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /slow?s=60 HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(0.02)
    await server.stop()
    await server.stop()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", port)


def test_what_is_reported_is_plain_data() -> None:
    assert Incoming("GET", "/", (), b"", True).keep_alive
    assert Limits().body == 10_000_000
    assert Limits().head == 65_536
