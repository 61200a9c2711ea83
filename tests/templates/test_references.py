"""Kustomer's references: typed, whole, left out when nothing is there; and their functions."""

from __future__ import annotations

import pytest

from sandbox.model.base import Json
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING
from sandbox.templates.references import Reference
from sandbox.templates.syntax import Syntax

KUSTOMER = Syntax("kustomer")
SCOPE: Json = {
    "steps": {
        "1": {"id": "c_1", "qty": 42, "text": "42px", "price": "19.90", "ok": True, "none": None,
              "tags": ["a", "b"], "deep": {"x": [1, {"y": "z"}]}, "mail": "k@t",
              "site": "www.x.com",
              "phone": "+1 (555) 123-4567", "at": "2034-01-01T00:00:00.000Z"},
        "a-b": {"body": {"externalId": "1234"}},
    },
}  # fmt: skip


def codes(source: str) -> list[str]:
    return [notice.code for notice in Reference(source, "body.x").notices]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("/#steps.1.id", "c_1"),
        ("/#steps.1.qty", 42),
        ("/#steps.1.ok", True),
        ("/#steps.1.none", None),
        ("/#steps.1.tags", ["a", "b"]),
        ("/#steps.1.tags.1", "b"),
        ("/#steps.1.tags.length", 2),
        ("/#steps.1.deep.x.1.y", "z"),
        ("/#steps.1.deep", {"x": [1, {"y": "z"}]}),
        ("/#steps.a-b.body.externalId", "1234"),
        ("/#steps.[a-b].body.externalId", "1234"),
        ("/#fn:parseInt,steps.1.text", 42),
        ("/#fn:parseFloat,steps.1.price", 19.9),
        ("/#fn:isValidEmailAddress,steps.1.mail", True),
        ("/#fn:isValidEmailAddress,steps.1.site", False),
        ("/#fn:isValidEmailAddress,steps.1.gone", False),
        ("/#fn:isValidPhoneNumber,steps.1.phone", True),
        ("/#fn:isValidPhoneNumber,steps.1.id", False),
        ("/#fn:ifExists,steps.1.id,there", "there"),
        ("/#fn:dateFormat,steps.1.at,MMMM D, YYYY", "January 1, 2034"),
        ("/#fn:dateFormat,steps.1.at,HH:mm,America/New_York", "19:00"),
    ],
)
def test_a_reference_gives_the_value_with_its_type(source: str, value: Json) -> None:
    found: Found = []
    given = Reference(source, "body.x").render(SCOPE, found)
    assert given == value
    assert type(given) is type(value)
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["/#steps.1.gone", "/#steps.9.id", "/#steps.1.none.x", "/#steps.1.tags.9", "/#steps.1.id.x",
     "/#fn:parseInt,steps.1.gone", "/#fn:ifExists,steps.1.gone,there", "/#fn:frob,steps.1.id",
     "/#fn:dateFormat,steps.1.id,LL", "/#steps.1.id and more", "/#"],
)  # fmt: skip
def test_one_that_finds_nothing_says_so(source: str) -> None:
    found: Found = []
    template = Reference(source, "body.x")
    assert template.render(SCOPE, found) is MISSING or source == "/#"
    assert source == "/#" or ", so the field is left out" in found[0].message
    template.explain(SCOPE)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("/#fn:prseInt,steps.1.text",
         "there is no function 'prseInt', so the field is left out; did you mean parseInt?"),
        ("/#fn:toLower,steps.1.text", "there is no function 'toLower', so the field is left out"),
        ("/#fn:toLower,steps.1.text",
         "toLower is a helper, for text: {{{toLower steps.1.text}}}"),
        ("/#fn:toLowerCase,steps.1.text",
         "toLower is a helper, for text: {{{toLower steps.1.text}}}"),
        ("/#fn:toLower", "toLower is a helper, for text: {{{toLower}}}"),
        ("/#fn:xyz,steps.1.text", "known: parseInt, parseFloat, "),
        ("/#fn:xyz,steps.1.gone", "there is no function 'xyz'"),
        ("/#fn:inBusinessHours,steps.1.at", "the sandbox has no business schedules"),
        ("/#fn:dateFormat,steps.1.id,LL", "the function has no result for what is at steps.1.id"),
        ("/#fn:dateFormat,steps.1.gone,LL", "nothing at steps.1.gone"),
        ("/#fn:ifExists,steps.1.gone,x", "nothing at steps.1.gone"),
    ],
)  # fmt: skip
def test_a_function_that_gives_nothing_says_whether_it_or_the_value_is_to_blame(
    source: str, why: str
) -> None:
    found: Found = []
    assert Reference(source, "body.x").render(SCOPE, found) is MISSING
    (notice,) = found
    assert notice.code == "value_missing"
    assert why in notice.message
    assert ("nothing at" in notice.message) is ("nothing at" in why)
    (line,) = Reference(source, "body.x").explain(SCOPE)
    blamed = not ("nothing at" in why or "no result" in why)
    assert (line.path == "(the function gives nothing)") is blamed


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("/#steps.[a-b].body.externalId", "kustomer.bracketed_path", "/#steps.a-b.body.externalId"),
        ("/#steps.1.id and more", "kustomer.reference_in_text", "with no text after it"),
        ("/#fn:prseInt,steps.1.text", "kustomer.unknown_function", "did you mean parseInt?"),
        ("/#fn:inBusinessHours,steps.1.at", "kustomer.unknown_function", "business schedules"),
        ("/#fn:parseInt,/#steps.1.text", "kustomer.function_path", "write steps.1.text"),
        ("/#fn:parseInt, steps.1.text", "kustomer.function_path", "without blanks"),
        ("/#fn:parseInt", "kustomer.function_path", "no path to read"),
        ("/#fn:ifExists,steps.1.id,a,b", "kustomer.function_path", "cannot hold a comma"),
    ],
)
def test_what_is_odd_is_told_with_the_right_spelling(source: str, code: str, says: str) -> None:
    notices = Reference(source, "body.x").notices
    assert code in [notice.code for notice in notices]
    assert any(says in notice.message for notice in notices)


