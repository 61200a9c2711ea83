"""Questions over many walks, asked of a workspace: sweep, confirm the suite, compare vendors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.engine.compiled import CallNode
from sandbox.engine.walk import Run
from sandbox.lab.compare import VendorTable, compare
from sandbox.lab.outcomes import classes_of
from sandbox.lab.suite import Scenario, answer_of
from sandbox.lab.sweep import DEFAULT_BUDGET, Sweep, SweepReport
from sandbox.mocks.overrides import parse_answer
from sandbox.model.exchange import Answer, Send

__all__ = ["ANSWERS", "confirm", "sweep", "vendor_table"]

ANSWERS = ("200", "204", "302", "404", "429", "503", "timeout")
"""The answers that vendors are compared on when nobody says otherwise."""


def sweep(
    bench: Bench,
    journey_id: str,
    profiles: Sequence[str] | None,
    options: RunOptions,
    depth: str = "single",
    budget: int = DEFAULT_BUDGET,
    on_progress: Callable[[SweepReport], bool] | None = None,
) -> SweepReport:
    """Every failure of a journey; nothing is sent and nothing is recorded.

    Args:
        bench: the workspace.
        journey_id: which journey.
        profiles: these people, all of them; None: as many of the workspace's as it takes.
        options: event, dialect, seed and so on of the runs.
        depth: ``single``, ``pairs`` or ``full``.
        budget: the most runs.
        on_progress: told now and then; stops the sweep by returning False.
    """
    options = replace(options, live=False)
    compiled = bench.compiled(journey_id, options.dialect)
    ids = profiles or [profile.id for profile in bench.repository.profiles()]

    def starter(profile: str) -> Callable[[], Run]:
        person = bench.person(profile, options)
        return lambda: bench.new_run(compiled, person, options)

    people = {profile: starter(profile) for profile in ids}
    made = Sweep(
        compiled,
        people,
        depth=depth,
        budget=budget,
        seed=bench.seed(options),
        everybody=profiles is not None,
        occurrence=options.occurrence,
    )
    return made.run(on_progress)


async def confirm(
    bench: Bench, journey_id: str, scenarios: Sequence[Scenario], options: RunOptions
) -> list[str]:
    """Run each scenario once through the mocked client stack; what differs is an error of ours.

    Returns:
        One sentence for each scenario whose mocked run differs from the pure one.
    """
    differences = []
    for scenario in scenarios:
        chosen = replace(options, answers=scenario.items, live=False, keep=False)
        trace = await bench.fire(journey_id, scenario.profile, chosen, record=False)
        path = tuple(step["step"] for step in trace["steps"])
        if trace["run"]["status"] != scenario.status or path != scenario.path:
            differences.append(
                f"{scenario.title} (profile {scenario.profile}): the pure walk took "
                f"{' → '.join(scenario.path)} and {scenario.status}, the mocked one "
                f"{' → '.join(path)} and {trace['run']['status']}"
            )
    return differences


def vendor_table(
    bench: Bench,
    journey_id: str,
    dialects: Sequence[str],
    profile_id: str,
    options: RunOptions,
    answers: Sequence[str] = ANSWERS,
) -> VendorTable:
    """One journey under several dialects, for each of these answers to each of its calls."""
    journeys = [bench.compiled(journey_id, name) for name in dialects]
    person = bench.person(profile_id, options)
    good = {
        node.id: classes_of(journeys[0], node)[0].answer
        for node in journeys[0].nodes
        if isinstance(node, CallNode)
    }
    fallback = Answer(200, (("content-type", "application/json"),), b"{}", None, 100.0, "model")

    def well(send: Send) -> Answer:
        return good.get(send.step, fallback)

    wanted = [(name, answer_of(parse_answer(name))) for name in answers]
    return compare(
        journeys,
        lambda compiled: bench.new_run(compiled, person, options),
        wanted,
        well,
        profile_id,
        options.occurrence,
    )
