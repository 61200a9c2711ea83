"""Each fault and each status over a real socket, and the same through every delivery that plays it.

The bytes of the real endpoint are written by hand here, so that they are no copy of the scripts.
"""

from __future__ import annotations

import gzip
import ssl
import sys
from typing import NamedTuple

import httpx
import pytest

from sandbox.mocks.engine import MockEngine
from sandbox.mocks.faults import DELIVERIES, FAULTS, Delivery, find_fault
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail
from sandbox.serve.rules_server import RulesServer
from sandbox.wire.errors import fail_from
from sandbox.wire.live import LiveAnswerer
from sandbox.wire.mocked import MockedAnswerer, MockLine
from tests.mocks.calls import call, rules
from tests.wire.loopback import (
    CERTIFICATES,
    Behaviour,
    Connection,
    answer,
    by_status,
    closed_port,
    full_port,
    loopback,
    proxy_that_wants_credentials,
    says,
    says_then_holds,
    says_then_resets,
)

BODY = b'{"id":1,"status":"ok"}'
HALF = BODY[:11]
TYPE = "Content-Type: application/json"
START = f"HTTP/1.1 200 OK\r\n{TYPE}\r\n".encode()
HEAD = START + b"Content-Length: 22\r\n\r\n"
CHUNKED = START + b"Transfer-Encoding: chunked\r\n\r\n"
MOST = 100_000
SHORT_S = 0.4
"""What a caller waits where the time-out is the matter; elsewhere a busy machine gets more."""
PARAMETERS: dict[str, dict[str, Json]] = {
    "drip": {"drip": {"bytes": 8, "every_ms": 10}},
    "bandwidth": {"bytes_per_s": 500},
}
"""So that a real endpoint need not take long."""


class Met(NamedTuple):
    """What a caller meets, whoever plays it."""

    kind: str
    phase: str
    status: int | None
    body: bytes
    received: int
    headers: dict[str, str]
    """Of a whole answer: those that tell something of it."""


def met(got: Answer) -> Met:
    error = got.error or Fail("", "head", "")
    told = {name.lower(): value for name, value in got.headers}
    kept = {name: value for name, value in told.items() if name in ("content-type", "location")}
    return Met(error.kind, error.phase, got.status, got.body, got.received, kept)


def patience(name: str) -> float:
    return SHORT_S if find_fault(name).takes_whole_timeout else 20.0


async def live(
    url: str, body: bytes = b"{}", tls: ssl.SSLContext | None = None, limit_s: float = 20.0
) -> Answer:
    answerer = LiveAnswerer(["127.0.0.1", "nowhere.invalid"], tls=tls)
    try:
        return await answerer.answer(call(url, body=body, timeout_s=limit_s, max_received=MOST))
    finally:
        await answerer.close()


async def play(delivery: Delivery, item: Json, url: str, limit_s: float) -> Answer:
    """One item through one delivery, to a caller who calls this URL."""
    send = call(url, body=b"{}", timeout_s=limit_s, max_received=MOST)
    rule_set = rules([item])
    if delivery == "pure":
        return MockEngine(rule_set).session().answer(send)
    if delivery == "server":
        server = RulesServer(rule_set, 42, lambda: 0)
        await server.start()
        try:
            return await live(server.url + "/hook", limit_s=limit_s)
        finally:
            await server.stop()
    line = MockLine(wire=delivery == "wire")
    try:
        return await MockedAnswerer(MockEngine(rule_set).session(), line).answer(send)
    finally:
        await line.client.aclose()


async def compare(name: str, got: Answer, url: str = "http://api.test/hook") -> None:
    """The live outcome is the catalogue's, and so is that of every delivery."""
    fault = find_fault(name)
    assert got.source == "live"
    assert got.rule is None
    assert got.took_ms > 0
    expected = met(got)
    if fault.kind is not None:
        assert got.error is not None
        assert (got.status, expected[:2]) == (None, (fault.kind, fault.phase)), got.error.message
        assert len(got.error.message) > 20
    item = {"fault": name, **PARAMETERS.get(name, {})}
    assert set(fault.deliveries) <= set(DELIVERIES)
    for delivery in fault.deliveries:
        played = await play(delivery, item, url, patience(name))
        found = met(played)
        if "location" in found.headers:
            # The loop leads to where the caller was.
            expected = expected._replace(headers=found.headers)
        assert found == expected, delivery
        assert played.source == {"pure": "model", "server": "live"}.get(delivery, "mock")
        if fault.kind is not None and played.error is not None and got.error is not None:
            # Both name the exception, or both say that our own cap ended the call.
            assert fault.raised in got.error.message
            assert fault.raised in played.error.message


