"""What the journey's texts can tell apart is swept, in every vendor's own syntax."""

from __future__ import annotations

import pytest

from sandbox.model.base import Json
from tests.lab.sweeping import call, classes, codes, journey, sweep, uncovered

OK = {"id": "ok", "kind": "add_tag", "tag": "ok", "next": "end"}
BAD = {"id": "bad", "kind": "add_tag", "tag": "bad", "next": "end"}


def tagged(text: str, dialect: str, **fields: Json) -> list[tuple[str, str]]:
    steps = (call(on_failure="end", **fields), {"id": "tag", "kind": "add_tag", "tag": text})
    return codes(sweep(journey(*steps, OK, dialect=dialect)))


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("usercom", "{{steps.call.body.tier}}"),
        ("insider", "x-{steps.call.body.tier}"),
        ("kustomer", "/#steps.call.body.tier"),
        ("kustomer", "{{steps.call.body.tier}}"),
        ("kustomer", "x-{{{steps.call.body.tier}}} {{event.kind}}"),
        ("kustomer", "/#fn:ifExists,steps.call.body.tier,x"),
    ],
)
def test_a_body_that_is_not_there_is_found(dialect: str, text: str) -> None:
    assert ("empty_body_read", "tag") in tagged(text, dialect)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("usercom", '{{steps.call.body.tier | default:"a" | number}}'),
        ("insider", '{steps.call.body.tier | default:"1" | number}'),
        ("kustomer", '{{toLower (lookup steps.call.body "tier")}}'),
        ("kustomer", '{{#if (eq steps.call.body.tier "gold")}}{{event.gone}}{{/if}}'),
        ("kustomer", "{{#if (gt steps.call.body.n 40)}}{{event.gone}}{{/if}}"),
        ("kustomer", "{{#if steps.call.body.a}}{{steps.call.body.b}}{{/if}}"),
        (
            "kustomer",
            "{{#unless (eq steps.call.response.statusCode 200)}}{{event.gone}}{{/unless}}",
        ),
    ],
)
def test_values_are_tried_that_a_filter_or_helper_makes_something_else_of(
    dialect: str, text: str
) -> None:
    found = tagged(text, dialect)
    assert {code for code, step in found if step == "tag"} & {"payload_broken", "empty_body_read"}


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        ("usercom", {"body": '{"x": "{{steps.call.body.x}}"}'}),
        ("insider", {"body": '{"x": "{steps.call.body.x}"}'}),
        ("kustomer", {"body": '{"x": "{{{steps.call.body.x}}}"}'}),
        ("kustomer", {"body": '{"x": "and {{steps.call.body.x}}"}'}),
        ("kustomer", {"headers": {"X-It": "{{{steps.call.body.x}}}"}}),
        ("usercom", {"headers": {"X-It": "{{steps.call.body.x}}"}}),
        ("kustomer", {"url": "http://{{{steps.call.body.x}}}"}),
    ],
)
def test_texts_that_an_answer_can_break_are_found(dialect: str, fields: dict[str, Json]) -> None:
    made = journey(
        call(on_failure="end"), {**call("then", on_failure="bad"), **fields}, OK, BAD,
        dialect=dialect,
    )  # fmt: skip
    found = [one for one in sweep(made).findings if one.step == "then" and one.level == "error"]
    assert any("cannot be sent" in one.message for one in found)


def test_two_texts_that_break_one_after_the_other_are_both_found() -> None:
    made = journey(
        call(on_failure="end"),
        call("a", body='{"x": {{steps.call.body.x}}}', on_failure="end"),
        call("b", body='{"y": {{steps.call.body.y}}}', on_failure="end"),
    )
    assert {"a", "b"} <= {step for code, step in codes(sweep(made)) if code == "payload_broken"}


@pytest.mark.parametrize(("dialect", "casts"), [("kustomer", True), ("usercom", False)])
@pytest.mark.parametrize("truths", [(True, "true"), ("true", True)])
def test_operands_are_cast_where_the_vendor_casts(
    dialect: str, casts: bool, truths: tuple[Json, Json]
) -> None:
    written, other = truths
    path = "steps.call.body.ok"
    branches: Json = [
        {"when": {"path": path, "op": "eq", "value": written}, "next": "ok", "name": "first"},
        {"when": {"path": path, "op": "in", "value": [other]}, "next": "bad", "name": "second"},
    ]
    which: dict[str, Json] = {"id": "which", "kind": "condition", "branches": branches}
    report = sweep(journey(call(), {**which, "else": "end"}, OK, BAD, dialect=dialect))
    assert (("which", "second") in uncovered(report)) is casts
    assert ("which", "first") not in uncovered(report)


def test_a_reference_to_another_answer_is_met() -> None:
    when = {"path": "steps.a.body.tier", "op": "eq", "value": "/#steps.b.body.tier"}
    which: dict[str, Json] = {
        "id": "which", "kind": "condition", "else": "bad",
        "branches": [{"when": when, "next": "ok"}],
    }  # fmt: skip
    report = sweep(journey(call("a"), call("b"), which, OK, BAD, dialect="kustomer"), "pairs")
    assert uncovered(report) == {}


def test_what_blocks_decide_is_said_to_be_tried_in_part() -> None:
    made = journey(
        call(body={}), call("then", body={"x": "{{#if steps.call.body.x}}y{{/if}}"}),
        dialect="kustomer",
    )  # fmt: skip
    notes = [one.message for one in sweep(made).findings if one.code == "sweep_limited"]
    assert notes == [
        "call: steps.call.body.x is read by blocks or helpers; only the constants in the text and "
        "a few usual values were tried for it"
    ]


def test_values_that_no_text_tells_apart_make_no_more_classes() -> None:
    made = journey(call(), call("then", body={"x": "{{steps.call.body.x}}"}), dialect="kustomer")
    assert [one.name for one in classes(made)][:2] == ["2xx", "204"]
    assert len(classes(made)) == 5


TEXT = "steps.call.body.text"


def asked(*when: dict[str, Json]) -> tuple[dict[tuple[str, str], str], list[str]]:
    which: dict[str, Json] = {
        "id": "which", "kind": "condition", "else": "bad",
        "branches": [{"when": {"all": list(when)}, "next": "ok", "name": "yes"}],
    }  # fmt: skip
    report = sweep(journey(call(), which, OK, BAD))
    notes = [one.message for one in report.findings if one.code == "sweep_limited"]
    return uncovered(report), notes


def has(text: str, op: str = "contains") -> dict[str, Json]:
    return {"path": TEXT, "op": op, "value": text}


@pytest.mark.parametrize(
    "when",
    [
        [has("a"), has("b"), {"not": has(" ")}],
        [has("a"), {"not": has("b")}, has("c")],
        [has("x-", "starts_with"), has("b"), {"not": has("a")}],
        [has("x-1", "starts_with"), has("x-", "starts_with")],
    ],
)
def test_texts_that_hold_some_needles_and_not_others_are_tried(
    when: list[dict[str, Json]],
) -> None:
    assert asked(*when) == ({}, [])


def test_needles_that_contradict_each_other_are_impossible() -> None:
    left, notes = asked({"not": has("x-")}, has("x-", "starts_with"))
    assert left["which", "yes"] == "no answer can make its condition hold"
    assert notes == []


def test_more_needles_than_are_tried_are_told_and_nothing_is_called_impossible() -> None:
    left, notes = asked(*(has(one) for one in "abc"), *({"not": has(one)} for one in "def"))
    assert notes == [
        f"call: {TEXT} is asked for several texts at once; only some of their combinations were "
        "tried"
    ]
    assert "no answer" not in left["which", "yes"]
