"""What an answer makes of a call, and of the person, under each vendor."""

from __future__ import annotations

import pytest

from sandbox.dialects import dialect_names
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail
from tests.engine.walking import (
    TIMEOUT,
    Asked,
    call,
    codes,
    demo_profile,
    fixture,
    go,
    journey,
    path,
    shown,
    tag,
)  # fmt: skip

PLAIN = journey(call(), tag("after"))
EXITS = journey(call(on_success="ok", on_failure="bad"), tag("ok", next="end"), tag("bad"))
ANSWERS = {
    "200": Answer(200), "204": Answer(204), "299": Answer(299), "302": Answer(302),
    "404": Answer(404), "429": Answer(429), "500": Answer(500), "503": Answer(503),
    "timeout": TIMEOUT,
}  # fmt: skip
GOOD = ("200", "204", "299")


@pytest.mark.parametrize("dialect", dialect_names())
@pytest.mark.parametrize("answer", ANSWERS)
def test_two_hundreds_are_a_success_and_nothing_else(dialect: str, answer: str) -> None:
    trace = go(PLAIN, Asked(ANSWERS[answer]), dialect=dialect)
    good = answer in GOOD
    assert trace.facts[0].outcome == ("success" if good else "failure")
    code = "read_timeout" if answer == "timeout" else answer
    assert shown(trace)["counts"] == {
        "call": {
            "success": int(good),
            "failure": int(not good),
            "attempts": 1,
            "retried": 0,
            "by_code": {code: 1},
        }
    }


@pytest.mark.parametrize(
    ("dialect", "answer", "steps", "status", "onward", "decided", "found"),
    [
        ("usercom", "503", ["call", "bad"], "completed", "bad", "edge", []),
        ("usercom", "302", ["call", "bad"], "completed", "bad", "edge", []),
        ("usercom", "timeout", ["call", "bad"], "completed", "bad", "edge", []),
        ("usercom", "204", ["call", "ok"], "completed", "ok", "edge", []),
        ("insider", "503", ["call", "ok"], "completed", "ok", "policy", ["edge_ignored"]),
        ("insider", "timeout", ["call", "ok"], "completed", "ok", "policy", ["edge_ignored"]),
        ("insider", "204", ["call", "ok"], "completed", "ok", "edge", []),
        ("insider-glossary", "503", ["call"], "dropped", "", "policy", ["edge_ignored"]),
        ("insider-glossary", "timeout", ["call"], "dropped", "", "policy", ["edge_ignored"]),
        ("insider-glossary", "204", ["call", "ok"], "completed", "ok", "edge", []),
        ("kustomer", "503", ["call", "bad"], "completed", "bad", "edge", []),
        ("kustomer", "timeout", ["call", "bad"], "completed", "bad", "edge", []),
        ("sprinklr", "503", ["call", "ok"], "completed", "ok", "policy", ["edge_ignored"]),
        ("sprinklr", "204", ["call", "ok"], "completed", "ok", "edge", []),
    ],
)
def test_where_the_person_goes_with_exits(
    dialect: str, answer: str, steps: list[str], status: str, onward: str, decided: str,
    found: list[str],
) -> None:  # fmt: skip
    trace = go(EXITS, Asked(ANSWERS[answer]), dialect=dialect)
    assert path(trace) == steps
    assert trace.status == status
    assert (trace.facts[0].next, trace.facts[0].decided_by) == (onward, decided)
    assert codes(trace) == found


@pytest.mark.parametrize(
    ("dialect", "answer", "steps", "status", "found"),
    [
        ("usercom", "503", ["call"], "ended", []),
        ("usercom", "200", ["call", "after"], "completed", []),
        ("insider", "503", ["call", "after"], "completed", []),
        ("insider-glossary", "503", ["call"], "dropped", []),
        ("kustomer", "503", ["call", "after"], "completed", []),
        ("kustomer", "timeout", ["call"], "failed", ["run_failed"]),
        ("sprinklr", "timeout", ["call", "after"], "completed", []),
    ],
)
def test_where_the_person_goes_when_nothing_is_connected(
    dialect: str, answer: str, steps: list[str], status: str, found: list[str]
) -> None:
    trace = go(PLAIN, Asked(ANSWERS[answer]), dialect=dialect)
    assert (path(trace), trace.status, codes(trace)) == (steps, status, found)