@pytest.mark.parametrize(
    "statuses",
    [
        [200, 201, 203, 204, 205, 206, 226, 300, 301, 304, 305, 308, 399, 400, 407, 408, 418, 425,
         451, 460, 499, 500, 511, 529, 599, 999],
        pytest.param([*range(200, 600)], marks=pytest.mark.slow),
    ],
    ids=["some", "all"],
)  # fmt: skip
async def test_a_status_is_the_same_everywhere(statuses: list[int]) -> None:
    # Through the parser as a drip that takes no time.
    plain = [{"status": status, "json": {"ok": True}} for status in statuses]
    slow: list[Json] = [
        {**item, "fault": "drip", "drip": {"bytes": 99, "every_ms": 0}} for item in plain
    ]
    pure, respx, wire = (
        MockEngine(rules(plain)).session(),
        MockedAnswerer.of(rules(plain)),
        MockedAnswerer.of(rules(slow)),
    )
    served = RulesServer(rules(plain), 42, lambda: 0)
    await served.start()
    real = LiveAnswerer(["127.0.0.1"])
    async with loopback(by_status, keep=True) as server:
        for status in statuses:
            expected = met(await real.answer(call(f"{server.url}/{status}")))
            assert expected.status == status
            if status in (204, 304):
                expected = expected._replace(headers={})
            for got in (
                pure.answer(call()),
                await respx.answer(call()),
                await wire.answer(call()),
                await real.answer(call(served.url)),
            ):
                found = met(got)
                if status in (204, 304):
                    found = found._replace(headers={})
                assert found == expected, got
        assert server.connections == 1
    for answerer in (respx, wire, real):
        await answerer.close()
    await served.stop()


GZIP = gzip.compress(BODY, mtime=0)
GZIP_BROKEN = GZIP[:10] + b"\xff" * (len(GZIP) - 10)


async def in_pieces(connection: Connection) -> None:
    await connection.write(HEAD)
    for at in range(0, len(BODY), 5):
        await connection.write(BODY[at : at + 5])


SIGN_IN = FAULTS["html_instead"].body
ERROR = FAULTS["error_in_200"].body


