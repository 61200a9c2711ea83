"""A call that went well, and what to doubt about it."""

from __future__ import annotations

import pytest

from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from sandbox.model.trace import Finding, Trace
from tests.engine.walking import OK, TIMEOUT, Asked, call, codes, go, someone
from tests.seeds.journeys import journey


def found(trace: Trace, code: str) -> list[Finding]:
    return [one for one in trace.findings if one.code == code]


@pytest.mark.parametrize("dialect", ["usercom", "insider", "sprinklr", "kustomer"])
def test_200_but_a_value_was_missing(dialect: str) -> None:
    trace = go(journey(call(body={"id": "{{event.absent}}"}), dialect=dialect), Asked(OK))
    (one,) = found(trace, "ok_but_input_missing")
    assert one.level == "warning"
    assert "answered 200" in one.message
    assert "{{event.absent}}" in one.message


@pytest.mark.parametrize("value", ["", None])
def test_200_but_a_value_was_empty(value: Json) -> None:
    document = journey(call(body={"email": "{{user.email}}"}), dialect="kustomer")
    trace = go(document, Asked(OK), person=someone(email=value))
    (one,) = found(trace, "ok_but_input_missing")
    assert one.level == "info"


def test_an_empty_value_in_the_query_is_told_as_well() -> None:
    document = journey(call(method="GET", query={"q": "{{user.city}}"}))
    assert found(go(document, Asked(OK), person=someone(city="")), "ok_but_input_missing")


def test_the_vendors_own_empty_values_are_no_doubt() -> None:
    trace = go(journey(call(body={"name": "{{user.name}}"})), Asked(OK), person=someone(name="A"))
    assert codes(trace) == []


def test_what_is_written_empty_by_the_author_is_no_doubt() -> None:
    assert codes(go(journey(call(body={"a": "", "b": None})), Asked(OK))) == []


@pytest.mark.parametrize("answer", [Answer(404, (), b"{}"), Answer(302, (), b""), TIMEOUT])
def test_a_failure_needs_no_doubt(answer: Answer) -> None:
    trace = go(journey(call(body={"id": "{{event.absent}}"})), Asked(answer))
    assert not found(trace, "ok_but_input_missing")


def test_it_is_told_once_however_often_it_was_sent() -> None:
    document = journey(
        call(body={"id": "{{event.absent}}"}, retry={"on": [503], "times": 2, "delay": "1s"})
    )
    trace = go(document, Asked(503, 503, 200))
    assert len(found(trace, "ok_but_input_missing")) == 1


def test_the_json_flag_only_attempts_to_parse() -> None:
    document = journey(call(parse_json=True), dialect="kustomer")
    (one,) = found(go(document, Asked(Answer(200, (), b"<html>"))), "json_not_parsed")
    assert "stays text" in one.message
    for body in (b"{}", b"", b'"text"'):
        assert not found(go(document, Asked(Answer(200, (), body))), "json_not_parsed")


@pytest.mark.parametrize("dialect", ["usercom", "insider", "sprinklr"])
def test_vendors_without_the_flag_say_nothing_of_it(dialect: str) -> None:
    trace = go(journey(call(), dialect=dialect), Asked(Answer(200, (), b"<html>")))
    assert not found(trace, "json_not_parsed")


def test_with_the_flag_off_text_is_what_was_asked_for() -> None:
    trace = go(
        journey(call(parse_json=False), dialect="kustomer"), Asked(Answer(200, (), b"<html>"))
    )
    assert not found(trace, "json_not_parsed")
