"""Sweeps: how long every demo journey takes, and runs a second where no two calls are alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.journey import ENV, SEED
from benchmarks.measure import Row
from sandbox.clock import DEFAULT_START_US
from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.person import Person, person_of
from sandbox.engine.walk import Run
from sandbox.formats.documents import read
from sandbox.lab.report import SweepReport
from sandbox.lab.sweep import Sweep
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile

__all__ = ["DEMO_TARGET_S", "measure"]

DEMO_TARGET_S = 0.5
"""Seconds of CPU that sweeping one demo journey may take."""

_FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
_CALLS = 10


def _demo() -> dict[str, CompiledJourney]:
    found = {}
    for path in sorted((_FIXTURES / "journeys").glob("*.yaml")):
        journey = Journey.parse(read(path.read_text("utf-8"), path.name))
        found[journey.id] = compile_journey(journey)
    return found


def _people() -> list[Person]:
    path = _FIXTURES / "profiles" / "demo.json"
    return [person_of(Profile.parse(one)) for one in read(path.read_text("utf-8"), path.name)]


def _meeting_again() -> CompiledJourney:
    """Ten calls whose statuses are all read at the end: nothing can be merged."""
    steps: list[Json] = [
        {"id": f"c{n}", "kind": "call_api", "url": "{{env.BASE_URL}}/hook", "on_failure": after}
        for n in range(_CALLS)
        for after in [f"c{n + 1}" if n + 1 < _CALLS else "which"]
    ]
    reads = [
        {"path": f"steps.c{n}.response.statusCode", "op": "lt", "value": value}
        for n in range(_CALLS)
        for value in (400, 500)
    ]
    branch = {"when": {"any": reads}, "next": "end"}
    steps.append({"id": "which", "kind": "condition", "branches": [branch], "else": "end"})
    trigger = {"kind": "event", "name": "e"}
    document = {"id": "big", "dialect": "usercom", "trigger": trigger, "steps": steps}
    return compile_journey(Journey.parse(document))


def _starter(journey: CompiledJourney, person: Person) -> Callable[[], Run]:
    event = journey.journey.trigger.sample
    return lambda: Run(
        journey, person, event, ENV, SEED, DEFAULT_START_US, None, "mock", "", 10**6, 10**7
    )


def _sweep(
    journey: CompiledJourney, people: list[Person], depth: str, budget: int = 20_000
) -> tuple[float, SweepReport]:
    starters = {person.id: _starter(journey, person) for person in people}
    began = time.process_time()
    report = Sweep(journey, starters, depth=depth, budget=budget).run()
    return time.process_time() - began, report


def measure(rounds: int = 5) -> list[Row]:
    """Rows for the demo journeys, single and full, and for one that cannot be merged.

    Raises:
        RuntimeError: when a demo journey is not swept to all of its reachable edges.
    """
    people, rows = _people(), []
    for depth in ("single", "full"):
        slowest, name = 0.0, ""
        for journey in _demo().values():
            taken = []
            for _ in range(rounds):
                seconds, report = _sweep(journey, people, depth)
                taken.append(seconds)
                if report.edges_covered != report.reachable:
                    raise RuntimeError(f"{journey.id} is not covered: {report.uncovered}")
            if statistics.median(taken) > slowest:
                slowest, name = statistics.median(taken), journey.id
        what = f"sweep of a demo journey, {depth} (slowest: {name})"
        shown = f"{slowest * 1000:.1f} ms"
        target = f"< {DEMO_TARGET_S:g} s"
        rows.append(Row(what, shown, "", None, target, slowest < DEMO_TARGET_S))
    seconds, report = _sweep(_meeting_again(), people[:1], "full", 3_000)
    what = f"swept runs a second, {_CALLS} calls that all meet again"
    rows.append(Row(what, f"{report.runs / seconds:,.0f}", "", None))
    return rows


def main() -> None:
    """Print them."""
    from benchmarks.measure import table

    print(table(measure()))


if __name__ == "__main__":
    main()
