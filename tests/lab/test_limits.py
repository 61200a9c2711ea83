"""Limits and breakers that a run's own calls share: what a sweep sees of them."""

from __future__ import annotations

import pytest

from sandbox.engine.compiled import CompiledJourney
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.suite import replay
from sandbox.model.base import Json
from sandbox.model.trace import Trace
from tests.lab.naive import fresh_run
from tests.lab.sweeping import EVENT, call, journey, sweep, uncovered

OK = {"id": "ok", "kind": "add_tag", "tag": "ok", "next": "end"}
BAD = {"id": "bad", "kind": "add_tag", "tag": "bad", "next": "end"}
HOOK = "http://api.test/hook"
THROTTLE: Json = {"per_s": 1}
BREAKER: Json = {"failures": 1, "for": "30s"}


def two(first: dict[str, Json], second: dict[str, Json], **fields: Json) -> CompiledJourney:
    """Call ``a``, then in any case call ``b`` of the same URL, which leads to ``ok`` or ``bad``."""
    return journey(
        call("a", url=HOOK, on_success="b", on_failure="b", **first),
        call("b", url=HOOK, on_success="ok", on_failure="bad", **second),
        OK,
        BAD,
        **fields,
    )


def replayed(made: CompiledJourney, step: str, outcome: str) -> Trace:
    """The run that a cell of the matrix is judged by, walked again."""
    report = sweep(made)
    return replay(fresh_run(made, {}, EVENT, 100), report.example[step, outcome])


# Limits on calls a second -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more", [{}, {"retry": {"on": ["throttled"], "times": 2, "delay": "2s"}}], ids=["waits", "own"]
)
def test_a_call_whose_first_attempt_is_throttled_fails_like_any_other(
    more: dict[str, Json],
) -> None:
    made = two({"throttle": THROTTLE}, {"throttle": THROTTLE, **more})
    report = sweep(made)
    assert report.matrix["b"].keys() >= {*OUTCOMES}
    assert report.matrix["b"]["5xx"] == "failure path"
    assert uncovered(report) == {}
    trace = replayed(made, "b", "5xx")
    answers = [(fact.attempt, fact.answer) for fact in trace.facts if fact.step == "b"]
    seen = [(n, one.error.kind if one.error else one.status) for n, one in answers if one]
    assert seen == [(1, "throttled"), (2, 302)]  # which stands for every failure


def test_what_is_retried_after_being_throttled_passes_and_lasts() -> None:
    retry: Json = {"on": [503], "times": 1, "delay": "1s"}
    report = sweep(two({"throttle": THROTTLE}, {"throttle": THROTTLE, "retry": retry}))
    assert report.passing["b"]["5xx"] == "proceeded"
    assert report.matrix["b"]["5xx"] == "failure path"


def test_an_answer_that_outlasts_the_window_is_told_from_one_that_comes_at_once() -> None:
    made = two({"throttle": THROTTLE}, {"throttle": THROTTLE}, settings={"throttle.times": 0})
    report = sweep(made)
    assert uncovered(report) == {}  # after a time-out the next call has a window of its own
    assert report.matrix["a"]["5xx"] == "proceeded"
    assert report.matrix["a"]["timeout"] != report.matrix["a"]["reset"]


# Breakers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["steps", "settings"])
def test_a_failure_that_opens_the_breaker_is_told_from_one_that_does_not(where: str) -> None:
    if where == "steps":
        made = two({"breaker": BREAKER}, {"breaker": BREAKER})
    else:
        made = two({}, {}, settings={"breaker.failures": 1, "breaker.for_s": 30})
    row = sweep(made).matrix["a"]
    assert {name for name, verdict in row.items() if verdict == "proceeded"} == {
        "2xx", "204", "2xx unreadable", "2xx not JSON", "3xx", "401", "404", "409", "4xx", "429",
    }  # fmt: skip
    assert {row[name] for name in ("5xx", "timeout", "refused", "reset")} == {"failure path"}
    trace = replayed(made, "a", "5xx")
    assert [fact.step for fact in trace.facts] == ["a", "b", "bad"]
    last = trace.facts[1].answer
    assert last is not None
    assert last.error is not None
    assert last.error.kind == "breaker_open"


def test_a_redirect_that_leads_nowhere_is_no_failure_of_the_breakers() -> None:
    more: dict[str, Json] = {"follow_redirects": True, "breaker": BREAKER}
    report = sweep(two(more, {"breaker": BREAKER}))
    assert report.matrix["a"]["3xx"] == "proceeded"
    assert report.matrix["a"]["5xx"] == "failure path"
