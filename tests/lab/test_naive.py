"""The sweep finds what trying everything finds: no more, no less."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings

from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.graph import edges_of
from sandbox.lab.report import SweepReport
from sandbox.lab.suite import replay
from sandbox.lab.sweep import Sweep
from sandbox.model.trace import Trace
from tests.lab.generated import ATTRIBUTES, EVENT, Small, small_journeys
from tests.lab.limited import NAMED, limited_journeys
from tests.lab.naive import Seen, TooMany, enumerate_walks, fresh_run, path_when, seen_in

_STEPS = 14
_SAME = {
    "payload_broken", "empty_body_read", "value_missing", "value_too_large", "bad_moment",
    "message_no_address",
}  # fmt: skip
_CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def _brief(examples: int) -> settings:
    """So many examples; the first that fails is told as it is, for making it smaller takes
    minutes.
    """
    return settings(
        max_examples=examples, suppress_health_check=_CALM, phases=(Phase.explicit, Phase.generate),
        report_multiple_bugs=False,
    )  # fmt: skip


def swept(journey: CompiledJourney, budget: int) -> SweepReport:
    start = lambda: fresh_run(journey, ATTRIBUTES, EVENT, 2_000)  # noqa: E731
    return Sweep(journey, {"7": start}, depth="full", budget=budget).run()


def reported(journey: CompiledJourney, report: SweepReport) -> Seen:
    edges = list(edges_of(journey))
    kinds = {node.id: node.kind for node in journey.nodes}
    taken = [edges[n] for n in report.covered]
    labels = {(e.source, e.label) for e in taken if kinds.get(e.source) in ("condition", "split")}
    found = set()
    for one in report.findings:
        if one.code == "endless_loop":
            found.add(("endless_loop", ""))
        elif one.code in _SAME:
            if kinds.get(one.step) != "condition":  # a decision, not a payload
                found.add(("broken", one.step))
        elif one.code not in ("branch_unreachable", "sweep_limited"):
            found.add((one.code, one.step))
    return Seen(
        frozenset((e.source, e.target) for e in taken),
        frozenset(labels),
        frozenset(one.status for one in report.suite),
        frozenset(found),
    )


def check(small: Small, most: int, budget: int = 20_000) -> SweepReport:
    try:
        traces = enumerate_walks(small.journey, small.answers, ATTRIBUTES, EVENT, _STEPS, most)
    except TooMany:
        reject()
    naive = seen_in(traces)
    report = swept(small.journey, budget)
    if not report.complete:
        reject()
    found = reported(small.journey, report)
    assert found.edges == naive.edges
    assert found.labels == naive.labels
    assert found.statuses == naive.statuses
    assert found.findings == naive.findings
    never = [edge for edge in report.uncovered if not edge.possible]
    assert not {(e.source, e.target) for e in never if not e.label} & naive.edges
    assert not {(e.source, e.label) for e in never} & naive.labels
    # What is kept shows, walked again by itself, all that was found.
    kept = seen_in([walked(small.journey, report, n) for n in range(len(report.suite))])
    assert (kept.edges, kept.labels, kept.statuses) == naive[:3]
    assert kept.findings == naive.findings
    return report


def walked(journey: CompiledJourney, report: SweepReport, number: int) -> Trace:
    return replay(fresh_run(journey, ATTRIBUTES, EVENT, 2_000), report.suite[number])


@pytest.mark.slow
@_brief(8)
@given(small_journeys())
def test_full_finds_what_trying_everything_finds(small: Small) -> None:
    check(small, 800)


@pytest.mark.slow
@_brief(40)
@given(small_journeys(most_steps=6, most_calls=3))
def test_full_finds_what_trying_everything_finds_at_length(small: Small) -> None:
    check(small, 3_000)


def check_limited(small: Small, most: int, budget: int) -> None:
    """As ``check``; and each answer, to one call alone, leads on as its cell says."""
    report = check(small, most, budget)
    journey = small.journey
    well, sent = path_when(journey, {}, ATTRIBUTES, EVENT, _STEPS)
    for step, row in report.matrix.items():
        if step not in sent:
            continue  # only sent when another call fails
        for name, answer in NAMED.items():
            way, _ = path_when(journey, {step: answer}, ATTRIBUTES, EVENT, _STEPS)
            if row.get(name) in ("proceeded", "failure path"):
                assert (row[name] == "proceeded") == (way == well), (step, name)


@pytest.mark.slow
@_brief(8)
@given(limited_journeys())
def test_full_finds_what_shared_limits_and_breakers_do(small: Small) -> None:
    check_limited(small, 50, 60)


@pytest.mark.slow
@_brief(25)
@given(limited_journeys(most_calls=3))
def test_full_finds_what_shared_limits_and_breakers_do_at_length(small: Small) -> None:
    check_limited(small, 300, 150)
