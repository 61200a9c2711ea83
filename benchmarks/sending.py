"""Mocked and live calls against what httpx costs by itself, the same bytes both ways."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Awaitable, Callable

import httpx

from benchmarks.endpoint import running
from benchmarks.journey import ENV, EVENT, SEED, compiled, people, rules
from benchmarks.measure import Row, interleaved, median_ratio
from sandbox.clock import DEFAULT_START_US
from sandbox.engine.walk import walk
from sandbox.mocks.engine import MockEngine
from sandbox.model.exchange import Send
from sandbox.wire.live import LiveAnswerer
from sandbox.wire.mocked import MockedAnswerer

__all__ = ["LIVE_TARGET", "MOCKED_TARGET", "measure_live", "measure_mocked"]

MOCKED_TARGET = 1.5
"""What a respx router with a side effect costs over ``httpx.MockTransport``."""
LIVE_TARGET = 1.25


def _calls(number: int, base_url: str) -> list[Send]:
    """The first calls of as many people, as the walk asks for them."""
    journey, env = compiled(), {**ENV, "BASE_URL": base_url}
    asked = []
    for person in people(number):
        begun = next(walk(journey, person, EVENT, env=env, seed=SEED, start_us=DEFAULT_START_US))
        assert isinstance(begun, Send)
        asked.append(begun)
    return asked


async def _together(
    calls: list[Send], concurrency: int, send: Callable[[Send], Awaitable[object]]
) -> None:
    left = iter(calls)

    async def worker() -> None:
        for call in left:
            await send(call)

    await asyncio.gather(*(worker() for _ in range(concurrency)))


def _row(what: str, taken: dict[str, list[float]], number: int, target: float) -> Row:
    each = {name: statistics.median(times) / number * 1e6 for name, times in taken.items()}
    ratio = median_ratio(taken["ours"], taken["httpx"])
    return Row(
        what,
        f"{each['ours']:.0f} µs",
        f"{each['httpx']:.0f} µs",
        ratio,
        f"<= {target}",
        ratio <= target,
    )


def measure_mocked(rounds: int = 7, number: int = 500) -> list[Row]:
    """A call answered by rules through respx, against a bare ``httpx.MockTransport``."""
    calls = _calls(number, ENV["BASE_URL"])
    bodies = [json.loads(call.request.body) for call in calls]
    engine = MockEngine(rules())

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"ok": True})

    with asyncio.Runner() as runner:
        first = MockedAnswerer(engine.session())
        client = httpx.AsyncClient(transport=httpx.MockTransport(handler))

        async def ours() -> None:
            for call in calls:
                answer = await first.for_run(engine.session()).answer(call)
                assert answer.error is None

        async def bare() -> None:
            for call, body in zip(calls, bodies, strict=True):
                response = await client.post(
                    call.request.url, json=body, headers=dict(call.request.headers)
                )
                response.json()

        work = {"ours": lambda: runner.run(ours()), "httpx": lambda: runner.run(bare())}
        taken = interleaved(rounds, work)
        runner.run(first.close())
        runner.run(client.aclose())
    return [_row("mocked call ÷ httpx.MockTransport", taken, number, MOCKED_TARGET)]


def measure_live(rounds: int = 7, number: int = 300) -> list[Row]:
    """A live call on loopback, against ``httpx.AsyncClient`` as its documentation shows it."""
    rows = []
    with running() as base_url, asyncio.Runner() as runner:
        calls = _calls(number, base_url)
        bodies = {call.profile: json.loads(call.request.body) for call in calls}
        for concurrency in (1, 10):
            answerer = LiveAnswerer(["127.0.0.1"])
            client = httpx.AsyncClient()

            async def ours(call: Send, answerer: LiveAnswerer = answerer) -> None:
                answer = await answerer.answer(call)
                assert answer.status == 200, answer

            async def bare(call: Send, client: httpx.AsyncClient = client) -> None:
                response = await client.post(
                    call.request.url,
                    json=bodies[call.profile],
                    headers=dict(call.request.headers),
                )
                response.json()

            def run(send: Callable[[Send], Awaitable[object]], at_once: int = concurrency) -> None:
                runner.run(_together(calls, at_once, send))

            work = {"ours": lambda: run(ours), "httpx": lambda: run(bare)}
            taken = interleaved(rounds, work)
            runner.run(answerer.close())
            runner.run(client.aclose())
            what = f"live call, {concurrency} at a time ÷ httpx.AsyncClient"
            rows.append(_row(what, taken, number, LIVE_TARGET))
    return rows
