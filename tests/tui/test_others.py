"""What other processes do to the history while the workbench is open."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.bench.options import RunOptions
from sandbox.model.rules import Item
from sandbox.tui.bridge import Bridge
from sandbox.tui.desk import Desk, Job
from sandbox.tui.state import Snapshot
from tests.tui.fake_bench import FakeBench
from tests.tui.stage import Person, open_workbench

FAILED = RunOptions(seed=1, answers={"call": (Item(fault="read_timeout"),)})
MINE = Job("newsletter", "7", RunOptions(seed=2))


def a_desk(bench: FakeBench) -> Desk:
    desk = Desk(bench.opened, Bridge())
    desk.load()
    return desk


def seen(desk: Desk) -> Snapshot:
    desk.changed()
    snapshot = desk.bridge.news()
    assert snapshot is not None
    return snapshot


def theirs(bench: FakeBench, times: int = 1) -> None:
    """Another process fires."""
    for _ in range(times):
        asyncio.run(bench.fire("newsletter", "8", FAILED))


@pytest.mark.parametrize(("own", "others"), [(1, 1), (3, 1), (60, 2), (1, 60), (0, 1)])
def test_a_run_of_another_process_just_before_ours_is_counted(own: int, others: int) -> None:
    bench = FakeBench()
    desk = a_desk(bench)
    theirs(bench, others)
    asyncio.run(desk.fire([MINE] * own))
    snapshot = seen(desk)
    assert snapshot.totals() == (own, others)
    assert dict(snapshot.counts) == bench.past.counts()
    numbers = [row.number for row in snapshot.calls]
    assert numbers == sorted(numbers, reverse=True) and len(set(numbers)) == len(numbers)
    if own < 50:  # further back than that they are counted, but not listed
        assert numbers[0] == own + others


def test_a_late_run_stands_where_the_history_has_it() -> None:
    bench = FakeBench()
    desk = a_desk(bench)
    asyncio.run(desk.fire([MINE]))
    theirs(bench)
    asyncio.run(desk.fire([MINE]))
    calls = [(row.number, row.profile, row.run) for row in seen(desk).calls]
    assert calls == [(3, "7", "r000003"), (2, "8", "r000002"), (1, "7", "r000001")]


def test_our_own_runs_alone_are_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = FakeBench()
    theirs(bench, 3)
    desk = a_desk(bench)
    asyncio.run(desk.fire([MINE] * 5))

    def never(*_: object) -> None:
        raise AssertionError("the whole history was counted")

    monkeypatch.setattr(bench.past, "counts", never)
    assert seen(desk).totals() == (5, 3)


def test_what_is_reset_is_gone_and_what_came_after_stays() -> None:
    bench = FakeBench()
    desk = a_desk(bench)
    asyncio.run(desk.fire([MINE] * 7))
    gone = bench.past.traces[0]["run"]["id"]
    bench.past.clear()
    snapshot = seen(desk)
    assert (snapshot.totals(), snapshot.calls, snapshot.trace) == ((0, 0), (), None)
    assert desk.trace(gone) is None
    theirs(bench)
    assert [(row.number, row.profile) for row in seen(desk).calls] == [(1, "8")]
    bench.past.clear()
    theirs(bench)
    asyncio.run(desk.fire([MINE]))
    snapshot = seen(desk)
    assert [(row.number, row.profile) for row in snapshot.calls] == [(2, "7"), (1, "8")]
    assert snapshot.trace is not None and snapshot.trace["run"]["profile"] == "7"


async def polled(person: Person) -> None:
    """The workbench looks whether anybody has written."""
    await person.bench._reload()
    await person.settle()


@pytest.mark.slow
async def test_reset_in_another_shell_empties_calls_map_and_bars() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("f")
        assert "newest run: for 7, completed" in person.screen()
        bench.past.clear()
        await polled(person)
        screen = person.screen()
        assert "newest run" not in screen and "last calls" not in screen
        assert "no call yet: f fires the journey" in screen
        assert not person.bench.calls.shown


@pytest.mark.slow
async def test_a_run_that_goes_step_by_step_stays_and_is_left_without_a_trace() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("f")
        await person.press("s", "s")
        bench.past.clear()
        await polled(person)
        screen = person.screen()
        assert "step by step: 2 done" in screen
        assert "a run is under way: it counts when it has ended" in screen
        assert "no call yet" not in screen
        assert [row.run for row in person.bench.calls.shown] == [""]
        await person.press("escape")
        screen = person.screen()
        assert "newest run" not in screen and "as sent in this step" not in screen
        assert "no call yet: f fires the journey" in screen


@pytest.mark.slow
async def test_leaving_a_run_shows_the_newest_one_again() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("f", "s", "s", "escape")
        screen = person.screen()
        assert "newest run: for 7, completed" in screen and "cancelled" not in screen
        assert "as sent in this step" not in screen
