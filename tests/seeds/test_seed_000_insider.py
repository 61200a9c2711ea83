"""Seed 000, "Architect Channel: Call an API" (Insider), sentence by sentence."""

from __future__ import annotations

import json

import pytest

from sandbox.engine.check import check_journey
from sandbox.engine.counting import counts_of
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail
from tests.cli.console import Console
from tests.engine.walking import (
    OK,
    TIMEOUT,
    Asked,
    call,
    codes,
    compiled,
    fixture,
    go,
    someone,
    tag,
)
from tests.engine.walking import path as path_of
from tests.seeds.journeys import journey

JSON = {"Content-Type": "application/json"}
ADDRESSES = ["52.213.194.109", "52.19.197.71", "3.248.68.7"]


def insider(*steps: dict[str, Json], **fields: Json) -> dict[str, Json]:
    return journey(*steps, dialect="insider", **fields)


def findings(document: dict[str, Json]) -> list[str]:
    return [one.code for one in check_journey(compiled(document), frozenset({"BASE_URL"}))]


@pytest.mark.parametrize(
    "url", ["https://crm.test/lead", "https://sms.test/send", "https://backend.test/in"]
)
def test_trigger_outsourced_tools_vendors_or_crm_tools(url: str) -> None:
    asked = Asked(OK)
    go(insider(call(url=url, headers=JSON, body={"a": 1})), asked)
    assert [send.request.url for send in asked.sends] == [url]


def test_provide_other_systems_with_real_time_information() -> None:
    asked = Asked(OK)
    document = insider(
        call(headers=JSON, body={"who": "{name}", "paid": "{happened.amount}"}),
        trigger={"kind": "event", "name": "happened"},
    )
    go(document, asked, person=someone(name="Ada"), event={"amount": "59.90"})
    assert json.loads(asked.sends[0].request.body) == {"who": "Ada", "paid": "59.90"}


@pytest.mark.parametrize(("occurrence", "calls"), [(1, 0), (2, 0), (3, 1), (4, 0)])
def test_add_credit_once_they_performed_an_event_a_certain_number_of_times(
    occurrence: int, calls: int
) -> None:
    asked = Asked(OK)
    trace = go(fixture("loyalty-credit"), asked, occurrence=occurrence)
    assert len(asked.sends) == calls
    assert trace.status == ("completed" if calls else "not_entered")


def test_a_request_to_a_defined_system_with_a_defined_payload() -> None:
    asked = Asked(OK)
    go(fixture("loyalty-credit"), asked, person=someone(user_id="u-1"))
    request = asked.sends[0].request
    assert request.method == "POST"
    assert request.url == "http://api.test/customers/u-1/credit"
    assert json.loads(request.body)["amount"] == 10


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_response_increments_the_success_count_by_one(status: int) -> None:
    counts = counts_of(go(insider(call()), Asked(status)).facts)
    assert (counts["call"]["success"], counts["call"]["failure"]) == (1, 0)


FAILURES = [
    Answer(404), Answer(500), Answer(302), TIMEOUT,
    Answer(error=Fail("refused", "connect", "nobody listens")),
]  # fmt: skip


@pytest.mark.parametrize("answer", FAILURES)
def test_a_failure_increments_the_fail_count_by_one(answer: Answer) -> None:
    counts = counts_of(go(insider(call()), Asked(answer)).facts)
    assert (counts["call"]["success"], counts["call"]["failure"]) == (0, 1)


@pytest.mark.parametrize("answer", [OK, *FAILURES])
def test_in_either_case_the_user_proceeds_to_the_next_step(answer: Answer) -> None:
    trace = go(insider(call(), tag("after")), Asked(answer))
    assert path_of(trace) == ["call", "after"]
    assert trace.status == "completed"


def test_data_for_the_insider_database_goes_by_the_upsert_api() -> None:
    url = "https://unification.useinsider.com/api/user/v1/upsert"
    assert "insider.not_bulk" in findings(insider(call(url=url, headers=JSON, body={})))


def test_a_third_party_tool_based_on_the_users_action_is_what_it_is_for() -> None:
    assert findings(insider(call(headers=JSON, body={"a": 1}))) == []


def test_call_an_api_is_not_a_bulk_data_sending_tool() -> None:
    document = insider(call(headers=JSON, body={"a": 1}), trigger={"kind": "manual"})
    assert "insider.not_bulk" in findings(document)


def test_the_api_must_be_up_and_running() -> None:
    down = Answer(error=Fail("refused", "connect", "nobody listens"))
    trace = go(insider(call()), Asked(down))
    assert trace.facts[0].outcome == "failure"


@pytest.mark.parametrize(
    "fields",
    [{"headers": JSON}, {"body": {"a": 1}}, {"method": "PUT", "headers": JSON, "body": {"a": 1}}],
)
def test_fulfil_all_the_conditions_for_a_json_post_request(fields: dict[str, Json]) -> None:
    assert "insider.json_post" in findings(insider(call(**fields)))


def test_the_addresses_to_allow_stand_next_to_where_live_calls_come_from(sandbox: Console) -> None:
    document = sandbox.ok("dialects", "insider", "--json").json
    setting = document["values"]["request.sources"]
    assert setting["value"] == ADDRESSES
    assert setting["origin"] == "documented"
    shown = " ".join(sandbox.ok("dialects", "insider").out.split())
    assert all(address in shown for address in ADDRESSES)
    assert "LIVE calls leave from this machine" in shown


def test_allowing_addresses_works_for_test_api_which_is_send(sandbox: Console) -> None:
    sandbox.ok("send", "loyalty-credit", "credit", "--profile", "7")
    assert sandbox.ok("counts", "--json").json == {}
    note = sandbox.ok("dialects", "insider", "--json").json["values"]["request.sources"]["note"]
    assert "Test API" in note


@pytest.mark.parametrize(
    ("url", "attribute", "person"),
    [
        ("https://vendor.test/email/send", "email", {"sms_optin": True}),
        ("https://vendor.test/sms/send", "sms_optin", {"email": "a@b.test"}),
    ],
)
def test_email_or_sms_through_a_call_needs_the_address_and_the_opt_in(
    url: str, attribute: str, person: dict[str, Json]
) -> None:
    document = insider(call(url=url, headers=JSON, body={"a": 1}))
    without = go(document, Asked(OK), person=someone(**person))
    assert "channel_attribute_missing" in codes(without)
    both = someone(email="a@b.test", sms_optin=True)
    assert "channel_attribute_missing" not in codes(go(document, Asked(OK), person=both))
