"""The main job, by keyboard: fire, force, step, repeat, for one and for many."""

from __future__ import annotations

import asyncio

import pytest

from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings
from sandbox.tui.app import SandboxApp
from tests.tui.fake_bench import FakeBench, people
from tests.tui.stage import Person, open_workbench


async def test_opens_on_the_first_journey_and_its_call() -> None:
    async with open_workbench(FakeBench()) as person:
        screen = person.screen()
        assert "newsletter" in person.header() and "John Doe (7)" in person.header()
        assert "MOCK" in person.header()
        assert "[user info ON]" in person.header()
        assert "rules: all-ok" in person.header()
        assert "POST http://127.0.0.1:8765/hook" in screen
        assert '"variable_1": "value_1"' in screen
        assert "call  Call an API  POST /hook" in screen
        assert "no call yet: f fires the journey" in screen


async def test_f_fires_and_everything_moves() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("f")
        assert "✓ 1  ✗ 0" in person.screen()
        assert "100 %" in person.header()
        assert [trace["run"]["seed"] for trace in bench.past.traces] == [42]
        row = person.bench.calls.shown[0]
        assert (row.number, row.step, row.code, row.outcome) == (1, "call", "200", "success")
        assert "newest run: for 7, completed" in person.screen()
        await person.press("f", "f")
        assert [trace["run"]["seed"] for trace in bench.past.traces] == [42, 43, 44]
        assert "seed 45" in person.header()
        assert bench.answers.warmed


@pytest.mark.slow
async def test_forced_answer_is_used_once_and_explained() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("5")
        assert "next: 503 (call)" in person.header()
        await person.press("f")
        assert "next:" not in person.header()
        assert "✗ 1" in person.header()
        assert "• │ ● tag_failed" in person.screen()
        person.bench.go_to("inspector")
        await person.press("right", "right")
        assert "503 The server is overloaded" in person.inspector()
        assert "check  Wait (Retry-After may say how long)" in person.inspector()
        assert "failure → tag_failed" in person.inspector()
        await person.press("f")
        assert [trace["counts"]["call"]["failure"] for trace in bench.past.traces] == [1, 0]


@pytest.mark.slow
async def test_a_forced_answer_can_be_taken_back() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("t")
        assert "next: timeout" in person.header()
        await person.press("0")
        assert "next:" not in person.header()


@pytest.mark.slow
async def test_user_info_off_changes_payload_and_run() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        assert '"John Doe"' in person.inspector()
        await person.press("u")
        assert "[user info OFF]" in person.header()
        assert '"John Doe"' not in person.inspector()
        await person.press("f")
        request = bench.past.traces[0]["steps"][1]["request"]
        assert request is not None and "user" not in request["body"]
        person.bench.go_to("inspector")
        await person.press("left")
        assert "without user info: - " in person.inspector()
        assert '-     "name": "John Doe",' in person.inspector()
        await person.press("u")
        assert "[user info ON]" in person.header()


@pytest.mark.slow
async def test_fire_for_all_fires_for_those_whom_the_filter_shows() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("slash")
        await person.type("user n")
        assert person.bench.pane == "profiles"
        shown = [one.id for one in person.bench.profiles.shown]
        assert 0 < len(shown) < 15
        await person.press("enter", "F")
        runs = [trace["run"] for trace in bench.past.traces]
        assert [run["profile"] for run in runs] == shown
        assert [run["seed"] for run in runs] == list(range(42, 42 + len(shown)))
        await person.press("escape")
        assert len(person.bench.profiles.shown) == 15


@pytest.mark.slow
async def test_the_keyboard_does_not_wait_for_a_thousand_runs_and_esc_stops_them() -> None:
    bench = FakeBench(profiles=people(1000))
    bench.answers.pause_s = 0.005
    async with open_workbench(bench) as person:
        person.bench.go_to("profiles")
        await person.pilot.press("F")
        for _ in range(200):
            await asyncio.sleep(0.01)
            if person.bench.snapshot.done > 3:
                break
        assert "/1000" in person.header()
        await person.pilot.press("j", "j")
        await person.pilot.pause()
        assert person.bench.choice.profile == "2"
        await person.pilot.press("escape")
        await person.settle()
        assert 3 < len(bench.past.traces) < 1000
        assert "running" not in person.header()
        done = len(bench.past.traces)
        await person.press("f")
        assert len(bench.past.traces) == done + 1


