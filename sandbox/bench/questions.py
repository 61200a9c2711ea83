"""Questions over many walks, asked of a workspace: sweep, confirm the suite, compare vendors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.fold import document_of
from sandbox.engine.walk import Run
from sandbox.errors import InputError
from sandbox.lab.answers import Outcome, compile_item, rules_of
from sandbox.lab.compare import VendorTable, compare
from sandbox.lab.differences import trace_differences
from sandbox.lab.known import MOVED as _MOVED
from sandbox.lab.outcomes import OutcomeClass, classes_of
from sandbox.lab.report import DEFAULT_BUDGET, SweepReport
from sandbox.lab.suite import Scenario, replay
from sandbox.lab.sweep import Sweep
from sandbox.mocks.compiled import CompiledItem
from sandbox.mocks.overrides import parse_answer
from sandbox.model.exchange import Send
from sandbox.model.rules import Item

__all__ = ["ANSWERS", "confirm", "sweep", "vendor_answers", "vendor_table"]

ANSWERS = ("200", "204", "302", "404", "429", "503", "timeout")
"""The answers that vendors are compared on when nobody says otherwise."""

_RUN_ID = "0" * 16
"""The id of every swept run: nothing in a sweep depends on the wall clock."""


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

    Raises:
        InputError: when there is nobody to walk.
    """
    options = replace(options, live=False)
    compiled = bench.compiled(journey_id, options.dialect)
    ids = profiles or [profile.id for profile in bench.repository.profiles()]
    if not ids:
        raise InputError(
            "the workspace has no profiles, so nobody can be walked",
            "import some: sandbox import FILE --as profiles",
        )
    made = Sweep(
        compiled,
        {profile: _starter(bench, compiled, profile, options) for profile in ids},
        depth=depth,
        budget=budget,
        seed=bench.seed(options),
        everybody=profiles is not None,
        occurrence=options.occurrence,
    )
    return made.run(on_progress)


def _starter(
    bench: Bench, compiled: CompiledJourney, profile: str, options: RunOptions
) -> Callable[[], Run]:
    """Makes the same fresh run again and again; the workspace is read once, when first needed."""
    first: list[Run] = []

    def start() -> Run:
        if not first:
            first.append(bench.new_run(compiled, bench.person(profile, options), options, _RUN_ID))
        made = first[0]
        return Run(
            compiled, made.start, made.event, made.scope["env"], made.seed, made.start_us,
            made.include_user, made.via, made.run, made.max_sent, made.max_received,
        )  # fmt: skip

    return start


async def confirm(
    bench: Bench, journey_id: str, scenarios: Sequence[Scenario], options: RunOptions
) -> list[str]:
    """Run each scenario once through the mocked client stack; what differs is an error of ours.

    Returns:
        One sentence for each scenario whose mocked trace differs from the pure one.
    """
    compiled = bench.compiled(journey_id, options.dialect)
    seed = bench.seed(options)
    masker = bench.masker()
    differences = []
    for scenario in scenarios:
        chosen = replace(
            options, rules=rules_of(scenario.items, seed), answers={}, seed=seed, live=False,
            keep=False,
        )  # fmt: skip
        mocked = await bench.fire(journey_id, scenario.profile, chosen, record=False)
        person = bench.person(scenario.profile, chosen)
        run = bench.new_run(compiled, person, chosen, mocked["run"]["id"])
        trace = replay(run, scenario, options.occurrence)
        found = trace_differences(document_of(trace, masker), mocked)
        path = tuple(fact.step for fact in trace.facts[: len(scenario.path)])
        if (path, trace.status) != (scenario.path, scenario.status):
            found.append(f"the sweep saw {' → '.join(scenario.path)} and {scenario.status}")
        if found:
            differences.append(
                f"{scenario.title} (profile {scenario.profile}) differs: {'; '.join(found)}"
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
    good = {step: one.item for step, one in _good(bench, journeys[0], profile_id, options).items()}
    fallback = compile_item(Outcome("2xx", 200, {}).item)

    def well(send: Send) -> CompiledItem:
        return good.get(send.step, fallback)

    return compare(
        journeys,
        lambda compiled: bench.new_run(compiled, person, options, _RUN_ID),
        [(name, compile_item(_answer(name))) for name in answers],
        well,
        profile_id,
        options.occurrence,
    )


def vendor_answers(
    bench: Bench,
    journey_id: str,
    dialects: Sequence[str],
    step: str,
    answer: str,
    profile_id: str,
    options: RunOptions,
) -> dict[str, tuple[Item, ...]]:
    """What every call is answered in one row of the vendor table, as items of rules."""
    first = bench.compiled(journey_id, dialects[0])
    good = {
        name: one.members[0].item for name, one in _good(bench, first, profile_id, options).items()
    }
    item = _answer(answer)
    moved = item.status in _MOVED and step in good
    return {**{name: (one,) for name, one in good.items()},
            step: (item, good[step]) if moved else (item,)}  # fmt: skip


def _good(
    bench: Bench, journey: CompiledJourney, profile_id: str, options: RunOptions
) -> dict[str, OutcomeClass]:
    """The plain success of every call."""
    scope = bench.new_run(journey, bench.person(profile_id, options), options, _RUN_ID).scope
    return {
        node.id: classes_of(journey, node, scope).classes[0]
        for node in journey.nodes
        if isinstance(node, CallNode)
    }


def _answer(name: str) -> Item:
    """One answer of the rows; a redirect says where it leads, as real ones do."""
    item = parse_answer(name)
    if item.status in _MOVED:
        return item.model_copy(update={"headers": {"location": "/elsewhere"}})
    return item
