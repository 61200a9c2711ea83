"""Where each value of a call comes from, and the type it is sent with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sandbox.engine.casting import as_object
from sandbox.engine.encoding import NotJson, read_json
from sandbox.engine.written import is_json_text
from sandbox.model.base import Json
from sandbox.templates.filters import to_text, type_name
from sandbox.templates.text import LEFT_OUT, Provenance, Text
from sandbox.templates.values import Value

__all__ = ["explained", "explained_body"]

_QUOTE = re.compile(r'\\.|(")', re.DOTALL)
_TEXT = "text"
"""What is sent of a value that is a piece of JSON by itself."""


def explained(head: Iterable[Text], scope: Json) -> Iterator[Provenance]:
    """The lines of the texts around a body: whatever the value is, text is sent."""
    for text in head:
        for line in text.explain(scope):
            gone = text.omits and line.type == "missing"
            stays = line.at == "url" or line.at.endswith("]")
            if gone and not stays:
                yield _sent(line, LEFT_OUT)
            elif isinstance(line.rendered, list):  # in the query, one after the other
                yield _sent(line, "string")
            else:
                yield _sent(line._replace(rendered=to_text(line.rendered)), "string")


def explained_body(body: Value, kind: str, casts: bool, scope: Json) -> Iterator[Provenance]:
    """The lines of a body.

    Args:
        body: as it is written.
        kind: the step's ``body_kind``.
        casts: whether a text that holds JSON becomes what it holds, as at Kustomer.
        scope: the template roots.
    """
    json_text = kind == "json" and is_json_text(body)
    for text in body.templates:
        lines = text.explain(scope)
        if json_text:
            yield from _in_json(text, lines)
            continue
        for line in lines:
            if text.omits and line.type == "missing":
                sent = "null" if line.at.endswith("]") else LEFT_OUT
            elif kind != "json":
                sent = "string"
            elif casts and line.at == "body" and line.tag == text.source:
                sent = type_name(as_object(line.rendered))
            else:
                sent = type_name(line.rendered)
            yield _sent(line, sent)


def _sent(line: Provenance, kind: str) -> Provenance:
    return line._replace(sent=line.type if line.type == "too large" else kind)


def _in_json(text: Text, lines: list[Provenance]) -> Iterator[Provenance]:
    """The lines of a body that is written as JSON, each with the type that its place gives it."""
    pieces = text.pieces()
    if pieces is None or sum(not isinstance(piece, str) for piece in pieces) != len(lines):
        yield from (_sent(line, _TEXT) for line in lines)
        return
    told = iter(lines)
    quoted = False
    for piece in pieces:
        if isinstance(piece, str):
            quotes = sum(match[1] is not None for match in _QUOTE.finditer(piece))
            quoted ^= quotes % 2 == 1
        else:
            line = next(told)
            yield _sent(line, "string" if quoted else _json_type(line.rendered))


def _json_type(rendered: Json) -> str:
    try:
        return type_name(read_json(rendered)) if isinstance(rendered, str) else _TEXT
    except NotJson:
        return _TEXT
