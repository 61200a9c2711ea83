"""Rule sets and presets in the workbench: two keys, copies, a rule from a call."""

from __future__ import annotations

import pytest

from sandbox.errors import InputError
from sandbox.mocks.presets import PRESETS
from sandbox.model.exchange import Answer, Fail
from sandbox.model.rules import RuleSet
from sandbox.tui.forcing import QUICK
from sandbox.tui.making import free_name, made_rules
from sandbox.tui.screens.rules import Rules
from sandbox.tui.widgets.rows import Rows
from sandbox.tui.widgets.rule_list import LETTERS, words_of
from tests.engine.walking import Asked, call, go, journey, shown
from tests.tui.fake_bench import FakeBench
from tests.tui.stage import open_workbench


def test_every_preset_has_a_key_that_means_nothing_else_in_the_window() -> None:
    assert set(LETTERS) == set(PRESETS)
    taken = [key.strip() for one in Rows.BINDINGS for key in one.key.split(",")]  # type: ignore[union-attr]
    keys = [*LETTERS.values(), *QUICK, "0", "o", "c", "tab", *taken]
    assert len(keys) == len(set(keys))


@pytest.mark.slow
async def test_two_keys_choose_a_preset_and_it_answers() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("r", "r")
        assert "rules: deploy-restart" in person.header()
        await person.press("f")
        assert bench.past.traces[0]["counts"]["call"]["by_code"] == {"reset": 1}
        await person.press("r", "d", "f")
        assert "rules: down" in person.header()
        assert bench.past.traces[-1]["counts"]["call"]["by_code"] == {"503": 1}
        await person.press("r", "1")
        assert "rules: all-ok" in person.header()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 50)])
async def test_the_window_shows_all_presets_and_what_they_do(width: int, height: int) -> None:
    async with open_workbench(FakeBench(), width, height) as person:
        await person.press("r", "G")
        screen = person.screen()
        for name in PRESETS:
            assert name in screen
        assert "every call: read timeout" in screen
        assert "▶  1  all-ok" in screen
        assert "503, 503, 200   or" in screen


@pytest.mark.slow
async def test_a_narrow_header_shortens_the_name_of_the_rules() -> None:
    async with open_workbench(FakeBench(), 80, 24) as person:
        await person.press("r", "u")
        assert "rules: duplica" in person.header()
        assert "MOCK" in person.header() and "user info ON" in person.header()


@pytest.mark.slow
async def test_a_preset_is_copied_into_the_workspace_once() -> None:
    bench = FakeBench()
    async with open_workbench(bench) as person:
        await person.press("r", "G", "c")
        assert "rules: duplicate-delivery" in person.header()
        assert "duplicate-delivery is a rule set of the workspace now" in person.toasts()
        assert bench.documents.rule_set("duplicate-delivery").rules
        await person.press("r", "c")
        assert isinstance(person.app.screen, Rules)
        assert "is in the workspace already" in person.screen()


@pytest.mark.slow
async def test_a_call_that_nothing_matched_becomes_a_rule_in_use() -> None:
    bench = FakeBench()
    rule = {"id": "x", "match": {"step": "else"}, "respond": {"items": [{"status": 200}]}}
    bench.documents.put_rule_sets([RuleSet.parse({"id": "own", "rules": [rule]})])
    async with open_workbench(bench, 200, 50) as person:
        await person.press("r", "3", "f", "ctrl+o", "c", "enter")
        shown = person.screen()
        assert "x  step is 'call', not 'else'" in shown
        assert "w makes a rule from this call" in shown
        await person.press("w")
        assert "rules: newsletter-call" in person.header()
        assert "leaves the rest to own" in person.toasts()
        await person.press("f")
        step = bench.past.traces[-1]["steps"][1]
        assert (step["rule"], step["outcome"]) == ("call", "success")
        made = bench.documents.rule_set("newsletter-call")
        assert [rule.id for rule in made.rules] == ["call", "x"]
        await person.press("w")
        assert "rules: newsletter-call-2" in person.header()


@pytest.mark.slow
async def test_without_a_call_there_is_no_rule() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("w")
        assert "There is no call to make a rule from" in person.toasts()


@pytest.mark.slow
async def test_the_made_rule_goes_before_all_others() -> None:
    bench = FakeBench()
    first = {"id": "strict", "seed": 5, "rules": [
        {"id": "call", "priority": 1, "respond": {"items": [{"status": 500}]}}]}  # fmt: skip
    async with open_workbench(bench) as person:
        await person.press("f")
    made = made_rules(bench.past.traces[0], "call", RuleSet.parse(first), ["newsletter-call"])
    assert (made.id, made.seed) == ("newsletter-call-2", 5)
    assert [(rule.id, rule.priority) for rule in made.rules] == [("call-2", 1), ("call", 1)]


def test_what_was_never_sent_is_no_rule() -> None:
    held = Answer(error=Fail("breaker_open", "sandbox", "nothing was sent"))
    trace = shown(go(journey(call()), Asked(held)))
    with pytest.raises(InputError, match="no call of 'call' was sent"):
        made_rules(trace, "call", None, [])


def test_names_and_words() -> None:
    assert free_name("a", ["a", "a-2"]) == "a-3"
    assert words_of(RuleSet(id="none"), 3) == ["no rules: nothing is answered"]
    items = [{"times": 2, "status": 503, "headers": {"Retry-After": "2"}}, {"fault": "bad_chunk"}]
    rule = {"id": "a", "match": {"method": "POST", "url": "/x", "step": "s", "attempt": {"gte": 2}},
            "respond": {"items": items, "at_end": "cycle"}, "latency": {"ms": 1500}}  # fmt: skip
    rules = RuleSet.parse({"rules": [{**rule, "id": f"r{n}"} for n in range(4)]})
    line = (
        "POST /x of s attempt >= 2: 503 (Retry-After 2) 2 times, then bad chunk, "
        "and from the start again; after 1.5 s"
    )
    assert words_of(rules, 3) == [line, line, "and 2 more rules"]


@pytest.mark.slow
async def test_an_empty_workspace_answers_200() -> None:
    bench = FakeBench()
    bench.documents.kept_rules.clear()
    async with open_workbench(bench) as person:
        assert "rules: all-ok" in person.header()
        await person.press("f")
        assert bench.past.traces[0]["counts"]["call"]["by_code"] == {"200": 1}
