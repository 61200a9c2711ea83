from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import InputError
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.overrides import override_rule, parse_answer, parse_answers, with_overrides
from sandbox.model.base import Json
from sandbox.model.rules import Item, RuleSet
from tests.mocks.calls import call, rules


def test_a_status_a_body_and_a_fault() -> None:
    assert parse_answer("503") == Item(status=503)
    assert parse_answer('201:{"id":1}') == Item(status=201, json={"id": 1})
    assert parse_answer("200:null").has_json
    assert parse_answer(" timeout ") == Item(fault="timeout")
    assert parse_answers('503, 201:{"a":[1,2],"b":"x,y"} ,reset,200:[1,2]') == (
        Item(status=503),
        Item(status=201, json={"a": [1, 2], "b": "x,y"}),
        Item(fault="reset"),
        Item(status=200, json=[1, 2]),
    )


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 1, "an answer is missing"),
        ("503,", 5, "an answer is missing"),
        ("503,,200", 5, "an answer is missing"),
        ("50", 1, "'50' is not a status"),
        ("199", 1, "'199' is not a status"),
        ("1000", 1, "'1000' is not a status"),
        ("200,  rset", 7, "did you mean reset"),
        ("-1", 1, "neither a status nor a fault"),
        ("timeout:{}", 1, "no body can follow"),
        ("201:{", 6, "not JSON"),
        ("201:", 5, "not JSON"),
        ("201:NaN", 5, "NaN is not a JSON value"),
        ("201:{} x", 8, "a comma is missing"),
        pytest.param("201:" + "[" * 100 + "]" * 100, 5, "nests deeper", id="deep"),
        pytest.param("201:" + "[" * 100_000, 5, "nests deeper", id="deeper than the parser goes"),
    ],
)
def test_nonsense_is_refused_with_its_position(text: str, position: int, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_answers(text)
    assert expected in refused.value.message
    assert f"at character {position}\n" in refused.value.message
    assert "503" in refused.value.hint


def test_parse_answer_takes_one_only() -> None:
    with pytest.raises(InputError, match="more than one answer at character 4"):
        parse_answer("503,200")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(200, 999), json_values), min_size=1, max_size=4))
def test_commas_inside_json_do_not_split(pairs: list[tuple[int, Json]]) -> None:
    text = ",".join(f"{status}:{json.dumps(body)}" for status, body in pairs)
    assert [(item.status, item.json_) for item in parse_answers(text)] == pairs


def test_overrides_go_first_and_the_last_repeats() -> None:
    made = with_overrides(
        rules({"id": "answer-call", "priority": 0, "respond": {"items": [{"status": 200}]}}),
        {"call": parse_answers("503,timeout")},
    )
    assert [rule.id for rule in made.rules] == ["answer-call.2", "answer-call"]
    session = MockEngine(made).session()
    assert session.answer(call()).status == 503
    for _ in range(2):
        error = session.answer(call()).error
        assert error is not None
        assert error.kind == "read_timeout"
    assert session.answer(call(step="other")).status == 200
    assert RuleSet.parse(made.document()).rules == made.rules


def test_a_long_step_name_still_gives_a_valid_rule_id() -> None:
    assert len(override_rule("x" * 64, [Item(status=200)]).id) == 64
    taken = rules({"id": "answer-" + "x" * 57, "respond": {"items": [{"status": 200}]}})
    made = with_overrides(taken, {"x" * 64: [Item(status=200)]})
    assert RuleSet.parse(made.document()) == made
