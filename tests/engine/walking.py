"""Makes journeys, walks them with answers from a table, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.fold import document_of
from sandbox.engine.person import Person, person_of
from sandbox.engine.walk import Walk, drive_pure, walk
from sandbox.formats.documents import read
from sandbox.masking import Masker
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.trace import StepFact, Trace, TraceDocument
from tests.engine.fixtures import FIXTURES

START_US = 1_767_225_600_000_000
OK = Answer(200, (), b"{}")
TIMEOUT = Answer(error=Fail("read_timeout", "head", "no answer in 30 s"), took_ms=30_000)

Ask = Callable[[Send], Answer]


def call(step_id: str = "call", **fields: Json) -> dict[str, Json]:
    return {"id": step_id, "kind": "call_api", "url": "http://api.test/hook", **fields}


def tag(name: str, **fields: Json) -> dict[str, Json]:
    return {"id": name, "kind": "add_tag", "tag": name, **fields}


def notify(text: str, step_id: str = "say", **fields: Json) -> dict[str, Json]:
    return {"id": step_id, "kind": "notify", "text": text, **fields}


def journey(*steps: dict[str, Json], dialect: str = "usercom", **fields: Json) -> dict[str, Json]:
    trigger = fields.pop("trigger", {"kind": "event", "name": "happened"})
    return {"id": "j", "dialect": dialect, "trigger": trigger, "steps": list(steps), **fields}


def neutral(*steps: dict[str, Json], dialect: str = "usercom", **fields: Json) -> dict[str, Json]:
    """A journey with the sandbox's own tags everywhere and no checks of the vendor's, for what has
    nothing to do with how a vendor writes.
    """
    settings = {"template.syntax": "snippet", "url.tags": "everywhere", "checks": []}
    settings |= fields.pop("settings", {})
    return journey(*steps, dialect=dialect, settings=settings, **fields)


def compiled(document: Json, dialect: str | None = None) -> CompiledJourney:
    return compile_journey(Journey.parse(document), dialect)


def fixture(name: str, dialect: str | None = None) -> CompiledJourney:
    path = FIXTURES / "journeys" / f"{name}.yaml"
    return compile_journey(Journey.parse(read(path.read_text("utf-8"), path.name)), dialect)


def demo_profile(profile_id: str) -> Person:
    path = FIXTURES / "profiles" / "demo.json"
    for document in read(path.read_text("utf-8"), path.name):
        if document["id"] == profile_id:
            return person_of(Profile.parse(document))
    raise AssertionError(f"no profile {profile_id}")


def someone(**attributes: Json) -> Person:
    return person_of(Profile.parse({"id": "7", "attributes": attributes}))


class Asked:
    """Answers in turn, the last one again and again, and remembers what was asked."""

    def __init__(self, *answers: Answer | int) -> None:
        self.answers = [
            Answer(one, (), b"{}") if isinstance(one, int) else one for one in answers or (200,)
        ]
        self.sends: list[Send] = []

    def __call__(self, send: Send) -> Answer:
        self.sends.append(send)
        return self.answers[min(len(self.sends), len(self.answers)) - 1]


def start(
    journey: CompiledJourney,
    person: Person | None = None,
    event: Mapping[str, Json] | None = None,
    env: Mapping[str, str] | None = None,
    *,
    seed: int = 42,
    start_us: int = START_US,
    occurrence: int | None = None,
    been_here: bool = False,
    include_user: bool | None = None,
    max_sent: int = 1_000_000,
    pause: bool = False,
) -> Walk:
    return walk(
        journey,
        person or someone(),
        journey.journey.trigger.sample if event is None else event,
        env={"BASE_URL": "http://api.test", "APP_TOKEN": "dummy-token"} if env is None else env,
        seed=seed,
        start_us=start_us,
        occurrence=occurrence,
        been_here=been_here,
        include_user=include_user,
        max_sent=max_sent,
        pause=pause,
    )


def go(
    document: Json,
    ask: Ask | None = None,
    *,
    dialect: str | None = None,
    person: Person | None = None,
    event: Mapping[str, Json] | None = None,
    env: Mapping[str, str] | None = None,
    seed: int = 42,
    occurrence: int | None = None,
    been_here: bool = False,
) -> Trace:
    made = document if isinstance(document, CompiledJourney) else compiled(document, dialect)
    walk = start(made, person, event, env, seed=seed, occurrence=occurrence, been_here=been_here)
    return drive_pure(walk, ask or Asked(OK))


def path(trace: Trace) -> list[str]:
    return [fact.step for fact in trace.facts]


def calls(trace: Trace) -> list[StepFact]:
    return [fact for fact in trace.facts if fact.answer is not None]


def codes(trace: Trace) -> list[str]:
    return [finding.code for finding in trace.findings]


def shown(trace: Trace, *secrets: str) -> TraceDocument:
    return document_of(trace, Masker(secrets))
