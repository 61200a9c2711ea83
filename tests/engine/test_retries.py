"""Sending again: how long it waits, what it is told by Retry-After, and what may happen twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import iso
from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail
from sandbox.model.retry_after import retry_after_us
from tests.engine.walking import (
    START_US,
    TIMEOUT,
    Asked,
    call,
    calls,
    codes,
    compiled,
    go,
    shown,
    someone,
    tag,
)
from tests.engine.walking import neutral as journey  # fmt: skip

RETRY: Json = {"on": [429, "5xx", "timeout", "refused"], "times": 3, "delay": "1m"}
REFUSED = Answer(error=Fail("refused", "connect", ""))


def at_s(retry: Json, *answers: Answer | int, seed: int = 42, **fields: Json) -> list[float]:
    """When each attempt left, in seconds after the start."""
    trace = go(journey(call(retry=RETRY | retry, **fields)), Asked(*answers), seed=seed)
    return [(fact.at_us - START_US) / 1_000_000 for fact in calls(trace)]


def busy(retry_after: str, status: int = 503) -> Answer:
    return Answer(status, (("Retry-After", retry_after),), b"")


# How long it waits -------------------------------------------------------------------------------


def test_the_delay_doubles_or_stays() -> None:
    assert at_s({}, 503) == [0, 60, 180, 420]
    assert at_s({"backoff": "fixed"}, 503) == [0, 60, 120, 180]
    assert at_s({"max_delay": "90s"}, 503) == [0, 60, 150, 240]


@pytest.mark.parametrize(
    ("jitter", "least", "most"), [("full", 0, 60), ("equal", 30, 60), ("between", 60, 300)]
)
def test_jitter_is_a_keyed_draw_within_its_bounds(jitter: str, least: float, most: float) -> None:
    retry: Json = {"jitter": jitter, "times": 1, "max_delay": "5m"}
    waits = [at_s(retry, 503, seed=seed)[1] for seed in range(40)]
    assert all(least <= wait <= most for wait in waits)
    assert max(waits) - min(waits) > (most - least) / 2
    assert waits == [at_s(retry, 503, seed=seed)[1] for seed in range(40)]


def test_nobodys_jitter_depends_on_anybody_else() -> None:
    made = compiled(journey(call(retry=RETRY | {"jitter": "full"}), call("other", retry=RETRY)))
    waits = {
        name: [
            fact.at_us for fact in calls(go(made, Asked(503), person=someone()._replace(id=name)))
        ]
        for name in ("a", "b")
    }
    assert waits["a"][1:4] != waits["b"][1:4]
    assert waits["b"] == [
        fact.at_us for fact in calls(go(made, Asked(503), person=someone()._replace(id="b")))
    ]


# Retry-After -------------------------------------------------------------------------------------


def test_retry_after_takes_the_place_of_the_delay_up_to_the_longest() -> None:
    assert at_s({}, busy("7"), 200) == [0, 7]
    assert at_s({}, busy("0"), 200) == [0, 0]
    assert at_s({"max_delay": "2m"}, busy("99999"), 200) == [0, 120]
    assert at_s({"retry_after": "ignore"}, busy("7"), 200) == [0, 60]
    assert at_s({"jitter": "full"}, busy("7", 429), 200) == [0, 7]


@pytest.mark.parametrize(
    "date",
    [
        "Thu, 01 Jan 2026 00:01:30 GMT",
        "Thursday, 01-Jan-26 00:01:30 GMT",
        "Thu Jan  1 00:01:30 2026",
    ],
)
def test_retry_after_may_be_a_date_of_the_virtual_clock(date: str) -> None:
    assert iso(START_US) == "2026-01-01T00:00:00+00:00"
    assert at_s({}, busy(date), 200) == [0, 90]
    slow = busy(date)._replace(took_ms=30_000)
    assert at_s({}, slow, 200) == [0, 90]


def test_a_date_that_has_passed_is_no_wait() -> None:
    assert at_s({}, busy("Wed, 31 Dec 2025 23:59:59 GMT"), 200) == [0, 0]
    assert at_s({}, busy("Sunday, 06-Nov-94 08:49:37 GMT"), 200) == [0, 0]


@pytest.mark.parametrize(
    "value",
    ["1.5", "-1", "soon", "", "٣", "1 2", "2026-01-01T00:01:30Z", "Thu, 32 Jan 2026 00:00:00 GMT",
     "Thu, 01 Jan 2026 00:01:30 UTC", "Thu, 1 Jan 2026 00:01:30 GMT"],
)  # fmt: skip
def test_another_retry_after_is_a_finding_and_the_delay_counts(value: str) -> None:
    trace = go(journey(call(retry=RETRY)), Asked(busy(value), 200))
    assert [fact.at_us - START_US for fact in calls(trace)] == [0, 60_000_000]
    (finding,) = trace.findings
    assert (finding.code, finding.level) == ("bad_retry_after", "warning")
    assert repr(value) in finding.message


@given(st.text(max_size=40), st.integers(0, 4_000_000_000_000_000))
def test_reading_a_retry_after_never_fails_and_never_goes_back(value: str, at_us: int) -> None:
    assert (retry_after_us(value, at_us) or 0) >= 0


@given(st.integers(0, 10**30))
def test_every_whole_number_of_seconds_is_read(seconds: int) -> None:
    assert retry_after_us(str(seconds), 0) == min(seconds, 10**12 - 1) * 1_000_000


# What may happen twice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "method", "found"),
    [
        (TIMEOUT, "POST", ["duplicate_send"]),
        (TIMEOUT, "PATCH", ["duplicate_send"]),
        (TIMEOUT, "PUT", []),
        (TIMEOUT, "GET", []),
        (REFUSED, "POST", []),
        (Answer(503), "POST", []),
        (Answer(error=Fail("connect_timeout", "connect", "")), "POST", []),
    ],
)
def test_a_call_that_was_under_way_may_have_been_applied_twice(
    first: Answer, method: str, found: list[str]
) -> None:
    trace = go(journey(call(retry=RETRY, method=method)), Asked(first, 200))
    assert [fact.attempt for fact in calls(trace)] == [1, 2]
    assert codes(trace) == found
    for finding in trace.findings:
        assert "read_timeout @ head: it may have been applied twice" in finding.message


def test_nothing_is_applied_twice_when_the_second_attempt_never_arrives() -> None:
    trace = go(journey(call(retry=RETRY)), Asked(TIMEOUT, REFUSED))
    assert len(calls(trace)) == 4
    assert codes(trace) == []


def test_every_attempt_of_a_call_carries_the_same_key() -> None:
    asked = Asked(TIMEOUT, 503, 200, TIMEOUT, 200)
    retry = RETRY | {"idempotency_key": "Idempotency-Key"}
    trace = go(journey(call(retry=retry), call("again", retry=retry)), asked)
    keys = [dict(send.request.headers)["Idempotency-Key"] for send in asked.sends]
    assert len({*keys[:3]}) == len({*keys[3:]}) == 1
    assert keys[0] != keys[3]
    assert [(one.code, one.level) for one in trace.findings] == [("duplicate_send", "info")] * 2
    assert "unless the endpoint honours Idempotency-Key" in trace.findings[0].message
    assert "Idempotency-Key" in shown(trace)["steps"][0]["request"]["headers"]  # type: ignore[index]


def test_a_key_that_the_author_has_written_stays() -> None:
    asked = Asked(200)
    retry = RETRY | {"idempotency_key": "Idempotency-Key"}
    go(journey(call(retry=retry, headers={"idempotency-key": "mine"})), asked)
    assert [v for n, v in asked.sends[0].request.headers if n.lower() == "idempotency-key"] == [
        "mine"
    ]


# Who says so -------------------------------------------------------------------------------------


def test_a_post_is_sent_again_only_when_step_or_dialect_says_so() -> None:
    def attempts(method: str, settings: Json, **fields: Json) -> int:
        document = journey(call(method=method, **fields), settings=settings)
        return len(calls(go(document, Asked(503))))

    on: Json = {"retry.apply": True}
    assert attempts("POST", {}) == attempts("GET", {}) == 1
    assert attempts("POST", on) == attempts("PATCH", on) == 1
    assert attempts("GET", on) == attempts("PUT", on) == 4
    assert attempts("POST", on | {"retry.methods": "all"}) == 4
    assert attempts("POST", {}, retry=RETRY) == 4
    assert attempts("POST", {}, retry=RETRY | {"methods": "idempotent"}) == 1
    assert attempts("GET", on, retry=RETRY | {"times": 1}) == 2


@pytest.mark.parametrize("dialect", ["insider", "insider-glossary"])
def test_insiders_reported_retries_are_three_within_three_to_seven_minutes(dialect: str) -> None:
    document = journey(call(), tag("after"), dialect=dialect, settings={"retry.apply": True})
    for seed in range(20):
        trace = go(document, Asked(busy("1"), 504, 503, 503), seed=seed)
        at = [fact.at_us for fact in calls(trace)]
        assert len(at) == 4
        assert all(180e6 <= b - a <= 420e6 for a, b in pairwise(at))
        counts = shown(trace)["counts"]["call"]
        assert (counts["failure"], counts["attempts"], counts["retried"]) == (1, 4, 3)
    assert len(calls(go(document, Asked(500)))) == 1
    assert len(calls(go(journey(call(), dialect=dialect), Asked(503)))) == 1


@pytest.mark.parametrize(
    ("retry", "says"),
    [
        ({"times": 0}, "retry.times"),
        ({"delay": "soon"}, "retry.delay"),
        ({"backoff": "linear"}, "retry.backoff"),
        ({"jitter": "some"}, "retry.jitter"),
        ({"retry_after": "maybe"}, "retry.retry_after"),
        ({"methods": "POST"}, "retry.methods"),
        ({"idempotency_key": "not a header"}, "retry.idempotency_key"),
        ({"on": ["6xx"]}, "retry.on"),
        ({"jitter": "between", "delay": "7m", "max_delay": "3m"}, "retry.max_delay"),
    ],
)
def test_a_wrong_retry_is_refused_with_its_path(retry: Json, says: str) -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(retry=retry)))
    (problem,) = refused.value.problems
    assert problem.path == f"steps[0].{says}"


def test_settings_that_contradict_each_other_are_refused() -> None:
    settings: Json = {"throttle.delay_s": 5, "throttle.max_delay_s": 1}
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(), settings=settings))
    (problem,) = refused.value.problems
    assert problem.path == "settings.throttle.max_delay_s"
