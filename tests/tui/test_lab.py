"""The lab over the workbench: sweep, walk in the matrix, open a run, stop, compare vendors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from sandbox.model.journey import Journey
from sandbox.tui.app import SandboxApp
from sandbox.tui.ink import plain
from sandbox.tui.lab_actions import LAB_ACTIONS
from sandbox.tui.lab_asking import VENDORS
from sandbox.tui.screens.lab import Lab
from sandbox.tui.widgets.lab_lists import wrapped
from tests.tui.fake_bench import FakeBench
from tests.tui.pictures import Compare, after, pictured
from tests.tui.stage import Person, open_workbench


def lab(person: Person) -> Lab:
    screen = person.app.screen
    assert isinstance(screen, Lab)
    return screen


def detail(person: Person) -> str:
    rows = lab(person).detail
    return "\n".join(plain(rows.line(n, 200)) for n in range(rows.count))


def long_journey(calls: int) -> Journey:
    """Calls whose failures leave tags that a condition reads in the end: they multiply."""
    steps: list[dict[str, object]] = []
    for n in range(calls):
        after = f"c{n + 1}" if n + 1 < calls else "which"
        url = "http://127.0.0.1:8765/hook"
        steps += [
            {"id": f"c{n}", "kind": "call_api", "url": url, "on_failure": f"f{n}",
             "on_success": f"s{n}"},
            {"id": f"f{n}", "kind": "add_tag", "tag": f"failed-{n}", "next": after},
            {"id": f"s{n}", "kind": "add_tag", "tag": f"worked-{n}", "next": after},
        ]  # fmt: skip
    when = {"path": "user.tags", "op": "contains", "value": "failed-0"}
    branches = [{"name": "yes", "when": when, "next": "end"}]
    steps.append({"id": "which", "kind": "condition", "branches": branches, "else": "end"})
    trigger = {"kind": "event", "name": "go"}
    return Journey.model_validate(
        {"id": "long", "dialect": "usercom", "trigger": trigger, "steps": steps}
    )


@pytest.mark.slow
async def test_the_lab_opens_swept_and_goes_back() -> None:
    bench = FakeBench()
    async with open_workbench(bench, journey="win-back") as person:
        await person.press("L")
        screen = person.screen()
        assert "15 of 15 reachable edges (100 %), 10 runs for 2 people, 1 finding" in screen
        assert "2 sent twice" in screen and "→ failure path" in screen
        assert "! duplicate_send coupon:" in screen
        assert "3 scenarios reach everything" in screen
        assert not bench.past.traces, "a sweep records nothing"
        await person.press("escape")
        assert person.app.screen is person.bench


@pytest.mark.slow
async def test_the_cursor_moves_by_cell_and_enter_opens_exactly_that_run() -> None:
    bench = FakeBench()
    async with open_workbench(bench, journey="win-back") as person:
        await person.press("L", "l", "h", "G", "k", "k")
        assert "coupon answers timeout  2 sent twice" in detail(person)
        await person.press("j")
        assert "coupon: refused" in detail(person)
        await person.press("k", "enter")
        assert person.app.screen is person.bench
        trace = bench.past.traces[-1]
        assert trace["run"]["journey"] == "win-back"
        assert trace["run"]["profile"] == "8" == person.bench.choice.profile
        assert person.bench.profiles.selected is not None
        assert person.bench.profiles.selected.id == "8"
        sent = [step for step in trace["steps"] if step["step"] == "coupon"]
        errors = [step["error"] for step in sent]
        assert len(errors) > 1 and all(one and one["kind"] == "read_timeout" for one in errors)
        assert person.bench.choice.step == "coupon" == person.bench.map.step
        assert "read_timeout" in person.inspector()
        assert person.bench.opened is not None and person.bench.opened.step == "coupon"
        assert "newest run: for 8" in person.screen()


@pytest.mark.slow
async def test_a_cell_plays_its_own_answer_not_one_that_does_the_same() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("L")
        lab(person).matrix.go_to("429", "call")
        await person.press("enter")
        response = bench.past.traces[-1]["steps"][1].get("response")
        assert response is not None and response["status"] == 429
        assert bench.past.traces[-1]["run"]["via"] == "mock"


@pytest.mark.slow
async def test_every_cell_plays_what_the_matrix_says() -> None:
    async with open_workbench(FakeBench(), journey="contact-sync") as person:
        await person.press("L")
        swept = lab(person).swept
        assert swept is not None
        for (step, name), scenario in swept.examples.items():
            ended = swept.report.example[step, name]
            assert (scenario.status, scenario.path) == (ended.status, ended.path)
            if name in ("404", "409", "429", "refused", "reset"):
                assert scenario.answers[step][-1] == name


@pytest.mark.slow
async def test_a_scenario_opens_and_a_finding_shows_its_call() -> None:
    bench = FakeBench()
    async with open_workbench(bench, journey="win-back") as person:
        await person.press("L", "tab", "tab", "enter")
        matrix = lab(person).matrix
        assert (lab(person).pane, matrix.name_here) == ("lab-matrix", "coupon")
        assert matrix.row is not None and matrix.row.key == "timeout"
        await person.press("tab", "tab", "G", "enter")
        assert person.app.screen is person.bench
        assert bench.past.traces[-1]["run"]["status"] == "completed"
        assert "everything succeeds" in person.toasts()


@pytest.mark.slow
async def test_a_hidden_person_is_shown_again() -> None:
    async with open_workbench(FakeBench(), journey="win-back") as person:
        person.bench.go_to("profiles")
        await person.press("slash")
        await person.type("john")
        await person.press("enter", "L")
        lab(person).matrix.go_to("timeout", "coupon")
        await person.press("enter")
        assert person.bench.choice.profile == "8"
        assert any(one.id == "8" for one in person.bench.profiles.shown)


@pytest.mark.slow
async def test_vendors_side_by_side_with_origins() -> None:
    async with open_workbench(FakeBench(), 200, 50) as person:
        await person.press("L")
        screen = person.screen()
        assert all(vendor in screen for vendor in VENDORS)
        rows = lab(person).vendors.rows
        assert [row.key for row in rows] == [str(n) for n in range(7)]
        assert all(text.split()[-1] in ("doc", "rep", "ASM", "own")
                   for row in rows for text, _ in row.cells[1:])  # fmt: skip
        assert [row.cells[0][0] for row in rows] == ["agree"] * 2 + ["call"] * 5
        await person.press("v", "j", "j", "j")
        assert "the vendors part after call" in detail(person)
        await person.press("l", "l")
        assert "insider: failure → tag_ok" in detail(person)
        assert "assumed" in detail(person) and "policy" in detail(person)
        await person.press("enter")
        await until(lambda: person.app.screen is person.bench)
        await until(lambda: "call=404 as insider" in person.toasts())
        trace = person.bench.snapshot.trace
        assert trace is not None
        assert trace["run"]["dialect"] == "insider"
        call = next(step for step in trace["steps"] if step["step"] == "call")
        assert call["response"] is not None
        assert (call["outcome"], call["response"]["status"]) == ("failure", 404)


async def begin_full_sweep(person: Person) -> None:
    """Keys are posted, not piloted: a pilot waits until the whole process is idle."""
    await person.press("L")
    screen = lab(person)
    person.app.simulate_key("d")
    await until(lambda: screen.asked.depth == "pairs")
    person.app.simulate_key("d")
    await until(lambda: screen.asked.depth == "full")
    await until(lambda: screen.going is not None and screen.going.so_far[0] > 0)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came to be")


@pytest.mark.slow
async def test_escape_stops_a_big_sweep_and_shows_what_is_known() -> None:
    bench = FakeBench(journeys=[long_journey(14)])
    async with open_workbench(bench) as person:
        await begin_full_sweep(person)
        person.app.simulate_key("j")
        await until(lambda: lab(person).matrix.cursor == 1)
        assert lab(person).going is not None, "the keyboard does not wait"
        person.app.simulate_key("escape")
        await until(lambda: lab(person).going is None)
        await person.settle()
        report = lab(person).report
        assert report is not None and not report.complete
        assert report.depth == "full" and 0 < report.runs < 20_000
        assert "stopped early" in person.screen()
        assert "it was interrupted after" in person.screen()
        await person.press("escape")
        assert person.app.screen is person.bench


@pytest.mark.slow
async def test_leaving_stops_the_sweep() -> None:
    bench = FakeBench(journeys=[long_journey(14)])
    async with open_workbench(bench) as person:
        await begin_full_sweep(person)
        going = lab(person).going
        person.app.simulate_key("q")
        await until(lambda: person.app.screen is person.bench)
        assert going is not None and going.stopped
        await person.settle()
    assert not [one for one in threading.enumerate() if one.name == "bench"]


@pytest.mark.slow
async def test_depth_people_and_budget_sweep_again() -> None:
    async with open_workbench(FakeBench(), journey="win-back") as person:
        await person.press("L", "d")
        report = lab(person).report
        assert report is not None and (report.depth, report.runs) == ("pairs", 15)
        await person.press("p")
        report = lab(person).report
        assert report is not None and report.profiles == ["7"]
        assert "people: 7" in person.header()
        await person.press("p", "b")
        report = lab(person).report
        assert report is not None and len(report.profiles) == 15
        assert report.budget == 100_000
        assert "people: all 15" in person.header()


@pytest.mark.slow
async def test_what_is_wrong_is_shown_in_the_pane() -> None:
    bench = FakeBench(profiles=[])
    async with open_workbench(bench) as person:
        await person.press("L")
        assert "the workspace has no profiles" in person.screen()
        assert "not swept" in person.screen()
        await person.press("j", "enter", "v", "enter", "tab", "escape")
        assert person.app.screen is person.bench


@pytest.mark.slow
async def test_no_journey_no_lab() -> None:
    async with open_workbench(FakeBench(journeys=[])) as person:
        await person.press("L")
        assert person.app.screen is person.bench
        assert "no journey to sweep" in person.toasts()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 16), (120, 40)])
async def test_every_pane_is_reachable_in_ascii_without_colour(
    monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    bench = FakeBench(profiles=FakeBench().documents.profiles()[:3])
    async with open_workbench(bench, *size, ascii=True, journey="win-back") as person:
        await person.press("L", "j")
        for word in ("+ proceeded", "cart_abandoned", "duplicate_send", "differs at"):
            screen = person.screen()
            assert word in screen
            odd = {char for char in screen if not " " <= char <= "~"} - {"\n"}
            assert odd <= set("▁▂▃▄▅▆▇█"), word  # scrollbars
            await person.press("tab")
        assert lab(person).pane == "lab-matrix"


@pytest.mark.slow
async def test_columns_that_find_no_room_are_scrolled_to() -> None:
    bench = FakeBench(journeys=[long_journey(9)])
    async with open_workbench(bench, 80, 24) as person:
        await person.press("L")
        assert lab(person).matrix.columns[-1] == "c8" and " c8  " not in person.screen()
        await person.press(*["right"] * 8)
        assert " c8  " in person.screen() and " c0  " not in person.screen()
        assert "c8 answers 2xx" in detail(person)


@pytest.mark.slow
async def test_help_footer_and_palette_name_the_keys() -> None:
    async with open_workbench(FakeBench(), 160, 50) as person:
        await person.press("L")
        footer = person.screen().splitlines()[-1]
        assert all(f"{a.shown} {a.verb}" in footer for a in LAB_ACTIONS if a.rank)
        await person.press("question_mark")
        assert "Help: Lab" in person.screen()
        await person.press("escape")
        await person.pilot.press("ctrl+p")
        await person.type("depth")
        await person.press("enter")
        await person.settle()
        assert lab(person).asked.depth == "pairs"


def test_wrapping_keeps_every_word_and_role() -> None:
    line = [("mark ", "warning"), ("some words that are too long for it", ""), (" end", "dim")]
    rows = wrapped(line, 14)
    assert all(len(plain(row)) <= 14 for row in rows)
    assert " ".join(plain(row).strip() for row in rows) == plain(line)
    assert rows[0][0] == ("mark ", "warning")
    assert rows[-1][-1][1] == "dim"


# Pictures ---------------------------------------------------------------------------------------


@pictured
@pytest.mark.parametrize(
    ("size", "keys"),
    [
        pytest.param((80, 24), ("L", "j", "j", "j", "j"), marks=pytest.mark.slow),
        pytest.param((120, 40), ("L", "G", "k", "k"), marks=pytest.mark.slow),
        pytest.param((200, 50), ("L", "v", "j", "j", "j", "l"), marks=pytest.mark.slow),
    ],
    ids=["80x24", "120x40", "200x50"],
)
def test_pictures(
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    keys: tuple[str, ...],
) -> None:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = SandboxApp(FakeBench().opened, journey="win-back")
    assert snap_compare(app, terminal_size=size, run_before=after(*keys))
