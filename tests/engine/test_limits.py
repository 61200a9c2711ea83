"""Limits and breakers that people share, and what a walk makes of a refusal."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.breaker import Breaker
from sandbox.engine.limits import Limits
from sandbox.engine.turns import walk_together
from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, BreakerTerms, Fail, Send
from sandbox.model.trace import Trace
from tests.engine.walking import (
    START_US,
    TIMEOUT,
    Ask,
    Asked,
    call,
    calls,
    compiled,
    go,
    path,
    shown,
    someone,
    start,
    tag,
)
from tests.engine.walking import neutral as journey  # fmt: skip

SECOND = 1_000_000
LIMIT: Json = {"per_s": 2}


def crowd(document: Json, people: int, ask: Ask | None = None) -> list[Trace]:
    made = compiled(document)
    walks = [start(made, someone()._replace(id=f"{n:03}")) for n in range(people)]
    return walk_together(walks, [ask or Asked(200)] * people)


def sent_at_s(traces: list[Trace], step: str = "call") -> Counter[int]:
    """Second → calls that went out in it."""
    return Counter(
        (fact.at_us - START_US) // SECOND
        for trace in traces
        for fact in calls(trace)
        if fact.step == step and fact.answer and fact.answer.error is None
    )


# Throttles ---------------------------------------------------------------------------------------


def test_a_limit_holds_calls_back_until_there_is_room() -> None:
    traces = crowd(journey(call(throttle=LIMIT)), 5)
    assert sent_at_s(traces) == {0: 2, 1: 2, 2: 1}
    last = shown(traces[-1])
    assert [(one["attempt"], one["at"][17:19]) for one in last["steps"]] == [
        (1, "00"), (2, "01"), (3, "02"),
    ]  # fmt: skip
    error = last["steps"][0]["error"]
    assert error is not None
    assert (error["kind"], error["phase"]) == ("throttled", "sandbox")
    assert "the limit of 2 calls a second to this URL is reached" in error["message"]
    assert last["counts"]["call"] == {
        "success": 1, "failure": 0, "attempts": 3, "retried": 2,
        "by_code": {"throttled": 2, "200": 1},
    }  # fmt: skip


def test_all_calls_to_a_url_share_its_limit_and_its_query_does_not_matter() -> None:
    steps = [call("a", throttle=LIMIT), call("b", throttle=LIMIT, query={"x": "1"})]
    traces = crowd(journey(*steps), 2)
    both = sent_at_s(traces, "a") + sent_at_s(traces, "b")
    assert both == {0: 2, 1: 2}
    other = call("b", throttle=LIMIT, url="http://api.test/other")
    traces = crowd(journey(steps[0], other), 2)
    assert sent_at_s(traces, "a") + sent_at_s(traces, "b") == {0: 4}


def test_the_setting_limits_every_url_and_a_step_may_bypass_it() -> None:
    settings: Json = {"throttle.per_s": 1}
    traces = crowd(journey(call("a"), call("b", throttle={"bypass": True}), settings=settings), 3)
    assert sent_at_s(traces, "a") == {0: 1, 1: 1, 2: 1}
    assert sum(len(calls(trace)) for trace in traces) == 3 + 1 + 2 + 3
    slow = crowd(journey(call("a"), settings={"throttle.per_s": 0.5}), 2)
    assert sent_at_s(slow, "a") == {0: 1, 2: 1}


def test_insiders_throttled_calls_are_reported_to_try_ten_times_then_proceed() -> None:
    held = Answer(error=Fail("throttled", "sandbox", "no room"))
    document = journey(call(throttle={"per_s": 5}), tag("after"), dialect="insider")
    trace = go(document, Asked(held))
    assert len(calls(trace)) == 11
    assert path(trace)[-1] == "after"
    at = [fact.at_us for fact in calls(trace)]
    assert all(180 <= (b - a) / SECOND <= 420 for a, b in pairwise(at))
    counts = shown(trace)["counts"]["call"]
    assert (counts["failure"], counts["by_code"]) == (1, {"throttled": 11})


def test_being_held_back_uses_up_no_retry() -> None:
    held = Answer(error=Fail("throttled", "sandbox", "no room"))
    retry: Json = {"on": [503], "times": 2, "delay": "10s", "backoff": "fixed"}
    trace = go(journey(call(retry=retry)), Asked(held, 503, held, held, 503, 503, 200))
    assert [fact.answer.status for fact in calls(trace) if fact.answer] == [
        None, 503, None, None, 503, 503,
    ]  # fmt: skip


def test_a_redirect_that_is_followed_is_not_limited_again() -> None:
    moved = Answer(302, (("Location", "http://api.test/hook"),))
    steps = call(throttle={"per_s": 1}, follow_redirects=True)
    trace = crowd(journey(steps), 1, Asked(moved, 200))[0]
    assert [fact.outcome for fact in calls(trace)] == ["success"]


# Breakers ----------------------------------------------------------------------------------------


def breaking(*answers: Answer | int, failures: int = 2, calls_made: int = 8, **more: Json) -> str:
    """What became of calls a quarter of a minute apart."""
    breaker: Json = {"failures": failures, "for": "1m", **more}
    steps: list[dict[str, Json]] = []
    for n in range(calls_made):
        steps.append(call(f"c{n}", breaker=breaker, next=f"w{n}", on_failure=f"w{n}"))
        steps.append({"id": f"w{n}", "kind": "wait", "for": "15s"})
    (trace,) = crowd(journey(*steps), 1, Asked(*answers))
    words = []
    for fact in calls(trace):
        assert fact.answer is not None
        error = fact.answer.error
        words.append("-" if error and error.kind == "breaker_open" else "." if not error else "x")
        if error and error.kind == "breaker_open":
            assert error.message == "the circuit breaker of api.test is open; nothing was sent"
    return "".join(words)


def test_a_breaker_opens_tries_and_closes() -> None:
    assert breaking(503) == "..---.--"
    assert breaking(503, 503, 200) == "..---..."
    assert breaking(503, 200) == "........"
    assert breaking(TIMEOUT, calls_made=4) == "xx--"
    assert breaking(404) == "........"
    assert breaking(503, failures=1, half_open=2, calls_made=6) == ".---.-"


def test_rejected_by_the_breaker_is_an_outcome_of_its_own() -> None:
    breaker: Json = {"failures": 1}
    retry: Json = {"on": [503, "breaker_open"], "times": 3, "delay": "25s", "backoff": "fixed"}
    (trace,) = crowd(journey(call(breaker=breaker, retry=retry)), 1, Asked(503, 200))
    assert shown(trace)["counts"]["call"]["by_code"] == {"503": 1, "breaker_open": 2, "200": 1}
    (settled,) = crowd(
        journey(call("a", next="b", on_failure="b"), call("b"), settings={"breaker.failures": 1}),
        1, Asked(500),
    )  # fmt: skip
    assert shown(settled)["counts"]["b"]["by_code"] == {"breaker_open": 1}
    assert shown(settled)["counts"]["b"]["failure"] == 1


def test_an_answer_counts_from_the_moment_it_is_there() -> None:
    breaker = Breaker(BreakerTerms(1, 60 * SECOND, 1))
    slow = breaker.admit(0)
    assert slow is not None
    breaker.told(slow, 10 * SECOND, True)
    assert breaker.admit(9 * SECOND) is not None
    assert breaker.admit(10 * SECOND) is None
    assert breaker.admit(70 * SECOND) is not None
    assert breaker.admit(70 * SECOND) is None, "one call tries at a time"


def test_an_answer_to_a_call_from_before_changes_nothing() -> None:
    breaker = Breaker(BreakerTerms(1, 60 * SECOND, 1))
    early, failing = breaker.admit(0), breaker.admit(0)
    assert early is not None
    assert failing is not None
    breaker.told(failing, SECOND, True)
    breaker.told(early, 5 * SECOND, False)
    assert breaker.admit(30 * SECOND) is None


def test_a_call_that_was_given_up_makes_room_for_another_try() -> None:
    breaker = Breaker(BreakerTerms(1, SECOND, 1))
    first = breaker.admit(0)
    assert first is not None
    breaker.told(first, 0, True)
    trying = breaker.admit(2 * SECOND)
    assert trying is not None
    breaker.forget(trying)
    assert breaker.admit(2 * SECOND) is not None


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=60),
    st.integers(1, 3), st.integers(1, 2),
)  # fmt: skip
def test_a_breaker_never_lets_more_through_than_it_may(
    steps: list[tuple[int, int, bool]], failures: int, half_open: int
) -> None:
    """Only after enough failures in a row is anything rejected, and then for its whole time."""
    breaker = Breaker(BreakerTerms(failures, 10, half_open))
    at, failed_ever = 0, 0
    rejected_since = None
    for gap, took, failed in steps:
        at += gap
        ticket = breaker.admit(at)
        if ticket is None:
            assert failed_ever >= failures
            rejected_since = at if rejected_since is None else rejected_since
        else:
            failed_ever += failed
            rejected_since = None
            breaker.told(ticket, at + took, failed)


# What may be written -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"throttle": {"per_s": 0}}, "throttle.per_s"),
        ({"throttle": {}}, "throttle"),
        ({"breaker": {"failures": 0}}, "breaker.failures"),
        ({"breaker": {"for": "soon"}}, "breaker.for"),
        ({"breaker": {"half_open": 0}}, "breaker.half_open"),
    ],
)
def test_wrong_limits_are_refused_with_their_path(fields: dict[str, Json], at: str) -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(**fields)))
    assert refused.value.problems[0].path == f"steps[0].{at}"


@pytest.mark.slow
def test_limits_remember_a_bounded_number_of_windows() -> None:
    limits = Limits()
    ask = limits.asking(Asked(200))
    made = compiled(journey(call(throttle={"per_s": 1})))
    send = next(start(made))
    assert isinstance(send, Send)
    for second in range(70_000):
        ask(send._replace(at_us=second * SECOND))
    assert len(limits._sent) <= 65_537