@pytest.mark.parametrize(
    ("settings", "answer", "steps", "status"),
    [
        ({"policy.failure": "drop"}, "503", ["call"], "dropped"),
        ({"policy.failure": "proceed"}, "503", ["call", "after"], "completed"),
        ({"policy.failure": "author"}, "503", ["call", "after"], "completed"),
        ({"policy.unconnected": "next"}, "503", ["call", "after"], "completed"),
        ({"policy.transport_error": "fail_run"}, "timeout", ["call"], "failed"),
        ({"policy.transport_error": "fail_run"}, "503", ["call"], "ended"),
        ({"success.status": [503]}, "503", ["call", "after"], "completed"),
        ({"success.status": ["2xx", "3xx"]}, "302", ["call", "after"], "completed"),
        ({"success.status": [201]}, "200", ["call"], "ended"),
    ],
)
def test_the_journeys_settings_decide(
    settings: dict[str, Json], answer: str, steps: list[str], status: str
) -> None:
    trace = go(PLAIN | {"settings": settings}, Asked(ANSWERS[answer]))
    assert (path(trace), trace.status) == (steps, status)


def test_newsletter_as_the_issue_tells_it() -> None:
    john = demo_profile("7")
    failed = go(fixture("newsletter"), Asked(503), person=john)
    assert path(failed) == ["consent", "call", "tag_failed"]
    assert shown(failed)["counts"]["call"]["failure"] == 1
    assert failed.after.tags == [{"id": 16, "name": "random_tag"}, "sync_failed"]
    assert path(go(fixture("newsletter"), Asked(302), person=john))[-1] == "tag_failed"
    assert path(go(fixture("newsletter"), Asked(204), person=john))[-1] == "tag_ok"
    insider = go(fixture("newsletter", "insider"), Asked(503), person=john)
    assert path(insider) == ["consent", "call", "tag_ok"]
    assert codes(insider) == ["edge_ignored"]
    assert shown(insider)["counts"]["call"]["failure"] == 1
    glossary = go(fixture("newsletter", "insider-glossary"), Asked(503), person=john)
    assert glossary.status == "dropped"


def test_contact_sync_lets_the_author_decide_on_the_status() -> None:
    good = go(fixture("contact-sync"), Asked(Answer(200, (), b'{"externalId": "e-1"}')))
    assert path(good) == ["sync", "synced", "notify-admin"]
    request = good.facts[-1].request
    assert request is not None
    assert request.body == b'{ "externalId": "e-1", "what": "phone changed" }'
    assert path(go(fixture("contact-sync"), Asked(503))) == ["sync", "synced", "tag_failed"]
    assert good.facts[1].decided_by == "condition"
    assert go(fixture("contact-sync"), Asked(TIMEOUT)).status == "failed"


def test_an_error_is_shown_without_a_response() -> None:
    step = shown(go(PLAIN, Asked(Answer(error=Fail("refused", "connect", "closed")))))["steps"][0]
    assert step["response"] is None
    assert step["error"] == {"kind": "refused", "phase": "connect", "message": "closed"}


def test_an_answer_is_shown_with_its_meaning() -> None:
    step = shown(go(PLAIN, Asked(Answer(200, (("A", "1"), ("A", "2")), b'{"b": 1}'))))["steps"][0]
    response = step["response"]
    assert response is not None
    assert response["headers"] == {"A": "1, 2"}
    assert (response["body"], response["text"]) == ({"b": 1}, '{"b": 1}')
    assert response["meaning"]


def test_a_body_that_nests_without_end_is_shown_as_text() -> None:
    deep = b"[" * 1000 + b"]" * 1000
    document = shown(go(PLAIN, Asked(Answer(200, (), deep))))
    response = document["steps"][0]["response"]
    assert response is not None
    assert (response["body"], response["text"]) == (None, deep.decode())


def test_a_vendors_own_limit_on_the_body_is_a_finding() -> None:
    big = journey(call(body="x" * 200_000), dialect="insider")
    assert codes(go(big)) == ["body_over_vendor_limit"]
