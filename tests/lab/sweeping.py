"""Sweeps journeys that stand in a test."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CompiledJourney
from sandbox.lab.outcomes import OutcomeClass, classes_of
from sandbox.lab.report import SweepReport
from sandbox.lab.sweep import Sweep
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from tests.lab.naive import fresh_run

__all__ = ["call", "classes", "codes", "journey", "sweep", "uncovered"]

EVENT: dict[str, Json] = {"order": "A-1", "kind": "x"}


def call(step_id: str = "call", **fields: Json) -> dict[str, Json]:
    return {"id": step_id, "kind": "call_api", "url": "http://api.test/" + step_id, **fields}


def journey(*steps: dict[str, Json], dialect: str = "usercom", **fields: Json) -> CompiledJourney:
    trigger = fields.pop("trigger", {"kind": "event", "name": "e"})
    document = {"id": "j", "dialect": dialect, "trigger": trigger, "steps": list(steps), **fields}
    return compile_journey(Journey.parse(document))


def sweep(
    made: CompiledJourney,
    depth: str = "single",
    budget: int = 20_000,
    people: Mapping[str, dict[str, Json]] | None = None,
    everybody: bool = True,
    seed: int = 42,
) -> SweepReport:
    starters = {
        profile: lambda attributes=attributes: fresh_run(made, attributes, EVENT, 2_000)
        for profile, attributes in (people or {"7": {}}).items()
    }
    return Sweep(made, starters, depth=depth, budget=budget, seed=seed, everybody=everybody).run()


def classes(made: CompiledJourney, step: str = "call") -> tuple[OutcomeClass, ...]:
    node = made.call(step)
    assert node is not None
    return classes_of(made, node, fresh_run(made, {}, EVENT, 10).scope).classes


def codes(report: SweepReport) -> list[tuple[str, str]]:
    return [(one.code, one.step) for one in report.findings]


def uncovered(report: SweepReport) -> dict[tuple[str, str], str]:
    return {(one.source, one.label): one.why for one in report.uncovered}
