"""The wire tier: a minute of slow calls, and one broken answer against bare httpcore and h11."""

from __future__ import annotations

import asyncio
import statistics
import time

import httpcore

from benchmarks.journey import SEED
from benchmarks.measure import Row, interleaved, median_ratio
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.model.exchange import Request, Send
from sandbox.model.rules import RuleSet
from sandbox.wire.mocked import MockedAnswerer

__all__ = ["measure"]

MINUTE_TARGET_S = 0.2
CALL_TARGET = 1.5
_URL = "http://api.test/v1/contacts/7"
_HEADERS = (("Content-Type", "application/json"),)
_SLOW: list[dict[str, Json]] = [
    {"fault": "drip", "drip": {"bytes": 4, "every_ms": 550}},
    {"fault": "truncated", "latency": {"ms": 1500}},
]
_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{"id":1,"st'


def _send(number: int) -> Send:
    request = Request("POST", _URL, _HEADERS, b'{"a":1}')
    return Send(request, "j", str(number), "call", 1, 1, SEED, 0, 2.0, 10_000_000, {})


def _engine(items: list[dict[str, Json]]) -> MockEngine:
    document = {"rules": [{"id": "r", "respond": {"items": items, "at_end": "cycle"}}]}
    return MockEngine(RuleSet.parse(document))


def measure(rounds: int = 7, number: int = 200) -> list[Row]:
    """Time on the clock for the minute, CPU time for the rest."""
    minute, broken = _engine(_SLOW), _engine([{"fault": "truncated"}])
    with asyncio.Runner() as runner:

        async def slow() -> float:
            answerer = MockedAnswerer(minute.session())
            took = [(await answerer.answer(_send(0))).took_ms for _ in range(26)]
            await answerer.close()
            return sum(took)

        clock = []
        for _ in range(rounds):
            started = time.perf_counter()
            virtual_ms = runner.run(slow())
            clock.append(time.perf_counter() - started)
        assert virtual_ms >= 60_000, virtual_ms

        first = MockedAnswerer(broken.session())

        async def ours() -> None:
            for one in range(number):
                answer = await first.answer(_send(one))
                assert answer.error is not None

        async def bare() -> None:
            for _ in range(number):
                network = httpcore.AsyncMockBackend([_ANSWER])
                async with httpcore.AsyncConnectionPool(network_backend=network) as pool:
                    try:
                        await pool.request("POST", _URL, content=b'{"a":1}')
                    except httpcore.RemoteProtocolError:
                        continue
                    raise AssertionError("the answer is broken")

        work = {"ours": lambda: runner.run(ours()), "bare": lambda: runner.run(bare())}
        taken = interleaved(rounds, work)
        runner.run(first.close())
    took = statistics.median(clock)
    each = {name: statistics.median(times) / number * 1e6 for name, times in taken.items()}
    ratio = median_ratio(taken["ours"], taken["bare"])
    return [
        Row(f"26 slow calls, {virtual_ms / 1000:.0f} s of virtual time", f"{took * 1000:.0f} ms",
            "200 ms", took / MINUTE_TARGET_S, "<= 1", took <= MINUTE_TARGET_S),
        Row("a broken answer ÷ httpcore's pool over its mock network", f"{each['ours']:.0f} µs",
            f"{each['bare']:.0f} µs", ratio, f"<= {CALL_TARGET:g}", ratio <= CALL_TARGET),
    ]  # fmt: skip
