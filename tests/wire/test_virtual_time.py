"""A minute of slow calls, none of which waits, and a line that remembers only the last of them."""

from __future__ import annotations

import gc

import pytest

from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.wire.mocked import MockedAnswerer, MockLine
from tests.mocks.calls import call, engine

SLOW: list[Json] = [
    {"fault": "drip", "drip": {"bytes": 10, "every_ms": 450}},
    {"fault": "read_timeout"},
    {"fault": "truncated", "latency": {"ms": 900}},
    {"fault": "read_timeout_mid_body", "latency": {"ms": 999}, "after_bytes": 3},
    {"fault": "reset_mid_body", "drip": {"bytes": 1, "every_ms": 1000}},
    {"fault": "drip", "drip": {"bytes": 2, "every_ms": 1001}},
    {"fault": "bandwidth", "bytes_per_s": 2},
    {"fault": "connect_timeout"},
    {"fault": "write_timeout"},
    {"fault": "bad_chunk", "bytes_per_s": 4},
    {"fault": "drip", "latency": {"ms": 1001}},
    {"fault": "gzip_corrupt", "latency": {"ms": 500}},
    {"fault": "headers_too_big", "latency": {"ms": 800}},
]
"""Answers to a caller who waits a second for each read."""
TOOK = [1350, 1000, 900, 1999, 11_000, 1000, 11_000, 1000, 1000, 2750, 1000, 500, 800]
KINDS = [
    None, "read_timeout", "truncated", "read_timeout", "reset", "read_timeout", None,
    "connect_timeout", "write_timeout", "protocol", "read_timeout", "decoding", "protocol",
]  # fmt: skip


async def test_a_minute_of_slow_calls() -> None:
    answerer = MockedAnswerer(engine(SLOW).session())
    slow = [{**item, "times": 1} for item in SLOW]
    again = MockedAnswerer(engine(slow).session())
    got = [await answerer.answer(call(timeout_s=1)) for _ in SLOW]
    got += [await again.answer(call(timeout_s=1)) for _ in SLOW]
    assert [one.took_ms for one in got] == TOOK * 2
    assert sum(one.took_ms for one in got) > 60_000
    assert [one.error.kind if one.error else None for one in got] == KINDS * 2


@pytest.mark.slow
async def test_ten_thousand_calls_leave_nothing_behind() -> None:
    made = MockEngine(engine([{"status": 200, "json": {"a": "x" * 500}}]).rule_set)
    faulty = MockEngine(engine([{"fault": "truncated"}, {"fault": "reset"}]).rule_set)
    line = MockLine()
    answerer = MockedAnswerer(made.session(), line)

    async def many(count: int) -> None:
        for number in range(count):
            one = answerer if number % 50 else answerer.for_run(faulty.session())
            await one.answer(call(profile=str(number)))

    await many(2_000)
    gc.collect()
    before = len(gc.get_objects())
    await many(10_000)
    gc.collect()
    # One object kept for every tenth call would show.
    assert len(gc.get_objects()) - before < 1_000
    assert len(line.calls) <= 64
    await line.client.aclose()
