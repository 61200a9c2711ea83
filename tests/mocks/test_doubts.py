"""Warnings about rules that are allowed and look like a mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.formats.documents import read
from sandbox.mocks.call import Call
from sandbox.mocks.compiled import compile_rules
from sandbox.mocks.doubts import doubts
from sandbox.mocks.shadows import shadowed
from sandbox.mocks.urls import split_url
from sandbox.model.base import Json
from sandbox.model.exchange import Send
from sandbox.model.match import Match
from sandbox.model.rules import RuleSet
from tests.engine.fixtures import FIXTURES
from tests.mocks.calls import rules
from tests.mocks.test_matching import calls, matches

OK: Json = {"items": [{"status": 200}]}


@pytest.mark.parametrize(
    ("respond", "expected"),
    [
        ({"mode": "single", "items": [{"status": 200}, {"status": 500}]},
         "item_unreachable rules[0].respond.items[1]"),
        ({"mode": "weighted", "items": [{"status": 200}, {"status": 500, "weight": 0}]},
         "item_unreachable rules[0].respond.items[1]"),
        ({"mode": "weighted", "items": [{"status": 200, "weight": 0.5},
                                        {"status": 500, "weight": 0.4}]},
         "weights_not_1 rules[0].respond.items"),
        ({"items": [{"status": 200, "weight": 2}]},
         "setting_ignored rules[0].respond.items[0].weight"),
        ({"mode": "weighted", "at_end": "fail", **OK}, "setting_ignored rules[0].respond.at_end"),
        ({"items": [{"status": 600}]}, "status_impossible rules[0].respond.items[0].status"),
        ({"items": [{"status": 204, "json": {}}]},
         "body_not_allowed rules[0].respond.items[0].json"),
        ({"items": [{"status": 304, "text": "x"}]},
         "body_not_allowed rules[0].respond.items[0].text"),
        ({"items": [{"status": 429, "headers": {"Retry-After": "-1"}}]},
         "retry_after_malformed rules[0].respond.items[0].headers.Retry-After"),
        ({"items": [{"status": 429, "headers": {"Retry-After": "1.5"}}]},
         "retry_after_malformed rules[0].respond.items[0].headers.Retry-After"),
        ({"items": [{"status": 429, "headers": {"Retry-After": "soon"}}]},
         "retry_after_malformed rules[0].respond.items[0].headers.Retry-After"),
        ({"items": [{"status": 429, "headers": {"Retry-After": "120"}}]}, ""),
        ({"items": [{"status": 429, "headers": {"Retry-After": "{{request.body.s}}"}}]}, ""),
        ({"items": [{"status": 503,
                     "headers": {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}}]}, ""),
        ({"mode": "weighted", "items": [{"status": 200, "weight": 19}, {"status": 500}]}, ""),
        ({"mode": "weighted", "items": [{"status": 200, "weight": 0.9},
                                        {"status": 500, "weight": 0.1}]}, ""),
    ],
)  # fmt: skip
def test_what_an_answer_gives_doubt_of(respond: Json, expected: str) -> None:
    found = doubts(rules({"respond": respond}))
    told = [f"{one.code} {one.message.partition(' ')[0]}" for one in found]
    assert told == ([expected] if expected else [])
    assert all(one.level == "warning" and "(rule r0)" in one.message for one in found)


def test_a_state_that_no_rule_leads_to() -> None:
    made = rules(
        {"scenario": {"name": "a", "in": "started", "to": "up"}, "respond": OK},
        {"scenario": {"name": "a", "in": ["up", "dwon"]}, "respond": OK},
    )
    assert [one.message for one in doubts(made)] == [
        "rules[1].scenario.in (rule r1): no rule leads a to the state 'dwon'; there is started, up"
    ]


@pytest.mark.parametrize(
    ("first", "second", "hides"),
    [
        ({}, {"match": {"step": "a"}}, True),
        ({"match": {"step": ["a", "b"]}}, {"match": {"step": "a", "method": "GET"}}, True),
        ({"match": {"step": "a"}}, {"match": {"step": ["a", "b"]}}, False),
        ({"match": {"url": "/x/{id}"}}, {"match": {"url": "/x/7"}}, True),
        ({"match": {"url": "/x/{id}"}}, {"match": {"url": "/x/{n}"}}, True),
        ({"match": {"url": "/x/*"}}, {"match": {"url": "/x/y/{n}"}}, True),
        ({"match": {"url": "/x/{id}"}}, {"match": {"url": "/x/*"}}, False),
        ({"match": {"url": "/x/{id}*"}}, {"match": {"url": "/x/*"}}, False),
        ({"match": {"url": {"host": "a.b"}}}, {"match": {"url": {"host": "a.b:80"}}}, True),
        ({"match": {"url": {"host": "a.b:80"}}}, {"match": {"url": {"host": "a.b"}}}, False),
        ({"match": {"url": "http://a.b/x"}}, {"match": {"url": "http://a.b/xy"}}, True),
        ({"match": {"attempt": {"gte": 2}}}, {"match": {"attempt": 3}}, True),
        ({"match": {"attempt": {"gte": 2}}}, {"match": {"attempt": {"gte": 1}}}, False),
        ({"match": {"headers": {"x": "1"}}}, {"match": {"headers": {"x": "1", "y": "2"}}}, True),
        ({"match": {"headers": {"x": {"exists": True}}}}, {"match": {"headers": {"x": "1"}}}, True),
        ({"match": {"headers": {"x": "1"}}}, {"match": {"headers": {"x": "2"}}}, False),
        ({"match": {"not": {"step": "a"}}}, {"match": {"not": {"step": "a"}}}, True),
        ({"match": {"not": {"step": "a"}}}, {"match": {"step": "b"}}, False),
        ({"enabled": False}, {}, False),
        ({"window": {"to": "1h"}}, {}, False),
        ({"scenario": {"name": "a", "in": "up"}}, {}, False),
        ({"respond": {**OK, "at_end": "next_rule"}}, {}, False),
        ({"respond": {**OK, "at_end": "cycle"}}, {}, True),
        ({"respond": {"mode": "pass"}}, {}, False),
        ({}, {"priority": 1}, False),
    ],
)
def test_a_rule_behind_one_that_takes_all_its_calls(first: Json, second: Json, hides: bool) -> None:
    made = rules({"respond": OK, **first}, {"respond": OK, **second})
    found = [(rule.id, by.id) for rule, by in shadowed(compile_rules(made))]
    assert (("r1", "r0") in found) is hides


@pytest.mark.slow
@given(st.lists(matches, min_size=2, max_size=6), st.lists(calls, min_size=1, max_size=6))
def test_no_call_ever_reaches_a_rule_that_is_said_to_be_hidden(
    found: list[Match], asked: list[Send]
) -> None:
    written = [{"match": match.document(), "respond": OK} for match in found]
    compiled = compile_rules(rules(*written))
    hidden = list(shadowed(compiled))
    for send in asked:
        seen = Call(send, split_url(send.request.url))
        for rule, by in hidden:
            assert by.matcher.fits(seen) or not rule.matcher.fits(seen)


@pytest.mark.slow
def test_thousands_of_rules_are_compared_in_a_moment() -> None:
    documents = [{"match": {"url": f"/r{n}/{{id}}"}, "respond": OK} for n in range(3_000)]
    made = rules(*documents, {"id": "same", "match": {"url": "/r2222/{x}"}, "respond": OK})
    assert [(rule.id, by.id) for rule, by in shadowed(compile_rules(made))] == [("same", "r2222")]


@pytest.mark.parametrize("path", sorted((FIXTURES / "rules").iterdir()), ids=lambda one: one.stem)
def test_the_demos_rules_leave_no_doubt(path: object) -> None:
    text = (FIXTURES / str(path)).read_text("utf-8")
    assert doubts(RuleSet.parse(read(text, str(path)))) == []
