"""Seed 003, sentence by sentence: "Use API to Trigger Journeys Based on External Events".

Each test stands for a sentence, a field or an example of the page, in the page's order. The
vendor's permissions and its plans are not simulated, and this page has none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.model.base import Json
from tests.serve.serving import NEW_PROFILE, TRIGGER, Serving, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODY: dict[str, Json] = {
    "snType": "EMAIL",
    "snId": "ada@example.com",
    "journeyId": "order-update",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("seed") / "workspace") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def served(running: Serving) -> Serving:
    await running.reset()
    return running


async def test_journeys_are_triggered_by_api_based_on_external_events(served: Serving) -> None:
    assert (await served.ask(body={**BODY, "contextParams": {"form": "signup"}})).status == 204
    (trace,) = await served.runs()
    assert trace["trigger"]["kind"] == "api"
    assert trace["trigger"]["event"] == {"form": "signup"}


async def test_the_endpoint_is_post_api_marketing_journey_trigger(served: Serving) -> None:
    assert TRIGGER == "/api/marketing-journey/trigger"
    assert (await served.ask(method="GET")).status == 405


async def test_the_content_type_is_json_as_the_endpoint_expects_a_json_body(
    served: Serving,
) -> None:
    assert (await served.ask(body=BODY, Content_Type="text/plain")).status == 415


@pytest.mark.parametrize("given", ["Bearer the-token", "the-token"], ids=["table", "curl"])
async def test_the_authorization_is_the_credential(served: Serving, given: str) -> None:
    assert (await served.ask(body=BODY, Authorization=given)).status == 204
    assert (await served.ask(body=BODY, Authorization=given + "x")).status == 401


async def test_the_key_is_both_a_unique_identifier_and_a_secret(served: Serving) -> None:
    assert (await served.ask(body=BODY, without=("Key",))).status == 403
    assert (await served.ask(body=BODY, Key="another")).status == 401


@pytest.mark.parametrize("field", ["snType", "snId", "journeyId"])
async def test_required_fields(served: Serving, field: str) -> None:
    body = {name: value for name, value in BODY.items() if name != field}
    reply = await served.ask(body=body)
    assert reply.status == 400
    assert reply.error["details"]["fields"] == [{"field": field, "problem": "is required"}]


@pytest.mark.parametrize("kind", ["WHATSAPP_BUSINESS", "SMS", "EMAIL", "TWITTER ID", "FB ID"])
async def test_sn_type_is_the_schema_of_the_audience_data(served: Serving, kind: str) -> None:
    person = {"id": "p", "profiles": [{"channelType": kind, "channelId": "unique"}]}
    new = {"journeyId": "order-update", "unifiedProfile": person}
    assert (await served.ask(NEW_PROFILE, new)).status == 204
    assert (await served.ask(body={**BODY, "snType": kind, "snId": "unique"})).status == 204
    other = "SMS" if kind == "EMAIL" else "EMAIL"
    assert (await served.ask(body={**BODY, "snType": other, "snId": "unique"})).status == 404


async def test_the_table_spells_sn_i_d_and_journey_i_d(served: Serving) -> None:
    body = {"snType": "EMAIL", "snID": "ada@example.com", "journeyID": "order-update"}
    reply = await served.ask(body=body)
    assert (reply.status, len(reply.warnings)) == (204, 2)


async def test_the_list_of_journeys_can_be_had_by_the_list_journey_api(served: Serving) -> None:
    reply = await served.ask("/api/marketing-journey/journeys", method="GET")
    assert [one["journeyId"] for one in reply.json["data"]] == ["order-update"]


async def test_context_params_are_optional_and_a_map_of_strings(served: Serving) -> None:
    example = {"User-location": "UK", "Abandoned_cart": "Yes"}
    assert (await served.ask(body=BODY)).status == 204
    assert (await served.ask(body={**BODY, "contextParams": example})).status == 204
    assert (await served.ask(body={**BODY, "contextParams": {"count": 1}})).status == 400
    assert [trace["trigger"]["event"] for trace in await served.runs()] == [{}, example]


async def test_the_sample_as_it_stands_is_refused_with_the_place(served: Serving) -> None:
    sample = """{
"snType": "string",
"snId": "string"
"journeyId” : "string"
"contextParams" :
{
"key1" :"string",
"key2" :"string"
}
}"""
    reply = await served.ask(body=sample.encode())
    assert reply.status == 400
    assert (reply.error["details"]["line"], reply.error["details"]["column"]) == (3, 9)
    # Mended step by step, as somebody would who reads the replies.
    sample = sample.replace('"string"\n"journeyId”', '"string",\n"journeyId”')
    assert (await served.ask(body=sample.encode())).error["details"]["line"] == 4
    sample = sample.replace("journeyId”", 'journeyId"')
    assert (await served.ask(body=sample.encode())).error["details"]["line"] == 4
    sample = sample.replace('"string"\n"contextParams"', '"string",\n"contextParams"')
    assert (await served.ask(body=sample.encode())).status == 404  # JSON now: nobody is "string"


async def test_the_response_is_204_no_content(served: Serving) -> None:
    reply = await served.ask(body=BODY)
    assert (reply.status, reply.body, reply.header("content-length")) == (204, b"", "")


async def test_in_case_the_profile_does_not_exist_the_client_creates_it_first(
    served: Serving,
) -> None:
    body = {**BODY, "snId": "acme@sprinklr.com"}
    unknown = await served.ask(body=body)
    assert unknown.status == 404
    assert NEW_PROFILE in unknown.error["details"]["hint"]
    new = {
        "journeyId": "order-update",
        "contextParams": {"key1": "string", "key2": "string"},
        "unifiedProfile": {
            "id": "id8",
            "contact": {"firstName": "Parth"},
            "profiles": [
                {"channelType": "EMAIL", "channelId": "acme@sprinklr.com", "name": "John Snow"}
            ],
            "createdTime": 1599816142000,
        },
    }
    assert (await served.ask(NEW_PROFILE, new)).status == 204
    assert (await served.ask(body=body)).status == 204
    first, second = await served.runs()
    assert first["profile"]["before"] == second["profile"]["before"]
    assert first["profile"]["before"]["attributes"] == {
        "firstName": "Parth",
        "createdTime": 1599816142000,
        "name": "John Snow",
    }
