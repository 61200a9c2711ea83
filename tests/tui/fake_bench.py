"""A bench over nothing but memory: no disk, no client, answers at once (or as slowly as wanted).

The engine, the rules and the templates are the real ones, so what the workbench shows is true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sandbox.bench import Bench
from sandbox.cli.demo import Demo, demo
from sandbox.engine.fold import add_counts
from sandbox.errors import UnknownName
from sandbox.mocks.engine import Session
from sandbox.model.exchange import Answer, Send
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import CallCounts, TraceDocument
from sandbox.model.workspace import Settings, Variable
from sandbox.seams import Answerer, RunRow

__all__ = ["Answers", "FakeBench", "FakeHistory", "FakeRepository", "people"]


@dataclass
class Row:
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


class FakeHistory:
    def __init__(self) -> None:
        self.traces: list[TraceDocument] = []

    def record(self, traces: Sequence[TraceDocument]) -> list[str]:
        for trace in traces:
            trace["run"]["id"] = trace["run"]["id"] or f"r{len(self.traces) + 1:06d}"
            self.traces.append(trace)
        return [trace["run"]["id"] for trace in traces]

    def runs(
        self, journey: str | None = None, profile: str | None = None, most: int = 50
    ) -> list[RunRow]:
        found: list[RunRow] = []
        for trace in reversed(self.traces[-most:]):
            run, counts = trace["run"], trace["counts"].values()
            found.append(
                Row(run["id"], run["journey"], run["profile"], run["dialect"], run["seed"],
                    run["via"], run["status"], run["started"], run["started"],
                    sum(one["success"] for one in counts), sum(one["failure"] for one in counts))
            )  # fmt: skip
        return found

    def trace(self, run_id: str) -> TraceDocument | None:
        return next((one for one in self.traces if one["run"]["id"] == run_id), None)

    def counts(
        self, journey: str | None = None, run_id: str | None = None
    ) -> dict[str, dict[str, CallCounts]]:
        found: dict[str, dict[str, CallCounts]] = {}
        for trace in self.traces:
            add_counts(found.setdefault(trace["run"]["journey"], {}), trace["counts"])
        return found

    def seen(self, journey: str, profile: str) -> bool:
        return any(
            (one["run"]["journey"], one["run"]["profile"]) == (journey, profile)
            for one in self.traces
        )

    def clear(self) -> None:
        self.traces.clear()

    def version(self) -> int:
        return len(self.traces)


class FakeRepository:
    def __init__(
        self,
        journeys: Iterable[Journey],
        profiles: Iterable[Profile],
        rule_sets: Iterable[RuleSet],
        variables: Iterable[Variable],
        settings: Settings,
    ) -> None:
        self._journeys = {one.id: one for one in journeys}
        self._profiles = {one.id: one for one in profiles}
        self._rule_sets = {one.id: one for one in rule_sets}
        self._variables = list(variables)
        self._settings = settings
        self.touched = False

    def journeys(self) -> list[Journey]:
        return list(self._journeys.values())

    def journey(self, journey_id: str) -> Journey:
        if journey_id not in self._journeys:
            raise UnknownName("journey", journey_id, self._journeys)
        return self._journeys[journey_id]

    def profiles(self) -> list[Profile]:
        return list(self._profiles.values())

    def profile(self, profile_id: str) -> Profile:
        if profile_id not in self._profiles:
            raise UnknownName("profile", profile_id, self._profiles)
        return self._profiles[profile_id]

    def rule_sets(self) -> list[RuleSet]:
        return list(self._rule_sets.values())

    def rule_set(self, rules_id: str) -> RuleSet:
        if rules_id not in self._rule_sets:
            raise UnknownName("rule set", rules_id, self._rule_sets)
        return self._rule_sets[rules_id]

    def variables(self) -> list[Variable]:
        return self._variables

    def settings(self) -> Settings:
        return self._settings

    def put_journeys(self, journeys: Iterable[Journey], replace: bool = False) -> None:
        self._journeys |= {one.id: one for one in journeys}

    def put_profiles(self, profiles: Iterable[Profile], replace: bool = False) -> None:
        self._profiles |= {one.id: one for one in profiles}

    def put_rule_sets(self, rule_sets: Iterable[RuleSet], replace: bool = False) -> None:
        self._rule_sets |= {one.id: one for one in rule_sets}

    def put_variables(self, variables: Iterable[Variable], replace: bool = False) -> None:
        self._variables += variables

    def save_profile(self, profile: Profile, base: Profile | None = None) -> None:
        self._profiles[profile.id] = profile

    def put_settings(self, settings: Settings) -> None:
        self._settings = settings

    def change_settings(self, change: Callable[[Settings], Settings]) -> Settings:
        self._settings = change(self._settings)
        return self._settings

    def changed(self) -> bool:
        was, self.touched = self.touched, False
        return was


class _Mocked:
    def __init__(self, session: Session, pause_s: float) -> None:
        self._session = session
        self._pause_s = pause_s

    async def answer(self, send: Send) -> Answer:
        if self._pause_s:
            await asyncio.sleep(self._pause_s)
        return self._session.answer(send)._replace(source="mock")

    async def close(self) -> None: ...


class _Live:
    def __init__(self, sent: list[Send]) -> None:
        self._sent = sent

    async def answer(self, send: Send) -> Answer:
        self._sent.append(send)
        return Answer(204, (), b"", took_ms=12.0, source="live")

    async def close(self) -> None: ...


class Answers:
    """Makes answerers; ``sent`` is what a live one would have sent."""

    def __init__(self) -> None:
        self.pause_s = 0.0
        self.sent: list[Send] = []
        self.warmed = False

    def mocked(self, session: Session) -> Answerer:
        return _Mocked(session, self.pause_s)

    def live(self, allowed_hosts: Iterable[str]) -> Answerer:
        return _Live(self.sent)

    def warm(self) -> None:
        self.warmed = True


@cache
def _demo() -> Demo:
    """Read once: documents are frozen."""
    return demo()


class FakeBench(Bench):
    """The demo workspace in memory."""

    def __init__(
        self,
        journeys: Sequence[Journey] | None = None,
        profiles: Sequence[Profile] | None = None,
    ) -> None:
        made = _demo()
        self.documents = FakeRepository(
            made.journeys if journeys is None else journeys,
            made.profiles if profiles is None else profiles,
            made.rule_sets,
            list(made.variables),
            made.settings,
        )
        self.past = FakeHistory()
        self.answers = Answers()
        super().__init__(self.documents, self.past, self.answers, {})


def people(count: int) -> list[Profile]:
    """So many people."""
    return [
        Profile(id=str(number), attributes={"name": f"Person {number}", "status": "user"})
        for number in range(count)
    ]
