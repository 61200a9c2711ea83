"""Makes requests for the tests of mocks and wire."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.model.exchange import Request, Send
from sandbox.model.rules import RuleSet

URL = "http://api.test/v1/contacts/7"


def call(
    url: str = URL,
    *,
    method: str = "POST",
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),),
    body: bytes = b'{"a":1}',
    journey: str = "newsletter",
    profile: str = "7",
    step: str = "call",
    visit: int = 1,
    attempt: int = 1,
    seed: int = 42,
    timeout_s: float = 5.0,
    max_received: int = 10_000_000,
    hop: int = 0,
    at_us: int = 0,
    start_us: int = 0,
    user: Mapping[str, Json] | None = None,
    trigger: str = "",
) -> Send:
    return Send(
        Request(method, url, headers, body),
        journey,
        profile,
        step,
        visit,
        attempt,
        seed,
        at_us,
        timeout_s,
        max_received,
        user or {},
        hop,
        trigger,
        start_us,
    )


def rules(*documents: Json, **more: Json) -> RuleSet:
    """A rule set; a rule that is only items gets an id and an empty match."""
    written = []
    for number, document in enumerate(documents):
        items = {"respond": {"items": document}} if isinstance(document, list) else document
        written.append({"id": f"r{number}", **items})
    return RuleSet.parse({"rules": written, **more})


def engine(*documents: Json, **more: Json) -> MockEngine:
    return MockEngine(rules(*documents, **more))
