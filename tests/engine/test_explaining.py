"""The type that each value of a call is sent with, beside the type of the value itself."""

from __future__ import annotations

import json

import pytest

from sandbox.model.base import Json
from sandbox.templates.filters import type_name
from tests.engine.walking import call, compiled, go, journey, someone

EVENT: dict[str, Json] = {
    "n": 1007, "yes": True, "items": [{"sku": "A"}], "none": None, "t": "x", "doc": '{"a": 1}',
}  # fmt: skip


def told(document: Json) -> dict[str, tuple[str, str]]:
    """Field → the value's own type and the type that is sent."""
    made = compiled(document)
    node = made.call("call")
    assert node is not None
    scope = made.scope({"id": "7"}, EVENT, {}, {}, "", {})
    lines = node.plan.explain(scope, someone(), 0, False)
    return {line.at: (line.type, line.sent) for line in lines if line.tag != "(vendor)"}


def body_of(document: Json) -> Json:
    request = go(document, event=EVENT).facts[0].request
    assert request is not None
    return json.loads(request.body)


@pytest.mark.parametrize(
    ("dialect", "marks"),
    [("usercom", "{{{{event.{}}}}}"), ("insider", "{{event.{}}}"), ("sprinklr", "{{{{event.{}}}}}"),
     ("kustomer", "{{{{{{steps.1.{}}}}}}}"), ("kustomer", "/#steps.1.{}")],
)  # fmt: skip
def test_the_type_told_is_the_type_in_the_body(dialect: str, marks: str) -> None:
    fields = ("n", "yes", "items", "none", "t")
    body: Json = {name: marks.format(name) for name in fields}
    step = call(method="POST", body=body, headers={"Content-Type": "application/json"})
    document = journey(step, dialect=dialect)
    types = told(document)
    at = "body.extra." if dialect == "usercom" else "body."
    payload = body_of(document)
    payload = payload["extra"] if dialect == "usercom" else payload
    for name in fields:
        assert types[at + name] == (type_name(EVENT[name]), type_name(payload[name]))


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('{"x": "{{event.n}}"}', "string"),
        ('{"x": {{event.n}}}', "number"),
        ('{"x": "\\"{{event.n}}"}', "string"),
        ('{"x": {{event.yes}}}', "boolean"),
        ('{"x": {{event.items}}}', "list"),
        ('{"x": 1{{event.n}}}', "number"),
        ('{"{{event.t}}": 1}', "string"),
        ('{"x": tr{{event.u | default:"ue"}}}', "text"),
    ],
)
def test_in_a_body_written_as_json_its_place_decides(body: str, sent: str) -> None:
    document = journey(call(method="POST", body=body), dialect="usercom")
    assert told(document)["body.extra"][1] == sent


def test_what_finds_nothing_is_left_out_null_or_an_empty_text() -> None:
    body: Json = {
        "gone": "/#steps.1.gone",
        "list": ["/#steps.1.gone"],
        "text": "{{{steps.1.gone}}}",
    }
    query: Json = {"gone": "/#steps.1.gone", "n": "/#steps.1.n"}
    headers = {"X-Gone": "/#steps.1.gone", "X-N": "/#steps.1.n"}
    step = call(method="POST", body=body, query=query, headers=headers)
    types = told(journey(step, dialect="kustomer"))
    assert types == {
        "body.gone": ("missing", "left out"),
        "body.list[0]": ("missing", "null"),
        "body.text": ("missing", "string"),
        "query.gone": ("missing", "left out"),
        "query.n": ("number", "string"),
        "headers.X-Gone": ("missing", "left out"),
        "headers.X-N": ("number", "string"),
    }


def test_around_the_body_the_value_told_is_the_text_that_is_sent() -> None:
    step = call(method="GET", url="/#steps.1.gone", query={"n": "/#steps.1.n"})
    made = compiled(journey(step, dialect="kustomer"))
    node = made.call("call")
    assert node is not None
    scope = made.scope({"id": "7"}, EVENT, {}, {}, "", {})
    lines = node.plan.explain(scope, someone(), 0, False)
    assert [(line.rendered, line.sent) for line in lines] == [("", "string"), ("1007", "string")]


def test_a_text_that_holds_json_is_cast_where_the_vendor_casts() -> None:
    step = call(method="POST", body="/#steps.1.doc")
    assert told(journey(step, dialect="kustomer"))["body"] == ("string", "object")


def test_a_form_sends_text() -> None:
    step = call(method="POST", body_kind="form", body={"n": "/#steps.1.n", "yes": "/#steps.1.yes"})
    types = told(journey(step, dialect="kustomer"))
    assert {sent for _, sent in types.values()} == {"string"}


def test_a_call_without_a_body_has_no_lines_for_it() -> None:
    step = call(method="GET", query={"n": "{{event.n}}"}, body={"n": "{{event.n}}"})
    assert told(journey(step)) == {"query.n": ("number", "string")}
