"""The same seed gives the same traces, however the work is scheduled."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.model.rules import RuleSet
from tests.bench.schedules import OF_A_RUN, OF_ALL, people, traces_of


@pytest.mark.parametrize("rules", [OF_A_RUN, OF_ALL], ids=["of a run", "of all"])
def test_one_after_the_other_and_all_at_once_are_the_same(rules: Json) -> None:
    serial = traces_of("serial", rules, 60)
    assert traces_of("at once", rules, 60) == serial
    assert traces_of("serial", rules, 60) == serial


@pytest.mark.slow
@pytest.mark.parametrize("rules", [OF_A_RUN, OF_ALL], ids=["of a run", "of all"])
def test_a_thousand_people_on_three_schedules_leave_the_same_traces(rules: Json) -> None:
    serial = traces_of("serial", rules, 1000)
    assert len(serial) == len(people(1000)) == 1000
    for schedule in ("at once", "two processes"):
        found = traces_of(schedule, rules, 1000)
        assert found.keys() == serial.keys()
        different = [profile for profile, trace in serial.items() if found[profile] != trace]
        assert different == [], f"{schedule}: {len(different)} of 1000 differ"


@pytest.mark.slow
def test_everything_that_can_be_shared_is_used_by_these_people() -> None:
    assert not MockEngine(RuleSet.parse(OF_A_RUN)).shares
    assert MockEngine(RuleSet.parse(OF_ALL)).shares
    traces = traces_of("serial", OF_ALL, 300)
    answers = [fact.answer for trace in traces.values() for fact in trace.facts if fact.answer]
    seen = Counter(one.error.kind if one.error else str(one.status) for one in answers)
    assert {"200", "201", "429", "503", "reset", "throttled", "breaker_open"} <= seen.keys()
