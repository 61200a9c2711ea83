"""What one sees: lists, filters, the inspector, calls, sizes, and what is wrong."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from sandbox.errors import StoreError
from sandbox.model.graph import Graph
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.tui.app import SandboxApp
from sandbox.tui.arrangement import PANES, TABBED
from sandbox.tui.screens.jump import LETTERS
from sandbox.tui.sheets import Sheet
from tests.tui.fake_bench import FakeBench
from tests.tui.stage import Person, open_workbench

pytestmark = pytest.mark.slow


def journey(**changes: object) -> Journey:
    call = {"id": "call", "kind": "call_api", "method": "POST", "url": "http://x.test/hook",
            "body": {"list": [1, {"missing": "{{event.nope}}"}], "other": "x"}}  # fmt: skip
    return Journey.parse(
        {"id": "odd", "dialect": "insider", "trigger": {"kind": "manual"}, "steps": [call]}
        | changes
    )


async def test_enter_opens_a_call_exactly_and_escape_goes_back() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("4", "f", "u", "f")
        person.bench.go_to("calls")
        await person.press("j", "enter")
        assert "404 There is nothing at this address." in person.inspector()
        assert "check  Check the URL's path" in person.inspector()
        assert "#1 call for 7, run r000001: as it was sent" in person.screen()
        person.bench.go_to("inspector")
        await person.press("left", "left")
        assert '"John Doe"' in person.inspector()
        await person.press("escape")
        assert "as it would be sent" in person.screen()
        assert '"John Doe"' not in person.inspector()


async def test_calls_can_be_filtered_by_any_word() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("f", "5", "f", "f")
        person.bench.go_to("calls")
        await person.press("slash")
        await person.type("fail 503")
        assert [row.code for row in person.bench.calls.shown] == ["503"]
        assert "1 of 3" in person.screen()
        await person.press("escape")
        assert len(person.bench.calls.shown) == 3


async def test_a_missing_value_is_a_finding_and_its_line_is_marked() -> None:
    bench = FakeBench(journeys=[journey()])
    async with open_workbench(bench) as person:
        assert "! value_missing {{event.nope}}" in person.inspector()
        sheet = person.bench.inspector.view.sheet
        assert [sheet.body[line].strip() for line in sheet.missing] == ['"missing": ""']


async def test_steps_that_send_nothing_say_what_they_do() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("f", "k")
        assert person.bench.choice.step == "consent"
        assert "sends nothing" in person.inspector()
        assert "newsletter_consent = true" in person.inspector()
        assert '"kind": "update_attribute"' in person.inspector()


async def test_search_in_the_payload() -> None:
    async with open_workbench(FakeBench()) as person:
        person.bench.go_to("inspector")
        await person.press("slash")
        await person.type("2021-01")
        await person.press("enter")
        first = person.bench.inspector.view.place
        assert first.startswith("1/")
        await person.press("n")
        assert person.bench.inspector.view.place.startswith("2/")
        await person.press("N", "N")
        count = first.split("/")[1]
        assert person.bench.inspector.view.place == f"{count}/{count}"
        assert person.bench.choice.forced is None
        await person.press("escape")
        assert person.bench.inspector.view.place == ""


async def test_copies_go_to_the_clipboard_with_secrets_only_when_asked() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("c")
        assert "$APP_TOKEN" in person.app.clipboard
        assert "dummy-token" not in person.app.clipboard
        assert "OSC 52" in person.toasts()
        await person.press("C")
        assert "dummy-token" in person.app.clipboard
        await person.press("y")
        assert json.loads(person.app.clipboard)["user"]["name"] == "John Doe"


async def test_export_writes_a_file_and_never_over_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with open_workbench(FakeBench()) as person:
        await person.press("x")
        assert "there is no run to export" in person.toasts()
        await person.press("f", "x", "x")
        assert "newsletter-r000001.json" in person.toasts()
    names = sorted(os.listdir(tmp_path))
    assert names == ["newsletter-r000001-2.json", "newsletter-r000001.json"]
    assert json.loads((tmp_path / names[1]).read_text())["run"]["seed"] == 42


@pytest.mark.parametrize(
    ("width", "height"),
    [
        (80, 24),
        pytest.param(60, 16, marks=pytest.mark.slow),
        pytest.param(120, 24, marks=pytest.mark.slow),
        (200, 30),
    ],
)
async def test_every_pane_is_reachable_by_tab_at_every_size(width: int, height: int) -> None:
    async with open_workbench(FakeBench(), width, height) as person:
        seen = []
        for _ in TABBED:
            seen.append(person.bench.pane)
            pane = person.bench.panes[person.bench.pane]
            assert pane.region.width > 20 and pane.region.height > 3, pane.id
            assert pane.rows.has_focus
            await person.pilot.press("tab")
        assert sorted(seen) == sorted(TABBED)
        await person.pilot.press("shift+tab")
        assert person.bench.pane == seen[-1]


@pytest.mark.parametrize(
    ("width", "height"), [(80, 24), pytest.param(200, 50, marks=pytest.mark.slow)]
)
async def test_every_pane_is_one_letter_away(width: int, height: int) -> None:
    async with open_workbench(FakeBench(), width, height) as person:
        for letter, pane in LETTERS.items():
            await person.press("ctrl+o", letter)
            assert person.bench.panes[pane].rows.has_focus
        assert set(LETTERS.values()) == set(PANES)
        await person.press("ctrl+o", "escape")
        assert person.bench.pane == list(LETTERS.values())[-1]


async def test_a_tiny_window_says_what_it_needs() -> None:
    async with open_workbench(FakeBench(), 50, 12) as person:
        assert "needs 60 columns and 16 rows" in person.screen()
        await person.pilot.resize_terminal(80, 24)
        await person.settle()
        assert "Journey map" in person.screen()


async def test_zoom_shows_one_pane_and_back() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("z")
        assert "Calls, newest first" not in person.screen()
        assert person.bench.panes["map"].region.width == 120
        await person.press("escape")
        assert "Calls, newest first" in person.screen()


async def test_mouse_clicks_work_everywhere() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.pilot.click(person.bench.keys, offset=(2, 0))
        await person.settle()
        assert len(bench.past.traces) == 1
        await person.pilot.click(person.bench.journeys, offset=(3, 1))
        await person.settle()
        assert person.bench.choice.journey == "api-call"
        assert person.bench.pane == "journeys"
        await person.pilot.click(person.bench.inspector.tabs, offset=(14, 0))
        await person.settle()
        assert person.bench.choice.tab == "headers"
        assert "Authorization: Bearer ••••" in person.inspector()


async def test_other_processes_runs_and_people_appear() -> None:
    bench, other = FakeBench(), FakeBench()
    async with open_workbench(bench) as person, open_workbench(other) as elsewhere:
        await elsewhere.press("5", "f")
        bench.past.traces += other.past.traces
        bench.documents.put_profiles([Profile(id="99", attributes={"name": "Late Comer"})])
        bench.documents.touched = True
        person.bench._poll()
        await person.settle()
        await person.settle()
        assert "✗ 1" in person.header()
        assert [row.code for row in person.bench.calls.shown] == ["503"]
        assert "16" in str(person.bench.panes["profiles"].border_subtitle)


async def test_what_the_past_holds_is_there_at_the_start() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("f", "5", "f")
    again = FakeBench()
    again.past.traces = bench.past.traces
    async with open_workbench(again) as person:
        assert "✓ 1  ✗ 1" in person.header()
        assert [row.number for row in person.bench.calls.shown] == [2, 1]
        person.bench.go_to("calls")
        await person.press("enter")
        assert "503" in person.inspector()


async def test_no_character_is_lost_where_a_line_wraps_beside_a_scrollbar() -> None:
    async with open_workbench(FakeBench(), journey="api-call") as person:
        await person.press("ctrl+o", "i", "right", "right", "right")
        view = person.bench.inspector.view
        assert view.show_vertical_scrollbar
        room = view.scrollable_content_region
        rows = person.screen().splitlines()[room.y : room.bottom]
        seen = "".join(row[room.x : room.right].rstrip() for row in rows)
        said = person.inspector().partition("--data-raw ")[2]
        begun = seen.partition("--data-raw ")[2]
        assert len(begun) > 400
        assert said.replace(" ", "").startswith(begun.replace(" ", ""))


async def test_an_empty_workspace_says_what_to_do() -> None:
    async with open_workbench(FakeBench(journeys=[], profiles=[])) as person:
        assert "sandbox import FILE --as journey" in person.inspector()
        await person.press("f")
        assert "there is no journey to fire" in person.toasts()


async def test_an_unreadable_workspace_is_shown_with_its_hint() -> None:
    bench = FakeBench()

    def broken() -> list[Journey]:
        raise StoreError("workspace.json: damaged", "sandbox doctor --restore")

    bench.documents.journeys = broken  # type: ignore[method-assign]
    async with open_workbench(bench) as person:
        assert "✗ workspace.json: damaged" in person.inspector()
        assert "→ sandbox doctor --restore" in person.inspector()


async def test_a_workspace_that_is_slow_to_read_fills_the_frame_when_it_is_read() -> None:
    bench = FakeBench()
    read = threading.Event()
    journeys = bench.documents.journeys

    def slow() -> list[Journey]:
        read.wait(30)
        return journeys()

    bench.documents.journeys = slow  # type: ignore[method-assign]
    app = SandboxApp(bench.opened)
    async with app.run_test(size=(120, 40)) as pilot:
        person = Person(app, pilot)
        assert "Journeys" in person.screen()
        assert "newsletter" not in person.screen()
        read.set()
        await person.settle()
        assert "newsletter" in person.screen()
        await person.press("f")
        assert len(bench.past.traces) == 1


async def test_a_journey_that_cannot_be_compiled_is_shown_where_it_stands() -> None:
    call = {"id": "call", "kind": "call_api", "url": "http://x.test/{{event.", "method": "GET"}
    bench = FakeBench(journeys=[journey(steps=[call], dialect="usercom")])
    async with open_workbench(bench) as person:
        assert "✗" in person.inspector()
        assert "^" in person.inspector()
        await person.press("f")
        assert not bench.past.traces


async def test_a_bug_keeps_its_traceback() -> None:
    bench = FakeBench()

    def broken(journey_id: str, dialect: str | None = None) -> Graph:
        raise RuntimeError("a bug of ours")

    bench.graph = broken  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="a bug of ours"):
        async with open_workbench(bench) as person:
            await person.settle()


async def test_megabytes_open_wrap_and_are_searched() -> None:
    async with open_workbench(FakeBench(), 80, 24) as person:
        person.bench.go_to("inspector")
        view = person.bench.inspector.view
        body = [f'  "key {number}": "value {number}",' for number in range(40_000)]
        view.show(Sheet((), body, "json"))
        assert view.count == 40_000
        await person.press("slash")
        await person.type("value 39999")
        await person.press("enter")
        assert view.place == "1/1"
        assert '"value 39999"' in person.screen()
        view.show(Sheet((), ["x" * 200_000, "界" * 100, "end"], "text"))
        cells = view.cells
        assert view.count == -(-200_000 // cells) + -(-200 // (cells - cells % 2)) + 1
        await person.press("escape", "G")
        assert "end" in person.screen()
        assert "界" in person.screen()


async def test_control_characters_of_an_answer_do_not_reach_the_terminal() -> None:
    async with open_workbench(FakeBench()) as person:
        person.bench.inspector.view.show(Sheet((), ["a\x1b[2Jb\x07"], "text"))
        await person.settle()
        assert "\x1b" not in person.screen() and "\x07" not in person.screen()


async def test_names_are_never_read_as_markup() -> None:
    odd = Profile(id="[bold]", attributes={"name": "[red]x[/red] [@click=app.quit]y[/]"})
    bench = FakeBench(profiles=[odd])
    async with open_workbench(bench) as person:
        await person.press("f")
        assert "[red]x[/red]" in person.header()
        assert "[bold]" in person.screen()
        assert "newest run: for [bold]" in person.screen()


async def test_what_a_step_did_is_said_as_show_says_it() -> None:
    async with open_workbench(FakeBench(), journey="win-back") as person:
        await person.press("f")
        for step, did in (
            ("pause", "1d, until 2026-01-02 00:00 UTC"),
            ("half", "reminder"),
            ("remind", "push to random_id: You left something behind, John Doe."),
            ("won", 'win_back = "done"'),
        ):
            person.bench.map.go_to(step)
            await person.settle()
            assert f"did    {did}\nthen " in person.inspector()
