"""A wrong document is refused with the path of the field, the value and what is allowed."""

from __future__ import annotations

import pytest
from hypothesis import given

from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.journey import CallApi, Journey
from tests.engine.journeys import journeys
from tests.engine.walking import call, journey, notify, tag


def problems(document: Json) -> list[tuple[str, str, str]]:
    with pytest.raises(DocumentError) as refused:
        Journey.parse(document, "mine.yaml")
    assert str(refused.value).startswith("mine.yaml: ")
    return [(one.path, one.message, one.value) for one in refused.value.problems]


def when(**condition: Json) -> dict[str, Json]:
    return {"id": "c", "kind": "condition", "branches": [{"when": condition, "next": "end"}]}


@pytest.mark.parametrize(
    ("step", "path", "value", "allowed"),
    [
        (call(method="FETCH"), "method", '"FETCH"', "'GET', 'POST', 'PUT', 'PATCH'"),
        (call(body_kind="xml"), "body_kind", '"xml"', "'json', 'text' or 'form'"),
        (call(timeout_s=0), "timeout_s", "0", "greater than 0"),
        (call(timeout_s="3"), "timeout_s", '"3"', "number"),
        (call(include_user="yes"), "include_user", '"yes"', "boolean"),
        (call(headers={"structured": 5}), "headers.structured", "5", "string"),
        (call(headers=["a"]), "headers", '["a"]', "object"),
        (call(url=""), "url", '""', "at least 1 character"),
        (call(urll="x"), "urll", '"x"', "did you mean url"),
        (call(zzz=1), "zzz", "1", "allowed: id, name"),
        (call(next=5), "next", "5", "array"),
        (call(next=["a", 5]), "next[1]", "5", "string"),
        (call(next=[]), "next", "[]", "leave the field out"),
        (call(auth={"kind": "basik"}), "auth.kind", '"basik"', "did you mean basic"),
        (call(auth={"kind": "bearer", "token": 5}), "auth.token", "5", "string"),
        (call(auth={"token": "x"}), "auth.kind", "", "is required"),
        (call(retry={"times": 0}), "retry.times", "0", "greater than or equal to 1"),
        (call(retry={"delay": "5 minutes"}), "retry.delay", '"5 minutes"', "write 90s, 15m"),
        (call(retry={"delay": "9" * 400 + "d"}), "retry.delay", '"999', "three thousand years"),
        (
            call(retry={"on": [1.5]}),
            "retry.on[0]",
            "1.5",
            "integer, or input should be a valid str",
        ),
        (call(save=[{"name": "1x", "path": "$.a"}]), "save[0].name", '"1x"', "pattern"),
        (call(save=[{"name": "x", "path": "a"}]), "save[0].path", '"a"', "pattern"),
        (
            call(save=[{"name": "x", "path": "$", "type": "int"}]),
            "save[0].type",
            '"int"',
            "'string'",
        ),
        (call(body_kind="text", body={"a": 1}), "", None, "must be a string"),
        (call(body_kind="form", body="a"), "", None, "must be an object"),
        (call(throttle={"per_s": 0}), "throttle.per_s", "0", "greater than 0"),
        (call("no spaces"), "id", '"no spaces"', "pattern"),
        ({"id": "x", "kind": "wait"}, "", None, "exactly one of for and until"),
        ({"id": "x", "kind": "wait", "for": "9 0s"}, "for", '"9 0s"', "not a duration"),
        ({"id": "x", "kind": "wait", "until": "soon"}, "until", '"soon"', "2026-01-01T09:00"),
        ({"id": "x", "kind": "cal_api"}, "kind", '"cal_api"', "did you mean call_api"),
        ({"id": "x"}, "kind", "", "is required"),
        (tag(""), "id", '""', "pattern"),
        ({"id": "x", "kind": "split", "arms": []}, "arms", "[]", "at least 1 item"),
        (
            {"id": "x", "kind": "split", "arms": [{"weight": 0, "next": "end"}]},
            "",
            None,
            "more than 0",
        ),
        (when(path="a", op="equals", value=1), "branches[0].when.op", '"equals"', "'eq', 'ne'"),
        (when(path="a"), "branches[0].when", '{"path":"a"}', "needs op"),
        (when(path="a", op="eq"), "branches[0].when", None, "needs a value"),
        (when(path="a", op="in", value=1), "branches[0].when", None, "needs a list"),
        (when(op="eq", value=1), "branches[0].when", None, "exactly one of"),
        (when(path="a", op="eq", value=1, any=[]), "branches[0].when", None, "exactly one of"),
        (when(all=[{"not": {"path": 5}}]), "branches[0].when.all[0].not.path", "5", "string"),
        (
            when(not_={"path": "a", "op": "eq", "value": 1}),
            "branches[0].when.not_",
            None,
            "did you mean not?",
        ),
    ],
)
def test_a_refused_field_is_named_with_its_value_and_what_is_allowed(
    step: Json, path: str, value: str | None, allowed: str
) -> None:
    found = problems(journey(notify("x"), step))
    wanted = f"steps[1].{path}" if path else "steps[1]"
    (hit,) = [one for one in found if one[0] == wanted]
    assert allowed in hit[1]
    if value is not None:
        assert hit[2].startswith(value)


