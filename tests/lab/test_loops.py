"""Loops that nothing leaves, and every answer that keeps them up."""

from __future__ import annotations

from sandbox.model.base import Json
from tests.lab.sweeping import call, codes, journey, sweep

OK: dict[str, Json] = {"id": "ok", "kind": "add_tag", "tag": "ok", "next": "end"}


def test_every_answer_that_keeps_a_loop_up_is_named() -> None:
    wait = {"id": "wait", "kind": "wait", "for": "1h", "next": "call"}
    report = sweep(journey(call(on_success="ok", on_failure="wait"), wait, OK))
    never = [name for name, verdict in report.matrix["call"].items() if verdict == "never ends"]
    assert {"timeout", "reset"} < set(never)
    (found,) = [one for one in report.findings if one.code == "endless_loop"]
    assert found.message == (
        f"the journey never ends when call answers {', '.join(never)} every time: "
        "nothing leaves the loop call → wait → call"
    )


def test_two_calls_that_keep_a_loop_up_are_told_once() -> None:
    steps = [
        call("one", on_success="ok", on_failure="two"),
        call("two", on_success="ok", on_failure="one"),
        OK,
    ]
    failing = "3xx, 401, 404, 409, 4xx, 429, 5xx, timeout, refused, reset"
    report = sweep(journey(*steps), "full")
    (found,) = [one for one in report.findings if one.code == "endless_loop"]
    assert found.message == (
        f"the journey never ends when one answers {failing} every time and two answers {failing} "
        "every time: nothing leaves the loop one → two → one"
    )
    assert codes(report).count(("endless_loop", "one")) == 1


def test_two_loops_through_one_call_are_told_apart() -> None:
    found = {"path": "steps.call.response.statusCode", "op": "eq", "value": 404}
    steps: list[dict[str, Json]] = [
        call(on_success="ok", on_failure="which"),
        {
            "id": "which", "kind": "condition", "else": "wait",
            "branches": [{"when": found, "next": "call"}],
        },
        {"id": "wait", "kind": "wait", "for": "1h", "next": "call"},
        OK,
    ]  # fmt: skip
    told = [one.message for one in sweep(journey(*steps)).findings if one.code == "endless_loop"]
    assert told == [
        "the journey never ends when call answers 3xx, 401, 409, 4xx, 429, 5xx, timeout, refused, "
        "reset every time: nothing leaves the loop call → which → wait → call",
        "the journey never ends when call answers 404 every time: "
        "nothing leaves the loop call → which → call",
    ]


def test_many_ways_into_a_loop_are_counted() -> None:
    names = [f"c{n}" for n in range(6)]
    steps = [
        call(name, on_success=follower, on_failure="again")
        for name, follower in zip(names, [*names[1:], "ok"], strict=True)
    ]
    again = {"id": "again", "kind": "wait", "for": "1h", "next": "again2"}
    again2: dict[str, Json] = {"id": "again2", "kind": "wait", "for": "1h", "next": "again"}
    report = sweep(journey(*steps, again, again2, OK))
    (found,) = [one for one in report.findings if one.code == "endless_loop"]
    assert found.message.count(" or when ") == 2
    assert " or in 3 more ways: nothing leaves the loop again → again2 → again" in found.message