def test_a_bare_inner_mark_still_reads_the_path() -> None:
    assert Reference("/#fn:parseInt,/#steps.1.text").render(SCOPE, []) == 42


def test_in_an_object_a_missing_one_takes_its_key_along() -> None:
    value = KUSTOMER.value(
        {"id": "/#steps.1.id", "gone": "/#steps.1.gone", "list": ["/#steps.1.qty", "/#steps.1.no"],
         "text": "{{steps.1.qty}}", "in": {"a": "/#steps.1.gone"}, "fixed": 1},
        "body",
    )  # fmt: skip
    found: Found = []
    assert value.render(SCOPE, found) == {
        "id": "c_1", "list": [42, None], "text": "42", "in": {}, "fixed": 1,
    }  # fmt: skip
    assert len(found) == 3


def test_fields_of_one_object_are_taken_at_once_and_in_order() -> None:
    source = {"b": "/#steps.1.qty", "x": "plain", "a": "/#steps.1.id", "c": "/#steps.1.tags.0"}
    value = KUSTOMER.value(source, "body")
    made = value.render(SCOPE, [])
    assert list(made.items()) == [("b", 42), ("x", "plain"), ("a", "c_1"), ("c", "a")]
    gone = value.render({"steps": {"1": {"id": "c_2", "tags": []}}}, [])
    assert list(gone.items()) == [("x", "plain"), ("a", "c_2")]
    assert value.render({"steps": {"1": "text"}}, []) == {"x": "plain"}
    assert value.render({}, []) == {"x": "plain"}


def test_the_whole_trigger_is_the_body() -> None:
    value = KUSTOMER.value("/#steps.1", "body", nothing=MISSING)
    assert value.render(SCOPE, []) == SCOPE["steps"]["1"]
    assert value.render({"steps": {}}, []) is MISSING


def test_inside_a_text_it_is_sent_as_it_is_written_and_told() -> None:
    text = KUSTOMER.text("Order /#steps.1.id!", "body.note")
    assert text.text(SCOPE, []) == "Order /#steps.1.id!"
    (notice,) = text.notices
    assert notice.code == "kustomer.reference_in_text"
    assert "{{{steps.1.id}}} puts the value in" in notice.message
    assert KUSTOMER.text("see http://x.test/#top and a/#b", "body").notices[:0] == []


def test_where_it_came_from() -> None:
    (line,) = Reference("/#steps.1.qty", "body.qty").explain(SCOPE)
    assert line == ("body.qty", "/#steps.1.qty", "steps.1.qty", 42, "number", 42, "")
    (line,) = Reference("/#steps.1.gone", "body.x").explain(SCOPE)
    assert (line.type, line.rendered) == ("missing", None)
