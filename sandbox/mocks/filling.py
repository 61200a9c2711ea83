"""Answers with tags: ``{"id": "{{request.path.id}}", "n": "{{call.number}}"}``.

The tags are those of the payloads, compiled once. A text that is one whole tag keeps the JSON type
of what it finds; what finds nothing is null there and empty elsewhere. A template reads the
request, the person, the call, the run, the scenarios' states and the clock, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sandbox.clock import iso
from sandbox.errors import DocumentError, Problem, TemplateError, nearest
from sandbox.mocks.call import Call
from sandbox.mocks.paths import PathPattern
from sandbox.model.base import Json, dump_json, shorten
from sandbox.model.rules import Item
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING
from sandbox.templates.snippet import OPEN, Tag
from sandbox.templates.syntax import SNIPPET
from sandbox.templates.text import Text

__all__ = ["ROOTS", "Filling", "compile_filling", "scope_of"]

ROOTS: Final = ("request", "profile", "user", "call", "run", "journey", "step", "state", "now")
"""What a tag of an answer may begin with."""


class Filling:
    """The headers and the body of one item, to be filled in for each call."""

    __slots__ = ("_body", "_headers", "_json")

    def __init__(self, item: Item, where: str) -> None:
        """Compile.

        Raises:
            TemplateError: when a tag of a header or of the text cannot be read.
            DocumentError: when one of the JSON cannot be read.
        """
        self._headers = tuple(
            (name, SNIPPET.text(value, f"{where}.headers.{name}"))
            for name, value in item.headers.items()
        )
        self._body = None if item.text is None else SNIPPET.text(item.text, f"{where}.text")
        self._json = (
            SNIPPET.value(item.json_, f"{where}.json", keep_types=True) if item.has_json else None
        )

    def tags(self) -> Iterable[Tag]:
        """Every tag."""
        texts: list[Text] = [text for _, text in self._headers]
        if self._body is not None:
            texts.append(self._body)
        for text in texts:
            yield from text.tags()
        if self._json is not None:
            yield from self._json.tags()

    def fill(
        self, headers: tuple[tuple[str, str], ...], body: bytes, scope: Json
    ) -> tuple[tuple[tuple[str, str], ...], bytes]:
        """The headers and the body for one call.

        Args:
            headers: all that the item sends; those with tags are filled in.
            body: what it sends where no text and no JSON was written.
            scope: from ``scope_of``.

        Raises:
            TooLarge: when a text grows past the limit.
        """
        found: Found = []
        filled = {name: _sendable(text.text(scope, found)) for name, text in self._headers}
        headers = tuple((name, filled.get(name, value)) for name, value in headers)
        if self._body is not None:
            body = self._body.text(scope, found).encode("utf-8", "surrogatepass")
        elif self._json is not None:
            body = dump_json(self._json.render(scope, found))
        return headers, body


def _sendable(value: str) -> str:
    """A header's value as a server can send it: control characters become spaces, what is not
    ASCII is escaped.
    """
    text = "".join(" " if char < " " or char == "\x7f" else char for char in value)
    return text.encode("ascii", "backslashreplace").decode("ascii").strip()


def _has_tags(value: Json) -> bool:
    level = [value]
    while level:
        inner: list[Json] = []
        for one in level:
            if isinstance(one, str):
                if OPEN in one:
                    return True
            elif isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list | tuple):
                inner += one
        level = inner
    return False


def compile_filling(item: Item, where: str, problems: list[Problem]) -> Filling | None:
    """The item's templates; None when it has none, or when they cannot be read (a problem)."""
    if not item.templates or not _has_tags([list(item.headers.values()), item.text, item.json_]):
        return None
    try:
        filling = Filling(item, where)
    except TemplateError as wrong:
        message = f"{wrong.reason} at character {wrong.position + 1}; for braces that are no tag, "
        problems.append(Problem(where, message + "write templates: false", shorten(wrong.text)))
        return None
    except DocumentError as wrong:
        problems += wrong.problems
        return None
    for tag in filling.tags():
        if tag.path and tag.path[0] not in ROOTS:
            near = nearest(tag.path[0], ROOTS)
            hint = f"did you mean {near[0]}?" if near else "there is: " + ", ".join(ROOTS)
            problems.append(Problem(where, f"{tag.source} reads what an answer has not; {hint}"))
    return filling


def scope_of(
    call: Call, path: PathPattern | None, number: int, states: Mapping[str, str]
) -> dict[str, Json]:
    """What the tags of an answer read.

    Args:
        call: the call that is answered.
        path: the rule's pattern, whose ``{name}`` are ``request.path.name``.
        number: which of the calls that the rule answered this one is, from 1.
        states: scenario → state, before this answer changes one.
    """
    send = call.send
    body = call.json
    if not body and body != 0:
        body = _singles(call.form) or body
    request: dict[str, Json] = {
        "method": call.method,
        "url": call.url,
        "host": call.host,
        "path": {} if path is None else path.captures(call.paths),
        "query": _singles(call.query),
        "headers": _singles(call.headers),
        "text": call.text,
    }
    if body is not MISSING:
        request["body"] = body
    return {
        "request": request,
        "profile": call.user,
        "user": call.user,
        "call": {
            "number": number,
            "step": call.step,
            "visit": call.visit,
            "attempt": call.attempt,
            "redirect": send.hop,
        },
        "run": {
            "journey": call.journey,
            "profile": call.profile,
            "seed": send.seed,
            "trigger": call.trigger,
            "started": iso(send.start_us),
        },
        "journey": {"id": call.journey},
        "step": call.step,
        "state": states,
        "now": iso(send.at_us),
    }


def _singles(found: Mapping[str, list[str]]) -> dict[str, Json]:
    return {name: one[0] if len(one) == 1 else one for name, one in found.items()}