@pytest.mark.parametrize(
    ("document", "path", "says"),
    [
        ({}, "id", "is required"),
        ({"id": "j"}, "trigger", "is required"),
        ([], "", "object"),
        ("newsletter", "", "object"),
        (journey(trigger={"kind": "event"}), "trigger", "needs a name"),
        (journey(trigger={"kind": "evnt", "name": "x"}), "trigger.kind", "'event', 'api'"),
        (journey(trigger={"kind": "manual", "count": 0}), "trigger.count", "greater than or"),
        (journey(trigger={"kind": "manual", "reentry": "no"}), "trigger.reentry", "'each_time'"),
        (journey(trigger={"kind": "manual", "sample": []}), "trigger.sample", "object"),
        (journey(foo=1), "foo", "unknown field"),
        (journey(settings={"path": float("nan")}), "settings.path", "not a JSON number"),
        (journey(settings={"path": 2**64}), "settings.path", "64-bit"),
        (journey(notes="\ud800"), "notes", "lone surrogates"),
        (journey(tag("a"), tag("b"), tag("a")), "", "steps[0] and steps[2] have the same id 'a'"),
        (journey(tag("end")), "", "must be of kind end"),
    ],
)
def test_a_refused_journey_says_where_and_why(document: Json, path: str, says: str) -> None:
    hits = [message for where, message, _ in problems(document) if where == path]
    assert any(says in message for message in hits)


def test_all_problems_come_at_once() -> None:
    found = problems(
        journey(
            call(method="FETCH", body_kind="xml", auth={"kind": "x"}),
            {"id": "w", "kind": "wait", "for": "soon"},
            {"kind": "nothing"},
            trigger={"kind": "later"},
            more=1,
        )
    )
    assert {path for path, _, _ in found} == {
        "trigger.kind",
        "steps[0].method",
        "steps[0].body_kind",
        "steps[0].auth.kind",
        "steps[1].for",
        "steps[2].kind",
        "more",
    }


def test_every_doubled_id_is_named() -> None:
    (message,) = [message for _, message, _ in problems(journey(*map(tag, "abab")))]
    assert "'a'" in message
    assert "'b'" in message


def test_a_document_that_nests_too_deep_is_refused_not_a_traceback() -> None:
    deep: list[Json] = []
    for _ in range(5000):
        deep = [deep]
    assert problems(journey(call(body=deep)))[0][1] == "nested deeper than 64 levels"


def test_next_is_a_text_or_a_list() -> None:
    read = Journey.parse(journey(call(next="a", on_failure=["a", "end"]), tag("a")))
    step = read.steps[0]
    assert isinstance(step, CallApi)
    assert (step.next, step.on_failure, step.on_success) == (("a",), ("a", "end"), None)
    assert read.document()["steps"][0]["next"] == "a"
    assert read.document()["steps"][0]["on_failure"] == ["a", "end"]


def test_a_method_may_be_written_small() -> None:
    step = Journey.parse(journey(call(method="post"))).steps[0]
    assert isinstance(step, CallApi)
    assert step.method == "POST"


@given(journeys())
def test_what_was_read_is_written_as_it_was_and_read_again(document: Json) -> None:
    read = Journey.parse(document)
    written = read.document()
    assert Journey.parse(written) == read
    assert written == Journey.parse(written).document()
    assert written["id"] == document["id"]
    assert [step["id"] for step in written["steps"]] == [step["id"] for step in document["steps"]]
