"""Secrets: what they are, and how they are kept out of every screen, file, history and export.

Masked are the values of secret variables wherever they appear (in any of their ``spellings``, or as
a number), the headers that carry credentials, and query parameters and body fields whose names say
so. A part of a secret (``truncate``, ``substring``, ``split``) or a hash of it is not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Final
from urllib.parse import unquote_plus

from sandbox.model.base import Json, dump_json
from sandbox.spellings import spelling_of

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
_FORM = re.compile(r"((?:^|&)([^=&]+)=)([^&]*)")
_CUT = re.compile(r"[^='`]{4,}(?=[='`])")
"""What an address keeps of a secret that Handlebars escaped: it ends where ``&#x3D;`` begins a
fragment.
"""
_LETTER_AS_CODE = re.compile(r"(?i:\\u00(?:3[0-9]|[46][1-9a-f]|[57][0-9af]))")
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


def is_secret_header(name: str) -> bool:
    """Whether a header carries credentials."""
    return name.lower() in _HEADERS or bool(_NAMES.search(name))


def is_secret_key(name: str) -> bool:
    """Whether a query parameter or body field carries credentials, going by its name."""
    return bool(_NAMES.search(name)) or name.lower() in _HEADERS - {"key"}


def _masked_field(match: re.Match[str]) -> str:
    hide = match[3] and is_secret_key(unquote_plus(match[2]))
    return match[1] + MASK if hide else match[0]


def _is_credential(item: Json) -> bool:
    return isinstance(item, str | int | float) and not isinstance(item, bool) and item != ""


class Masker:
    """Replaces secrets by ``MASK``; with ``reveal`` it changes nothing."""

    def __init__(self, secrets: Iterable[str] = (), reveal: bool = False) -> None:
        """``secrets`` are the values of secret variables; empty ones are skipped."""
        self.reveal = reveal
        self._secrets = frozenset(one for one in secrets if one)
        values = self._secrets.union(
            f"{cut[0]}&" for one in self._secrets if (cut := _CUT.match(one))
        )
        longest_first = sorted(values, key=lambda one: (-len(one), one))
        self._values = tuple(map(spelling_of, longest_first))

    def also(self, secrets: Iterable[str]) -> Masker:
        """A masker that knows these secrets as well; this one if they tell it nothing new."""
        known = self._secrets.union(secrets)
        return self if self.reveal or known == self._secrets else Masker(known)

    def text(self, text: str) -> str:
        """Any text: the values of secret variables masked."""
        if self.reveal or not self._values:
            return text
        small = text.lower()
        for one in self._values:
            # Looking for a trace first is many times quicker than the patterns.
            if one.trace in small:
                text = one.hide(text, self._hidden)
            for trace in one.traces64:
                if trace in text:
                    text = one.base64.sub(MASK, text)
                    break
        return text

    def _hidden(self, found: re.Match[str]) -> str:
        """What stands for a secret that was found."""
        return MASK

    def url(self, url: str) -> str:
        """A URL: also query parameters whose names say so."""
        if self.reveal:
            return url

        return self.text(_QUERY.sub(_masked_field, url))

    def form(self, text: str) -> str:
        """A form body: also fields whose names say so."""
        return text if self.reveal else self.text(_FORM.sub(_masked_field, text))

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
            return self._string(value)
        if isinstance(value, Mapping):
            return {self.text(key): self._field(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(item) for item in value]
        if isinstance(value, int | float) and self._values:
            written = dump_json(value).decode()
            masked = self.text(written)
            return value if masked == written else masked
        return value

    def _string(self, value: str) -> str:
        masked = self.text(value)
        if masked == value and self._values and _ESCAPED.search(value):
            # A secret such as a\"b loses its backslash in parsing; writing JSON would restore it.
            written = dump_json(value).decode()
            return value if self.text(written) == written else MASK
        return masked

    def _field(self, key: str, item: Json) -> Json:
        if is_secret_key(key):
            if _is_credential(item):
                return MASK
            if isinstance(item, list | tuple):
                return [MASK if _is_credential(one) else self.json(one) for one in item]
        return self.json(item)

    def body(self, text: str, parsed: Json) -> tuple[str, Json]:
        """A body as text and as JSON: both masked the same way.

        The text is left as it is when nothing in it is secret, so that what is shown is the exact
        body.
        """
        if self.reveal or not text:
            return text, parsed
        if parsed == text:
            masked = self._string(text)
            return masked, masked
        near = self._near(text)
        masked = near.json(parsed)
        if parsed is not None and masked != parsed:
            return near.text(dump_json(masked).decode()), masked
        return near.text(text), masked

    def _near(self, text: str) -> Masker:
        """One for the values of a JSON text: it leaves out secrets that have no trace in it."""
        if _LETTER_AS_CODE.search(text):
            return self
        small = text.lower()
        near = copy(self)
        near._values = tuple(
            one
            for one in self._values
            if one.numeric or one.trace in small or any(trace in text for trace in one.traces64)
        )
        return near
