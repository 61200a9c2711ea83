from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import DEFAULT_START_US, duration_s, iso, iso_us, parse_at
from sandbox.draws import draw, run_id
from sandbox.errors import InputError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("15m", 900), ("8h", 28_800), ("3d", 259_200), ("250ms", 0.25),
        ("2w", 1_209_600), ("1h30m", 5400), ("1h 30m", 5400), ("1.5h", 5400), ("0s", 0),
    ],
)  # fmt: skip
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5",
        "s",
        "3 days",
        "9 0s",
        "-5s",
        "1h ",
        " 1h",
        "1h  2m",
        "٣d",
        "1e3s",
        "9" * 400 + "d",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        duration_s(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-01-01T09:00:00+01:00", "2026-01-01T08:00:00+00:00"),
        ("2026-01-01T09:00:00", "2026-01-01T09:00:00+00:00"),
        ("2021-02-01T07:27:44.469241+00:00", "2021-02-01T07:27:44.469241+00:00"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01", "2026-01-01T00:00:00+00:00"),
        ("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59-05:00", "9999-12-31T00:00:00+00:00"),
    ],
)
def test_a_moment_is_read_and_shown_in_utc(text: str, shown: str) -> None:
    assert iso(parse_at(text)) == shown


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "2026-01-01T25:00:00"])
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="write it as 2026-01-01T09:00:00"):
        parse_at(text)


def test_the_default_start_is_new_year() -> None:
    assert iso(DEFAULT_START_US) == "2026-01-01T00:00:00+00:00"
    assert iso_us(DEFAULT_START_US) == "2026-01-01T00:00:00.000000+00:00"


@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 30)))
def test_no_microsecond_is_lost(moment: datetime) -> None:
    text = moment.replace(tzinfo=UTC).isoformat()
    assert iso(parse_at(text)) == text


@given(st.integers(), st.lists(st.text() | st.integers()))
def test_a_draw_depends_on_its_key_alone(seed: int, key: list[str | int]) -> None:
    first = draw(seed, *key)
    assert 0 <= first < 1
    draw(seed + 1, *key)
    assert draw(seed, *key) == first
    assert run_id(seed, *key) == run_id(seed, *key)
    assert len(run_id(seed, *key)) == 12


def test_draws_are_spread_evenly() -> None:
    draws = [draw(42, "rule", "journey", str(person), "step", 1, 1) for person in range(10_000)]
    for tenth in range(10):
        share = sum(tenth / 10 <= one < (tenth + 1) / 10 for one in draws) / len(draws)
        assert 0.08 < share < 0.12


def test_neighbouring_keys_do_not_fall_together() -> None:
    assert draw(1, "a", "bc") != draw(1, "ab", "c")
    assert draw(1, 12) != draw(11, 2)
    assert draw(1, "\ud800") != draw(1, "x")  # a lone surrogate is no reason to fail
