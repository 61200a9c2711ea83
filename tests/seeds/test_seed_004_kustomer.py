"""Seed 004, "Call a REST API within a workflow" (Kustomer), sentence by sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.engine.compile import compile_journey
from sandbox.engine.walk import drive_pure
from sandbox.formats.kustomer import Imported, from_kustomer
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Request, Send
from sandbox.model.trace import Trace
from tests.cli.console import Console
from tests.cli.test_workspace import write
from tests.engine.walking import codes, start

TRUE: Json = {"op": "true", "values": [True]}
CUSTOMERS = "https://api.kustomerapp.com/v1/customers"


def step(step_id: str, action: str = "json", **params: Json) -> dict[str, Json]:
    given = {"uri": CUSTOMERS, "method": "POST", **params}
    return {"id": step_id, "action": f"kustomer.rest-api.{action}", "params": given}


def workflow(*steps: dict[str, Json]) -> dict[str, Json]:
    """A workflow in which one step follows the other."""
    chained = []
    for n, one in enumerate(steps):
        later = [following["id"] for following in steps[n + 1 : n + 2]]
        ways = [{"target": target, "condition": TRUE} for target in later]
        chained.append({"transitions": ways, **one})
    trigger = {"id": "1", "eventName": "kustomer.customer.update",
               "transitions": [{"target": steps[0]["id"], "condition": TRUE}]}  # fmt: skip
    return {"name": "seed", "trigger": trigger, "steps": chained}


def taken_in(document: dict[str, Json]) -> Imported:
    (one,) = from_kustomer(document, "workflow.json")
    return one


def run(
    document: dict[str, Json], event: dict[str, Json], *answers: Answer
) -> tuple[list[Request], Trace]:
    sends: list[Send] = []

    def ask(send: Send) -> Answer:
        sends.append(send)
        return answers[min(len(sends), len(answers)) - 1] if answers else Answer(200, (), b"{}")

    trace = drive_pure(start(compile_journey(taken_in(document).journey), event=event), ask)
    return [send.request for send in sends], trace


def body_of(document: dict[str, Json], event: dict[str, Json], *answers: Answer) -> Json:
    return json.loads(run(document, event, *answers)[0][-1].body)


def test_changed_contact_information_is_synced_with_an_internal_tool() -> None:
    requests, trace = run(
        workflow(step("sync", data={"phone": "/#steps.1.changes.attributes.phone.after"})),
        {"changes": {"attributes": {"phone": {"before": None, "after": "+90 1"}}}},
    )
    assert json.loads(requests[0].body) == {"phone": "+90 1"}
    assert trace.trigger[1] == "kustomer.customer.update"


def test_a_message_is_sent_to_a_system_that_detects_intent_and_the_conversation_is_tagged() -> None:
    tagging: Json = {
        "id": "tag",
        "action": "kustomer.conversation.append-tags",
        "params": {"id": "/#steps.1.id", "tags": ["{{{steps.detect.body.intent}}}"]},
    }
    document = workflow(step("detect", data={"text": "/#steps.1.preview"}, json=True), tagging)
    _, trace = run(document, {"preview": "Where is it?"}, Answer(200, (), b'{"intent":"order"}'))
    assert trace.after.tags == ["order"]


@pytest.mark.parametrize(("status", "calls"), [("done", 1), ("open", 0)])
def test_it_runs_when_its_trigger_and_conditions_say_so(status: str, calls: int) -> None:
    document = workflow(step("a", data={"n": 1}))
    condition = {"op": "eq", "values": ["/#steps.1.attributes.status", "done"]}
    document["trigger"]["transitions"][0]["condition"] = condition
    requests, trace = run(document, {"attributes": {"status": status}})
    assert len(requests) == calls
    assert trace.status == ("completed" if calls else "ended")


def test_the_json_action_is_for_a_server_that_accepts_json() -> None:
    document = workflow(step("a", headers={"Content-Type": "application/json"}, data={"n": 1}))
    (request,), _ = run(document, {})
    assert request.body == b'{"n":1}'


def test_the_generic_action_customises_the_body_as_a_text_string() -> None:
    document = workflow(step("a", "generic", data="<id>{{{steps.1.id}}}</id>"))
    (request,), _ = run(document, {"id": "c-1"})
    assert request.body == b"<id>c-1</id>"


def test_the_uri_is_the_full_address_with_protocol_and_path() -> None:
    (request,), _ = run(workflow(step("a")), {})
    assert request.url == CUSTOMERS


def test_the_uri_example_without_a_protocol_is_refused() -> None:
    with pytest.raises(Exception, match="http"):
        compile_journey(taken_in(workflow(step("a", uri="api.kustomerapp.com/v1"))).journey)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "PATCH", "DELETE", "post", "Patch"])
def test_the_method_examples(method: str) -> None:
    (request,), _ = run(workflow(step("a", method=method)), {})
    assert request.method == method.upper()


def test_data_of_the_json_action_is_an_object_with_references_in_nested_values() -> None:
    data: Json = {"customerId": "/#steps.1.id", "deep": {"list": ["/#steps.1.n", 2]}}
    assert body_of(workflow(step("a", data=data)), {"id": "c-1", "n": 42}) == {
        "customerId": "c-1",
        "deep": {"list": [42, 2]},
    }


@pytest.mark.parametrize("value", [42, 4.5, True, None, "42", [1, "2"], {"a": {"b": 1}}])
def test_a_reference_keeps_its_json_type(value: Json) -> None:
    document = workflow(step("a", data={"x": "/#steps.1.value"}))
    assert body_of(document, {"value": value}) == {"x": value}


def test_a_missing_reference_removes_the_key() -> None:
    document = workflow(step("a", data={"customerId": "/#steps.1.id", "gone": "/#steps.1.gone"}))
    requests, trace = run(document, {"id": "c-1"})
    assert json.loads(requests[0].body) == {"customerId": "c-1"}
    assert "value_missing" in codes(trace)


def test_a_reference_mixed_with_text_is_sent_literally_with_a_finding() -> None:
    document = workflow(step("a", data={"t": "Order /#steps.1.id"}))
    assert body_of(document, {"id": "c-1"}) == {"t": "Order /#steps.1.id"}
    assert any(note.what == "reference in text" for note in taken_in(document).notes)


def test_data_of_the_generic_action_is_a_string_with_handlebars() -> None:
    document = workflow(step("a", "generic", data='{ "customerId": "{{steps.1.id}}" }'))
    (request,), _ = run(document, {"id": "c-1"})
    assert request.body == b'{ "customerId": "c-1" }'


def test_handlebars_escape_html_unless_there_are_three_braces() -> None:
    document = workflow(step("a", "generic", data="{{steps.1.t}} {{{steps.1.t}}}"))
    (request,), _ = run(document, {"t": '<"&'})
    assert request.body == b'&lt;&quot;&amp; <"&'


def test_headers_are_an_object_of_key_value_pairs() -> None:
    document = workflow(step("a", headers={"content-type": "application/json"}))
    (request,), _ = run(document, {})
    assert ("content-type", "application/json") in request.headers


REPLY = Answer(200, (("content-type", "application/json"),), b'{ "externalId": "1234" }')


def reads(path: str, **first: Json) -> dict[str, Json]:
    return workflow(step("a-1", **first), step("b", data={"read": path}))


def test_json_true_attempts_to_parse_the_response() -> None:
    assert body_of(reads("/#steps.a-1.body", json=True), {}, REPLY) == {
        "read": {"externalId": "1234"}
    }


def test_json_false_leaves_text() -> None:
    document = reads("/#steps.a-1.body", json=False)
    assert body_of(document, {}, REPLY) == {"read": '{ "externalId": "1234" }'}


def test_an_attempt_that_fails_leaves_text_and_a_finding() -> None:
    answer = Answer(200, (), b"<html>")
    document = reads("/#steps.a-1.body", json=True)
    assert body_of(document, {}, answer) == {"read": "<html>"}
    assert "json_not_parsed" in codes(run(document, {}, answer)[1])


def test_response_contains_the_status_code() -> None:
    answer = REPLY._replace(status=201)
    document = reads("/#steps.a-1.response.statusCode", json=True)
    assert body_of(document, {}, answer) == {"read": 201}


def test_response_contains_content_type_and_content_length() -> None:
    answer = Answer(200, (("Content-Type", "application/json"), ("Content-Length", "2")), b"{}")
    document = reads("/#steps.a-1.response.headers", json=True)
    read = body_of(document, {}, answer)["read"]
    assert read["content-type"] == "application/json"
    assert read["content-length"] == "2"


def test_specific_elements_of_the_body_are_selected() -> None:
    document = reads("/#steps.a-1.body.externalId", json=True)
    assert body_of(document, {}, REPLY) == {"read": "1234"}


def test_the_bracketed_step_id_of_the_page_is_accepted_with_a_finding() -> None:
    document = reads("/#steps.[a-1].body.externalId", json=True)
    assert body_of(document, {}, REPLY) == {"read": "1234"}
    (note,) = [one for one in taken_in(document).notes if one.what == "bracketed path"]
    assert "/#steps.a-1.body.externalId" in note.how


def test_faq_raw_data_of_the_trigger_by_its_step_id() -> None:
    event: dict[str, Json] = {"id": "c-1", "attributes": {"n": 42, "tags": ["a"]}}
    assert body_of(workflow(step("a", data="/#steps.1")), event) == event


def test_faq_raw_data_of_an_earlier_step_by_its_id() -> None:
    document = workflow(step("a-1", json=True), step("b", data="/#steps.a-1.body"))
    assert body_of(document, {}, REPLY) == {"externalId": "1234"}


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500, 503])
def test_faq_an_error_means_that_the_call_failed_and_the_status_code_is_in_the_output(
    status: int,
) -> None:
    document = reads("/#steps.a-1.response.statusCode", json=True)
    requests, trace = run(document, {}, Answer(status, (), b"{}"))
    assert trace.facts[0].outcome == "failure"
    assert json.loads(requests[-1].body) == {"read": status}  # and the workflow goes on


def log(sandbox: Console, tmp_path: Path, answer: str) -> str:
    document = workflow(step("a-1", data={"phone": "/#steps.1.phone"}, json=True))
    sandbox.ok("import", write(tmp_path, document), "--as", "kustomer")
    sandbox.ok("fire", "seed", "--profile", "7", "--answer", f"a-1={answer}", "--set", "id=c-1")
    return sandbox.ok("show", "1", "--paths").out


def test_the_logger_shows_the_exact_data_available_for_further_steps(
    sandbox: Console, tmp_path: Path
) -> None:
    shown = log(sandbox, tmp_path, '200:{"externalId":"1234"}')
    assert "/#steps.a-1.body.externalId " in shown
    assert "/#steps.a-1.response.statusCode " in shown


def test_faq_the_input_is_the_exact_call_and_the_output_the_response(
    sandbox: Console, tmp_path: Path
) -> None:
    given, _, made = log(sandbox, tmp_path, "422").partition("output:")
    assert "input, the exact call:" in given
    assert f"POST {CUSTOMERS}" in given
    assert "422 The request is readable" in made


def test_faq_each_status_code_comes_with_what_it_means_and_what_to_check(
    sandbox: Console, tmp_path: Path
) -> None:
    shown = log(sandbox, tmp_path, "401")
    assert "401 The server does not know who is calling." in shown
    assert "check: Check the Authorization header" in shown


def test_faq_200_although_expected_data_was_not_present_is_a_finding() -> None:
    document = workflow(step("a", data={"phone": "/#steps.1.phone"}))
    _, trace = run(document, {"id": "c-1"}, Answer(200, (), b"{}"))
    (found,) = [one for one in trace.findings if one.code == "ok_but_input_missing"]
    assert "/#steps.1.phone" in found.message
    assert "answered 200" in found.message


def test_faq_200_with_all_expected_data_is_none() -> None:
    document = workflow(step("a", data={"phone": "/#steps.1.phone"}))
    _, trace = run(document, {"phone": "+90 1"}, Answer(200, (), b"{}"))
    assert codes(trace) == []
