"""Seed 001, "Module guide: API call" (User.com), sentence by sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.clock import parse_at
from sandbox.engine.check import check_journey
from sandbox.engine.walk import drive_pure
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from tests.engine.walking import (
    OK,
    Asked,
    call,
    codes,
    compiled,
    demo_profile,
    fixture,
    go,
    someone,
    start,
    tag,
)
from tests.engine.walking import path as path_of
from tests.seeds.journeys import journey as usercom

GUIDE = Path(__file__).parents[1] / "data" / "usercom_module_guide.json"
USER_FIELDS = [
    "id", "key", "name", "email", "gender", "status", "phone_number", "first_seen", "last_seen",
    "page_views", "last_ip", "timezone", "city", "region", "country", "emails_enabled",
    "browser_language", "score", "browser", "os_type", "resolution", "created_at", "updated_at",
    "attributes", "gravatar_url", "lists", "tags", "notifications", "facebook_url",
    "linkedin_url", "twitter_url", "google_url", "last_contacted", "user_id",
]  # fmt: skip


def sent(document: Json, **more: Json) -> Json:
    asked = Asked(OK)
    go(document, asked, **more)
    return asked.sends[0].request


def payload(at: str, include_user: bool) -> Json:
    asked = Asked(OK)
    walk = start(
        fixture("api-call"), demo_profile("7"), start_us=parse_at(at), include_user=include_user
    )
    drive_pure(walk, asked)
    return json.loads(asked.sends[0].request.body)


def test_it_is_used_if_any_other_conditions_are_met() -> None:
    when = {"path": "user.score", "op": "gt", "value": 10}
    document = usercom(call(), trigger={"kind": "event", "name": "seen", "when": when})
    assert go(document, Asked(OK), person=someone(score=5)).status == "not_entered"
    assert go(document, Asked(OK), person=someone(score=11)).status == "completed"


def test_you_can_send_all_user_data_to_a_specific_url() -> None:
    request = sent(usercom(call(url="https://app.test/in")), person=someone(name="John Doe"))
    assert request.url == "https://app.test/in"
    assert json.loads(request.body)["user"]["name"] == "John Doe"


def test_the_url_field_is_the_destination_of_the_request() -> None:
    assert sent(usercom(call(url="http://other.test:8080/a?b=1"))).url == (
        "http://other.test:8080/a?b=1"
    )


def test_extra_data_is_sent_in_addition_to_the_users_information() -> None:
    body = json.loads(sent(usercom(call(body={"variable_1": "value_1"}))).body)
    assert list(body) == ["path", "timestamp", "extra", "user"]
    assert body["extra"] == {"variable_1": "value_1"}


def test_data_points_go_into_the_url_as_query_strings() -> None:
    assert sent(usercom(call(url="http://api.test/x", query={"a": 1, "b": "ü"}))).url == (
        "http://api.test/x?a=1&b=%C3%BC"
    )


def test_snippet_tags_in_the_query_are_handled_with_get() -> None:
    document = usercom(call(method="GET", url="http://api.test/x?city={{user.city}}"))
    assert sent(document, person=someone(city="Izmir")).url == "http://api.test/x?city=Izmir"


def test_snippet_tags_in_the_query_of_a_post_stay_literal_with_a_finding() -> None:
    document = usercom(call(method="POST", url="http://api.test/x?city={{user.city}}"))
    asked = Asked(OK)
    trace = go(document, asked, person=someone(city="Izmir"))
    assert "Izmir" not in asked.sends[0].request.url
    found = check_journey(compiled(document), frozenset())
    assert "url_tag_literal" in [*codes(trace), *(one.code for one in found)]


def test_a_get_sends_no_body() -> None:
    assert sent(usercom(call(method="GET", body={"a": 1}))).body == b""


def test_extra_data_supports_snippet_tags() -> None:
    body = sent(usercom(call(body={"city": "{{user.city}}"})), person=someone(city="Izmir")).body
    assert json.loads(body)["extra"] == {"city": "Izmir"}


def test_tags_are_enclosed_in_quotes_and_arrive_as_text() -> None:
    body = sent(usercom(call(body={"n": "{{user.page_views}}"})), person=someone(page_views=5)).body
    assert json.loads(body)["extra"] == {"n": "5"}


def test_a_tag_outside_quotes_is_an_error_and_the_place_is_told() -> None:
    document = usercom(call(body='{"n": {{user.page_views}}, "a": 1}'))
    (found,) = [
        one
        for one in check_journey(compiled(document), frozenset())
        if one.code == "json_unquoted_tag"
    ]
    assert "{{user.page_views}}" in found.message
    assert "line 1, column 7" in found.message


def test_the_format_must_be_valid_json_syntax() -> None:
    document = usercom(call(body='{"a": 1'))
    found = check_journey(compiled(document), frozenset())
    assert "json_invalid" in [one.code for one in found]


def test_exclude_user_info_prevents_any_user_profile_information() -> None:
    body = json.loads(sent(usercom(call(body={"a": 1}, include_user=False))).body)
    assert list(body) == ["path", "timestamp", "extra"]


def test_the_complete_set_of_data_as_in_the_given_example() -> None:
    body = payload("2021-02-01T07:27:44.469241+00:00", include_user=True)
    assert list(body["user"]) == USER_FIELDS
    assert (body["path"], body["timestamp"]) == (6, "2021-02-01T07:27:44.469241+00:00")
    assert body["extra"] == {"variable_1": "value_1"}
    assert body["user"]["id"] == 7
    assert body["user"]["email"] == ""
    assert body["user"]["phone_number"] is None
    assert body["user"]["attributes"] == []
    assert body["user"]["tags"] == [{"id": 16, "name": "random_tag"}]
    assert GUIDE.exists()


def test_only_the_necessary_data_given_in_extra_data() -> None:
    body = payload("2021-02-01T07:34:23.815674+00:00", include_user=False)
    assert body == {
        "path": 6,
        "timestamp": "2021-02-01T07:34:23.815674+00:00",
        "extra": {"variable_1": "value_1"},
    }


def test_add_header_for_authorization_and_content_type() -> None:
    headers = {"Authorization": "Token abc", "Content-Type": "application/json", "X-More": "1"}
    request = sent(usercom(call(headers=headers)))
    assert dict(request.headers) == headers


ACTIONS = [
    tag("tagged"),
    {"id": "told", "kind": "notify", "text": "it is done"},
    {"id": "noted", "kind": "update_attribute", "attribute": "reflects", "value": "done"},
    {"id": "mailed", "kind": "message", "channel": "email", "to": "{{user.email}}", "text": "hi"},
]
NAMES = ["tagged", "told", "noted", "mailed"]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_on_success_2xx_connects_subsequent_actions(status: int) -> None:
    document = usercom(
        call(on_success=NAMES, on_failure="failed"), *ACTIONS, tag("failed", next="end")
    )
    document["steps"][-2]["next"] = "end"
    trace = go(document, Asked(status), person=someone(email="a@b.test"))
    assert path_of(trace) == ["call", *NAMES]


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 400, 401, 404, 429, 500, 503, 599])
def test_on_failure_3xx_4xx_5xx_triggers_alternate_actions(status: int) -> None:
    document = usercom(call(on_success="fine", on_failure=NAMES), *ACTIONS, tag("fine", next="end"))
    document["steps"][-2]["next"] = "end"
    answer = Answer(status, (("Location", "http://api.test/elsewhere"),), b"")
    asked = Asked(answer)
    trace = go(document, asked, person=someone(email="a@b.test"))
    assert path_of(trace) == ["call", *NAMES]
    assert len(asked.sends) == 1  # a redirect is a failure, so it is not followed


def test_failure_adds_a_tag_and_an_attribute_to_the_profile() -> None:
    document = usercom(call(on_failure=["tagged", "noted"]), *ACTIONS)
    document["steps"][3]["next"] = "end"
    after = go(document, Asked(500)).after
    assert after.tags == ["tagged"]
    assert after.attributes == {"reflects": "done"}


def test_the_case_study_event_attribute_call() -> None:
    asked = Asked(OK)
    trace = go(fixture("newsletter"), asked, person=demo_profile("7"))
    assert path_of(trace)[:2] == ["consent", "call"]
    assert trace.trigger[:2] == ("event", "newsletter_register")
    user = json.loads(asked.sends[0].request.body)["user"]
    assert {"name": "newsletter_consent", "value": True} in user["attributes"]


def test_snippet_delimiters_are_a_setting_because_none_are_published() -> None:
    document = usercom(call(body={"city": "<%user.city%>"}))
    document["settings"] = {"template.open": "<%", "template.close": "%>"}
    body = sent(document, person=someone(city="Izmir")).body
    assert json.loads(body)["extra"] == {"city": "Izmir"}
