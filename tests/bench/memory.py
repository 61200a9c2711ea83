"""A workspace in memory: what the bench is given in its tests, without store or wire."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.bench.bench import Bench
from sandbox.formats.documents import read
from sandbox.mocks.answerer import PureAnswerer
from sandbox.mocks.engine import Session
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings, Variable
from sandbox.seams import Answerer
from tests.engine.fixtures import FIXTURES
from tests.memory import Memory, Remembered


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
