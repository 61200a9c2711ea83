"""Presets: what each one does to calls, and that a workspace's own rule set goes before it."""

from __future__ import annotations

import pytest

from sandbox.errors import UnknownName
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.presets import PRESETS, preset, presets
from sandbox.model.exchange import Answer
from tests.mocks.calls import call as a_send

CALLS = range(400)


def said(answer: Answer) -> str:
    return answer.error.kind if answer.error is not None else str(answer.status)


def in_one_run(name: str, attempts: int) -> list[str]:
    """What one step hears that tries so often."""
    session = MockEngine(preset(name)).session()
    return [said(session.answer(a_send(attempt=one))) for one in range(1, attempts + 1)]


def over_many_runs(name: str) -> dict[str, int]:
    engine = MockEngine(preset(name))
    heard: dict[str, int] = {}
    for number in CALLS:
        word = said(engine.session().answer(a_send(profile=str(number))))
        heard[word] = heard.get(word, 0) + 1
    return heard


def test_they_are_the_ten_of_the_catalogue_and_none_is_like_another() -> None:
    assert [one.id for one in presets()] == list(PRESETS)
    assert len({one.name for one in presets()}) == len(PRESETS) == 10
    assert all(one.seed == 42 for one in presets())


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("all-ok", ["200", "200"]),
        ("down", ["503", "503", "503"]),
        ("slow", ["read_timeout", "read_timeout"]),
        ("auth-expired", ["401", "401"]),
        ("rate-limited", ["429", "429", "200", "200"]),
        ("deploy-restart", ["reset", "refused", "refused", "503", "200", "200"]),
        ("duplicate-delivery", ["read_timeout", "409", "409"]),
    ],
)
def test_what_a_step_hears_attempt_by_attempt(name: str, heard: list[str]) -> None:
    assert in_one_run(name, len(heard)) == heard


def test_a_second_visit_is_a_duplicate_too_and_another_step_is_not() -> None:
    session = MockEngine(preset("duplicate-delivery")).session()
    assert said(session.answer(a_send(step="one"))) == "read_timeout"
    assert said(session.answer(a_send(step="two"))) == "read_timeout"
    assert said(session.answer(a_send(step="one", visit=2))) == "409"


def test_flaky_fails_one_call_in_five_and_the_tail_loses_a_few() -> None:
    flaky = over_many_runs("flaky")
    assert set(flaky) == {"200", "503", "429", "read_timeout", "reset"}
    assert 0.7 < flaky["200"] / len(CALLS) < 0.9
    tail = over_many_runs("slow-tail")
    assert set(tail) == {"200", "read_timeout"}
    assert 0 < tail["read_timeout"] < 0.3 * len(CALLS)
    bodies = over_many_runs("bad-bodies")
    assert set(bodies) == {"200", "204"}


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean slow-tail"):
        preset("slow_tail")
