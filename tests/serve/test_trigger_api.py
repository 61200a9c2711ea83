"""The documented requests, good and bad, over a socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.serve.limiter import Limiter, Window
from tests.serve.serving import KNOWN, NEW_PROFILE, TRIGGER, Serving, json_bytes, serving

VENDORS_SAMPLE = """\
{
"snType": "string",
"snId": "string"
"journeyId” : "string"
"contextParams" :
{
"key1" :"string",
"key2" :"string"
}
}""".encode()
"""The page's own sample: two commas are missing, and a quote is a curly one."""

ID8: dict[str, Json] = {
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
"""The second sample of the page, for a journey that is here."""


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("served") / "workspace") as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def served(running: Serving) -> Serving:
    await running.reset()
    return running


def without(*names: str) -> dict[str, Json]:
    return {name: value for name, value in KNOWN.items() if name not in names}


async def test_a_trigger_is_answered_204_and_runs(served: Serving) -> None:
    reply = await served.ask(body=KNOWN)
    assert (reply.status, reply.body, reply.warnings) == (204, b"", [])
    (trace,) = await served.runs()
    assert trace["run"]["journey"] == "order-update"
    assert trace["run"]["profile"] == "8"
    assert trace["run"]["via"] == "mock"
    assert trace["trigger"]["event"] == {"order_id": "1", "status": "ok"}
    assert trace["counts"]["crm"]["by_code"] == {"200": 1}


async def test_without_context_params_the_event_is_empty_not_the_sample(served: Serving) -> None:
    assert (await served.ask(body=without("contextParams"))).status == 204
    (trace,) = await served.runs()
    assert trace["trigger"]["event"] == {}


async def test_the_open_workbench_can_see_that_something_happened(served: Serving) -> None:
    before = served.workspace.history.version()
    await served.ask(body=KNOWN)
    assert len(await served.runs()) == 1
    assert served.workspace.history.version() != before


async def test_both_spellings_are_read_and_the_tables_one_with_a_warning(served: Serving) -> None:
    body = {**without("snId", "journeyId"), "snID": "ada@example.com", "journeyID": "order-update"}
    reply = await served.ask(body=body)
    assert reply.status == 204
    assert [one.split(" ")[0] for one in reply.warnings] == ["snID", "journeyID"]
    assert len(await served.runs()) == 1


async def test_two_spellings_that_differ_are_refused(served: Serving) -> None:
    reply = await served.ask(body={**KNOWN, "snID": "somebody else"})
    assert reply.status == 400
    assert reply.error["details"]["fields"][0]["field"] == "snId"


async def test_a_bare_token_as_in_the_vendors_curl_is_taken_with_a_warning(
    served: Serving,
) -> None:
    reply = await served.ask(body=KNOWN, Authorization="the-token")
    assert reply.status == 204
    assert "without Bearer" in reply.warnings[0]


