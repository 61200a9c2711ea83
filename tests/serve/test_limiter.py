from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.serve.limiter import REPORTED, Limiter, Window

SECOND = 1_000_000

windows = st.lists(
    st.builds(Window, st.integers(1, 6), st.integers(1, 50), st.just("")), min_size=1, max_size=3
).map(lambda found: tuple(sorted(found, key=lambda one: one.span_us)))


@given(windows, st.lists(st.integers(0, 12), max_size=120))
def test_no_window_ever_holds_more_than_its_limit(
    limits: tuple[Window, ...], gaps: list[int]
) -> None:
    limiter, now, passed = Limiter(limits), 0, []
    for gap in gaps:
        now += gap
        if limiter.ask(now).allowed:
            passed.append(now)
    for window in limits:
        for first in passed:
            inside = [one for one in passed if first <= one < first + window.span_us]
            assert len(inside) <= window.most


@given(windows, st.lists(st.integers(0, 12), max_size=60))
def test_who_waits_as_long_as_told_comes_through_or_is_told_of_a_longer_window(
    limits: tuple[Window, ...], gaps: list[int]
) -> None:
    limiter, now = Limiter(limits), 0
    for gap in gaps:
        now += gap
        verdict = limiter.ask(now)
        for _ in limits:
            if verdict.allowed:
                break
            assert verdict.free_in_us > 0
            now += verdict.free_in_us
            verdict = limiter.ask(now)
        assert verdict.allowed


@given(st.lists(st.integers(0, 400_000), max_size=300))
def test_the_reported_limits_let_through_all_that_keeps_to_them(gaps: list[int]) -> None:
    limiter, now = Limiter(), 0
    passed: list[int] = []
    for gap in gaps:
        now += gap
        recent = [one for one in passed if now - one < SECOND]
        assert limiter.ask(now).allowed == (len(recent) < 10)
        if len(recent) < 10:
            passed.append(now)


def test_the_hour_refuses_after_a_thousand() -> None:
    limiter = Limiter()
    for number in range(1000):
        verdict = limiter.ask(number * SECOND)
        assert verdict.allowed
        assert verdict.remaining == 999 - number
    refused = limiter.ask(1000 * SECOND)
    assert not refused.allowed
    assert refused.window == REPORTED[1]
    assert refused.free_in_us == 2600 * SECOND
    assert limiter.ask(3600 * SECOND).allowed


@pytest.mark.parametrize("after_us", [0, 1, 999_999])
def test_the_second_refuses_after_ten(after_us: int) -> None:
    limiter = Limiter()
    assert all(limiter.ask(0).allowed for _ in range(10))
    refused = limiter.ask(after_us)
    assert not refused.allowed
    assert refused.window.name == "1 second"
    assert limiter.ask(SECOND).allowed


def test_what_is_kept_does_not_grow() -> None:
    limiter = Limiter((Window(5, 100, ""),))
    for now in range(10_000):
        limiter.ask(now)
    assert len(limiter._stamps) <= 5
