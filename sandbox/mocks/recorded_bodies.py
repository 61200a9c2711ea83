"""What of an answer is kept in a rule: its headers and its body, never a secret.

Left out are headers that carry credentials (``Set-Cookie``). A value that is masked and would be
sent on as a header is ``masked``, because no client can send the mask itself. An exact copy keeps
everything else to the letter; a readable one leaves out the headers of the connection and of the
moment, and writes JSON as JSON however it was laid out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import orjson

from sandbox.masking import MASK, Masker, is_secret_header, is_secret_key
from sandbox.model.base import Json, dump_json

__all__ = ["PLACEHOLDER", "body_fields", "kept_headers"]

_PASSING: Final = frozenset(
    {
        "age", "connection", "content-encoding", "content-length", "date", "keep-alive", "server",
        "trailer", "transfer-encoding", "upgrade", "vary", "via",
    }
)  # fmt: skip
"""Headers of a connection, a moment or a server's make: not the answer's own."""

PLACEHOLDER: Final = "masked"
_CODINGS = ("gzip", "deflate")
_DEEPEST = 48


def kept_headers(headers: Iterable[tuple[str, str]], masker: Masker, exact: bool) -> dict[str, str]:
    """The headers of an answer; one that comes twice is joined by a comma."""
    kept: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, value in headers:
        small = name.lower()
        if is_secret_header(name) or (small in _PASSING and not exact):
            continue
        if small == "content-encoding" and value.strip().lower() not in _CODINGS:
            continue  # what was decoded cannot be packed again
        shown = masker.header(name, value).replace(MASK, PLACEHOLDER)
        if not shown.isprintable() or not shown.isascii():
            continue
        known = names.setdefault(small, name)
        kept[known] = f"{kept[known]}, {shown}" if known in kept else shown
    return kept


def body_fields(
    body: bytes, masker: Masker, content_type: str, exact: bool
) -> tuple[dict[str, Json], bool]:
    """The body as fields of an item, and whether it was no UTF-8 text and so is not the same."""
    if not body:
        return {}, False
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"text": masker.text(body.decode("utf-8", "replace"))}, True
    parsed, is_json = _parsed(text)
    if is_json:
        masked = masker.json(parsed)
        as_sent = content_type and dump_json(parsed) == body
        if as_sent or masked != parsed or not exact:
            return {"json": _sendable(masked)}, False
    if "x-www-form-urlencoded" in content_type.lower():
        return {"text": masker.form(text)}, False
    return {"text": masker.text(text)}, False


def _parsed(text: str) -> tuple[Json, bool]:
    """JSON that a document can hold without a loss, and whether it is that."""
    bare = text.removeprefix("\ufeff")
    if bare.count("[") + bare.count("{") > _DEEPEST and _deeper(bare):
        return None, False
    try:
        parsed = orjson.loads(bare)
        return parsed, bool(parsed == json.loads(bare))
    except ValueError:
        return None, False


def _deeper(text: str) -> bool:
    depth = most = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        most = max(most, depth)
    return most > _DEEPEST


def _sendable(value: Json, key: str = "") -> Json:
    """Masks under names that are masked again when shown become text that a header can carry."""
    if isinstance(value, dict):
        return {name: _sendable(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_sendable(item, key) for item in value]
    return PLACEHOLDER if value == MASK and is_secret_key(key) else value
