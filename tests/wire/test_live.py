from __future__ import annotations

import asyncio
import gzip

import pytest

from sandbox.errors import LiveRefused
from sandbox.model.base import Json
from sandbox.wire.live import LiveAnswerer
from tests.mocks.calls import call
from tests.wire.loopback import Connection, answer, loopback, says, says_then_holds

ALLOWED = ["127.0.0.1"]
OK = answer(200, b"{}")


@pytest.mark.parametrize(
    ("send", "expected", "body"),
    [
        (
            {"headers": (("X-One", "1"), ("content-type", "application/json"), ("X-One", "2"))},
            "POST /hook HTTP/1.1\r\nHost: {host}\r\nX-One: 1\r\n"
            "content-type: application/json\r\nX-One: 2\r\nContent-Length: 7\r\n\r\n",
            b'{"a":1}',
        ),
        ({"method": "GET", "headers": (), "body": b""},
         "GET /hook HTTP/1.1\r\nHost: {host}\r\n\r\n", b""),
        ({"method": "put", "headers": (), "body": b""},
         "PUT /hook HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n", b""),
        ({"method": "DELETE", "headers": (("Content-Length", "1"),), "body": b"x"},
         "DELETE /hook HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\n\r\n", b"x"),
        ({"method": "GET", "headers": (("A", "b"), ("HOST", "other.test")), "body": b""},
         "GET /hook HTTP/1.1\r\nHOST: other.test\r\nA: b\r\n\r\n", b""),
    ],
)  # fmt: skip
async def test_exactly_these_bytes_arrive(
    send: dict[str, Json], expected: str, body: bytes
) -> None:
    async with loopback(OK) as server:
        answerer = LiveAnswerer(ALLOWED)
        assert (await answerer.answer(call(server.url, **send))).status == 200
        await answerer.close()
        assert server.heads == [expected.format(host=server.host).encode()]
        assert server.bodies == [body]


async def test_the_target_arrives_as_written() -> None:
    target = "/a/../b//c%2fd;x='y'?q=%C3%A9&q=a+b|c&&e="
    async with loopback(OK) as server:
        answerer = LiveAnswerer(ALLOWED)
        await answerer.answer(call(f"http://{server.host}{target}#not-sent"))
        await answerer.close()
        assert server.heads[0].split(b" ")[1] == target.encode()


@pytest.mark.parametrize("allowed", [[], ["127.0.0.2"], ["127.0.0.1:1"], ["127.0.0.1.test"]])
async def test_a_host_that_is_not_allowed_is_refused_and_nothing_sent(allowed: list[str]) -> None:
    async with loopback(OK) as server:
        answerer = LiveAnswerer(allowed)
        with pytest.raises(LiveRefused) as refused:
            await answerer.answer(call(server.url))
        await answerer.close()
        assert refused.value.hint == f"allow it with --allow-host {server.host}"
        assert refused.value.exit_code == 4
        assert server.connections == 0


async def test_hosts_may_be_written_with_a_port_or_as_an_origin() -> None:
    async with loopback(OK, keep=True) as server:
        for allowed in (server.host, "127.0.0.1", f" http://{server.host}/ "):
            answerer = LiveAnswerer([allowed])
            assert (await answerer.answer(call(server.url))).status == 200
            await answerer.close()


async def test_a_redirect_to_a_host_that_is_not_allowed_is_an_answer() -> None:
    async with loopback(OK) as server:
        answerer = LiveAnswerer(["elsewhere.test"])
        got = await answerer.answer(call(server.url, hop=1))
        assert got.error is not None
        assert got.error[:2] == ("bad_redirect", "redirect")
        assert "nothing was sent there" in got.error.message
        assert server.connections == 0


async def test_what_cannot_be_sent_is_an_answer_and_opens_no_connection() -> None:
    async with loopback(OK) as server:
        answerer = LiveAnswerer(ALLOWED)
        got = await answerer.answer(call(server.url, headers=(("A", "b\r\nC: d"),)))
        assert got.error is not None
        assert got.error[:2] == ("unsendable", "build")
        got = await answerer.answer(call("nowhere"))
        assert got.error is not None
        assert got.error[:2] == ("invalid_url", "build")
        await answerer.close()
        assert server.connections == 0


async def test_redirects_are_not_followed_even_where_they_lead_nowhere() -> None:
    for place in ("/elsewhere", "http://[bad", "http://\u00e9", ""):
        async with loopback(answer(302, b"", f"Location: {place}")) as server:
            answerer = LiveAnswerer(ALLOWED)
            got = await answerer.answer(call(server.url))
            await answerer.close()
            assert (got.status, got.error) == (302, None)
            assert got.headers[0] == ("Location", place)
            assert server.requests == 1


