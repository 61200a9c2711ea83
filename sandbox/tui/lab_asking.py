"""What the lab asks, and how far an answer has come.

A sweep runs on the bench's own thread, as everything does that touches the workspace, so the
keyboard never waits for it and it never reads what somebody is just writing. It looks up now and
then: ``Going`` is how the screen stops it and sees how far it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.bench.questions import sweep, vendor_answers, vendor_table
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.lab.answers import Outcome
from sandbox.lab.compare import Cell, Row, VendorTable
from sandbox.lab.outcomes import classes_of
from sandbox.lab.report import DEFAULT_BUDGET, SweepReport
from sandbox.lab.suite import Scenario

__all__ = [
    "BUDGETS",
    "DEPTHS",
    "SCOPES",
    "VENDORS",
    "Asked",
    "Going",
    "Opened",
    "Swept",
    "ask_sweep",
    "ask_vendor_run",
    "ask_vendors",
    "summary",
]

DEPTHS = {
    "single": "one call misbehaves at a time",
    "pairs": "two calls misbehave in one run",
    "full": "any calls misbehave in one run",
}
"""Depth → what it means."""

SCOPES = {
    "enough": "as many as it takes",
    "selected": "the selected person",
    "everybody": "everybody",
}
"""Whom a sweep walks → in words."""

BUDGETS = (DEFAULT_BUDGET, 100_000, 2_000)
"""The most runs, in the order of the key."""

VENDORS = ("usercom", "insider", "insider-glossary", "kustomer", "sprinklr")
"""Whom the vendor table compares."""


class Swept(NamedTuple):
    """What came of a sweep."""

    report: SweepReport
    examples: Mapping[tuple[str, str], Scenario]
    """Step and outcome → the run of that cell, with exactly that outcome."""
    mask: Callable[[str], str]
    """Takes secrets out of whatever is shown."""


class Opened(NamedTuple):
    """A scenario that the workbench shall show."""

    scenario: Scenario
    step: str
    """The call it is about; empty: whichever failed."""
    dialect: str = ""
    """The vendor that plays it; empty: the journey's own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question."""

    journey: str
    dialect: str
    person: str
    """Who is selected in the workbench."""
    everybody: Sequence[str]
    options: RunOptions
    depth: str = "single"
    scope: str = "enough"
    budget: int = DEFAULT_BUDGET

    @property
    def people(self) -> Sequence[str] | None:
        """Whom to walk; None: as many as it takes."""
        return {"selected": [self.person], "everybody": self.everybody}.get(self.scope)


class Going:
    """A sweep that is under way; usable from both threads."""

    def __init__(self) -> None:
        """It has just begun."""
        self._stop = threading.Event()
        self.so_far = (0, 0, 0)
        """Runs, edges covered, edges in all."""

    def stop(self) -> None:
        """It shall end with what is known."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody wanted it to end."""
        return self._stop.is_set()

    def told(self, report: SweepReport) -> bool:
        """Progress; whether to go on."""
        self.so_far = (report.runs, len(report.covered), report.edges_total)
        return not self.stopped


def ask_sweep(bench: Bench, asked: Asked, going: Going) -> Swept:
    """Sweep; on the bench's thread.

    Raises:
        SandboxError: when the journey cannot be compiled or nobody can be walked.
    """
    report = sweep(
        bench, asked.journey, asked.people, asked.options, asked.depth, asked.budget, going.told
    )
    return Swept(report, _examples(bench, asked, report), bench.masker().text)


def _examples(bench: Bench, asked: Asked, report: SweepReport) -> dict[tuple[str, str], Scenario]:
    """The run of each cell; a sweep walks one outcome for all that the journey cannot tell apart.

    Whoever opens "timeout" wants to see a time-out, even where a 302 would do the same.
    """
    compiled = bench.compiled(asked.journey, asked.options.dialect)
    outcomes = {
        step: _outcomes(bench, compiled, step, next(iter(report.profiles)), asked)
        for step in report.matrix
    }
    found = {}
    for (step, name), scenario in report.example.items():
        known = outcomes[step]
        group = next((names for names in report.classes.get(step, []) if name in names), [])
        stand_ins = {other for other in group if other in known and other != name}
        found[step, name] = scenario
        if name in known and stand_ins and step in scenario.items:
            found[step, name] = _exactly(scenario, step, name, stand_ins, known)
    return found


def _outcomes(
    bench: Bench, compiled: CompiledJourney, step: str, profile: str, asked: Asked
) -> dict[str, Outcome]:
    node = compiled.call(step)
    if not isinstance(node, CallNode):
        return {}
    person = bench.person(profile, asked.options)
    scope = bench.new_run(compiled, person, asked.options, "0" * 16).scope
    classes = classes_of(compiled, node, scope).classes
    return {one.name: one for group in classes for one in group.members}


def _exactly(
    scenario: Scenario, step: str, name: str, others: set[str], known: Mapping[str, Outcome]
) -> Scenario:
    """The scenario with ``name`` where one of its equals stands for it."""
    wanted = known[name]
    stand_in = [known[other].item for other in others]
    items = tuple(wanted.item if one in stand_in else one for one in scenario.items[step])
    said = [
        wanted.said if one in stand_in else text
        for one, text in zip(scenario.items[step], scenario.answers[step], strict=True)
    ]
    title = scenario.title
    for other in others:
        parts = [
            part.replace(f"{step}={other}", f"{step}={name}", 1)
            if part.split(" (")[0] == f"{step}={other}" else part
            for part in title.split(", ")
        ]  # fmt: skip
        title = ", ".join(parts)
    return scenario._replace(
        title=title,
        answers={**scenario.answers, step: said},
        items={**scenario.items, step: items},
    )


def ask_vendors(bench: Bench, asked: Asked) -> VendorTable:
    """The vendor table for the selected person; on the bench's thread.

    Raises:
        SandboxError: when the journey cannot be compiled or there is no such person.
    """
    return vendor_table(bench, asked.journey, VENDORS, asked.person, asked.options)


def ask_vendor_run(bench: Bench, asked: Asked, table: VendorTable, row: Row, cell: Cell) -> Opened:
    """The run of one cell of the vendor table; on the bench's thread."""
    items = vendor_answers(
        bench, asked.journey, VENDORS, row.step, row.answer, table.profile, asked.options
    )
    title = f"{row.step}={row.answer} as {cell.dialect}"
    path = tuple(step for step, _, _ in cell.path if step)
    scenario = Scenario(table.profile, title, {}, items, cell.status, path)
    return Opened(scenario, row.step, cell.dialect)


def summary(report: SweepReport) -> str:
    """One line: coverage, runs, findings."""
    reachable = report.reachable
    share = 100 * report.edges_covered // reachable if reachable else 100
    found = sum(one.level != "info" for one in report.findings)
    many = len(report.profiles)
    people = f" for {many} people" if many > 1 else ""
    return (
        f"{report.edges_covered} of {reachable} reachable edges ({share} %), "
        f"{report.runs:,} run{'s' * (report.runs != 1)}{people}, "
        f"{found or 'no'} finding{'s' * (found != 1)}"
    )
