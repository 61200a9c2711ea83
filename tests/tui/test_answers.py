"""Rules, forced sequences, live and its question."""

from __future__ import annotations

import pytest

from sandbox.bench.options import RunOptions
from sandbox.errors import InputError
from sandbox.model.exchange import Request, Send
from sandbox.model.journey import Journey
from sandbox.tui.forcing import answerer_of, forced_from, with_forced
from sandbox.tui.screens.confirm_live import ConfirmLive
from sandbox.tui.screens.rules import Rules
from sandbox.tui.screens.running import MOST_LIVE
from tests.tui.fake_bench import FakeBench, people
from tests.tui.stage import open_workbench

pytestmark = pytest.mark.slow


async def test_choosing_a_rule_set_changes_the_answers() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("r")
        assert "The endpoint is down" in person.screen()
        await person.press("j", "j", "enter")
        assert "rules: down" in person.header()
        await person.press("f")
        assert bench.past.traces[0]["counts"]["call"]["failure"] == 1


async def test_quick_key_and_scope_in_the_window() -> None:
    bench = FakeBench()
    async with open_workbench(bench, journey="win-back") as person:
        await person.press("r", "o", "o", "9")
        assert "next: 429 (run)" in person.header()
        await person.press("f")
        counts = bench.past.traces[0]["counts"]
        assert counts["crm"]["by_code"] == {"429": 1}


async def test_a_sequence_is_played_in_order_and_a_wrong_one_stays_open() -> None:
    bench = FakeBench()
    journey = Journey.parse(
        {"id": "retry", "dialect": "usercom", "trigger": {"kind": "manual"},
         "steps": [{"id": "call", "kind": "call_api", "method": "GET", "url": "http://x.test/",
                    "retry": {"on": ["5xx"], "times": 3, "delay": "1m"}}]}
    )  # fmt: skip
    bench.documents.put_journeys([journey])
    async with open_workbench(bench, journey="retry") as person:
        await person.press("r", "tab")
        await person.type("503, wat")
        await person.press("enter")
        assert isinstance(person.app.screen, Rules)
        assert "neither a status nor a fault" in person.screen()
        await person.press(*["backspace"] * 3)
        await person.type("503, 204")
        await person.press("enter")
        assert "next: 503, 503, 204 (call)" in person.header()
        await person.press("f")
        codes = [row.code for row in reversed(person.bench.calls.shown)]
        assert codes == ["503", "503", "204"]
        assert "call (3)" in person.screen()


async def test_escape_in_the_rules_window_changes_nothing() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("5", "r", "j", "escape")
        assert "rules: all-ok" in person.header()
        assert "next: 503" in person.header()


async def test_live_asks_for_the_host_and_only_y_confirms() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("m")
        assert isinstance(person.app.screen, ConfirmLive)
        question = person.screen()
        assert "127.0.0.1:8765" in question
        assert "POST http://127.0.0.1:8765/hook" in question
        assert "Authorization: Bearer ••••" in question and "dummy-token" not in question
        assert "890 bytes" in question
        await person.press("enter")
        assert isinstance(person.app.screen, ConfirmLive)
        await person.press("y")
        assert "LIVE" in person.header() and "MOCK" not in person.header()
        assert "127.0.0.1:8765" in person.header()
        await person.press("f")
        assert len(bench.answers.sent) == 1
        assert bench.past.traces[0]["run"]["via"] == "live"
        await person.press("m")
        assert "MOCK" in person.header()
        await person.press("f")
        assert len(bench.answers.sent) == 1


@pytest.mark.parametrize("key", ["n", "escape", "q"])
async def test_live_can_be_declined(key: str) -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("m", key)
        assert "MOCK" in person.header()
        assert "Nothing was sent." in person.toasts()


async def test_another_host_is_asked_about_before_anything_is_sent() -> None:
    bench = FakeBench()
    other = Journey.parse(
        {"id": "other", "dialect": "usercom", "trigger": {"kind": "manual"},
         "steps": [{"id": "call", "kind": "call_api", "method": "GET", "url": "http://x.test/"}]}
    )  # fmt: skip
    bench.documents.put_journeys([other])
    async with open_workbench(bench) as person:
        await person.press("m", "y")
        person.bench.go_to("journeys")
        await person.press("G", "f")
        assert isinstance(person.app.screen, ConfirmLive)
        assert "x.test" in person.screen()
        await person.press("n")
        assert not bench.answers.sent
        await person.press("f", "y")
        assert [send.request.url for send in bench.answers.sent] == ["http://x.test/"]


async def test_repeating_a_live_run_under_mock_sends_nothing() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("m", "y", "f", "m")
        assert "MOCK" in person.header()
        await person.press("R")
        assert len(bench.answers.sent) == 1
        lived, again = bench.past.traces
        assert (lived["run"]["via"], again["run"]["via"]) == ("live", "mock")
        assert again["counts"] == lived["counts"]  # 204, as it was answered
        assert "Repeated with the answers it had." in person.toasts()
        await person.press("m", "R")
        assert len(bench.answers.sent) == 2


async def test_live_for_too_many_people_is_refused() -> None:
    bench = FakeBench(profiles=people(MOST_LIVE + 1))
    async with open_workbench(bench) as person:
        await person.press("m", "y", "F")
        assert "nothing was sent" in person.inspector()
        assert "filter to at most 100" in person.inspector()
        assert not bench.answers.sent


async def test_live_cannot_be_forced_or_stepped() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("m", "y", "5", "s")
        assert "next:" not in person.header()
        assert "answers for itself" in person.toasts()
        assert "Step by step is mocked" in person.toasts()


def test_forced_answers_for_one_call_leave_the_rest_to_the_rules() -> None:
    bench = FakeBench()
    rules = bench.documents.rule_set("all-ok")
    made = with_forced(RunOptions(), rules, forced_from("503"), "call", ["call", "other"])
    assert made.rules is not None and not made.answers
    assert made.rules.id != rules.id
    assert made.rules.rules[0].match.step == ("call",)
    assert made.rules.rules[0].respond.at_end == "next_rule"
    first = with_forced(RunOptions(), rules, forced_from("503"), "", ["call", "other"])
    assert first.rules is not None and first.rules.rules[0].match.step == ("call", "other")
    whole = with_forced(RunOptions(), rules, forced_from("503", "run"), "", ["call", "other"])
    assert set(whole.answers) == {"call", "other"}
    step = with_forced(RunOptions(), rules, forced_from("503", "step"), "tag", ["call", "other"])
    assert set(step.answers) == {"call"}
    assert with_forced(RunOptions(), rules, forced_from("503"), "", []) == RunOptions()


@pytest.mark.parametrize(
    ("text", "status", "kind"),
    [("503", 503, None), ('201:{"id":1}', 201, None), ("timeout", None, "read_timeout"),
     ("refused", None, "refused")],
)  # fmt: skip
def test_a_forced_answer_step_by_step(text: str, status: int | None, kind: str | None) -> None:
    send = Send(
        Request("POST", "http://a.test/", (), b""), "j", "7", "any", 1, 1, 42, 0, 12.5, 1_000, {}
    )
    answer = answerer_of(forced_from(text).items[0], None)(send)
    assert answer.status == status
    assert (answer.error.kind if answer.error else None) == kind
    assert (answer.source, answer.rule) == ("mock", "forced")
    assert answer.took_ms == (12_500 if text == "timeout" else answer.took_ms)


def test_a_wrong_sequence_says_where() -> None:
    with pytest.raises(InputError, match="character 6"):
        forced_from("503, wat")