async def test_cookies_are_not_kept_and_proxies_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with loopback(answer(200, b"{}", "Set-Cookie: a=b"), keep=True) as server:
        answerer = LiveAnswerer(ALLOWED)
        for _ in range(2):
            got = await answerer.answer(call(server.url))
            assert ("Set-Cookie", "a=b") in got.headers
        await answerer.close()
        assert server.heads[0] == server.heads[1]
        assert b"ookie" not in server.heads[1]
        assert server.connections == 1


async def test_a_connection_the_server_closed_meanwhile_is_not_used_again() -> None:
    async with loopback(OK) as server:
        answerer = LiveAnswerer(ALLOWED)
        for _ in range(3):
            assert (await answerer.answer(call(server.url))).status == 200
            await asyncio.sleep(0.02)
        await answerer.close()
        assert (server.requests, server.connections) == (3, 3)


async def test_many_at_once_share_the_connections() -> None:
    async with loopback(OK, keep=True) as server:
        answerer = LiveAnswerer(ALLOWED, connections=5)
        got = await asyncio.gather(*(answerer.answer(call(server.url)) for _ in range(40)))
        await answerer.close()
        assert [one.status for one in got] == [200] * 40
        assert server.requests == 40
        assert server.connections <= 5


async def test_a_call_that_finds_no_free_connection_times_out() -> None:
    async with loopback(says_then_holds(b"")) as server:
        answerer = LiveAnswerer(ALLOWED, connections=1)
        first = asyncio.create_task(answerer.answer(call(server.url)))
        await server.seen.wait()
        got = await answerer.answer(call(server.url, timeout_s=0.1))
        assert got.error is not None
        assert got.error[:2] == ("pool_timeout", "connect")
        assert "0.1 s" in got.error.message
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        # The cancelled call gave its connection back.
        got = await answerer.answer(call(server.url, timeout_s=0.1))
        assert got.error is not None
        assert got.error[:2] == ("read_timeout", "head")
        await answerer.close()


async def test_one_connection_serves_one_origin_after_the_other() -> None:
    async with loopback(OK, keep=True) as one, loopback(OK, keep=True) as other:
        answerer = LiveAnswerer(ALLOWED, connections=1)
        for server in (one, other, one, one):
            assert (await answerer.answer(call(server.url))).status == 200
        await answerer.close()
        assert (one.connections, other.connections) == (2, 1)


async def test_a_closed_answerer_can_be_used_again() -> None:
    async with loopback(OK) as server:
        answerer = LiveAnswerer(ALLOWED)
        await answerer.close()
        for _ in range(2):
            assert (await answerer.answer(call(server.url))).status == 200
            await answerer.close()


async def test_closing_while_a_call_is_under_way() -> None:
    async def drip(connection: Connection) -> None:
        await connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
        await asyncio.sleep(0.1)
        await connection.write(b"}")

    async with loopback(drip, keep=True) as server:
        answerer = LiveAnswerer(ALLOWED)
        task = asyncio.create_task(answerer.answer(call(server.url)))
        await server.seen.wait()
        await asyncio.sleep(0.05)
        await answerer.close()
        assert (await task).body == b"{}"


async def test_bodies_that_only_look_like_bodies() -> None:
    odd = says(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello")
    async with loopback(odd) as server:
        answerer = LiveAnswerer(ALLOWED)
        got = await answerer.answer(call(server.url))
        await answerer.close()
        assert (got.status, got.body) == (204, b"")
    big = says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
    async with loopback(big) as server:
        answerer = LiveAnswerer(ALLOWED)
        got = await answerer.answer(call(server.url, method="HEAD", body=b"", max_received=10))
        await answerer.close()
        assert (got.status, got.body) == (200, b"")


async def test_gzip_is_undone_and_capped_after_undoing() -> None:
    packed = gzip.compress(b"x" * 1000)
    async with loopback(answer(200, packed, "Content-Encoding: gzip"), keep=True) as server:
        answerer = LiveAnswerer(ALLOWED)
        got = await answerer.answer(call(server.url, max_received=1000))
        assert got.body == b"x" * 1000
        assert ("Content-Encoding", "gzip") in got.headers
        got = await answerer.answer(call(server.url, max_received=999))
        assert got.error is not None
        assert got.error[:2] == ("too_large", "body")
        await answerer.close()


async def test_headers_that_are_not_ascii_are_read() -> None:
    async with loopback(says(b"HTTP/1.1 200 \xc3\xa9\r\nX: \xc3\xa9\r\nY: \xe9\r\n\r\n")) as server:
        answerer = LiveAnswerer(ALLOWED)
        got = await answerer.answer(call(server.url))
        await answerer.close()
        assert got.headers == (("X", "é"), ("Y", "é"))
