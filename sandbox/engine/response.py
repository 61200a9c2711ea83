"""What a journey makes of an answer: its body as JSON, its headers, the values it keeps."""

from __future__ import annotations

from datetime import datetime

import orjson

from sandbox.engine.compiled import CallNode, Saving
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Request
from sandbox.model.trace import Finding
from sandbox.templates.filters import as_number, to_text
from sandbox.templates.paths import MISSING, look_up

__all__ = ["MAX_BODY_DEPTH", "exposed", "parse_body", "save_values", "text_of"]

MAX_BODY_DEPTH = 128
"""Levels of a response body that are read as JSON."""


def parse_body(answer: Answer) -> Json:
    """The body parsed as JSON; ``MISSING`` when there is none or it is not JSON, or when it nests
    deeper than ``MAX_BODY_DEPTH`` levels (it is then shown as text).
    """
    if not answer.body:
        return MISSING
    body = answer.body.removeprefix(b"\xef\xbb\xbf")
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return MISSING
    brackets = body.count(b"[") + body.count(b"{")
    return MISSING if brackets > MAX_BODY_DEPTH and _is_deep(parsed) else parsed


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(MAX_BODY_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def text_of(body: bytes) -> str:
    """A body as text: UTF-8, with a mark where it is not."""
    return body.decode("utf-8", "replace")


def exposed(node: CallNode, request: Request, payload: Json, answer: Answer) -> dict[str, Json]:
    """What ``steps.<id>`` holds after a call: input, response and body.

    The body is parsed when the step says so and it can be (Kustomer: the JSON flag attempts to
    parse); otherwise it is text; without a body it is null.
    """
    body: Json = None
    if answer.body:
        body = parse_body(answer) if node.parse_json else MISSING
        if body is MISSING:
            body = text_of(answer.body)
    return {
        "input": {
            "method": request.method,
            "uri": request.url,
            "headers": dict(request.headers),
            "data": payload,
        },
        "response": {
            "statusCode": answer.status,
            "headers": {name.lower(): value for name, value in answer.headers},
        },
        "body": body,
        "error": None if answer.error is None else _told(answer.error),
    }


def _told(error: Fail) -> dict[str, Json]:
    return {"kind": error.kind, "phase": error.phase, "message": error.message}


def save_values(
    node: CallNode, answer: Answer, scope: dict[str, Json], findings: list[Finding]
) -> None:
    """Put the response values a step keeps into the scope; what is not there is a finding."""
    body = parse_body(answer)
    for saving in node.save:
        value = look_up(body, saving.path) if body is not MISSING else MISSING
        value = _converted(value, saving)
        if value is MISSING:
            scope.pop(saving.name, None)
            message = (
                f"{saving.name}: the response has no {saving.type} at $.{'.'.join(saving.path)}"
                if body is not MISSING
                else f"{saving.name}: the response is empty or not JSON"
            )
            findings.append(Finding("save_missing", "warning", node.id, message))
        else:
            scope[saving.name] = value


def _converted(value: Json, saving: Saving) -> Json:
    if value is MISSING or value is None:
        return MISSING
    if saving.type == "string":
        return to_text(value)
    if saving.type == "number":
        number = as_number(value)
        return MISSING if number is None else number
    try:
        return datetime.fromisoformat(to_text(value)).isoformat()
    except ValueError:
        return MISSING
