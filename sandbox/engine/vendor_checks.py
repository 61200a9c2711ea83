"""What a vendor's pages ask of a call: valid JSON, a JSON POST, no bulk sending."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import orjson

from sandbox.engine.call import CallPlan, is_json_text
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.model.base import Json
from sandbox.model.journey import CallApi
from sandbox.model.trace import Finding
from sandbox.templates.snippet import Tag

__all__ = ["CHECKS", "content_type", "json_findings", "single_brace_findings"]

_OPEN = re.compile(r"\{\s*([^\W\d][\w-]*(?:\.[\w-]+)*)")
_QUOTE = re.compile(r"\\.", re.DOTALL)  # an escaped character inside quotes


def content_type(step: CallApi) -> str:
    """The Content-Type header as written, or nothing."""
    return next(
        (value for name, value in step.headers.items() if name.lower() == "content-type"), ""
    )


def json_findings(plan: CallPlan) -> Iterator[Finding]:
    """A body written as JSON text: would it be JSON once its tags are filled?"""
    step, body = plan.step, plan.body
    by_hand = step.body_kind == "text" and "json" in content_type(step).lower()
    if not (by_hand or step.body_kind == "json") or not is_json_text(body):
        return
    plain: list[str | Tag] = [str(body.source)]
    pieces = body.templates[0].pieces() if body.templates else plain
    if pieces is None:
        return  # blocks decide
    filled, unquoted = _filled_json(pieces)
    try:
        orjson.loads("".join(filled))
    except orjson.JSONDecodeError as wrong:
        message = (
            f"the body is not valid JSON at {_written(pieces, filled, wrong.pos)}: {wrong.msg}"
        )
        yield Finding("json_invalid", "error", step.id, message)
        return
    if unquoted and plan.syntax.name != "kustomer":  # where a number, or toJSON, may stand so
        first, place = unquoted[0]
        tags = ", ".join(tag.source for tag, _ in unquoted)
        yield Finding(
            "json_unquoted_tag",
            "error",
            step.id,
            f"a tag outside quotes makes the body invalid JSON for text values: {tags}; "
            f"at {place} write {_quoted(first)}",
        )


def _quoted(tag: Tag) -> str:
    return f"'\"{tag.source}\"'"


def _filled(tag: Tag) -> str:
    """What a tag leaves in JSON text: JSON when its last filter makes JSON, else some letters."""
    last = tag.filters[-1][0] if tag.filters else ""
    return {"json": '"x"', "number": "1", "round": "1", "length": "1"}.get(last, "x")


def _written(pieces: list[str | Tag], filled: list[str], position: int) -> str:
    """Where a position of the filled text stands in the text as it is written."""
    before = ""
    for piece, value in zip(pieces, filled, strict=True):
        source = piece if isinstance(piece, str) else piece.source
        if position < len(value):
            before += source[:position] if isinstance(piece, str) else ""
            break
        position -= len(value)
        before += source
    return _place(before)


def _place(before: str) -> str:
    """The line and column that follow a text."""
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _filled_json(pieces: list[str | Tag]) -> tuple[list[str], list[tuple[Tag, str]]]:
    """The pieces of JSON text with a value in every tag's place, and the tags outside quotes that
    make text, each with its line and column.
    """
    filled: list[str] = []
    unquoted: list[tuple[Tag, str]] = []
    quotes = 0
    read = ""
    for piece in pieces:
        if isinstance(piece, str):
            quotes += _QUOTE.sub("", piece).count('"')
            filled.append(piece)
            read += piece
            continue
        value = _filled(piece)
        if value == "x" and quotes % 2 == 0:
            unquoted.append((piece, _place(read)))
            value = '"x"'
        filled.append(value)
        read += piece.source
    return filled, unquoted


def _json_post(journey: CompiledJourney, node: CallNode) -> Iterator[Finding]:
    """Insider: "all the conditions for a JSON POST request"."""
    step = node.plan.step
    wrong = []
    if step.method != "POST":
        wrong.append(f"the method is {step.method} (a newer page offers GET, PUT and DELETE too)")
    if step.method not in journey.behaviour.no_body_methods:
        if step.body is None or step.body_kind == "form":
            wrong.append("there is no JSON body")
        if "json" not in content_type(step).lower():
            wrong.append("Content-Type is not application/json")
    if wrong:
        yield Finding(
            "insider.json_post",
            "info",
            step.id,
            f"the vendor asks for a JSON POST request: {'; '.join(wrong)}",
        )


def _not_bulk(journey: CompiledJourney, node: CallNode) -> Iterator[Finding]:
    """Insider: "not a bulk data sending tool"."""
    trigger = journey.journey.trigger
    step = node.plan.step
    if "/upsert" in step.url or "useinsider.com" in step.url:
        yield Finding(
            "insider.not_bulk",
            "info",
            step.id,
            "data for the vendor's own database goes there with the Upsert API",
        )
    elif trigger.kind == "manual" and trigger.when is None:
        yield Finding(
            "insider.not_bulk",
            "info",
            step.id,
            "the journey is started for everybody, and Call an API is no tool for bulk data: "
            "export users with the Raw Data Export API, send data to the vendor with Upsert",
        )


def single_brace_findings(journey: CompiledJourney, node: CallNode) -> Iterator[Finding]:
    """Insider's tags: a brace that is never closed, and a name before a dot that is no event's."""
    if journey.syntax.name != "insider":
        return
    for at, written in _texts(node.plan.step):
        text = journey.syntax.text(written, at)
        read = 0
        for piece in text.pieces() or ():
            if isinstance(piece, Tag):
                yield from _event_of(journey, node, piece, at)
                read += len(piece.source)
                continue
            for match in _OPEN.finditer(piece):
                yield Finding(
                    "insider.open_brace",
                    "warning",
                    node.id,
                    f"{match[0]} in {at}, character {read + match.start() + 1}: the brace is not "
                    f"closed, so it is sent as it is written; a tag is {{{match[1]}}}",
                )
            read += len(piece)


def _event_of(journey: CompiledJourney, node: CallNode, tag: Tag, at: str) -> Iterator[Finding]:
    trigger = journey.journey.trigger
    path = tag.path
    if trigger.kind != "event" or len(path) < 3 or path[0] != "user" or tag.source[:2] == "{{":
        return
    meant = ".".join((trigger.name, *path[2:]))
    yield Finding(
        "insider.unknown_event",
        "info",
        node.id,
        f"{tag.source} in {at}: the trigger's event is called {trigger.name}, so this is read as "
        f"the person's attribute {path[1]}; a parameter of the event is {{{meant}}}",
    )


def _texts(step: CallApi) -> Iterator[tuple[str, str]]:
    """Every text that the author wrote into the call, with its place."""
    yield "url", step.url
    for part in ("query", "headers", "body"):
        yield from _texts_in(getattr(step, part), part)


def _texts_in(value: Json, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts_in(item, f"{at}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _texts_in(item, f"{at}[{number}]")


CHECKS: Final[dict[str, Callable[[CompiledJourney, CallNode], Iterator[Finding]]]] = {
    "json_post": _json_post,
    "not_bulk": _not_bulk,
}
"""The names of a dialect's ``checks`` → what they look at."""
