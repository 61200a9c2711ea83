"""What was promised is run and recorded, each exactly once, whatever happens on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sandbox.bench.bench import Bench
from sandbox.cli.compose import LateAnswerers
from sandbox.cli.demo import demo
from sandbox.errors import StoreError
from sandbox.model.journey import Journey
from sandbox.model.trace import TraceDocument
from sandbox.serve.refusals import Refusal
from sandbox.serve.runs import Lost, Promise, Ran, RunQueue
from sandbox.store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "workspace", *demo()) as made:
        yield made


def bench_of(workspace: Workspace) -> Bench:
    return Bench(workspace.repository, workspace.history, LateAnswerers(), {})


def promise(number: int = 0, size: int = 10, journey: str = "order-update") -> Promise:
    return Promise(journey, "8", {"order_id": str(number)}, size)


async def kept(queue: RunQueue, promises: Sequence[Promise]) -> None:
    """Make these promises, and wait until the queue has worked them off."""
    working = asyncio.create_task(queue.work())
    for one in promises:
        await queue.reserve(one.size)
        await queue.promise(one)
    await queue.close()
    await working


@pytest.mark.slow
async def test_in_order_and_exactly_once(workspace: Workspace) -> None:
    told: list[Ran | Lost] = []
    await kept(RunQueue(bench_of(workspace), told.append), [promise(at) for at in range(150)])
    rows = workspace.history.runs(most=1000)
    traces = [workspace.history.trace(row.id) for row in reversed(rows)]
    orders = [trace["trigger"]["event"]["order_id"] for trace in traces if trace is not None]
    assert orders == [str(at) for at in range(150)]
    assert [one.id for one in told if isinstance(one, Ran)] == [row.id for row in reversed(rows)]


async def test_each_run_takes_the_next_seed(workspace: Workspace) -> None:
    await kept(RunQueue(bench_of(workspace), lambda _: None), [promise(at) for at in range(4)])
    seeds = [row.seed for row in reversed(workspace.history.runs())]
    assert seeds == list(range(seeds[0], seeds[0] + 4))


async def test_once_means_once_also_within_one_batch(workspace: Workspace) -> None:
    once = workspace.repository.journey("order-update").document()
    once["trigger"]["reentry"] = "once"
    workspace.repository.put_journeys([Journey.parse(once)], replace=True)
    for expected in (["completed", "not_entered", "not_entered"], ["not_entered"] * 3):
        await kept(RunQueue(bench_of(workspace), lambda _: None), [promise() for _ in range(3)])
        rows = workspace.history.runs(most=3)
        assert [row.status for row in reversed(rows)] == expected


async def test_a_history_that_is_busy_is_tried_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, calls = workspace.history.record, 0

    def busy(traces: Sequence[TraceDocument]) -> list[str]:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise StoreError("the history is busy; nothing was changed")
        return record(traces)

    monkeypatch.setattr("sandbox.serve.runs._PAUSE_S", 0.001)
    monkeypatch.setattr(workspace.history, "record", busy)
    told: list[Ran | Lost] = []
    await kept(RunQueue(bench_of(workspace), told.append), [promise(at) for at in range(5)])
    assert len(workspace.history.runs()) == 5
    assert all(isinstance(one, Ran) for one in told)


async def test_a_promise_that_cannot_be_kept_is_said(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(traces: Sequence[TraceDocument]) -> list[str]:
        raise StoreError("the disk is full")

    monkeypatch.setattr("sandbox.serve.runs._PAUSE_S", 0.001)
    told: list[Ran | Lost] = []
    queue = RunQueue(bench_of(workspace), told.append)
    gone = promise(journey="gone")
    await kept(queue, [gone, promise(1)])
    assert isinstance(told[0], Lost)
    assert "gone" in told[0].reason
    assert isinstance(told[1], Ran)
    monkeypatch.setattr(workspace.history, "record", full)
    told.clear()
    await kept(RunQueue(bench_of(workspace), told.append), [promise(2)])
    assert told == [Lost(promise(2), "the disk is full")]
    assert queue.unfinished == 0


async def test_the_line_is_bounded_in_number_and_in_bytes(workspace: Workspace) -> None:
    queue = RunQueue(bench_of(workspace), lambda _: None, most=3, most_bytes=100, patience_s=0.01)
    await queue.reserve(60)
    with pytest.raises(Refusal, match="1 runs are waiting") as refused:
        await queue.reserve(41)
    assert refused.value.kind.status == 503
    assert refused.value.headers == {"Retry-After": "1"}
    await queue.reserve(40)
    await queue.reserve(0)
    with pytest.raises(Refusal):
        await queue.reserve(0)
    for size in (60, 40, 0):
        await queue.give_back(size)
    await queue.reserve(10_000)  # alone, or it would never be let in
    with pytest.raises(Refusal):
        await queue.reserve(1)


async def test_who_waits_for_room_gets_it(workspace: Workspace) -> None:
    queue = RunQueue(bench_of(workspace), lambda _: None, most=1, patience_s=30)
    await kept(queue, [promise(at) for at in range(20)])
    assert len(workspace.history.runs()) == 20


async def test_a_stopping_server_promises_nothing_more(workspace: Workspace) -> None:
    queue = RunQueue(bench_of(workspace), lambda _: None)
    await queue.close()
    with pytest.raises(Refusal, match="stopping"):
        await queue.reserve(1)
