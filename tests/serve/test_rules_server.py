"""The mock rules as a server, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import re
from collections.abc import AsyncIterator

import pytest

from sandbox.errors import DocumentError, InputError
from sandbox.mocks.deliveries import deliverable
from sandbox.mocks.faults import FAULTS
from sandbox.model.base import Json
from sandbox.serve.http1 import Limits
from sandbox.serve.rules_server import Played, RulesServer
from tests.mocks.calls import rules
from tests.serve.serving import Reply, reply_from

OK: Json = [{"status": 200, "json": {"ok": True}}]


class Caller:
    """A tool outside: it writes bytes and reads what comes."""

    def __init__(self, server: RulesServer, told: list[Played]) -> None:
        self.server = server
        self.told = told

    async def say(self, data: bytes) -> bytes:
        """Everything that comes back on one connection until it closes."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(self.server.url.rpartition(":")[2])
        )
        try:
            writer.write(data)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def ask(self, target: str = "/", method: str = "GET", **headers: str) -> Reply:
        lines = {"Host": "api.test", "Connection": "close"}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return reply_from(await self.say(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode()))


@contextlib.asynccontextmanager
async def served(
    *documents: Json,
    seed: int = 42,
    people: dict[str, dict[str, Json]] | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Caller]:
    told: list[Played] = []
    known = people or {}
    server = RulesServer(
        rules(*documents), seed, lambda: 0, lambda name: known.get(name, {}), told.append,
        limits=limits or Limits(body=1_000_000),
    )  # fmt: skip
    await server.start()
    try:
        yield Caller(server, told)
    finally:
        await server.stop()


def get(target: str, *lines: str) -> bytes:
    return "\r\n".join((f"GET {target} HTTP/1.1", "Host: api.test", *lines, "", "")).encode()


async def test_an_answer_names_its_rule() -> None:
    async with served(OK) as caller:
        got = await caller.ask("/x")
        assert (got.status, got.json, got.header("x-sandbox-rule")) == (200, {"ok": True}, "r0")
        assert caller.told == [Played("GET", "/x", 200, "r0", None)]


async def test_requests_in_a_row_are_answered_in_their_order() -> None:
    slow = {
        "match": {"url": "/slow"},
        "latency": {"ms": 60},
        "respond": {"items": [{"status": 201}]},
    }
    async with served(slow, OK) as caller:
        got = await caller.say(get("/slow") + get("/x") + get("/slow", "Connection: close"))
        assert re.findall(rb"HTTP/1.1 (\d+)", got) == [b"201", b"200", b"201"]


async def test_a_slow_answer_holds_nobody_else_up() -> None:
    slow = {"match": {"url": "/slow"}, "respond": {"items": [{"fault": "read_timeout"}]}}
    async with served(slow, OK) as caller:
        waiting = asyncio.create_task(caller.say(get("/slow")))
        await asyncio.sleep(0.02)
        got = await asyncio.gather(*(caller.ask("/x") for _ in range(20)))
        assert {one.status for one in got} == {200}
        assert not waiting.done()
        # Stopping does not wait for it.
        async with asyncio.timeout(5):
            await caller.server.stop()
            assert await waiting == b""


async def test_a_fault_ends_the_connection_and_not_the_server() -> None:
    items = [{"fault": "truncated"}, {"fault": "reset_mid_body", "after_bytes": 3}, {"status": 200}]
    async with served(items) as caller:
        cut = await caller.say(get("/x") + get("/x"))
        assert cut.endswith(b'Content-Length: 22\r\nConnection: close\r\n\r\n{"id":1,"st')
        with pytest.raises(ConnectionResetError):
            await caller.say(get("/x"))
        assert (await caller.ask("/x")).status == 200
        assert [one.fault for one in caller.told] == ["truncated", "reset_mid_body", None]


async def test_who_calls_is_said_in_headers() -> None:
    def rule(name: str, **match: Json) -> Json:
        return {"id": name, "match": match, "respond": {"items": [{"status": 200}]}}

    async with served(
        rule("step", step="call", attempt={"gte": 2}),
        rule("journey", journey="newsletter"),
        rule("vip", profile={"country": "TR"}),
        rule("seven", profile="7"),
        people={"9": {"country": "TR"}},
    ) as caller:
        for expected, headers in (
            ("step", {"X_Sandbox_Step": "call", "X_Sandbox_Attempt": "2"}),
            ("journey", {"X_Sandbox_Journey": "newsletter", "X_Sandbox_Step": "call"}),
            ("vip", {"x_sandbox_profile": "9"}),
            ("seven", {"X_SANDBOX_PROFILE": "7"}),
        ):
            assert (await caller.ask(**headers)).header("x-sandbox-rule") == expected
        got = await caller.ask(X_Sandbox_Step="call")
        assert got.status == 501
        assert "hint" not in got.json


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Sandbox-Attempt", "0"), ("X-Sandbox-Attempt", "two"), ("X-Sandbox-Visit", "-1"),
     ("X-Sandbox-Step", "x" * 300)],
)  # fmt: skip
async def test_a_header_that_cannot_be_read_is_refused(name: str, value: str) -> None:
    async with served(OK) as caller:
        got = await caller.ask("/x", **{name.replace("-", "_"): value})
        assert got.status == 400
        assert name.lower() in got.json["error"]["message"]