@pytest.mark.parametrize(
    ("missing", "headers", "status", "code"),
    [
        (("Authorization",), {}, 401, "UNAUTHORIZED"),
        ((), {"Authorization": "Bearer wrong"}, 401, "UNAUTHORIZED"),
        ((), {"Authorization": "Basic the-token"}, 401, "UNAUTHORIZED"),
        ((), {"Authorization": "Bearer"}, 401, "UNAUTHORIZED"),
        ((), {"Authorization": "Bearer tök"}, 401, "UNAUTHORIZED"),
        (("Key",), {}, 403, "DEVELOPER_INACTIVE"),
        ((), {"Key": "wrong"}, 401, "INVALID_CONSUMER_KEY"),
        ((), {"Host": "example.com"}, 421, "MISDIRECTED_REQUEST"),
        ((), {"Host": "127.0.0.1.example.com:80"}, 421, "MISDIRECTED_REQUEST"),
        ((), {"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ((), {"Content-Type": "application/json; charset=latin-1"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (("Content-Type",), {}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_headers_that_are_refused_by_the_gateway(
    served: Serving, missing: tuple[str, ...], headers: dict[str, str], status: int, code: str
) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    for target in (TRIGGER, NEW_PROFILE):
        reply = await served.ask(target, KNOWN, without=missing, **named)
        assert reply.status == status
        assert set(reply.json) == {"data", "errors"}
        assert reply.error["code"] == code
        assert reply.error["id"]
    assert await served.runs() == []


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"])
async def test_hosts_that_mean_this_machine(served: Serving, host: str) -> None:
    assert (await served.ask(body=KNOWN, Host=host)).status == 204


@pytest.mark.parametrize(
    ("method", "target", "status", "allow"),
    [
        ("GET", TRIGGER, 405, "POST"),
        ("PUT", NEW_PROFILE, 405, "POST"),
        ("POST", "/api/marketing-journey/journeys", 405, "GET"),
        ("POST", TRIGGER + "/", 404, ""),
        ("POST", "/", 404, ""),
        ("GET", "/%00", 404, ""),
    ],
)
async def test_paths_and_methods(
    served: Serving, method: str, target: str, status: int, allow: str
) -> None:
    reply = await served.ask(target, method=method)
    assert reply.status == status
    assert allow in reply.header("allow")
    assert reply.error["code"] in ("METHOD_NOT_ALLOWED", "PATH_NOT_FOUND")


async def test_a_body_without_a_length(served: Serving) -> None:
    reply = await served.ask(without=("Content-Length",))
    assert reply.status == 411
    assert reply.error["code"] == "LENGTH_REQUIRED"


async def test_a_body_in_chunks(served: Serving) -> None:
    data = json_bytes(KNOWN)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)
    reply = await served.ask(body=chunked, without=("Content-Length",), Transfer_Encoding="chunked")
    assert reply.status == 204


@pytest.mark.parametrize("size", [1_000_001, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large(served: Serving, size: int, chunked: bool) -> None:
    data = b" " * size
    if chunked:
        data = b"%x\r\n%b\r\n0\r\n\r\n" % (size, data)
        reply = await served.ask(
            body=data, without=("Content-Length",), Transfer_Encoding="chunked"
        )
    else:
        reply = await served.ask(body=data)
    assert reply.status == 413
    assert "1,000,000" in reply.error["message"]


async def test_a_length_past_everything_is_refused_before_it_is_read(served: Serving) -> None:
    reply = await served.ask(Content_Length="999999999999")
    assert reply.status == 413


@pytest.mark.parametrize(
    "data",
    [
        b"HELLO\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ],
    ids=["no HTTP", "large head", "two lengths"],
)
async def test_what_is_no_request(served: Serving, data: bytes) -> None:
    answer = await served.raw(data)
    assert answer.startswith(b"HTTP/1.1 400 ")
    found = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert found["errors"][0]["code"] == "INVALID_HTTP_REQUEST"


async def test_the_vendors_own_sample_is_broken_json_and_the_place_is_told(
    served: Serving,
) -> None:
    reply = await served.ask(body=VENDORS_SAMPLE)
    assert reply.status == 400
    assert set(reply.json) == {"success", "errors"}
    error = reply.error
    assert error["code"] == "BAD_REQUEST"
    assert (error["details"]["line"], error["details"]["column"]) == (3, 9)
    assert "line 3, column 9" in error["message"]
    assert error["details"]["text"] == '"snId": "string"'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"[]", "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"\xff{}", "not UTF-8: byte 1"),
        (b'{"a": 1, "a": 2}', "line 1"),
        (b'{"a": NaN}', "line 1"),
        (b'{"a": 1e999}', "line 1"),
        (b"{" * 5000, "not JSON"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, ""),  # too deep for 3.11; 3.13 reads it
        (b'{"snType": "\\ud800"}', "surrogate"),
        ("{“snType”: 1}".encode(), "line 1, column 2"),
    ],
    ids=lambda value: repr(value)[:24],
)
async def test_bodies_that_cannot_be_read(served: Serving, data: bytes, says: str) -> None:
    reply = await served.ask(body=data)
    assert reply.status == 400
    assert says in reply.error["message"]


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        (without("snType"), "snType", "is required"),
        (without("snId"), "snId", "is required"),
        (without("journeyId"), "journeyId", "is required"),
        ({**KNOWN, "snType": 7}, "snType", "must be a string, got 7"),
        ({**KNOWN, "snId": ""}, "snId", "must not be empty"),
        ({**without("snId"), "snID": None}, "snID", "must be a string"),
        ({**KNOWN, "contextParams": []}, "contextParams", "must be an object"),
        ({**KNOWN, "contextParams": {"n": 12}}, "contextParams.n", "must be a string, got 12"),
        ({**KNOWN, "contextParams": {"n": None}}, "contextParams.n", "must be a string"),
        ({**KNOWN, "contextParams": {"n": {"a": 1}}}, "contextParams.n", "must be a string"),
    ],
)
async def test_fields_that_are_wrong_are_named(
    served: Serving, body: Json, field: str, says: str
) -> None:
    reply = await served.ask(body=body)
    assert reply.status == 400
    (wrong,) = reply.error["details"]["fields"]
    assert wrong["field"] == field
    assert wrong["problem"].startswith(says)
    assert field in reply.error["message"]


async def test_every_wrong_field_is_named_at_once(served: Serving) -> None:
    reply = await served.ask(body={"contextParams": {"a": 1, "b": True}})
    found = [one["field"] for one in reply.error["details"]["fields"]]
    assert found == ["snType", "snId", "journeyId", "contextParams.a", "contextParams.b"]


async def test_fields_that_nobody_reads_are_said(served: Serving) -> None:
    reply = await served.ask(body={**KNOWN, "contextParam": {}, "Größe": "\n"})
    assert reply.status == 204
    assert reply.warnings == ['not read: "contextParam", "Gr\\xf6\\xdfe"']


@pytest.mark.parametrize("name", ["", " ", "\n", "\u2028", "a\r\nX: y", "x" * 500_000, "👩‍🚀 "])
async def test_any_name_can_stand_in_a_warning(served: Serving, name: str) -> None:
    reply = await served.ask(body={**KNOWN, name: 1})
    assert reply.status == 204
    assert len(reply.warnings) == 1
    assert reply.header("x") == ""


async def test_an_unknown_person_is_led_to_the_other_endpoint(served: Serving) -> None:
    reply = await served.ask(body={**KNOWN, "snId": "nobody@example.com"})
    assert reply.status == 404
    assert "triggerWithNewProfile" in reply.error["details"]["hint"]


@pytest.mark.parametrize("kind", ["email", "Email", " EMAIL "])
async def test_types_of_identities_are_compared_loosely(served: Serving, kind: str) -> None:
    assert (await served.ask(body={**KNOWN, "snType": kind})).status == 204


@pytest.mark.parametrize("kind", ["TWITTER ID", "twitter_id", "Twitter-Id"])
async def test_twitter_id_is_twitter_id(served: Serving, kind: str) -> None:
    person = Profile.parse({"id": "t", "identities": [{"type": "TWITTER ID", "value": "@t"}]})
    served.workspace.repository.put_profiles([person])
    assert (await served.ask(body={**KNOWN, "snType": kind, "snId": "@t"})).status == 204


async def test_an_identity_of_two_people_is_a_conflict(served: Serving) -> None:
    same = [{"type": "EMAIL", "value": "ada@example.com"}]
    served.workspace.repository.put_profiles([Profile.parse({"id": "twin", "identities": same})])
    reply = await served.ask(body=KNOWN)
    assert reply.status == 409
    assert reply.error["details"]["profiles"] == ["8", "twin"]


async def test_an_unknown_journey_names_the_nearest(served: Serving) -> None:
    reply = await served.ask(body={**KNOWN, "journeyId": "order-updat"})
    assert reply.status == 404
    assert "order-update" in reply.error["details"]["hint"]
    assert (await served.ask(body={**KNOWN, "journeyId": "x" * 900_000})).status == 404


async def test_a_journey_that_listens_to_an_event_is_not_started_by_api(served: Serving) -> None:
    reply = await served.ask(body={**KNOWN, "journeyId": "newsletter"})
    assert reply.status == 409
    assert "event" in reply.error["message"]


async def test_a_journey_that_cannot_run_is_refused_and_not_promised(served: Serving) -> None:
    broken = Journey.parse(
        {
            "id": "broken",
            "dialect": "sprinklr",
            "trigger": {"kind": "api"},
            "steps": [{"id": "a", "kind": "notify", "text": "x", "next": "nowhere"}],
        }
    )
    served.workspace.repository.put_journeys([broken])
    reply = await served.ask(body={**KNOWN, "journeyId": "broken"})
    assert reply.status == 409
    assert "nowhere" in reply.error["message"]


async def test_a_new_profile_is_made_and_the_journey_starts(served: Serving) -> None:
    reply = await served.ask(NEW_PROFILE, ID8)
    assert (reply.status, reply.warnings) == (204, [])
    person = served.workspace.repository.profile("id8")
    assert person.attributes == {
        "firstName": "Parth", "createdTime": 1599816142000, "name": "John Snow",
    }  # fmt: skip
    assert [(one.type, one.value) for one in person.identities] == [("EMAIL", "acme@sprinklr.com")]
    known = {**KNOWN, "snId": "acme@sprinklr.com"}
    assert (await served.ask(body=known)).status == 204
    assert [trace["run"]["profile"] for trace in await served.runs()] == ["id8", "id8"]


async def test_an_existing_profile_is_updated_and_keeps_the_rest(served: Serving) -> None:
    before = served.workspace.repository.profile("8")
    changed = {"id": "8", "contact": {"name": "Ada L.", "vip": True}, "profiles": [
        {"channelType": "SMS", "channelId": "+43 1", "name": ""},
        {"channelType": "email", "channelId": "ada@example.com"},
    ]}  # fmt: skip
    reply = await served.ask(NEW_PROFILE, {**ID8, "unifiedProfile": changed})
    assert reply.status == 204
    assert "was there already and was updated" in reply.warnings[0]
    after = served.workspace.repository.profile("8")
    assert after.attributes == {**before.attributes, "name": "Ada L.", "vip": True}
    assert [one.value for one in after.identities] == ["ada@example.com", "+43 1"]
    assert after.tags == before.tags


async def test_text_of_every_script_arrives_as_it_was_sent(served: Serving) -> None:
    name = "Zoë 李 عمر 👩‍🚀 \"&<>'"
    person = {"id": "ü-1", "contact": {"name": name}, "profiles": []}
    body = {**ID8, "contextParams": {"order_id": "№ 7", "ключ": name}, "unifiedProfile": person}
    assert (await served.ask(NEW_PROFILE, body)).status == 204
    assert served.workspace.repository.profile("ü-1").attributes["name"] == name
    (trace,) = await served.runs()
    assert trace["trigger"]["event"] == {"order_id": "№ 7", "ключ": name}


@pytest.mark.parametrize(
    ("created", "status", "says"),
    [
        (0, 204, ""),
        (253_402_300_799_999, 204, ""),
        (1599816142, 204, "looks like seconds"),
        (-1, 400, "from 0"),
        (253_402_300_800_000, 400, "from 0"),
        (1.5, 400, "whole number"),
        ("1599816142000", 400, "whole number"),
        (True, 400, "whole number"),
    ],
)
async def test_created_time_is_in_milliseconds(
    served: Serving, created: Json, status: int, says: str
) -> None:
    person = {"id": "n", "createdTime": created}
    reply = await served.ask(NEW_PROFILE, {**ID8, "unifiedProfile": person})
    assert reply.status == status
    if status == 400:
        (wrong,) = reply.error["details"]["fields"]
        assert wrong["field"] == "unifiedProfile.createdTime"
        assert says in wrong["problem"]
    else:
        assert says in "".join(reply.warnings)
        assert served.workspace.repository.profile("n").attributes["createdTime"] == created


@pytest.mark.parametrize(
    ("person", "field"),
    [
        (None, "unifiedProfile"),
        ([], "unifiedProfile"),
        ("id8", "unifiedProfile"),
        ({}, "unifiedProfile.id"),
        ({"id": 8}, "unifiedProfile.id"),
        ({"id": "a\nb"}, "unifiedProfile.id"),
        ({"id": "a", "contact": []}, "unifiedProfile.contact"),
        ({"id": "a", "contact": {"big": 2**70}}, "unifiedProfile.contact"),
        ({"id": "a", "profiles": {}}, "unifiedProfile.profiles"),
        ({"id": "a", "profiles": ["x"]}, "unifiedProfile.profiles[0]"),
        ({"id": "a", "profiles": [{}]}, "unifiedProfile.profiles[0].channelType"),
        (
            {"id": "a", "profiles": [{"channelType": "SMS", "channelId": 1}]},
            "unifiedProfile.profiles[0].channelId",
        ),
    ],
)
async def test_a_profile_that_is_wrong_is_refused_and_not_stored(
    served: Serving, person: Json, field: str
) -> None:
    before = served.workspace.repository.profile_ids()
    reply = await served.ask(NEW_PROFILE, {**ID8, "unifiedProfile": person})
    if reply.status == 204:  # a number past 64 bits is kept where documents can hold it
        assert field == "unifiedProfile.contact"
        return
    assert reply.status == 400
    assert reply.error["details"]["fields"][0]["field"].startswith(field)
    assert served.workspace.repository.profile_ids() == before
    assert await served.runs() == []


async def test_no_profile_is_made_for_an_unknown_journey(served: Serving) -> None:
    assert (await served.ask(NEW_PROFILE, {**ID8, "journeyId": "nope"})).status == 404
    assert "id8" not in served.workspace.repository.profile_ids()


async def test_the_list_of_journeys(served: Serving) -> None:
    reply = await served.ask("/api/marketing-journey/journeys", method="GET")
    assert reply.status == 200
    assert reply.json["data"] == [
        {
            "journeyId": "order-update",
            "name": "Order update from outside",
            "contextParams": ["order_id", "status"],
        }
    ]
    refused = await served.ask("/api/marketing-journey/journeys", method="GET", Key="wrong")
    assert refused.status == 401


async def test_past_the_limit_the_documented_reply(tmp_path: Path) -> None:
    limiter = Limiter((Window(3, 3_600_000_000, "1 hour"),))
    async with serving(tmp_path / "workspace", limiter) as served:
        for left in ("2", "1", "0"):
            reply = await served.ask(body=KNOWN)
            assert (reply.status, reply.header("x-ratelimit-remaining")) == (204, left)
        # Who does not show both credentials takes nothing of the limit, and learns nothing of it.
        assert (await served.ask(body=KNOWN, Key="wrong")).header("x-ratelimit-limit") == ""
        reply = await served.ask(body=KNOWN)
        assert reply.status == 429
        assert set(reply.json) == {"success", "errors"}
        error = reply.error
        assert error["code"] == "RATE_LIMIT_EXCEEDED"
        assert (error["details"]["limit"], error["details"]["window"]) == (3, "1 hour")
        assert error["details"]["resetAt"].endswith("Z")
        assert reply.header("x-ratelimit-limit") == "3"
        assert reply.header("x-ratelimit-remaining") == "0"
        assert 3590 <= int(reply.header("retry-after")) <= 3600
        assert int(reply.header("x-ratelimit-reset")) > 1_700_000_000
        assert len(await served.runs()) == 3


async def test_many_requests_on_one_connection(served: Serving) -> None:
    data = json_bytes(KNOWN)
    head = (
        f"POST {TRIGGER} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer the-token\r\n"
        f"Key: the-key\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    ).encode()
    last = head + b"Connection: close\r\n\r\n" + data
    answer = await served.raw((head + b"\r\n" + data) * 4 + last)
    assert answer.count(b"HTTP/1.1 204 ") == 5
    assert len(await served.runs()) == 5
