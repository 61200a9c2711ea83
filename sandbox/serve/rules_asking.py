"""From a request on the listener to what the mock engine is asked: who calls, and for which time.

A tool outside knows no journeys, so it may say in headers what a run would know. Without them the
calls of one kind are counted, so that weighted answers differ from call to call and come in the
same order each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from sandbox.errors import InputError
from sandbox.mocks.engine import MockEngine, Session
from sandbox.model.base import Json
from sandbox.model.exchange import Request, Send
from sandbox.serve.http1 import Incoming

__all__ = ["HEADERS", "Asked", "Askers"]

HEADERS: Final[Mapping[str, str]] = {
    "x-sandbox-step": "the step that calls, for rules that match on it",
    "x-sandbox-journey": "its journey",
    "x-sandbox-profile": "the person's id; a profile of the workspace brings its attributes along",
    "x-sandbox-attempt": "1 for the first try (as without the header), 2 for the first retry …",
    "x-sandbox-visit": "how often the step has been reached; without it, calls are counted",
    "x-sandbox-run": "separates runs, each with its own sequences; without it, all are one run",
}
"""Headers of a request that say what a run would know, lower case → what they mean."""

_LEFT_OUT = frozenset(("content-length", "transfer-encoding", "expect", "connection"))
_LONGEST = 200
_MOST_RUNS = 1_000
_MOST_COUNTED = 10_000
_MOST_KEPT = 100_000
_FOREVER_S = 1e9
_MOST_RECEIVED = 10_000_000

People = Callable[[str], Mapping[str, Json]]


class Asked(NamedTuple):
    """One request, ready for the engine."""

    session: Session
    send: Send


class Askers:
    """The runs and counts behind a listener, within bounds."""

    def __init__(self, engine: MockEngine, seed: int, start_us: int, people: People) -> None:
        """``people``: what templates see of the person with an id; empty when there is none."""
        self._engine = engine
        self._seed = seed
        self._start_us = start_us
        self._people = people
        self._runs: OrderedDict[str, Session] = OrderedDict()
        self._visits: OrderedDict[tuple[str, ...], int] = OrderedDict()

    def ask(self, incoming: Incoming, port: int, at_us: int) -> Asked:
        """The engine's question for one request that arrived at ``at_us``.

        Raises:
            InputError: when a header of the sandbox cannot be read.
        """
        said: dict[str, str] = {}
        headers = []
        for name, value in incoming.headers:
            folded = name.lower()
            if folded in HEADERS:
                said[folded] = value
            elif folded not in _LEFT_OUT:
                headers.append((name, value))
        for name, value in said.items():
            if len(value) > _LONGEST or not value.isprintable():
                raise InputError(f"{name}: at most {_LONGEST} printable characters are taken")
        step, journey = said.get("x-sandbox-step", ""), said.get("x-sandbox-journey", "")
        profile, run = said.get("x-sandbox-profile", ""), said.get("x-sandbox-run", "")
        attempt = _number(said, "x-sandbox-attempt") or 1
        visit = _number(said, "x-sandbox-visit")
        visit = visit or self._visit((run, journey, step, profile), attempt)
        url = _url(incoming, port)
        request = Request(incoming.method, url, tuple(headers), incoming.body)
        user = self._people(profile) if profile else {}
        send = Send(request, journey, profile, step, visit, attempt, self._seed, at_us, _FOREVER_S,
                    _MOST_RECEIVED, user, 0, "", self._start_us)  # fmt: skip
        return Asked(self._session(run), send)

    def _session(self, run: str) -> Session:
        engine = self._engine
        if len(engine.counts) + len(engine.states) + len(engine.windows) > _MOST_KEPT:
            engine.reset()
        session = self._runs.get(run)
        if session is None:
            session = self._runs[run] = engine.session(self._start_us)
            if len(self._runs) > _MOST_RUNS:
                self._runs.popitem(last=False)
        self._runs.move_to_end(run)
        return session

    def _visit(self, key: tuple[str, ...], attempt: int) -> int:
        count = self._visits.get(key, 0)
        if attempt == 1 or not count:
            count += 1
            self._visits[key] = count
            if len(self._visits) > _MOST_COUNTED:
                self._visits.popitem(last=False)
        self._visits.move_to_end(key)
        return count


def _number(said: Mapping[str, str], name: str) -> int:
    value = said.get(name)
    if value is None:
        return 0
    if not (value.isascii() and value.isdigit() and 0 < int(value[:9]) < 1_000_000):
        raise InputError(f"{name}: {value!r} is not a whole number from 1")
    return int(value)


def _url(incoming: Incoming, port: int) -> str:
    """The URL that was called; a proxy's absolute target stands for itself."""
    target = incoming.target
    if not target.startswith("/"):
        if "://" in target:
            return target
        target = f"/{target}"
    host, scheme = "", "http"
    for name, value in incoming.headers:
        if name.lower() == "host":
            host = value
        elif name.lower() == "x-forwarded-proto" and value.lower() == "https":
            scheme = "https"
    return f"{scheme}://{host or f'127.0.0.1:{port}'}{target}"