async def test_nothing_matched_names_the_nearest_rules() -> None:
    written = [
        {"match": {"url": f"/v1/{name}", "step": "call"}, "respond": {"items": [{"status": 200}]}}
        for name in ("a", "b", "c", "d")
    ]
    written.append({"match": {"any": [{"step": "call"}], "url": "/v2"}, "respond": {"items": OK}})
    async with served(*written) as caller:
        got = await caller.ask("/v1/b")
        assert got.status == 501
        assert got.header("content-type") == "application/json"
        assert got.header("x-sandbox-rule") == ""
        assert got.json["error"]["kind"] == "unmatched"
        assert got.json["nearest"][0]["rule"] == "r1"
        assert len(got.json["nearest"]) == 3
        assert got.json["nearest"][0]["differences"][0]["field"] == "step"
        assert "X-Sandbox-Step" in got.json["hint"]
        assert caller.told[0].about


async def test_weights_differ_from_call_to_call_and_repeat_with_the_seed() -> None:
    weighted = {"respond": {"mode": "weighted", "items": [{"status": 200}, {"status": 503}]}}

    async def twenty(seed: int) -> list[int]:
        async with served(weighted, seed=seed) as caller:
            return [(await caller.ask()).status for _ in range(20)]

    first = await twenty(1)
    assert set(first) == {200, 503}
    assert await twenty(1) == first
    assert await twenty(2) != first


async def test_many_at_once_take_their_turns() -> None:
    items = [{"status": 503, "times": 30}, {"status": 200}]
    async with served({"respond": {"per": "all", "items": items}}) as caller:
        asked = (caller.ask(X_Sandbox_Run=str(number)) for number in range(100))
        got = [one.status for one in await asyncio.gather(*asked)]
    assert (got.count(503), got.count(200)) == (30, 70)


async def test_a_run_has_its_own_sequences() -> None:
    async with served([{"status": 503}, {"status": 200}]) as caller:
        assert [(await caller.ask()).status for _ in range(2)] == [503, 200]
        assert (await caller.ask(X_Sandbox_Run="other")).status == 503
        assert (await caller.ask()).status == 200


@pytest.mark.slow
async def test_two_thousand_runs_are_not_all_remembered() -> None:
    async with served([{"status": 503}, {"status": 200}]) as caller:
        asked = b"".join(
            get("/", f"X-Sandbox-Run: {n}", f"X-Sandbox-Step: {n}") for n in range(2000)
        )
        got = await caller.say(asked + get("/", "Connection: close"))
        assert got.count(b"HTTP/1.1 503") == 2001
        assert len(caller.server._askers._runs) <= 1000


async def test_the_host_is_the_one_that_was_called() -> None:
    crm = {"match": {"url": "https://api.crm.test/v1/"}, "respond": {"items": [{"status": 201}]}}
    shop = {"match": {"url": {"host": "shop.test"}}, "respond": {"items": [{"status": 202}]}}
    async with served(crm, shop) as caller:
        assert (await caller.ask("/x", Host="shop.test")).status == 202
        assert (await caller.ask("http://shop.test/x")).status == 202
        proto = {"Host": "api.crm.test", "X_Forwarded_Proto": "https"}
        assert (await caller.ask("/v1/x", **proto)).status == 201
        assert (await caller.ask("/v1/x")).status == 501


async def test_what_no_client_could_have_sent_is_refused() -> None:
    async with served(OK) as caller:
        assert (await caller.ask("http://me@api.test/")).status == 400
        assert (await caller.ask("api.test:443", method="CONNECT")).status == 400
        assert reply_from(await caller.say(b"nonsense\r\n\r\n")).status == 400


async def test_a_head_request_and_a_compressed_body() -> None:
    packed = {"status": 200, "headers": {"Content-Encoding": "gzip", "Content-Length": "3",
                                         "Transfer-Encoding": "chunked"}, "text": "é"}  # fmt: skip
    async with served([packed]) as caller:
        got = await caller.ask()
        assert gzip.decompress(got.body) == "é".encode()
        assert [name for name, _ in got.headers].count("content-length") == 1
        got = await caller.ask(method="HEAD")
        assert (got.status, got.body) == (200, b"")


async def test_bounds() -> None:
    async with served(OK, limits=Limits(body=100, connections=2, idle_s=0.2)) as caller:
        large = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + b"x" * 101
        assert reply_from(await caller.say(large)).status == 413
        silent = [asyncio.create_task(caller.say(b"")) for _ in range(2)]
        await asyncio.sleep(0.05)
        got = reply_from(await caller.say(b""))
        assert got.status == 503
        assert json.loads(got.body)["error"]["message"] == "too many connections are open"
        assert await asyncio.gather(*silent) == [b"", b""]
        assert (await caller.ask()).status == 200


@pytest.mark.parametrize("name", [n for n, one in FAULTS.items() if "server" not in one.deliveries])
def test_what_no_server_can_play_is_refused_by_name(name: str) -> None:
    written = rules(OK, [{"status": 200}, {"fault": name}], {"enabled": False, "respond": {
        "items": [{"fault": name}]}})  # fmt: skip
    with pytest.raises(DocumentError) as wrong:
        RulesServer(written, 42, lambda: 0)
    (problem,) = wrong.value.problems
    assert problem.path == "rules[1].respond.items[1].fault"
    assert f"r1: {name} cannot be played by the server: " in problem.message
    kept, left_out = deliverable(written, "server")
    assert left_out == ("r1",)
    RulesServer(kept, 42, lambda: 0)


async def test_a_port_that_is_taken() -> None:
    async with served(OK) as caller:
        other = RulesServer(rules(OK), 42, lambda: 0)
        with pytest.raises(InputError, match="cannot listen"):
            await other.start(int(caller.server.url.rpartition(":")[2]))
        await other.stop()
