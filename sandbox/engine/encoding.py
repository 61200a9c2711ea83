"""A payload → the bytes of a body: JSON, text or a form."""

from __future__ import annotations

from urllib.parse import quote

import orjson

from sandbox.model.base import Json, dump_json
from sandbox.model.journey import CallApi
from sandbox.templates.filters import to_text
from sandbox.templates.paths import MISSING

__all__ = ["NotJson", "encode", "holds_empty", "json_bytes", "read_json"]


class NotJson(Exception):
    """A body that is to be JSON and is none."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        """What the body says instead."""


def encode(payload: Json, step: CallApi) -> bytes:
    """The body of a step; ``MISSING`` is none, null is one only where the step writes a body.

    Raises:
        NotJson: when JSON has no word for it.
    """
    if payload is MISSING:
        return b""
    if payload is None:
        return b"" if step.body is None else b"null" if step.body_kind == "json" else b""
    if step.body_kind == "text":
        return str(to_text(payload)).encode()
    if step.body_kind == "form":
        pairs = [
            f"{quote(key, safe='')}={quote(to_text(one), safe='')}"
            for key, value in payload.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        return "&".join(pairs).encode()
    return json_bytes(payload)


def json_bytes(value: Json) -> bytes:
    """A value as JSON.

    Raises:
        NotJson: when JSON has no word for it.
    """
    try:
        return orjson.dumps(value)
    except (TypeError, orjson.JSONEncodeError):
        try:
            return dump_json(value)
        except (TypeError, ValueError, RecursionError) as wrong:
            raise NotJson(f"the body cannot be written as JSON: {wrong}", "") from None


def read_json(text: str) -> Json:
    """The JSON that a text is.

    Raises:
        NotJson: with the place where it is none.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as wrong:
        message = (
            f"the body is not valid JSON at line {wrong.lineno}, column {wrong.colno}: {wrong.msg}"
        )
        raise NotJson(message, text) from None


def holds_empty(value: Json) -> bool:
    """Whether an object or list holds an empty text or null; quick, as every call asks it."""
    if isinstance(value, dict):
        return any(one is None or one == "" or holds_empty(one) for one in value.values())
    if isinstance(value, list):
        return any(one is None or one == "" or holds_empty(one) for one in value)
    return False
