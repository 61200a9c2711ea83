"""A request as rules see it; what only some rules look at is read when the first of them asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl

import orjson

from sandbox.mocks.urls import Parts
from sandbox.model.base import Json
from sandbox.model.exchange import Send
from sandbox.templates.paths import MISSING

__all__ = ["Call", "Values"]

_FORM: Final = "application/x-www-form-urlencoded"


class Call:
    """One request, and who asks."""

    __slots__ = (
        "_read", "attempt", "host", "hosts", "journey",
        "method", "paths", "plain", "profile", "send", "step", "target", "trigger", "url", "user",
        "visit",
    )  # fmt: skip

    def __init__(self, send: Send, parts: Parts) -> None:
        """``parts`` are those of the request's URL."""
        self.send = send
        self.journey = send.journey
        self.step = send.step
        self.profile = send.profile
        self.method = send.request.method.upper()
        self.url = send.request.url
        self.plain = parts.plain
        self.host = parts.host
        self.hosts = parts.hosts
        self.paths = parts.paths
        self.target = parts.target
        self.attempt = send.attempt
        self.visit = send.visit
        self.trigger = send.trigger
        self.user = send.user
        self._read: dict[str, Json] | None = None

    def _once(self, name: str, read: Callable[[Call], Json]) -> Json:
        """What is read when it is first asked for."""
        if self._read is None:
            self._read = {}
        if name not in self._read:
            self._read[name] = read(self)
        return self._read[name]

    @property
    def headers(self) -> dict[str, list[str]]:
        """Name in small letters → values, in order."""
        found: dict[str, list[str]] = self._once("headers", _headers)
        return found

    @property
    def query(self) -> dict[str, list[str]]:
        """Parameter → values, escapes undone."""
        found: dict[str, list[str]] = self._once("query", _query)
        return found

    @property
    def form(self) -> dict[str, list[str]]:
        """Field → values of a body that is a form; empty when it is none."""
        found: dict[str, list[str]] = self._once("form", _form)
        return found

    @property
    def text(self) -> str:
        """The body as UTF-8, what is none replaced."""
        found: str = self._once("text", _text)
        return found

    @property
    def json(self) -> Json:
        """The body as JSON; ``MISSING`` when it is none, whatever its headers say."""
        return self._once("json", _json)


def _headers(call: Call) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in call.send.request.headers:
        found.setdefault(name.lower(), []).append(value)
    return found


def _query(call: Call) -> dict[str, list[str]]:
    return _pairs(call.target.partition("?")[2])


def _form(call: Call) -> dict[str, list[str]]:
    kinds = call.headers.get("content-type", [])
    is_form = any(one.partition(";")[0].strip().lower() == _FORM for one in kinds)
    return _pairs(call.text) if is_form else {}


def _text(call: Call) -> str:
    return call.send.request.body.decode("utf-8", "replace")


def _json(call: Call) -> Json:
    try:
        return orjson.loads(call.send.request.body)
    except orjson.JSONDecodeError:
        return MISSING


def _pairs(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


Values = Callable[[Call], Sequence[Json]]
"""What of a call a comparison looks at."""
