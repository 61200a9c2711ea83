"""The User.com payload, field for field as its module guide shows it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import parse_at
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.person import Person, person_of
from sandbox.engine.walk import drive_pure
from sandbox.model.base import Json
from sandbox.model.profile import Profile
from tests.engine.journeys import TEXTS, VALUES
from tests.engine.walking import Asked, calls, demo_profile, fixture, go, start

USER = """{"id":7,"key":"x7NM5xw2eFxl","name":"John Doe","email":"","gender":"unknown",
"status":"visitor","phone_number":null,"first_seen":"2021-01-07T13:33:24.576109Z",
"last_seen":"2021-01-07T13:33:24.604490Z","page_views":1,"last_ip":"","timezone":"USA/DC",
"city":null,"region":null,"country":"USA","emails_enabled":true,"browser_language":"en","score":0,
"browser":"Chrome","os_type":"Mac OS X","resolution":"1440x900",
"created_at":"2021-01-07T13:33:24.585602Z","updated_at":"2021-01-12T15:08:07.917571Z",
"attributes":[],"gravatar_url":null,"lists":[],"tags":[{"id":16,"name":"random_tag"}],
"notifications":true,"facebook_url":null,"linkedin_url":null,"twitter_url":null,"google_url":null,
"last_contacted":"2021-01-07T13:33:40.598000Z","user_id":"random_id"}""".replace("\n", "")
"""The page's example, with its closing braces restored."""
FIELDS = list(json.loads(USER))
API_CALL = fixture("api-call")


def sent(
    journey: CompiledJourney, person: Person, at: str, include_user: bool | None = None
) -> str:
    asked = Asked(200)
    drive_pure(start(journey, person, start_us=parse_at(at), include_user=include_user), asked)
    (send,) = asked.sends
    return send.request.body.decode()


def test_the_example_is_sent_to_the_letter() -> None:
    at = "2021-02-01T07:27:44.469241+00:00"
    expected = f'{{"path":6,"timestamp":"{at}","extra":{{"variable_1":"value_1"}},"user":{USER}}}'
    assert sent(API_CALL, demo_profile("7"), at) == expected


def test_without_user_info_only_the_user_is_missing() -> None:
    at = "2021-02-01T07:34:23.815674+00:00"
    expected = f'{{"path":6,"timestamp":"{at}","extra":{{"variable_1":"value_1"}}}}'
    assert sent(API_CALL, demo_profile("7"), at, include_user=False) == expected


def test_a_moment_without_microseconds_is_written_with_six_digits() -> None:
    body = json.loads(sent(API_CALL, demo_profile("7"), "2026-01-01T00:00:00Z"))
    assert body["timestamp"] == "2026-01-01T00:00:00.000000+00:00"


LABELS = st.lists(
    TEXTS.filter(bool) | st.fixed_dictionaries({"id": st.integers(0, 99), "name": TEXTS}),
    max_size=3,
)
STORED = [name for name in FIELDS if name not in ("attributes", "lists", "tags")]


@given(
    st.dictionaries(st.sampled_from(STORED), VALUES),
    st.dictionaries(TEXTS.filter(lambda name: name not in FIELDS), VALUES, max_size=3),
    LABELS,
    LABELS,
    VALUES,
)
def test_any_profile_is_sent_as_it_is_stored(
    fields: dict[str, Json],
    custom: dict[str, Json],
    tags: list[Json],
    lists: list[Json],
    value: Json,
) -> None:
    profile = Profile.parse(
        {"id": "p", "attributes": {**custom, **fields}, "tags": tags, "lists": lists}
    )
    trace = go(API_CALL, person=person_of(profile), event={"variable_1": value})
    request = calls(trace)[0].request
    assert request is not None
    body = json.loads(request.body)
    assert list(body) == ["path", "timestamp", "extra", "user"]
    user = body["user"]
    assert list(user) == FIELDS
    for name, stored in fields.items():
        if name != "id" or stored is not None:
            assert json.dumps(user[name]) == json.dumps(stored), name
    if fields.get("id") is None:
        assert user["id"] == "p"
    for name in set(STORED) - set(fields) - {"id"}:
        assert user[name] in (None, "", 0, True, "unknown", "visitor"), name
    assert user["tags"] == _as_sent(tags)
    assert user["lists"] == _as_sent(lists)
    assert user["attributes"] == [{"name": key, "value": one} for key, one in custom.items()]
    texted = body["extra"]["variable_1"]
    assert isinstance(texted, str)  # a tag stands inside quotes, so what arrives is text
    if isinstance(value, str):
        assert texted == value


def _as_sent(labels: list[Json]) -> list[Json]:
    return [one if isinstance(one, dict) else {"id": None, "name": one} for one in labels]


def test_the_consent_is_set_before_the_call_and_is_in_the_payload() -> None:
    asked = Asked(200)
    trace = go(fixture("newsletter"), asked, person=demo_profile("7"))
    user = json.loads(asked.sends[0].request.body)["user"]
    assert user["attributes"] == [{"name": "newsletter_consent", "value": True}]
    assert trace.before.attributes.get("newsletter_consent") is None
    assert trace.after.attributes["newsletter_consent"] is True


def test_the_demo_person_is_not_changed_by_a_run() -> None:
    person = demo_profile("7")
    before = json.dumps(person.document())
    go(fixture("newsletter"), person=person)
    assert json.dumps(person.document()) == before


@pytest.mark.parametrize("dialect", ["insider", "insider-glossary", "kustomer", "sprinklr"])
def test_other_vendors_send_the_authors_body_as_it_is(dialect: str) -> None:
    asked = Asked(200)
    go(fixture("api-call", dialect), asked, person=demo_profile("7"))
    assert asked.sends[0].request.body == b'{"variable_1":"value_1"}'
