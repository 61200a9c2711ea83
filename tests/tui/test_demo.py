"""The main job on the real demo workspace: files, history, client stack and all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.cli.compose import LateAnswerers, create_demo
from sandbox.store.workspace import Workspace
from tests.tui.stage import open_workbench


@pytest.fixture
def open_bench(tmp_path: Path) -> Iterator[Callable[[], Bench]]:
    """Opens the same demo workspace as often as wanted, and closes all of them."""
    with ExitStack() as opened:

        def again() -> Bench:
            folder = tmp_path / "w"
            made = opened.enter_context(
                Workspace.open(folder) if folder.exists() else create_demo(folder)
            )
            return Bench(made.repository, made.history, LateAnswerers(), {})

        yield again


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(80, 24, marks=pytest.mark.slow),
        (120, 40),
        pytest.param(200, 50, marks=pytest.mark.slow),
    ],
)
async def test_the_main_job_by_keyboard(
    open_bench: Callable[[], Bench], width: int, height: int
) -> None:
    bench = open_bench()
    async with open_workbench(bench, width, height) as person:
        await person.press("f", "u", "f", "u", "5", "f")
        assert "✓ 2  ✗ 1" in person.header()
        await person.press("ctrl+o", "b")
        assert "✓ 2  ✗ 1   66 %" in person.screen()
        assert "200" in person.screen() and "503" in person.screen()
        await person.press("ctrl+o", "c", "enter", "ctrl+o", "i")
        if person.bench.choice.tab != "response":
            await person.press("l", "l")
        assert "503 The server is overloaded" in person.screen()
    counts = bench.history.counts()["newsletter"]["call"]
    assert (counts["success"], counts["failure"]) == (2, 1)
    assert [run.seed for run in bench.history.runs()] == [44, 43, 42]
    sizes = [len(trace["steps"][1]["request"]["text"])  # type: ignore[index]
             for run in bench.history.runs() for trace in [bench.history.trace(run.id)]
             if trace is not None]  # fmt: skip
    assert sizes[1] < sizes[0] == sizes[2]


@pytest.mark.slow
async def test_what_the_command_line_does_appears(open_bench: Callable[[], Bench]) -> None:
    bench, other = open_bench(), open_bench()
    async with open_workbench(bench) as person:
        await person.press("f")
        await other.fire("newsletter", "8", RunOptions())
        person.bench._poll()
        await person.settle()
        await person.settle()
        assert "✓ 2" in person.header()
        assert [row.profile for row in person.bench.calls.shown] == ["8", "7"]


@pytest.mark.slow
async def test_every_demo_journey_fires_steps_and_shows(open_bench: Callable[[], Bench]) -> None:
    bench = open_bench()
    async with open_workbench(bench) as person:
        person.bench.go_to("journeys")
        for number, journey in enumerate(person.bench.catalogue.journeys):
            if number:
                await person.press("j")
            assert person.bench.choice.journey == journey.id
            await person.press("f", "s", "escape")
            assert journey.title in person.screen()
            assert "✗ " not in person.inspector()
        assert len(bench.history.runs()) == len(person.bench.catalogue.journeys)
