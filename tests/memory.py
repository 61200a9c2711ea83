"""A repository and a history in memory, for tests that are not about the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sandbox.engine.counting import add_counts
from sandbox.errors import UnknownName
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import CallCounts, TraceDocument
from sandbox.model.workspace import Settings, Variable
from sandbox.seams import RunRow

__all__ = ["Memory", "Remembered"]


@dataclass
class _Row:
    id: str
    journey: str
    profile: str
    dialect: str
    seed: int
    via: str
    status: str
    started: str
    recorded: str
    success: int
    failure: int


@dataclass
class Memory:
    """A repository."""

    kept_journeys: dict[str, Journey] = field(default_factory=dict)
    kept_profiles: dict[str, Profile] = field(default_factory=dict)
    kept_rules: dict[str, RuleSet] = field(default_factory=dict)
    kept_variables: dict[str, Variable] = field(default_factory=dict)
    kept_settings: Settings = field(default_factory=Settings)
    touched: bool = False
    """Whether another process has written."""

    def journeys(self) -> list[Journey]:
        return list(self.kept_journeys.values())

    def journey(self, journey_id: str) -> Journey:
        if journey_id not in self.kept_journeys:
            raise UnknownName("journey", journey_id, self.kept_journeys)
        return self.kept_journeys[journey_id]

    def profiles(self) -> list[Profile]:
        return list(self.kept_profiles.values())

    def profile(self, profile_id: str) -> Profile:
        if profile_id not in self.kept_profiles:
            raise UnknownName("profile", profile_id, self.kept_profiles)
        return self.kept_profiles[profile_id]

    def rule_sets(self) -> list[RuleSet]:
        return list(self.kept_rules.values())

    def rule_set(self, rules_id: str) -> RuleSet:
        if rules_id not in self.kept_rules:
            raise UnknownName("rule set", rules_id, self.kept_rules)
        return self.kept_rules[rules_id]

    def variables(self) -> list[Variable]:
        return list(self.kept_variables.values())

    def settings(self) -> Settings:
        return self.kept_settings

    def put_journeys(self, journeys: Iterable[Journey], replace: bool = False) -> None:
        self.kept_journeys |= {one.id: one for one in journeys}

    def put_profiles(self, profiles: Iterable[Profile], replace: bool = False) -> None:
        self.kept_profiles |= {one.id: one for one in profiles}

    def put_rule_sets(self, rule_sets: Iterable[RuleSet], replace: bool = False) -> None:
        self.kept_rules |= {one.id: one for one in rule_sets}

    def put_variables(self, variables: Iterable[Variable], replace: bool = False) -> None:
        self.kept_variables |= {one.name: one for one in variables}

    def save_profile(self, profile: Profile, base: Profile | None = None) -> None:
        self.kept_profiles[profile.id] = profile

    def put_settings(self, settings: Settings) -> None:
        self.kept_settings = settings

    def change_settings(self, change: Callable[[Settings], Settings]) -> Settings:
        self.kept_settings = change(self.kept_settings)
        return self.kept_settings

    def changed(self) -> bool:
        was, self.touched = self.touched, False
        return was


@dataclass
class Remembered:
    """A history."""

    traces: list[TraceDocument] = field(default_factory=list)
    given: int = 0
    """Ids that were given; none is given again."""
    written: int = 0

    def record(self, traces: Sequence[TraceDocument]) -> list[str]:
        for trace in traces:
            self.given += 1
            trace["run"]["id"] = trace["run"]["id"] or f"r{self.given:06d}"
            self.traces.append(trace)
            self.written += 1
        return [trace["run"]["id"] for trace in traces]

    def runs(
        self, journey: str | None = None, profile: str | None = None, most: int = 50
    ) -> list[RunRow]:
        found: list[RunRow] = []
        for trace in reversed(self.traces[-most:]):
            run, counts = trace["run"], trace["counts"].values()
            found.append(
                _Row(run["id"], run["journey"], run["profile"], run["dialect"], run["seed"],
                    run["via"], run["status"], run["started"], run["started"],
                    sum(one["success"] for one in counts), sum(one["failure"] for one in counts))
            )  # fmt: skip
        return found

    def trace(self, run_id: str) -> TraceDocument | None:
        return next((one for one in self.traces if one["run"]["id"] == run_id), None)

    def counts(
        self, journey: str | None = None, run_id: str | None = None
    ) -> dict[str, dict[str, CallCounts]]:
        total: dict[str, dict[str, CallCounts]] = {}
        for one in self.traces:
            add_counts(total.setdefault(one["run"]["journey"], {}), one["counts"])
        return total

    def seen(self, journey: str, profile: str) -> bool:
        return any(
            (one["run"]["journey"], one["run"]["profile"]) == (journey, profile)
            for one in self.traces
        )

    def clear(self) -> None:
        self.traces.clear()
        self.written += 1

    def version(self) -> int:
        return self.written
