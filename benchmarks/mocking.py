"""Mocked calls through respx: what rules cost when there are many, and what calls leave behind."""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys

import httpx
import respx

from benchmarks.measure import Row, interleaved, median_ratio
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import dump_json
from sandbox.model.exchange import Request, Send
from sandbox.model.rules import RuleSet
from sandbox.wire.mocked import MockedAnswerer

__all__ = ["measure"]

RULES_TARGET = 1.1
"""A call with ten thousand rules over one with a single rule."""
RESPX_TARGET = 1.3
"""A call over a respx catch-all that looks its answer up in a dict."""
MEMORY_TARGET = 0.1
"""Blocks of memory that stay for each call: a leak is 1 at least, the last calls are hundredths."""

_RULES = 10_000
_HOST = "api.test"
_HEADERS = (("Content-Type", "application/json"), ("Authorization", "Bearer token"))
_BODY = dump_json({"user": {"id": 7, "email": "john@example.com"}, "text": "x" * 360})
_ANSWER = {"id": 7, "status": "created", "text": "y" * 900}


def _path(number: int) -> str:
    return f"/v1/kind{number}/7"


def _calls(number: int) -> list[Send]:
    """Calls that spread over all the rules."""
    step = _RULES // number
    return [
        Send(
            Request("POST", f"http://{_HOST}{_path(at * step)}", _HEADERS, _BODY),
            "j", str(at), "call", 1, 1, 42, 0, 5.0, 10_000_000, {},
        )
        for at in range(number)
    ]  # fmt: skip


def _engine(paths: list[str]) -> MockEngine:
    respond = {"items": [{"status": 201, "json": _ANSWER}]}
    rules = [
        {
            "id": f"r{number}",
            "match": {"method": "POST", "url": {"host": _HOST, "path": path}, "step": "call"},
            "respond": respond,
        }
        for number, path in enumerate(paths)
    ]
    return MockEngine(RuleSet.parse({"rules": rules}))


def _catch_all() -> httpx.AsyncClient:
    """Respx as one would use it for many answers: one route, and a dict behind it."""
    answers = {("POST", _HOST, _path(number)): _ANSWER for number in range(_RULES)}
    router = respx.MockRouter(using=None, assert_all_called=False)

    async def serve(request: httpx.Request) -> httpx.Response:
        if len(router.calls) >= 100:
            router.reset()
        return httpx.Response(201, json=answers[request.method, request.url.host, request.url.path])

    router.route().mock(side_effect=serve)
    return httpx.AsyncClient(transport=httpx.MockTransport(router.async_handler))


def measure(rounds: int = 9, number: int = 500, kept: int = 100_000) -> list[Row]:
    """One run: all three ways in every round, then the calls that should leave nothing behind."""
    calls = _calls(number)
    many = _engine([f"/v1/kind{at}/{{id}}" for at in range(_RULES)])
    one = _engine(["/v1/{kind}/{id}"])
    with asyncio.Runner() as runner:
        client = _catch_all()
        line = MockedAnswerer(one.session())

        async def ours(engine: MockEngine) -> None:
            answerer = line.for_run(engine.session())
            for call in calls:
                answer = await answerer.answer(call)
                assert answer.status == 201, answer

        async def bare() -> None:
            for call in calls:
                request = call.request
                response = await client.post(
                    request.url, content=request.body, headers=dict(request.headers)
                )
                assert response.status_code == 201
                assert response.content

        async def again(times: int) -> None:
            answerer = line.for_run(many.session())
            for at in range(times):
                await answerer.answer(calls[at % number])

        work = {
            "many": lambda: runner.run(ours(many)),
            "one": lambda: runner.run(ours(one)),
            "respx": lambda: runner.run(bare()),
        }
        taken = interleaved(rounds, work)
        runner.run(again(kept // 20))
        gc.collect()
        before = sys.getallocatedblocks()
        runner.run(again(kept))
        gc.collect()
        left = max(0, sys.getallocatedblocks() - before) / kept
        runner.run(line.close())
        runner.run(client.aclose())
    each = {name: f"{statistics.median(t) / number * 1e6:.0f} µs" for name, t in taken.items()}
    rows = []
    for what, name, target in (
        ("one rule", "one", RULES_TARGET),
        ("respx catch-all with a dict", "respx", RESPX_TARGET),
    ):
        ratio = median_ratio(taken["many"], taken[name])
        what = f"mocked call, {_RULES:,} rules ÷ {what}"
        rows.append(Row(what, each["many"], each[name], ratio, f"<= {target}", ratio <= target))
    rows.append(
        Row(f"memory blocks left by each of {kept:,} mocked calls", f"{left:.4f}", "0", None,
            f"<= {MEMORY_TARGET}", left <= MEMORY_TARGET)
    )  # fmt: skip
    return rows
