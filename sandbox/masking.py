"""Secrets: what they are, and how they are kept out of every screen, file, history and export.

Masked are the values of secret variables wherever they appear (as they are, percent-encoded, or
escaped in JSON), the headers
that carry credentials, and query parameters and body fields whose names say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from sandbox.model.base import Json, dump_json

__all__ = ["MASK", "Masker", "is_secret_header", "is_secret_key"]

MASK: Final = "••••"

_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "key", "x-api-key", "api-key"}
)
_NAMES = re.compile(
    r"(^|[_\-.])(pass(word|wd|phrase)?|secret|token|api[_-]?key|private[_-]?key|credentials?)$"
    r"|(access|refresh|auth|bearer|id|session)[_-]?token$|client[_-]?secret$|apikey$",
    re.IGNORECASE,
)
_QUERY = re.compile(r"([?&]([^=&#\s]+)=)([^&#\s]*)")


def is_secret_header(name: str) -> bool:
    """Whether a header carries credentials."""
    return name.lower() in _HEADERS or bool(_NAMES.search(name))


def is_secret_key(name: str) -> bool:
    """Whether a query parameter or body field carries credentials, going by its name."""
    return bool(_NAMES.search(name))


class Masker:
    """Replaces secrets by ``MASK``; with ``reveal`` it changes nothing."""

    def __init__(self, secrets: Iterable[str] = (), reveal: bool = False) -> None:
        """``secrets`` are the values of secret variables; empty ones are skipped."""
        self.reveal = reveal
        forms: set[str] = set()
        for secret in secrets:
            if secret:
                escaped = dump_json(secret).decode()[1:-1]
                forms.update({secret, quote(secret, safe=""), quote(secret), escaped})
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._values = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def text(self, text: str) -> str:
        """Any text: the values of secret variables masked."""
        if self.reveal or self._values is None:
            return text
        return self._values.sub(MASK, text)

    def url(self, url: str) -> str:
        """A URL: also query parameters whose names say so."""
        if self.reveal:
            return url

        def mask(match: re.Match[str]) -> str:
            return match.group(1) + MASK if is_secret_key(match.group(2)) else match.group()

        return self.text(_QUERY.sub(mask, url))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers: those that carry credentials keep their scheme only."""
        if self.reveal:
            return dict(headers)
        return {name: self.header(name, value) for name, value in headers.items()}

    def header(self, name: str, value: str) -> str:
        """One header's value."""
        if self.reveal:
            return value
        if is_secret_header(name):
            scheme, space, rest = value.partition(" ")
            known = scheme.lower() in ("bearer", "basic", "token", "digest", "apikey")
            return f"{scheme}{space}{MASK}" if known and rest else MASK
        if name.lower() in ("location", "content-location", "referer"):
            return self.url(value)
        return self.text(value)

    def json(self, value: Json) -> Json:
        """Open JSON: also fields whose names say so."""
        if self.reveal:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(key): MASK
                if is_secret_key(key)
                and isinstance(item, str | int | float)
                and item not in ("", None)
                else self.json(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.json(item) for item in value]
        return value

    def body(self, text: str, parsed: Json) -> tuple[str, Json]:
        """A body as text and as JSON: both masked the same way.

        The text is left as it is when nothing in it is secret, so that what is shown is the exact
        body.
        """
        if self.reveal or not text:
            return text, parsed
        masked = self.json(parsed)
        if parsed is not None and masked != parsed:
            return dump_json(masked).decode(), masked
        return self.text(text), masked
