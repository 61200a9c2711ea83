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

_NOTHING: Final[Sequence[str]] = ()
_FORM: Final = "application/x-www-form-urlencoded"


class Call:
    """One request, and who asks."""

    __slots__ = (
        "_form", "_headers", "_json", "_query", "_text", "attempt", "host", "hosts", "journey",
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
        self._headers: dict[str, list[str]] | None = None
        self._query: dict[str, list[str]] | None = None
        self._form: dict[str, list[str]] | None = None
        self._json: Json = None
        self._text: str | None = None

    @property
    def headers(self) -> dict[str, list[str]]:
        """Name in small letters → values, in order."""
        if self._headers is None:
            self._headers = {}
            for name, value in self.send.request.headers:
                self._headers.setdefault(name.lower(), []).append(value)
        return self._headers

    @property
    def query(self) -> dict[str, list[str]]:
        """Parameter → values, escapes undone."""
        if self._query is None:
            self._query = _pairs(self.target.partition("?")[2])
        return self._query

    @property
    def form(self) -> dict[str, list[str]]:
        """Field → values of a body that is a form; empty when it is none."""
        if self._form is None:
            kinds = self.headers.get("content-type", _NOTHING)
            is_form = any(one.partition(";")[0].strip().lower() == _FORM for one in kinds)
            self._form = _pairs(self.text) if is_form else {}
        return self._form

    @property
    def text(self) -> str:
        """The body as UTF-8, what is none replaced."""
        if self._text is None:
            self._text = self.send.request.body.decode("utf-8", "replace")
        return self._text

    @property
    def json(self) -> Json:
        """The body as JSON; ``MISSING`` when it is none, whatever its headers say."""
        if self._json is None:
            try:
                self._json = (orjson.loads(self.send.request.body),)
            except orjson.JSONDecodeError:
                self._json = (MISSING,)
        return self._json[0]


def _pairs(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


Values = Callable[[Call], Sequence[Json]]
"""What of a call a comparison looks at."""
