"""What the lab asks, and how far an answer has come.

A sweep runs on the bench's own thread, as everything does that touches the workspace, so the
keyboard never waits for it and it never reads what somebody is just writing. It looks up now and
then: ``Going`` is how the screen stops it and sees how far it is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.bench import Bench, RunOptions
from sandbox.bench.questions import sweep, vendor_table
from sandbox.lab.compare import VendorTable
from sandbox.lab.suite import Scenario
from sandbox.lab.sweep import DEFAULT_BUDGET, SweepReport

__all__ = [
    "BUDGETS",
    "DEPTHS",
    "SCOPES",
    "VENDORS",
    "Asked",
    "Going",
    "Opened",
    "ask_sweep",
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


class Opened(NamedTuple):
    """A scenario that the workbench shall show."""

    scenario: Scenario
    step: str
    """The call it is about; empty: whichever failed."""


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


def ask_sweep(bench: Bench, asked: Asked, going: Going) -> SweepReport:
    """Sweep; on the bench's thread.

    Raises:
        SandboxError: when the journey cannot be compiled or nobody can be walked.
    """
    return sweep(
        bench, asked.journey, asked.people, asked.options, asked.depth, asked.budget, going.told
    )


def ask_vendors(bench: Bench, asked: Asked) -> VendorTable:
    """The vendor table for the selected person; on the bench's thread.

    Raises:
        SandboxError: when the journey cannot be compiled or there is no such person.
    """
    return vendor_table(bench, asked.journey, VENDORS, asked.person, asked.options)


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