REAL: list[tuple[str, Behaviour]] = [
    ("reset", says_then_resets(b"")),
    ("empty_response", says(b"")),
    ("garbage", says(b"\x00\x01\x02 not HTTP\r\n\r\n")),
    ("bad_status_line", says(b"HTTP/1.1 2000 OK\r\n\r\n")),
    ("bad_header", says(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n")),
    ("headers_too_big", says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n")),
    ("unasked_101", says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                         b"Connection: Upgrade\r\n\r\n")),
    ("read_timeout", says_then_holds(b"")),
    ("read_timeout_mid_body", says_then_holds(HEAD + HALF)),
    ("reset_mid_body", says_then_resets(HEAD + HALF)),
    ("truncated", says(HEAD + HALF)),
    ("truncated_chunked", says(CHUNKED + b"16\r\n" + HALF)),
    ("bad_chunk", says(CHUNKED + b"b\r\n" + HALF + b"\r\nzz\r\nwhat\r\n")),
    ("length_mismatch", says(START + b"Content-Length: 11\r\n\r\n" + BODY)),
    ("drip", in_pieces),
    ("bandwidth", in_pieces),
    ("huge", answer(200, b"x" * (MOST + 1))),
    ("gzip_corrupt", answer(200, GZIP_BROKEN, "Content-Encoding: gzip")),
    ("gzip_truncated", answer(200, GZIP[: len(GZIP) // 2], "Content-Encoding: gzip")),
    ("wrong_charset", answer(200, '{"name":"José"}'.encode("latin-1"),
                             TYPE + "; charset=utf-8")),
    ("wrong_content_type", answer(200, BODY, "Content-Type: text/html; charset=utf-8")),
    ("invalid_json", answer(200, b'{"id": 1, "status": "ok", ', TYPE)),
    ("html_instead", answer(200, SIGN_IN, "Content-Type: text/html; charset=utf-8")),
    ("empty_json", answer(200, b"", TYPE)),
    ("body_on_204", says(f"HTTP/1.1 204 X\r\n{TYPE}\r\nContent-Length: 22\r\n\r\n".encode()
                         + BODY)),
    ("error_in_200", answer(200, ERROR, TYPE)),
    ("redirect_loop", answer(302, b"", "Location: /hook")),
    ("no_location", answer(302)),
    ("bad_location", answer(302, b"", "Location: http://[bad")),
    ("to_unsupported_scheme", answer(302, b"", "Location: ftp://127.0.0.1/")),
]  # fmt: skip
"""What a real endpoint does."""


@pytest.mark.parametrize(("name", "behaviour"), REAL, ids=[name for name, _ in REAL])
async def test_fault(name: str, behaviour: Behaviour) -> None:
    async with loopback(behaviour) as server:
        await compare(name, await live(server.url, limit_s=patience(name)))
        assert server.requests == 1


async def test_a_body_without_a_length_that_is_too_large() -> None:
    async with loopback(says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MOST + 1))) as server:
        await compare("huge", await live(server.url))


async def test_refused() -> None:
    await compare("refused", await live(f"http://127.0.0.1:{closed_port()}/"))


async def test_dns() -> None:
    await compare("dns", await live("http://nowhere.invalid/"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves connections waiting")
async def test_a_host_that_does_not_answer() -> None:
    with full_port() as port:
        await compare("connect_timeout", await live(f"http://127.0.0.1:{port}/", limit_s=SHORT_S))


@pytest.mark.slow
async def test_a_server_that_does_not_read() -> None:
    async with loopback(says_then_holds(b""), read=False) as server:
        await compare("write_timeout", await live(server.url, b"x" * 30_000_000, limit_s=SHORT_S))


async def test_a_proxy_that_wants_credentials() -> None:
    async with (
        loopback(proxy_that_wants_credentials(), read=False) as server,
        httpx.AsyncClient(proxy=f"http://{server.host}", trust_env=False) as client,
    ):
        with pytest.raises(httpx.ProxyError) as raised:
            await client.get("https://api.test/")
    found = Answer(error=fail_from(raised.value, secure=True), took_ms=1, source="live")
    await compare("proxy_407", found)


async def test_no_free_connection() -> None:
    limits, limit = httpx.Limits(max_connections=1), httpx.Timeout(5, pool=0.05)
    async with (
        loopback(says_then_holds(HEAD)) as server,
        httpx.AsyncClient(limits=limits, timeout=limit, trust_env=False) as client,
        client.stream("GET", server.url),
    ):
        with pytest.raises(httpx.PoolTimeout) as raised:
            await client.get(server.url)
    await compare("pool_timeout", Answer(error=fail_from(raised.value), took_ms=1, source="live"))


@pytest.mark.slow
async def test_a_handshake_that_stalls() -> None:
    async with loopback(says_then_holds(b""), read=False) as server:
        got = await live(server.url.replace("http:", "https:"), limit_s=SHORT_S)
        await compare("tls_stall", got)


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
        await compare(name, got, "https://api.test/hook")
        assert got.error is not None
        assert words in got.error.message
        assert server.requests == 0


async def test_a_certificate_that_is_trusted() -> None:
    tls = ssl.create_default_context(cafile=CERTIFICATES / "good.pem")
    async with loopback(answer(200, b"{}"), certificate="good") as server:
        assert (await live(server.url, tls=tls)).status == 200
        assert server.requests == 1


def test_no_fault_is_left_out() -> None:
    others = {
        "dns", "refused", "connect_timeout", "tls_untrusted", "tls_expired", "tls_hostname",
        "tls_not_tls", "tls_stall", "proxy_407", "pool_timeout", "write_timeout",
    }  # fmt: skip
    assert {name for name, _ in REAL} | others == set(FAULTS)
