"""Workflows of shapes not in the examples: taken in, compiled, run, truthfully reported."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.compile import compile_journey
from sandbox.engine.walk import drive_pure
from sandbox.formats.kustomer import Imported, from_kustomer, looks_like_kustomer
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Trace
from tests.engine.walking import path, start
from tests.formats.kustomer.shapes import EVENT, HEX, workflows, would_run

STATUSES = st.sampled_from([200, 201, 299, 300, 404, 503])
REST = ("kustomer.rest-api.json", "kustomer.rest-api.generic")


def imported(document: Json) -> Imported:
    (one,) = from_kustomer(document, "made-up.json")
    return one


def played(one: Imported, statuses: dict[str, int], sends: list[Send]) -> Trace:
    def ask(send: Send) -> Answer:
        sends.append(send)
        return Answer(statuses[send.step], (("content-type", "application/json"),), b'{"id":42}')

    env = {variable.name: variable.value or "" for variable in one.variables}
    env = {name: "http://api.test" if HEX in name else value for name, value in env.items()}
    return drive_pure(start(compile_journey(one.journey), event=EVENT, env=env), ask)


def at(document: Json, where: str) -> bool:
    """Whether a place of the report is there in the document (or is missing from its parent)."""
    value: Json = document
    parts = re.findall(r"[^.\[\]]+", where)
    for n, part in enumerate(parts):
        if isinstance(value, list):
            value = value[int(part)]
        elif isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return n == len(parts) - 1
    return True


@given(workflows(), st.data())
def test_the_same_steps_run_in_the_same_order_as_on_the_platform(
    document: dict[str, Json], data: st.DataObject
) -> None:
    one = imported(document)
    names = [step["id"] for step in document["steps"]]
    statuses = {name: data.draw(STATUSES) for name in names}
    sends: list[Send] = []
    trace = played(one, statuses, sends)
    expected, meant = would_run(document, statuses)
    assert [step for step in path(trace) if step in names] == expected
    assert trace.status == ("completed" if meant else "ended")
    calls = [name for name in expected if _action(document, name) in REST]
    assert [send.step for send in sends] == calls
    for send in sends:
        assert send.request.url.startswith("http://api.test/")
        assert b"/#" not in send.request.body
        if b'"typed":' in send.request.body:
            assert b'"typed":42' in send.request.body  # a typed 42 arrives as 42, never "42"


def _action(document: dict[str, Json], name: str) -> Json:
    return next(step.get("action") for step in document["steps"] if step["id"] == name)


def _operators(condition: dict[str, Json]) -> set[str]:
    inner = [one for one in condition["values"] if isinstance(one, dict)]
    return {condition["op"], *(op for one in inner for op in _operators(one))}


@given(workflows())
def test_the_report_names_every_action_operator_and_field_at_its_place(
    document: dict[str, Json],
) -> None:
    one = imported(document)
    told = {note.what for note in one.notes}
    places = {note.where for note in one.notes}
    for n, step in enumerate(document["steps"]):
        if "action" in step:
            assert f"action {step['action']}" in told
            assert f"steps[{n}].action" in places
            for key in step["params"]:
                assert any(place.startswith(f"steps[{n}].params.{key}") for place in places), key
        else:
            assert f"steps[{n}]" in places
    holders = [document["trigger"], *document["steps"]]
    for transition in (t for holder in holders for t in holder["transitions"]):
        for op in _operators(transition["condition"]):
            assert f"operator {op}" in told
    assert all(at(document, note.where) for note in one.notes)
    unknown = {note.what for note in one.notes if note.grade == "not understood"}
    wanted = {f"action {step['action']}" for step in document["steps"]
              if step.get("action", "").startswith("kustomer.app.")}  # fmt: skip
    assert unknown == wanted


@given(workflows())
def test_the_apis_envelope_gives_the_same_journey(document: dict[str, Json]) -> None:
    envelope: Json = {
        "data": {
            "type": "workflow",
            "id": "64b0c0ffee0000000000f00d",
            "attributes": document,
            "relationships": {"org": {"data": {"type": "org", "id": "o"}}},
            "links": {"self": "/v1/workflows/64b0c0ffee0000000000f00d"},
        }
    }
    assert looks_like_kustomer(envelope)
    assert looks_like_kustomer(document)
    plain, wrapped = imported(document), imported(envelope)
    assert wrapped.journey.steps == plain.journey.steps
    assert wrapped.journey.trigger == plain.journey.trigger
    assert wrapped.journey.notes == "Kustomer workflow 64b0c0ffee0000000000f00d."
    assert wrapped.variables == plain.variables
    inside = [note for note in wrapped.notes if note.where.startswith("data.attributes.")]
    assert [
        note._replace(where=note.where.removeprefix("data.attributes.")) for note in inside
    ] == [note for note in plain.notes if note.where]


@given(workflows())
def test_what_is_taken_in_can_be_given_out_and_compiled_again(document: dict[str, Json]) -> None:
    journey = imported(document).journey
    again = type(journey).parse(journey.document())
    assert again == journey
    compile_journey(again)
