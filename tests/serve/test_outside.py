"""The request that a system outside would send."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import InputError
from sandbox.model.base import Json
from sandbox.model.profile import Profile
from sandbox.serve.outside import Outside, address, outside_request
from sandbox.serve.people import merged_with
from sandbox.serve.trigger_requests import read_body, read_new_profile, read_trigger

ADA = Profile.parse(
    {
        "id": "8",
        "attributes": {"name": "Ada", "age": 36},
        "tags": ["vip"],
        "identities": [
            {"type": "EMAIL", "value": "ada@example.com"},
            {"type": "SMS", "value": "+43 1"},
        ],
    }
)
URL = "http://127.0.0.1:8766/api/marketing-journey/trigger"


def made(event: dict[str, Json], profile: Profile = ADA, created_ms: int | None = None) -> Outside:
    return outside_request(URL, "order-update", profile, event, ("token", "key"), created_ms)


def body(outside: Outside) -> Json:
    return json.loads(outside.request.body)


def test_the_documented_request() -> None:
    outside = made({"order_id": "1"})
    assert outside.request.method == "POST"
    assert outside.request.headers == (
        ("Authorization", "Bearer token"),
        ("Key", "key"),
        ("Content-Type", "application/json"),
    )
    assert body(outside) == {
        "snType": "EMAIL",
        "snId": "ada@example.com",
        "journeyId": "order-update",
        "contextParams": {"order_id": "1"},
    }
    assert outside.notes == ("snType is EMAIL, the first of 2 identities",)


def test_the_documented_request_with_a_new_profile() -> None:
    outside = made({}, created_ms=1599816142000)
    assert body(outside)["unifiedProfile"] == {
        "id": "8",
        "contact": {"name": "Ada", "age": 36},
        "profiles": [
            {"channelType": "EMAIL", "channelId": "ada@example.com", "name": "Ada"},
            {"channelType": "SMS", "channelId": "+43 1", "name": "Ada"},
        ],
        "createdTime": 1599816142000,
    }
    assert outside.notes == ("tags and lists have no place in a unifiedProfile",)


def test_context_params_are_strings_and_what_was_changed_is_said() -> None:
    outside = made({"a": "x", "n": 12, "b": True, "o": {"k": [1]}, "gone": None})
    assert body(outside)["contextParams"] == {"a": "x", "n": "12", "b": "true", "o": '{"k":[1]}'}
    assert len(outside.notes) == 5


def test_a_time_of_creation_that_is_stored_is_kept() -> None:
    person = Profile.parse({"id": "1", "attributes": {"createdTime": 5, "a": 1}})
    unified = body(made({}, person, 9))["unifiedProfile"]
    assert unified == {"id": "1", "contact": {"a": 1}, "profiles": [], "createdTime": 5}


def test_nobody_can_be_meant_without_an_identity() -> None:
    with pytest.raises(InputError, match="no identities") as refused:
        made({}, Profile(id="9"))
    assert "--new-profile" in refused.value.hint


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("http://127.0.0.1:8766", URL),
        ("http://127.0.0.1:8766/", URL),
        (URL, URL),
        ("http://127.0.0.1:8766/api/marketing-journey/triggerWithNewProfile", URL),
        ("http://127.0.0.1:8766/api/marketing-journey/", URL),
        (
            "https://api3.example.com/prod",
            "https://api3.example.com/prod/api/marketing-journey/trigger",
        ),
    ],
)
def test_addresses(server: str, url: str) -> None:
    assert address(server, False) == url


@pytest.mark.parametrize("server", ["", "127.0.0.1:8766", "ftp://a", "http://a/?x=1", "http://a b"])
def test_what_is_no_address(server: str) -> None:
    with pytest.raises(InputError, match="--to"):
        address(server, False)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
shown = texts.filter(lambda text: bool(text.strip()))


@given(shown, shown, st.dictionaries(texts, texts, max_size=4))
def test_the_server_reads_what_was_meant(kind: str, value: str, event: dict[str, str]) -> None:
    person = Profile.parse({"id": "p", "identities": [{"type": kind, "value": value}]})
    wanted = read_trigger(read_body(made(dict(event), person).request.body))
    assert (wanted.journey, wanted.context, wanted.warnings) == ("order-update", event, ())
    assert wanted.identity == person.identities[0]


@given(st.dictionaries(texts, st.none() | st.booleans() | st.integers() | texts, max_size=4))
def test_a_person_that_is_sent_along_arrives_whole(attributes: dict[str, Json]) -> None:
    attributes.pop("createdTime", None)
    person = Profile(id="p", attributes=attributes)
    wanted = read_new_profile(read_body(made({}, person, 7).request.body))
    assert wanted.new is not None
    left = merged_with(Profile(id="p"), wanted.new)
    assert left.attributes == {**attributes, "createdTime": 7}