@pytest.mark.slow
async def test_step_forward_and_back() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("s")
        assert person.bench.snapshot.standing == "consent"
        assert "step 1" in person.header()
        await person.press("s")
        assert person.bench.snapshot.standing == "call"
        assert person.bench.choice.step == "call"
        assert "as sent in this step" in person.screen()
        await person.press("b")
        assert person.bench.snapshot.standing == "consent"
        await person.press("5", "s")
        assert "next:" not in person.header()
        await person.press("s")
        assert person.bench.snapshot.standing == "tag_failed"
        assert not bench.past.traces
        await person.press("s")
        assert len(bench.past.traces) == 1
        assert bench.past.traces[0]["counts"]["call"]["failure"] == 1
        assert "in the history" in person.toasts()
        await person.press("s", "escape")
        assert not person.bench.snapshot.stepping
        assert len(bench.past.traces) == 1


@pytest.mark.slow
async def test_back_without_a_run_says_so() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("b")
        assert "s begins one" in person.toasts()


@pytest.mark.slow
async def test_repeat_takes_the_seed_of_the_run() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("R")
        assert "There is no run yet" in person.toasts()
        await person.press("f", "5", "f", "R")
        runs = [trace["run"]["seed"] for trace in bench.past.traces]
        assert runs == [42, 43, 43]
        assert bench.past.traces[2]["counts"] == bench.past.traces[1]["counts"]
        person.bench.go_to("calls")
        await person.press("G", "R")
        assert bench.past.traces[3]["run"]["seed"] == 42
        assert "seed 44" in person.header()


@pytest.mark.slow
async def test_repeat_of_a_run_that_was_forked_step_by_step_has_its_answers() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("5", *"ssss", "R")
        first, second = bench.past.traces
        assert first["counts"]["call"]["by_code"] == {"503": 1}
        assert second["counts"] == first["counts"]
        assert [one["step"] for one in second["steps"]] == [one["step"] for one in first["steps"]]


@pytest.mark.slow
async def test_a_time_out_takes_as_long_step_by_step_as_at_once() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("t", "f", "t", *"ssss")
        once, stepped = bench.past.traces
        took = [[one["took_ms"] for one in run["steps"] if one.get("request")]
                for run in (once, stepped)]  # fmt: skip
        assert took == [[30_000.0], [30_000.0]]


@pytest.mark.slow
async def test_a_forced_answer_that_was_not_used_waits_and_says_so() -> None:
    bench = FakeBench()
    async with open_workbench(bench, journey="win-back") as person:
        await person.press("5")
        step = person.bench.choice.step
        assert f"next: 503 ({step})" in person.header()
        for _ in range(12):
            await person.press("f")
            calls = [one for one in bench.past.traces[-1]["steps"] if one["step"] == step]
            if calls:
                assert calls[0]["response"] is not None
                assert calls[0]["response"]["status"] == 503
                assert "next:" not in person.header()
                break
            assert f"next: 503 ({step})" in person.header()
            assert f"503 was not used: this run did not call {step}." in person.toasts()


@pytest.mark.slow
async def test_a_trigger_fires_every_journey_that_listens() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        person.bench.go_to("triggers")
        await person.press("G", "enter")
        assert [trace["run"]["journey"] for trace in bench.past.traces] == ["win-back"]
        assert "cart_abandoned happened: 1 journey ran." in person.toasts()


@pytest.mark.slow
async def test_what_is_expected_of_all_runs_is_told_after_everybody() -> None:
    bench = FakeBench(profiles=people(3))
    expect = {"per": "all", "calls": {"max": 2}}
    rule = {"id": "c", "expect": expect, "respond": {"items": [{"status": 200}]}}
    bench.documents.put_rule_sets([RuleSet.parse({"id": "strict", "rules": [rule]})])
    bench.documents.kept_settings = Settings(active_rules="strict")
    async with open_workbench(bench) as person:
        await person.press("f", "f", "f")
        assert "all runs together" not in person.toasts()
        await person.press("F")
        said = "all runs together: rule c expects 2 calls at most; it had 3"
        assert f"{said} (expected_calls)" in person.toasts()
        assert person.bench.snapshot.trace is not None
        assert [one["message"] for one in person.bench.snapshot.trace["findings"]] == [said]
        assert all(trace["findings"] == [] for trace in bench.past.traces)


async def test_q_leaves() -> None:
    app = SandboxApp(FakeBench().opened)
    async with app.run_test(size=(120, 40)) as pilot:
        await Person(app, pilot).settle()
        await pilot.press("q")
        await pilot.pause()
        assert not app.is_running or app._exit
