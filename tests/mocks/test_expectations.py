"""What a run should have done with the rules."""

from __future__ import annotations

import pytest

from sandbox.model.base import Json
from sandbox.model.exchange import Send
from tests.mocks.calls import call, engine

MS = 1_000


def key(value: str, visit: int = 1, attempt: int = 1, step: str = "call") -> Send:
    headers = (("Idempotency-Key", value),)
    return call(headers=headers, visit=visit, attempt=attempt, step=step)


@pytest.mark.parametrize(
    ("expect", "asked", "expected"),
    [
        ({"calls": {"min": 1, "max": 2}}, [call()], []),
        ({"calls": {"min": 1}}, [], ["expected_calls: rule r0 expects 1 call at least; it had 0"]),
        ({"calls": {"max": 1}}, [call(), call()],
         ["expected_calls: rule r0 expects 1 call at most; it had 2"]),
        ({"unique_by": "header:idempotency-key"}, [key("a"), key("b", 2)], []),
        ({"unique_by": "header:idempotency-key"}, [key("a"), key("a", 2), call(visit=3)],
         ["expected_unique: rule r0 expects a value in every call by header:idempotency-key; "
          "1 call had none",
          "expected_unique: rule r0 expects no value twice by header:idempotency-key; "
          "1 call repeated one"]),
        ({"unique_by": "header:idempotency-key"}, [key("a"), key("a", 1, 2), key("b", 2)], []),
        ({"unique_by": "header:idempotency-key"}, [key("a", step="s"), key("a", step="t")],
         ["expected_unique: rule r0 expects no value twice by header:idempotency-key; "
          "1 call repeated one"]),
        ({"unique_by": "header:idempotency-key", "calls": {"max": 1}},
         [call(), call(attempt=2)],
         ["expected_calls: rule r0 expects 1 call at most; it had 2",
          "expected_unique: rule r0 expects a value in every call by header:idempotency-key; "
          "1 call had none"]),
        ({"unique_by": "body:$.a"}, [call(body=b'{"a":1}'), call(body=b'{"a": 1}', visit=2)],
         ["expected_unique: rule r0 expects no value twice by body:$.a; 1 call repeated one"]),
    ],
)  # fmt: skip
def test_a_run_is_judged(expect: Json, asked: list[Send], expected: list[str]) -> None:
    made = engine({"expect": expect, "respond": {"items": [{"status": 200}]}})
    session = made.session()
    for send in asked:
        session.answer(send)
    found = session.findings()
    assert [f"{one.code}: {one.message}" for one in found] == expected
    assert {one.level for one in found} <= {"error"}
    assert made.findings([session]) == []


@pytest.mark.parametrize(("steps", "met"), [("ab", True), ("ba", False), ("b", False), ("a", True)])
def test_the_order_of_two_rules(steps: str, met: bool) -> None:
    made = engine(
        {"id": "auth", "match": {"step": "a"}, "respond": {"items": [{"status": 200}]}},
        {
            "id": "save",
            "match": {"step": "b"},
            "expect": {"order_after": "auth"},
            "respond": {"items": [{"status": 200}]},
        },
    )
    session = made.session()
    for step in steps:
        session.answer(call(step=step))
    found = session.findings()
    assert [one.step for one in found] == ([] if met else ["b"])
    assert all("to come after auth" in one.message for one in found)


@pytest.mark.parametrize(
    ("starts_ms", "most"), [([0, 0, 0], 3), ([0, 50, 99], 3), ([0, 100, 200], 1), ([0, 60, 120], 2)]
)
def test_calls_at_once_are_counted_over_all_runs(starts_ms: list[int], most: int) -> None:
    for limit in (1, 2, 3):
        made = engine(
            {
                "expect": {"max_concurrent": limit},
                "latency": {"ms": 100},
                "respond": {"items": [{"status": 200}]},
            }
        )
        sessions = [made.session() for _ in starts_ms]
        for session, at_ms in zip(sessions, starts_ms, strict=True):
            session.answer(call(at_us=at_ms * MS))
            assert session.findings() == []
        found = made.findings(sessions)
        assert [one.code for one in found] == ["expected_concurrency"] * (most > limit)
        assert made.findings(sessions[:1]) == []


def test_all_calls_together_are_judged_where_the_rule_says_so() -> None:
    expect = {"per": "all", "calls": {"max": 2}, "unique_by": "header:idempotency-key"}
    made = engine({"expect": expect, "respond": {"items": [{"status": 200}]}})
    sessions = [made.session() for _ in range(4)]
    for session, value in zip(sessions, "abcb", strict=True):
        session.answer(key(value))
        session.answer(key(value, 1, 2))
        assert session.findings() == []
    found = made.findings(sessions)
    assert [one.code for one in found] == ["expected_calls", "expected_unique"]
    assert made.findings(sessions[:1]) == []


@pytest.mark.parametrize(("at_ms", "met"), [((0, 50), True), ((50, 0), False)])
def test_the_order_of_all_calls_is_that_of_the_virtual_clock(
    at_ms: tuple[int, int], met: bool
) -> None:
    """Whichever run happened first on the machine."""
    made = engine(
        {"id": "auth", "match": {"step": "a"}, "respond": {"items": [{"status": 200}]}},
        {"id": "save", "expect": {"per": "all", "order_after": "auth"},
         "respond": {"items": [{"status": 200}]}},
    )  # fmt: skip
    sessions = [made.session(), made.session()]
    for session, step, at in zip(sessions, "ab", at_ms, strict=True):
        session.answer(call(step=step, profile=step, at_us=at * MS))
    for order in (sessions, sessions[::-1]):
        found = made.findings(order)
        assert [one.code for one in found] == ([] if met else ["expected_order"])


def test_a_rule_that_only_counts_is_judged_as_well() -> None:
    made = engine(
        {"id": "spy", "expect": {"calls": {"max": 1}}, "respond": {"mode": "pass"}},
        {"id": "well", "respond": {"items": [{"status": 200}]}},
    )
    session = made.session()
    assert [session.answer(call()).rule for _ in range(2)] == ["well", "well"]
    assert [one.message for one in session.findings()] == [
        "rule spy expects 1 call at most; it had 2"
    ]


def test_a_rule_that_is_disabled_expects_nothing() -> None:
    expect = {"calls": {"min": 1}}
    made = engine({"enabled": False, "expect": expect, "respond": {"items": [{"status": 200}]}})
    session = made.session()
    assert session.findings() == made.findings([session]) == []
