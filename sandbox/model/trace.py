"""The trace: the facts of one run in order, and the shape of its JSON.

``Trace`` and ``StepFact`` are what a walk makes; ``TraceDocument`` is what ``fire --json`` and
``show --json`` print.
Counters, charts, the terminal application and the JSON are all folds over the facts.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, NotRequired

from typing_extensions import TypedDict

from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Request

__all__ = [
    "CallCounts",
    "DifferenceDocument",
    "ErrorDocument",
    "Finding",
    "FindingDocument",
    "Level",
    "NearDocument",
    "ProfileChange",
    "RequestDocument",
    "ResponseDocument",
    "RunDocument",
    "Status",
    "StepDocument",
    "StepFact",
    "Trace",
    "TraceDocument",
    "TriggerDocument",
]

Level = Literal["error", "warning", "info"]
Status = Literal["completed", "dropped", "ended", "failed", "cancelled", "not_entered"]


class Finding(NamedTuple):
    """Something a person should know: a stable code, where, and a sentence."""

    code: str
    level: Level
    step: str
    """The step's id; empty for the journey."""
    message: str


class StepFact(NamedTuple):
    """What happened at one visit of one step; for a call, at one attempt."""

    step: str
    kind: str
    visit: int
    attempt: int
    at_us: int
    outcome: str
    """``success`` or ``failure`` of a call, ``done`` of any other step."""
    next: str
    """The id of the step the path goes on to; ``end``, or empty when nothing is connected."""
    decided_by: str
    """``edge``, ``policy`` or ``condition``; empty where nothing was to decide."""
    request: Request | None = None
    answer: Answer | None = None
    input: Json = None
    output: Json = None
    redirects: tuple[str, ...] = ()
    """The URLs that were followed after the first one."""


class Trace(NamedTuple):
    """One run, whole."""

    journey: str
    profile: str
    dialect: str
    seed: int
    via: str
    status: Status
    started_us: int
    ended_us: int
    trigger: Json
    facts: tuple[StepFact, ...]
    before: Json
    after: Json
    findings: tuple[Finding, ...]
    run_id: str = ""
    tokens: tuple[str, ...] = ()
    """The access tokens that it got; they are masked wherever they stand."""


class RunDocument(TypedDict):
    """Which run it was and how it ended."""

    id: str
    journey: str
    profile: str
    dialect: str
    seed: int
    via: str
    status: Status
    started: str
    ended: str


class TriggerDocument(TypedDict):
    """What started the run."""

    kind: str
    name: str
    event: Json


class RequestDocument(TypedDict):
    """A request: ``body`` is the parsed body, ``text`` the exact one."""

    method: str
    url: str
    headers: dict[str, str]
    body: Json
    text: str


class ResponseDocument(TypedDict):
    """A response: ``body`` is the parsed body (else null), ``text`` as it came."""

    status: int
    meaning: str
    headers: dict[str, str]
    body: Json
    text: str


class DifferenceDocument(TypedDict):
    """One thing in which a call is not what a rule asks for."""

    field: str
    expected: str
    actual: str
    message: str


class NearDocument(TypedDict):
    """A rule that did not answer a call, and why."""

    rule: str
    differences: list[DifferenceDocument]


class ErrorDocument(TypedDict):
    """A transport error from the closed list; ``nearest`` only where no rule matched."""

    kind: str
    phase: str
    message: str
    nearest: NotRequired[list[NearDocument]]


class StepDocument(TypedDict, total=False):
    """One fact. Calls have request, response, error, took_ms, source, rule; other steps have input
    and output.
    """

    n: int
    step: str
    kind: str
    visit: int
    attempt: int
    at: str
    outcome: str
    decided_by: str
    request: RequestDocument | None
    response: ResponseDocument | None
    error: ErrorDocument | None
    took_ms: float
    source: str
    rule: str | None
    redirects: list[str]
    input: Json
    output: Json
    next: str


class CallCounts(TypedDict):
    """What one call step counted: ``success``/``failure`` a call once, ``attempts``/``by_code``
    every send.
    """

    success: int
    failure: int
    attempts: int
    retried: int
    by_code: dict[str, int]


class ProfileChange(TypedDict):
    """The profile before and after."""

    before: Json
    after: Json


class FindingDocument(TypedDict):
    """A finding as JSON."""

    code: str
    level: Level
    step: str
    message: str


class TraceDocument(TypedDict):
    """One run as JSON."""

    run: RunDocument
    trigger: TriggerDocument
    steps: list[StepDocument]
    counts: dict[str, CallCounts]
    profile: ProfileChange
    findings: list[FindingDocument]
