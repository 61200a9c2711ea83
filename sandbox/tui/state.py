"""What the workbench shows: three immutable values, and nothing else.

``Catalogue`` is what the workspace holds, ``Choice`` is what the person has set, ``Snapshot`` is
what has happened. Widgets render from these; they never ask the bench.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sandbox.mocks.presets import PRESETS, preset, presets
from sandbox.model.journey import CallApi, Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import Item, RuleSet
from sandbox.model.trace import CallCounts, TraceDocument

__all__ = [
    "SCOPES",
    "CallRow",
    "Catalogue",
    "Choice",
    "Forced",
    "Scope",
    "Snapshot",
    "call_steps",
]

Scope = Literal["call", "step", "run"]

SCOPES: Mapping[Scope, str] = {
    "call": "this step's next call",
    "step": "all its calls in the run",
    "run": "every call",
}


class Forced(NamedTuple):
    """An answer that the next run gets in place of the rules' own."""

    text: str
    items: tuple[Item, ...]
    scope: Scope = "call"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The workspace's documents, as they were last read."""

    journeys: tuple[Journey, ...] = ()
    profiles: tuple[Profile, ...] = ()
    rule_sets: tuple[RuleSet, ...] = ()
    active_rules: str = ""
    allowed_hosts: tuple[str, ...] = ()

    def journey(self, journey_id: str) -> Journey | None:
        """The journey with this id."""
        return next((one for one in self.journeys if one.id == journey_id), None)

    def profile(self, profile_id: str) -> Profile | None:
        """The profile with this id."""
        return next((one for one in self.profiles if one.id == profile_id), None)

    @property
    def all_rules(self) -> tuple[RuleSet, ...]:
        """The workspace's rule sets, then the presets that none of them goes before."""
        own = {one.id for one in self.rule_sets}
        return (*self.rule_sets, *(one for one in presets() if one.id not in own))

    def rules(self, rules_id: str) -> RuleSet | None:
        """The rule set with this id, of the workspace or a preset."""
        own = next((one for one in self.rule_sets if one.id == rules_id), None)
        return own or (preset(rules_id) if rules_id in PRESETS else None)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person has chosen."""

    journey: str = ""
    profile: str = ""
    step: str = ""
    """The step under the map's cursor; empty: the trigger."""
    live: bool = False
    hosts: frozenset[str] = frozenset()
    """Hosts that the person has confirmed for live calls."""
    include_user: bool | None = None
    """None: as each step says."""
    rules: str = ""
    """The rule set's id."""
    forced: Forced | None = None
    tab: str = "payload"


@dataclass(frozen=True, slots=True)
class CallRow:
    """One line of the table of calls."""

    number: int
    run: str
    """The run's id; empty until the run is recorded."""
    n: int
    """The step's number in its run."""
    journey: str
    profile: str
    step: str
    at: str
    attempt: int
    request: str
    outcome: str
    code: str
    took_ms: float
    source: str
    next: str
    seed: int

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from other calls, also when a late one moves its number."""
        return self.run or f"#{self.number}", self.n


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What has happened."""

    counts: Mapping[str, Mapping[str, CallCounts]] = field(default_factory=dict)
    """Journey → call step → counts."""
    calls: tuple[CallRow, ...] = ()
    """Newest first, at most a thousand."""
    trace: TraceDocument | None = None
    """The newest run, whole or as far as it has come."""
    standing: str = ""
    """The step at which a run that goes step by step stands."""
    stepping: bool = False
    done: int = 0
    total: int = 0
    """Runs done and wanted; equal when nothing is running."""
    begun: int = 0
    """Runs that have begun, where many are under way at once."""
    answered: int = 0
    """Calls that were answered, where many runs are under way at once."""
    stopping: bool = False
    """A person has stopped the runs, and they are being left."""

    @property
    def busy(self) -> bool:
        """Whether runs are under way."""
        return self.done < self.total

    def totals(self) -> tuple[int, int]:
        """Successes and failures over everything."""
        every = [one for steps in self.counts.values() for one in steps.values()]
        return sum(one["success"] for one in every), sum(one["failure"] for one in every)


def call_steps(journey: Journey | None) -> list[str]:
    """The ids of a journey's calls, in order."""
    steps = journey.steps if journey else ()
    return [step.id for step in steps if isinstance(step, CallApi)]
