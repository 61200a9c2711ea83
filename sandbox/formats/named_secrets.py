"""A request with the names of variables where their secret values stood, and masks elsewhere.

Only a value that stands there as it is can be named, for that is what a shell puts in its place.
In any other spelling it is masked, and so are credentials that no variable stands for.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import orjson

from sandbox.masking import MASK, Masker
from sandbox.model.base import Json, dump_json
from sandbox.model.trace import RequestDocument

__all__ = ["NamedRequest", "name_secrets"]

_FIRST: Final = 0xF0000
"""The first private character of plane 15: they stand for variables while a request is masked."""


class NamedRequest:
    """A masked request in which single characters stand for variables."""

    def __init__(
        self, document: RequestDocument, names: Mapping[str, str], credentials: str = ""
    ) -> None:
        """``names``: the character of each variable → its name."""
        self.document = document
        self.credentials = credentials
        """User and password of a Basic header, when a variable stands in them; else empty."""
        self._names = names
        self._marks = re.compile(f"([{''.join(names)}])") if names else None

    def parts(self, text: str) -> list[str]:
        """Text and names in turn; the first and the last are text."""
        if self._marks is None:
            return [text]
        found = self._marks.split(text)
        return [self._names[part] if at % 2 else part for at, part in enumerate(found)]

    def told(self, text: str) -> str:
        """Text with ``$NAME`` for each variable."""
        return "".join(f"${one}" if at % 2 else one for at, one in enumerate(self.parts(text)))


class _Namer(Masker):
    """Marks what can be named; a field or header that holds a mark keeps what is around it."""

    def __init__(self, marks: Mapping[str, str]) -> None:
        super().__init__(marks)
        self._marks = marks
        self._by_name = Masker()
        self._hiding = Masker(marks)
        self._marked = frozenset(marks.values())

    def _hidden(self, found: re.Match[str]) -> str:
        return self._marks.get(found[0]) or super()._hidden(found)

    def header(self, name: str, value: str) -> str:
        marked = self.text(value)
        return marked if self._names_one(marked) else super().header(name, value)

    def credentials(self, pair: str) -> str:
        """``user:password``, if it holds a mark: a password without one is masked."""
        user, colon, password = self.text(pair).partition(":")
        if not self._names_one(user + password):
            return ""
        typed = password != "" and not self._names_one(password)
        return user + colon + (MASK if typed else password)

    def url(self, url: str) -> str:
        path, mark, query = self.text(url).partition("?")
        fields = self._fields(query, lambda one: self._by_name.url(f"?{one}")[1:])
        return self._by_name.url(path) + mark + fields

    def form(self, text: str) -> str:
        return self._fields(self.text(text), self._by_name.form)

    def body(self, text: str, parsed: Json) -> tuple[str, Json]:
        if not text:
            return text, parsed
        marked = self.text(text)
        try:
            read = orjson.loads(marked)
        except orjson.JSONDecodeError:
            if not isinstance(parsed, dict | list):
                return marked, marked
            # A number was marked: JSON no longer, so nothing in it is named.
            return self._hiding.body(text, parsed)
        masked = self._without_literals(read)
        return (marked, read) if masked == read else (self.text(dump_json(masked).decode()), masked)

    def _names_one(self, text: str) -> bool:
        return not self._marked.isdisjoint(text)

    def _fields(self, text: str, hide: Callable[[str], str]) -> str:
        fields = text.split("&")
        return "&".join(one if self._names_one(one) else hide(one) for one in fields)

    def _without_literals(self, value: Json, key: str = "") -> Json:
        if isinstance(value, dict):
            return {name: self._without_literals(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self._without_literals(item, key) for item in value]
        if isinstance(value, str) and self._names_one(value):
            return self._hiding.text(value)
        (masked,) = self._hiding.json(self._by_name.json({key: value})).values()
        return masked


def name_secrets(document: RequestDocument, secrets: Mapping[str, str]) -> NamedRequest:
    """Mask a request, but name what can be named.

    Args:
        document: the request; what is masked in it stays masked.
        secrets: value → name of the variable.
    """
    named = {value: name for value, name in secrets.items() if value}
    pair = _basic(document["headers"])
    texts = [document["url"], document["text"], *document["headers"], *document["headers"].values()]
    texts.append(pair)
    marks = dict(zip(named, _unused(texts, len(named)), strict=True))
    namer = _Namer(marks)
    text, body = document["text"], document["body"]
    if _is_form(document) and not isinstance(body, dict | list):
        text = body = namer.form(text)
    else:
        text, body = namer.body(text, body)
    shown: RequestDocument = {
        **document,
        "url": namer.url(document["url"]),
        "headers": {namer.text(name): namer.header(name, value)
                    for name, value in document["headers"].items()},
        "text": text,
        "body": body,
    }  # fmt: skip
    names = {mark: named[value] for value, mark in marks.items()}
    return NamedRequest(shown, names, namer.credentials(pair))


def _basic(headers: Mapping[str, str]) -> str:
    """User and password of ``Authorization: Basic`` (RFC 7617), empty when there are none."""
    value = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    scheme, _, code = value.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        pair = b64decode(code.strip(), validate=True).decode()
    except ValueError:
        return ""
    return pair if ":" in pair and pair.isprintable() else ""


def _is_form(document: RequestDocument) -> bool:
    return any(
        name.lower() == "content-type" and "x-www-form-urlencoded" in value.lower()
        for name, value in document["headers"].items()
    )


def _unused(texts: Iterable[str], count: int) -> list[str]:
    taken = set().union(*texts)
    free = (chr(at) for at in range(_FIRST, _FIRST + count + len(taken)))
    return [one for one in free if one not in taken][:count]
