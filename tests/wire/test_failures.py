"""Each status and each failure over a real socket, and the same through the mock."""

from __future__ import annotations

import ssl

import pytest

from sandbox.mocks.faults import find_fault
from sandbox.model.exchange import Answer
from sandbox.wire.live import LiveAnswerer
from sandbox.wire.mocked import MockedAnswerer
from tests.mocks.calls import call, rules
from tests.wire.loopback import (
    CERTIFICATES,
    Behaviour,
    answer,
    closed_port,
    loopback,
    says,
    says_then_holds,
    says_then_resets,
)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MOST = 100_000


async def live(url: str, body: bytes = b"{}", tls: ssl.SSLContext | None = None) -> Answer:
    answerer = LiveAnswerer(["127.0.0.1", "nowhere.invalid"], tls=tls)
    try:
        return await answerer.answer(call(url, body=body, timeout_s=0.2, max_received=MOST))
    finally:
        await answerer.close()


async def mocked(fault: str) -> Answer:
    answerer = MockedAnswerer.of(rules([{"fault": fault}]))
    try:
        return await answerer.answer(call(timeout_s=0.2, max_received=MOST))
    finally:
        await answerer.close()


async def compare(name: str, got: Answer) -> None:
    """The live failure is the catalogue's, and so is the mocked one."""
    fault = find_fault(name)
    assert got.status is None
    assert got.error is not None
    assert got.error[:2] == (fault.kind, fault.phase), got.error.message
    assert got.source == "live"
    assert got.rule is None
    assert got.took_ms > 0
    assert len(got.error.message) > 20
    played = await mocked(name)
    assert played.error is not None
    assert played.error[:2] == (fault.kind, fault.phase), played.error.message
    assert played.source == "mock"
    assert played.status is None
    # Both name the exception, or both say that our own cap ended the call.
    assert fault.raised in got.error.message
    assert fault.raised in played.error.message


@pytest.mark.parametrize("status", [200, 204, 302, 404, 429, 500, 503])
async def test_status(status: int) -> None:
    body = b"" if status == 204 else b'{"ok":true}'
    async with loopback(answer(status, body, "Content-Type: application/json")) as server:
        got = await live(server.url)
        assert (got.status, got.body, got.error) == (status, body, None)
        assert server.requests == 1
    item = {"status": status, "json": {"ok": True}}
    answerer = MockedAnswerer.of(rules([item]))
    played = await answerer.answer(call())
    await answerer.close()
    assert (played.status, played.body, played.error) == (status, body, None)


GZIP_BROKEN = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 20


@pytest.mark.parametrize(
    ("name", "behaviour"),
    [
        ("reset", says_then_resets(b"")),
        ("empty_response", says(b"")),
        ("garbage", says(b"\x00\x01\x02 not HTTP\r\n\r\n")),
        ("bad_status_line", says(b"HTTP/1.1 2000 OK\r\n\r\n")),
        ("bad_header", says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n")),
        ("headers_too_big", says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n")),
        ("read_timeout", says_then_holds(b"")),
        ("read_timeout_mid_body", says_then_holds(HEAD + b'{"id')),
        ("reset_mid_body", says_then_resets(HEAD + b'{"id')),
        ("truncated", says(HEAD + b'{"id')),
        ("truncated_chunked", says(CHUNKED + b'4\r\n{"id\r\n')),
        ("bad_chunk", says(CHUNKED + b"zz\r\nwhat\r\n")),
        ("gzip_corrupt", answer(200, GZIP_BROKEN, "Content-Encoding: gzip")),
        ("huge", says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST + 1))),
        ("huge", answer(200, b"x" * (MOST + 1))),
    ],
)
async def test_fault(name: str, behaviour: Behaviour) -> None:
    async with loopback(behaviour) as server:
        await compare(name, await live(server.url))
        assert server.requests == 1


async def test_refused() -> None:
    await compare("refused", await live(f"http://127.0.0.1:{closed_port()}/"))


async def test_dns() -> None:
    await compare("dns", await live("http://nowhere.invalid/"))


async def test_a_server_that_does_not_read() -> None:
    async with loopback(says_then_holds(b""), read=False) as server:
        await compare("write_timeout", await live(server.url, b"x" * 30_000_000))


async def test_a_handshake_that_stalls() -> None:
    async with loopback(says_then_holds(b""), read=False) as server:
        await compare("tls_stall", await live(server.url.replace("http:", "https:")))


async def test_plain_http_where_tls_is_expected() -> None:
    async with loopback(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), read=False) as server:
        got = await live(server.url.replace("http:", "https:"))
        await compare("tls_not_tls", got)


async def test_a_handshake_that_breaks_off() -> None:
    async with loopback(says_then_resets(b""), read=False) as server:
        got = await live(server.url.replace("http:", "https:"))
        assert got.error is not None
        assert got.error[:2] == ("tls", "connect")


@pytest.mark.parametrize(
    ("name", "certificate", "trusted", "words"),
    [
        ("tls_untrusted", "good", "", "self-signed"),
        ("tls_expired", "expired", "expired", "expired"),
        ("tls_hostname", "other", "other", "not valid for '127.0.0.1'"),
    ],
)
async def test_certificates(name: str, certificate: str, trusted: str, words: str) -> None:
    tls = ssl.create_default_context(cafile=CERTIFICATES / f"{trusted}.pem") if trusted else None
    async with loopback(answer(200), certificate=certificate) as server:
        got = await live(server.url, tls=tls)
        await compare(name, got)
        assert got.error is not None
        assert words in got.error.message
        assert server.requests == 0


async def test_a_certificate_that_is_trusted() -> None:
    tls = ssl.create_default_context(cafile=CERTIFICATES / "good.pem")
    async with loopback(answer(200, b"{}"), certificate="good") as server:
        assert (await live(server.url, tls=tls)).status == 200
        assert server.requests == 1
