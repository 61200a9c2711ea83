"""Every fault of the catalogue has a place in the sweep: a class of its own where the journey can
tell it apart, and none where it cannot.
"""

from __future__ import annotations

import pytest

from sandbox.lab.answers import answer_to, compile_item
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.suite import replay
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.faults import FAULTS
from sandbox.model.base import Json
from sandbox.model.exchange import Request, Send
from sandbox.model.rules import Item, Respond, Rule, RuleSet
from tests.lab.naive import fresh_run
from tests.lab.sweeping import EVENT, call, classes, journey, sweep, uncovered

OK = {"id": "ok", "kind": "add_tag", "tag": "ok", "next": "end"}
BAD = {"id": "bad", "kind": "add_tag", "tag": "bad", "next": "end"}


def which(**when: Json) -> dict[str, Json]:
    branches: Json = [{"when": when, "next": "ok", "name": "yes"}]
    return {"id": "which", "kind": "condition", "branches": branches, "else": "bad"}


def test_every_fault_is_in_a_class_of_a_call_that_nobody_reads() -> None:
    found = classes(journey(call(), OK))
    members = {one.fault for each in found for one in each.members}
    assert members >= FAULTS.keys() - {"invalid_json"}
    assert {each.name for each in found} <= {*OUTCOMES}


@pytest.mark.parametrize(
    ("on", "names"),
    [
        ("decoding", {"gzip_corrupt", "gzip_truncated"}),
        ("bad_redirect", {"bad_location", "to_unsupported_scheme"}),
        ("too_large", {"huge"}),
        ("disconnected", {"empty_response"}),
    ],
)
def test_faults_that_are_retried_are_a_class(on: str, names: set[str]) -> None:
    made = journey(call(retry={"on": [on], "times": 1}, follow_redirects=True), OK)
    (retried,) = [one for one in classes(made) if one.retried]
    assert {one.name for one in retried.members} == names


@pytest.mark.parametrize(
    "kind", ["bad_redirect", "too_many_redirects", "decoding", "tls", "proxy", "protocol"]
)
def test_every_kind_of_failure_is_met(kind: str) -> None:
    step = which(path="steps.call.error.kind", op="eq", value=kind)
    report = sweep(journey(call(follow_redirects=True, on_failure="which"), step, OK, BAD))
    assert uncovered(report) == {}
    assert {one.status for one in report.suite} == {"completed"}


@pytest.mark.parametrize("name", sorted(FAULTS))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_sweep_answers_a_fault_as_its_rule_would(name: str, method: str) -> None:
    request = Request(method, "http://api.test/a?b=1", (), b"")
    send = Send(request, "j", "7", "call", 1, 1, 42, 0, 2.5, 1_000_000, {})
    item = Item(fault=name)
    rules = RuleSet(rules=(Rule(id="one", respond=Respond(items=(item,))),))
    given = MockEngine(rules).session().answer(send)
    assert answer_to(compile_item(item), send) == given._replace(rule=None)


def test_a_redirect_is_no_failure_of_its_own_where_nobody_follows() -> None:
    made = journey(call(), OK)
    named = {one.name: {m.name for m in one.members} for one in classes(made)}
    assert {"redirect_loop", "no_location", "bad_location"} <= named["3xx"]


def test_a_body_in_the_wrong_charset_is_as_good_as_none() -> None:
    then = call("then", body={"x": "{{steps.call.body.x}}"})
    found = {one.name: {m.name for m in one.members} for one in classes(journey(call(), then))}
    assert 'wrong_charset:{"x":"value"}' in found["204"]


def test_an_answer_that_says_when_to_come_again_is_a_class_where_the_time_is_read() -> None:
    retry: Json = {"on": [429], "times": 1, "delay": "1m"}
    again = "429 retry-after: 14400"
    stamp = {"id": "stamp", "kind": "update_attribute", "attribute": "at", "value": "{{now}}"}
    reads = classes(journey(call(retry=retry), stamp))
    assert again in {one.name for one in reads}
    ignoring = classes(journey(call(retry={**retry, "retry_after": "ignore"}), stamp))
    assert again not in {member.name for one in ignoring for member in one.members}
    timeless = {one.name: one for one in classes(journey(call(retry=retry), OK))}
    assert again in {member.name for member in timeless["429"].members}


@pytest.mark.parametrize(
    ("key", "verdict", "level"), [("", "sent twice", "warning"), ("Idempotency-Key", "", "info")]
)
def test_a_key_makes_sending_twice_harmless(key: str, verdict: str, level: str) -> None:
    retry: Json = {"on": ["timeout"], "times": 1, "idempotency_key": key}
    report = sweep(journey(call(retry=retry), OK))
    assert report.passing["call"]["timeout"] == (verdict or "proceeded")
    (twice,) = {one.level for one in report.findings if one.code == "duplicate_send"}
    assert twice == level


def test_a_breaker_that_the_calls_own_retries_open_ends_them() -> None:
    retry: Json = {"on": ["5xx"], "times": 4, "delay": "1s"}
    made = journey(
        call(retry=retry, breaker={"failures": 2, "for": "1m"}, on_failure="bad"), OK, BAD
    )
    report = sweep(made)
    assert report.matrix["call"]["5xx"] == "failure path"
    trace = replay(fresh_run(made, {}, EVENT, 100), report.example["call", "5xx"])
    answers = [fact.answer for fact in trace.facts if fact.answer is not None]
    kinds = [one.error.kind if one.error is not None else one.status for one in answers]
    assert kinds == [503, 503, "breaker_open"]


def test_a_branch_on_an_open_breaker_is_met_and_other_peoples_calls_are_said_to_be_left_out() -> (
    None
):
    retry: Json = {"on": ["5xx"], "times": 4}
    step = which(path="steps.call.error.kind", op="eq", value="breaker_open")
    made = journey(
        call(retry=retry, breaker={"failures": 2, "for": "9h"}, on_failure="which"), step, OK, BAD
    )
    report = sweep(made)
    assert uncovered(report) == {}
    notes = [one.message for one in report.findings if one.code == "sweep_limited"]
    assert notes == [
        "call: of its attempts only the first fails, or all do alike; its limit and breaker count "
        "each of them",
        "call: only the run's own calls can reach its limit or open its breaker here, not other "
        "people's",
    ]
