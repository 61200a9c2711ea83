"""A workspace in memory: what the bench is given in its tests, without store or wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sandbox.bench import Bench
from sandbox.engine.fold import add_counts
from sandbox.errors import UnknownName
from sandbox.formats.documents import read
from sandbox.mocks.answerer import PureAnswerer
from sandbox.mocks.engine import Session
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import CallCounts, TraceDocument
from sandbox.model.workspace import Settings, Variable
from sandbox.seams import Answerer, RunRow
from tests.engine.fixtures import FIXTURES


@dataclass
class Memory:
    """A repository."""

    kept_journeys: dict[str, Journey] = field(default_factory=dict)
    kept_profiles: dict[str, Profile] = field(default_factory=dict)
    kept_rules: dict[str, RuleSet] = field(default_factory=dict)
    kept_variables: dict[str, Variable] = field(default_factory=dict)
    kept_settings: Settings = field(default_factory=Settings)

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
        return False


@dataclass
class Remembered:
    """A history."""

    traces: list[TraceDocument] = field(default_factory=list)

    def record(self, traces: Sequence[TraceDocument]) -> list[str]:
        ids = []
        for trace in traces:
            ids.append(trace["run"]["id"] or f"run-{len(self.traces) + 1}")
            self.traces.append(trace)
        return ids

    def runs(
        self, journey: str | None = None, profile: str | None = None, most: int = 50
    ) -> list[RunRow]:
        return []

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


@dataclass
class Wires:
    """Makes answerers: mocks answer purely, live calls are only written down."""

    sent: list[Send] = field(default_factory=list)
    closed: int = 0

    def mocked(self, session: Session) -> Answerer:
        return PureAnswerer(session)

    def live(self, allowed_hosts: Iterable[str]) -> Answerer:
        return _Live(self)

    def warm(self) -> None:
        """Nothing to import."""


class _Live:
    def __init__(self, wires: Wires) -> None:
        self._wires = wires

    async def answer(self, send: Send) -> Answer:
        self._wires.sent.append(send)
        return Answer(200, (), b'{"access_token": "t"}', source="live")

    async def close(self) -> None:
        self._wires.closed += 1


@dataclass
class World:
    """A bench and what it stands on."""

    memory: Memory
    history: Remembered
    wires: Wires
    bench: Bench


def world(
    *journeys: Json,
    profiles: Iterable[Json] = ({"id": "7", "attributes": {"name": "Ada"}},),
    rules: Json = None,
    environ: dict[str, str] | None = None,
    hosts: Iterable[str] = (),
) -> World:
    """A workspace with these documents; without rules everything answers 200."""
    memory = Memory(kept_settings=Settings(active_rules="all", allowed_hosts=tuple(hosts)))
    memory.put_journeys(Journey.parse(one) for one in journeys)
    memory.put_profiles(Profile.parse(one) for one in profiles)
    memory.put_variables(
        [
            Variable(name="BASE_URL", value="http://api.test"),
            Variable.parse(
                {"name": "APP_TOKEN", "value": "hush-hush", "secret": True, "from": "APP_TOKEN"}
            ),
        ]
    )
    items = [{"status": 200, "json": {"ok": True}}]
    written = rules or {"rules": [{"id": "ok", "respond": {"items": items}}]}
    memory.put_rule_sets([RuleSet.parse({"id": "all", **written})])
    history, wires = Remembered(), Wires()
    return World(memory, history, wires, Bench(memory, history, wires, environ or {}))


def demo() -> World:
    """The demo workspace."""
    made = world()
    for path in sorted((FIXTURES / "journeys").iterdir()):
        made.memory.put_journeys([Journey.parse(read(path.read_text("utf-8"), path.name))])
    people = read((FIXTURES / "profiles" / "demo.json").read_text("utf-8"), "demo.json")
    made.memory.put_profiles(Profile.parse(one) for one in people)
    return made
