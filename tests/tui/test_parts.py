"""The parts below the screen: bridge, arrangement, lines of JSON, sheets, backstage."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.bench.options import RunOptions
from sandbox.errors import InputError, StoreError, TemplateError
from sandbox.formats.pretty import pretty
from sandbox.model.base import Json
from sandbox.model.trace import TraceDocument
from sandbox.tui import sheets
from sandbox.tui.arrangement import PANES, TABBED, arrange
from sandbox.tui.backstage import Backstage
from sandbox.tui.bridge import MOST_CALLS, Bridge
from sandbox.tui.exporting import write_run
from sandbox.tui.ink import Ink, line_cells, part_of, plain
from sandbox.tui.json_lines import line_of, lit
from tests.tui.fake_bench import FakeBench


def trace(bench: FakeBench, *, forced: int | None = None, seed: int = 1) -> TraceDocument:
    from sandbox.model.rules import Item

    answers = {"call": (Item(status=forced),)} if forced else {}
    return asyncio.run(bench.fire("newsletter", "7", RunOptions(seed=seed, answers=answers)))


# The bridge --------------------------------------------------------------------------------------


def test_news_is_told_once() -> None:
    bridge = Bridge()
    assert bridge.news() is None
    bridge.recorded(trace(FakeBench()))
    snapshot = bridge.news()
    assert snapshot is not None
    assert snapshot.totals() == (1, 0)
    assert bridge.news() is None


def test_snapshots_do_not_change_afterwards() -> None:
    bench, bridge = FakeBench(), Bridge()
    bridge.recorded(trace(bench))
    before = bridge.news()
    bridge.recorded(trace(bench, forced=503))
    after = bridge.news()
    assert before is not None and after is not None
    assert before.totals() == (1, 0)
    assert after.totals() == (1, 1)
    assert [row.number for row in after.calls] == [2, 1]
    assert after.counts["newsletter"]["call"]["by_code"] == {"200": 1, "503": 1}


def test_a_run_under_way_shows_its_calls_and_forgets_them_when_it_is_stopped() -> None:
    bridge = Bridge()
    whole = trace(FakeBench())
    started: TraceDocument = {**whole, "steps": [], "run": {**whole["run"], "id": ""}}
    bridge.began(3)
    for step in whole["steps"]:
        bridge.told(started, step)
    under_way = bridge.news()
    assert under_way is not None and under_way.busy
    assert [(row.number, row.run) for row in under_way.calls] == [(1, "")]
    assert under_way.trace is not None and len(under_way.trace["steps"]) == 3
    assert under_way.totals() == (0, 0)
    bridge.ended()
    stopped = bridge.news()
    assert stopped is not None and not stopped.busy and not stopped.calls


def test_at_most_a_thousand_calls_are_kept_and_numbers_go_on() -> None:
    bridge, one = Bridge(), trace(FakeBench())
    for number in range(MOST_CALLS + 5):
        bridge.recorded({**one, "run": {**one["run"], "id": f"r{number}"}})
    snapshot = bridge.news()
    assert snapshot is not None
    assert len(snapshot.calls) == MOST_CALLS
    assert snapshot.calls[0].number == MOST_CALLS + 5


def test_the_history_is_counted_once_however_often_it_is_read() -> None:
    bench, bridge = FakeBench(), Bridge()
    runs = [trace(bench), trace(bench, forced=500)]
    for _ in range(2):
        bridge.loaded(bench.past.counts(), runs[::-1])
    snapshot = bridge.news()
    assert snapshot is not None
    assert snapshot.totals() == (1, 1)
    assert [(row.number, row.code) for row in snapshot.calls] == [(2, "500"), (1, "200")]


# Arrangement -------------------------------------------------------------------------------------


@given(st.integers(1, 400), st.integers(1, 120), st.sampled_from(PANES), st.booleans())
def test_the_focused_pane_is_always_seen(width: int, height: int, pane: str, zoomed: bool) -> None:
    made = arrange(width, height, pane, zoomed)
    if made.name == "notice":
        assert width < 60 or height < 16
        return
    assert pane in made.panes or (pane == "answer" and made.name == "normal")
    assert made.tabs == (not made.panes >= set(TABBED))
    if zoomed or made.name == "narrow":
        assert made.panes == {pane}


# Lines of JSON -----------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)


def paths(value: Json, at: str = "") -> list[str]:
    found = [at]
    if isinstance(value, dict):
        for key, item in value.items():
            found += paths(item, f"{at}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += paths(item, f"{at}[{index}]")
    return found


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), values, max_size=4))
def test_every_path_is_found_on_its_line(value: dict[str, Any]) -> None:
    lines = pretty(value)
    seen = set()
    for path in paths(value):
        line = line_of(value, path)
        assert line is not None and line not in seen
        seen.add(line)
        key = path.rpartition(".")[2]
        if key and "[" not in key:
            assert lines[line].strip().startswith(json.dumps(key) + ":")


def test_a_path_that_is_not_there_is_on_no_line() -> None:
    assert line_of({"a": [1]}, ".b") is None
    assert line_of({"a": [1]}, ".a[1]") is None
    assert line_of("text", ".a") is None


@given(st.text(max_size=80), st.sampled_from(["json", "headers", "diff", "shell", "text"]))
def test_colouring_never_changes_the_text(line: str, kind: str) -> None:
    assert plain(lit(line, kind)) == line


def test_keys_strings_numbers_and_literals_are_told_apart() -> None:
    roles = [role for text, role in lit('  "a": [1, -2.5e3, "b", null],', "json") if text.strip()]
    assert roles == ["key", "dim", "dim", "number", "dim", "number", "dim", "string", "dim",
                     "literal", "dim"]  # fmt: skip


@given(st.lists(st.text("abß界", max_size=6), max_size=5), st.integers(0, 20), st.integers(0, 20))
def test_part_of_a_line_is_a_slice(texts: list[str], start: int, end: int) -> None:
    line = [Ink(text) for text in texts]
    assert plain(part_of(line, start, end)) == "".join(texts)[start : max(start, end)]


def test_cells_are_counted_not_characters() -> None:
    assert line_cells([Ink("a界"), Ink("é")]) == 4


# Sheets ------------------------------------------------------------------------------------------


def read(sheet: sheets.Sheet) -> str:
    return "\n".join([*map(plain, sheet.head), *sheet.body])


def test_an_error_keeps_its_underlined_position_and_hint() -> None:
    error = TemplateError("{{event.", 3, "the tag never ends", "close it with }}")
    text = read(sheets.error_sheet(error))
    assert "✗ the tag never ends at character 4" in text
    assert "\n       ^" in text
    assert "→ close it with }}" in text


def test_transport_errors_are_explained() -> None:
    bench = FakeBench()
    from sandbox.model.rules import Item

    options = RunOptions(answers={"call": (Item(fault="read_timeout"),)})
    step = asyncio.run(bench.send("newsletter", "call", "7", options))
    text = read(sheets.answer_sheet(step))
    assert "read_timeout @ head" in text
    assert "The server did not begin to answer in time." in text
    assert "check  " in text


# Backstage and export ----------------------------------------------------------------------------


async def test_backstage_gives_results_and_errors_back_and_can_be_closed_twice() -> None:
    stage = Backstage()
    assert await stage.call(lambda: 7) == 7

    def wrong() -> None:
        raise InputError("no")

    with pytest.raises(InputError):
        await stage.call(wrong)
    done = []

    async def last() -> None:
        done.append("closed")

    stage.close(last)
    stage.close(last)
    assert done == ["closed"]


async def test_cancelling_here_cancels_there() -> None:
    stage = Backstage()
    states: list[str] = []
    began = threading.Event()

    async def long() -> None:
        states.append("began")
        began.set()
        try:
            await asyncio.sleep(60)
        finally:
            states.append("ended")

    waiting = asyncio.ensure_future(stage.run(long))
    await asyncio.to_thread(began.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    async def last() -> None: ...

    stage.close(last)
    assert states == ["began", "ended"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Any) -> None:
    with pytest.raises(StoreError, match="No such"):
        write_run(trace(FakeBench()), tmp_path / "not there")


async def test_many_runs_under_way_at_once_are_told_as_they_begin_and_are_answered() -> None:
    from sandbox.bench.together import Wanted, fire_together
    from sandbox.model.rules import RuleSet

    item = {"per": "journey", "at_end": "cycle", "items": [{"status": 429}, {"status": 200}]}
    limit = RuleSet.parse({"version": 1, "id": "l", "rules": [{"id": "l", "respond": item}]}, "l")
    bench, bridge = FakeBench(), Bridge()
    bridge.began(30)
    heard = []

    def done(place: int, ended: TraceDocument) -> None:
        snapshot = bridge.news()
        assert snapshot is not None
        heard.append((snapshot.done, snapshot.begun, snapshot.answered))
        bridge.recorded(ended)

    wanted = [Wanted("newsletter", "7", RunOptions(seed=1, rules=limit))] * 30
    await fire_together(bench, wanted, done, begun=bridge.begun, answered=bridge.answered)
    assert heard[0][:2] == (0, 30) and heard[0][2] > 0
    bridge.stopping()
    assert (snapshot := bridge.news()) is not None and not snapshot.stopping  # all are done
    bridge.began(2)
    bridge.stopping()
    assert (snapshot := bridge.news()) is not None and snapshot.stopping
    bridge.ended()
    assert (snapshot := bridge.news()) is not None and not snapshot.stopping
