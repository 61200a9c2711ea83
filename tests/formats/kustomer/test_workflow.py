"""A complete workflow of our own, and what is odd, renamed, broken or not understood."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engine.compile import compile_journey
from sandbox.engine.walk import drive_pure
from sandbox.errors import DocumentError
from sandbox.formats.kustomer import Imported, Note, from_kustomer
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.trace import Trace
from tests.engine.walking import path, start

ORDER_CARE = Path(__file__).parents[2] / "data" / "kustomer" / "order-care.json"
TRUE: Json = {"op": "true", "values": [True]}


def order_care() -> dict[str, Json]:
    return dict(json.loads(ORDER_CARE.read_text(encoding="utf-8")))


def taken_in(document: Json) -> Imported:
    (one,) = from_kustomer(document, "workflow.json")
    return one


def small(*steps: Json, **fields: Json) -> dict[str, Json]:
    """A workflow whose trigger leads to the first step."""
    target = steps[0]["id"] if steps else "none"
    trigger = {"id": "1", "eventName": "kustomer.customer.update",
               "transitions": [{"target": target, "condition": TRUE}]}  # fmt: skip
    return {"name": "small", "trigger": trigger, "steps": list(steps), **fields}


def rest(step_id: str = "call", **params: Json) -> dict[str, Json]:
    given = {"uri": "http://api.test/x", "method": "POST", "data": {"a": 1}, **params}
    return {"id": step_id, "action": "kustomer.rest-api.json", "params": given}


def notes_of(one: Imported, what: str) -> list[Note]:
    return [note for note in one.notes if note.what == what]


def run(
    one: Imported, ask: Callable[[Send], Answer], event: dict[str, Json] | None = None
) -> Trace:
    env = {variable.name: variable.value or "" for variable in one.variables}
    return drive_pure(start(compile_journey(one.journey), event=event, env=env), ask)


def test_the_complete_workflow_runs_on_its_own_sample() -> None:
    one = taken_in(order_care())
    sends: list[Send] = []

    def ask(send: Send) -> Answer:
        sends.append(send)
        reply = {"externalId": "1234", "links": {"self": "http://back.test/1234"}}
        return Answer(201, (("content-type", "application/json"),), json.dumps(reply).encode())

    trace = run(one, ask)
    assert trace.status == "completed"
    assert path(trace) == ["trigger", "sync", "sync_next", "file", "file_2", "callback"]
    first, second = (send.request for send in sends)
    assert first.method == "PUT"
    assert first.url == (
        "http://127.0.0.1:8765/v2/orders/sample%20orderIdStr?source=kustomer&notify=true"
    )
    assert ("Authorization", "Bearer dummy-64b0c0ffee0000000000beef") in first.headers
    assert json.loads(first.body) == {
        "customerId": "sample customer",
        "total": 201,
        "tags": ["vip"],
        "title": "Order sample orderIdStr",
    }
    assert second.url == "http://back.test/1234"
    assert second.body == b'{ "customerId": "sample id" }'
    left = trace.after.attributes
    assert left["conversation.priority"] == 4
    assert left["conversation.backOfficeIdStr"] == "1234"


def test_a_status_is_no_error_and_the_next_transition_takes_it() -> None:
    trace = run(taken_in(order_care()), lambda send: Answer(503, (), b"{}"))
    assert path(trace)[1:] == ["sync", "sync_error", "sync_next", "warn", "note"]
    assert trace.after.tags == ["back-office-failed"]


def test_a_call_without_a_response_goes_to_the_error_case() -> None:
    silent = Answer(error=Fail("read_timeout", "head", "no answer"), took_ms=30_000)
    trace = run(taken_in(order_care()), lambda send: silent)
    assert path(trace)[1:] == ["sync", "sync_error", "warn", "note"]


def test_the_whole_trigger_is_the_body_by_reference() -> None:
    sends: list[Send] = []

    def ask(send: Send) -> Answer:
        sends.append(send)
        return Answer(200, (), b"{}")

    event: dict[str, Json] = {"id": "c-1", "attributes": {"channel": "chat", "n": 42}}
    trace = run(taken_in(order_care()), ask, event)
    assert path(trace) == ["trigger", "quiet", "raw"]
    assert json.loads(sends[0].request.body) == event


def test_no_transition_that_matches_ends_the_run_silently() -> None:
    event: dict[str, Json] = {"attributes": {"channel": "email"}}
    trace = run(taken_in(order_care()), lambda send: Answer(200), event)
    assert trace.status == "ended"
    assert path(trace) == ["trigger", "quiet"]


def test_nothing_of_the_complete_workflow_is_lost_without_a_word() -> None:
    document = order_care()
    one = taken_in(document)
    told = {note.where for note in one.notes}

    def leaves(value: Json, at: str) -> list[str]:
        if isinstance(value, dict) and value:
            return [leaf for key, item in value.items() for leaf in leaves(item, f"{at}.{key}")]
        if isinstance(value, list) and value:
            return [leaf for n, item in enumerate(value) for leaf in leaves(item, f"{at}[{n}]")]
        return [at.removeprefix(".")]

    def is_told(leaf: str) -> bool:
        places = [leaf]
        while "." in places[-1] or "[" in places[-1]:
            last = places[-1]
            places.append(last[: max(last.rfind("."), last.rfind("["))])
        return any(place in told for place in places)

    kept = {"meta", "id", "name", "description", "target", "errorCases", "transitions"}
    untold = [leaf for leaf in leaves(document, "") if not is_told(leaf)]
    assert [leaf for leaf in untold if not kept & set(leaf.replace("[", ".").split("."))] == []
    assert not [note for note in one.notes if note.grade == "not understood"]


def test_variables_are_declared_as_secrets_and_addresses() -> None:
    secret, address = sorted(taken_in(order_care()).variables, key=lambda one: not one.secret)
    assert (secret.name, secret.from_, secret.secret) == (
        "VARIABLE_64b0c0ffee0000000000beef", "VARIABLE_64b0c0ffee0000000000beef", True,
    )  # fmt: skip
    assert secret.value is not None
    assert secret.value.startswith("dummy-")
    assert (address.secret, address.value) == (False, "http://127.0.0.1:8765")


@pytest.mark.parametrize(
    ("given", "ours"), [("2", "2"), (7, "7"), ("-kX9", "kX9"), ("a b", "a_b"), ("end", "s_end")]
)
def test_ids_are_readable_or_numeric_and_odd_ones_are_renamed_everywhere(
    given: Json, ours: str
) -> None:
    document = small(
        {**rest(), "id": given, "transitions": [{"target": str(given), "condition": TRUE}]},
    )
    document["trigger"]["transitions"][0]["target"] = str(given)
    document["steps"][0]["transitions"] = [{"target": "next", "condition": {
        "op": "lt", "values": [f"/#steps.{given}.response.statusCode", 300]}}]  # fmt: skip
    document["steps"].append(rest("next", data={"id": f"/#steps.{given}.body.id"}, json=True))
    if " " in str(given):
        document["steps"][0]["transitions"][0]["condition"] = TRUE
        document["steps"][1]["params"]["data"] = {}
    one = taken_in(document)
    assert one.journey.steps[0].id == ours
    sends: list[Send] = []

    def ask(send: Send) -> Answer:
        sends.append(send)
        return Answer(200, (), b'{"id":7}')

    run(one, ask)
    assert [send.step for send in sends] == [ours, "next"]
    assert bool(notes_of(one, f"id {given}")) is (ours != str(given))


def test_a_trigger_with_another_id_is_read_as_step_1() -> None:
    document = small(rest(data="/#steps.start.customer"))
    document["trigger"]["id"] = "start"
    one = taken_in(document)
    assert one.journey.step("call").body == "/#steps.1.customer"
    assert notes_of(one, "trigger start")


def test_a_callable_workflow_reads_its_inputs_directly() -> None:
    document = small(rest(data={"order": "/#steps.1.order", "n": "/#steps.1.amount"}))
    document["trigger"] |= {
        "callable": True,
        "eventName": "kustomer.workflow.64b0c0ffee0000000000f00d.call",
        "schema": {"type": "object", "properties": {
            "order": {"type": "string", "example": "A-1"}, "amount": {"type": "integer"}}},
    }  # fmt: skip
    document["response"] = {"schema": {"type": "object"}}
    one = taken_in(document)
    assert one.journey.trigger.sample == {"order": "A-1", "amount": 1}
    assert notes_of(one, "callable workflow")[0].grade == "understood"
    assert notes_of(one, "field response")[0].grade == "not understood"
    sends: list[Send] = []

    def ask(send: Send) -> Answer:
        sends.append(send)
        return Answer(200)

    run(one, ask)
    assert json.loads(sends[0].request.body) == {"order": "A-1", "n": 1}


@pytest.mark.parametrize(
    ("params", "where", "what", "grade", "how"),
    [
        ({"timeout": 5}, "params.timeout", "field timeout", "not understood", "no such parameter"),
        ({"header": {}}, "params.header", "field header", "not understood", "did you mean headers"),
        ({"method": "/#steps.1.verb"}, "params.method", "method from a value", "not understood",
         "POST is played"),
        ({"headers": "/#steps.1.headers"}, "params.headers", "field headers", "not understood",
         "none is sent"),
        ({"headers": {"X": None}}, "params.headers.X", "header X", "not understood", "left out"),
        ({"qs": "a=1"}, "params.qs", "field qs", "approximated", "behind the address"),
        ({"json": "true"}, "params.json", "field json", "approximated", "cast"),
        ({"data": "text"}, "params.data", "field data", "approximated", "takes an object"),
        ({"data": {"x": "/#fn:shout,steps.1.name"}}, "params.data.x", "function shout",
         "not understood", "nothing is put in its place"),
        ({"data": {"x": "Order /#steps.1.id"}}, "params.data.x", "reference in text",
         "understood", "sent as it is written"),
        ({"data": {"x": "{{conjure steps.1.id}}"}}, "params.data.x", "template",
         "not understood", "its tags are left out"),
        ({"data": {"x": "{{{toJSON steps.1.tags}}}"}}, "params.data.x", "helper toJSON",
         "understood", ""),
        ({"data": {"x": "/#steps.[gone].body.id"}}, "params.data.x", "steps.gone",
         "not understood", "no such step"),
        ({"data": {"x": "/#steps.[1].id"}}, "params.data.x", "bracketed path",
         "approximated", "write /#steps.1.id"),
    ],
)  # fmt: skip
def test_what_is_not_played_as_it_stands_says_what_is_played_instead(
    params: dict[str, Json], where: str, what: str, grade: str, how: str
) -> None:
    one = taken_in(small(rest(**params)))
    found = [note for note in notes_of(one, what) if note.where == f"steps[0].{where}"]
    assert [(note.grade, how in note.how) for note in found] == [(grade, True)], one.notes
    assert run(one, lambda send: Answer(200)).status == "completed"


def test_an_unknown_operator_never_holds_and_names_the_nearest() -> None:
    document = small(rest())
    document["trigger"]["transitions"][0]["condition"] = {
        "op": "gtee",
        "values": ["/#steps.1.n", 1],
    }
    one = taken_in(document)
    (note,) = notes_of(one, "operator gtee")
    assert note.grade == "not understood"
    assert "gte" in note.how
    assert run(one, lambda send: Answer(200), {"n": 5}).status == "ended"


@pytest.mark.parametrize("inside", ["and", "not"])
def test_what_is_not_understood_inside_never_holds_either(inside: str) -> None:
    document = small(rest())
    odd: Json = {"op": "resembles", "values": ["/#steps.1.n", 1]}
    document["trigger"]["transitions"][0]["condition"] = {"op": inside, "values": [odd]}
    assert run(taken_in(document), lambda send: Answer(200), {"n": 1}).status == "ended"


def test_an_output_that_is_never_there_is_told_with_its_readers() -> None:
    gold: Json = {"op": "eq", "values": ["/#steps.customer.custom.tierStr", "gold"]}
    find: Json = {
        "id": "customer",
        "action": "kustomer.customer.find",
        "params": {"identifier": "/#steps.1.customer"},
        "transitions": [{"target": "call", "condition": gold}],
    }
    one = taken_in(small(find, rest()))
    (note,) = notes_of(one, "output of customer")
    assert note.grade == "not understood"
    assert "steps[0].transitions[0].condition.values[0]" in note.how


def test_loops_and_unreachable_steps_are_told() -> None:
    back: Json = {**rest("a"), "transitions": [{"target": "a", "condition": TRUE}]}
    one = taken_in(small(back, rest("alone")))
    assert notes_of(one, "loop to a")[0].where == "steps[0].transitions"
    assert notes_of(one, "step alone")[0].how == "no transition leads here"


def broken(change: Callable[[dict[str, Json]], None]) -> dict[str, Json]:
    document = copy.deepcopy(order_care())
    change(document)
    return document


def _set(*way: str | int, value: Json = None) -> Callable[[dict[str, Json]], None]:
    def change(document: dict[str, Json]) -> None:
        inside: Json = document
        for part in way[:-1]:
            inside = inside[part]
        inside[way[-1]] = value

    return change


BROKEN: list[tuple[Callable[[dict[str, Json]], None], str]] = [
    (_set("trigger", value=[]), "trigger: a workflow needs a trigger"),
    (_set("steps", value={}), "steps: a workflow needs a list of steps"),
    (_set("steps", 0, value="x"), "steps[0]: a step is an object"),
    (_set("steps", 1, "id", value=None), "steps[1].id: is required"),
    (_set("steps", 1, "id", value="sync"), "steps[1].id: 'sync' is the id of steps[0] already"),
    (_set("steps", 1, "id", value="1"), "steps[1].id: '1' is the id of the trigger already"),
    (_set("steps", 0, "params", value=[]), "steps[0].params: must be an object"),
    (_set("steps", 0, "params", "uri", value=None), "steps[0].params.uri: is required"),
    (_set("steps", 0, "params", "method", value=None), "steps[0].params.method: is required"),
    (_set("steps", 0, "params", "method", value="PTCH"), "did you mean PATCH?"),
    (_set("steps", 0, "params", "headers", value="x"), "params.headers: must be an object"),
    (_set("steps", 0, "action", value=5), "steps[0].action: must be a text"),
    (_set("steps", 0, "transitions", value={}), "steps[0].transitions: must be a list"),
    (_set("steps", 0, "transitions", 0, "target", value="fil"), "did you mean file?"),
    (_set("steps", 0, "transitions", 0, "condition", value="x"),
     "steps[0].transitions[0].condition: a condition is an object"),
    (_set("steps", 0, "transitions", 0, "condition", "values", value=["/#steps.1.x"]),
     "the operator lt needs 2 values"),
    (_set("trigger", "eventName", value=None), "trigger.eventName: is required"),
    (_set("name", value=5), "name: must be a text"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "says"), BROKEN)
def test_what_the_vendor_would_not_save_is_refused_with_its_path(
    change: Callable[[dict[str, Json]], None], says: str
) -> None:
    with pytest.raises(DocumentError) as refused:
        from_kustomer(broken(change), "workflow.json")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"data": {"type": "workflw", "attributes": {}}}, "data.type: must be 'workflow'"),
        ({"data": {"type": "workflow"}}, "data.attributes: the workflow itself is expected"),
        ({"data": []}, "data: there is no workflow in it"),
        ({"data": [{"type": "workflow", "attributes": {"steps": []}}]}, "data[0].attributes.steps"),
        ("text", "a workflow is an object"),
        ([5], "[0]: a workflow is an object"),
    ],
)
def test_an_envelope_without_a_workflow_is_refused(document: Json, says: str) -> None:
    with pytest.raises(DocumentError) as refused:
        from_kustomer(document, "workflow.json")
    assert says in str(refused.value)


def test_several_workflows_in_one_envelope() -> None:
    other = {**order_care(), "name": "second"}
    envelope: Json = {"data": [
        {"type": "workflow", "id": "a", "attributes": order_care()},
        {"type": "workflow", "id": "b", "attributes": other},
    ], "links": {}}  # fmt: skip
    assert [one.journey.id for one in from_kustomer(envelope, "x")] == ["order-care", "second"]
