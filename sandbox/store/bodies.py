"""A trace as it is kept: all of it, but for bodies past 64 kB, which are cut with a mark.

A cut body has the beginning of its text, then ``… [cut: N bytes, sha256 …]``, and ``null`` as its
parsed form.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import cast

import orjson

from sandbox.model.base import Json, dump_json
from sandbox.model.trace import StepDocument, TraceDocument

__all__ = ["MOST_BYTES", "packed", "unpacked"]

MOST_BYTES = 64_000
"""Bytes of a body's UTF-8 text that are kept."""


def packed(trace: TraceDocument) -> bytes:
    """The trace as compressed JSON, large bodies cut; ``trace`` itself stays as it is."""
    steps = [_cut_step(step) for step in trace["steps"]]
    return zlib.compress(dump_json({**trace, "steps": steps}), 1)


def unpacked(data: bytes) -> TraceDocument:
    """The trace again.

    Raises:
        ValueError: when these are not the bytes of one.
    """
    try:
        text = zlib.decompress(data)
    except zlib.error as wrong:
        raise ValueError(str(wrong)) from wrong
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        # What orjson refuses to write was written by the standard library.
        found = json.loads(text)
    shapes = {"run": dict, "steps": list, "counts": dict, "findings": list}
    if not isinstance(found, dict) or not all(
        isinstance(found.get(name), shape) for name, shape in shapes.items()
    ):
        raise ValueError("not a trace")
    return cast(TraceDocument, found)


def _cut_step(step: StepDocument) -> StepDocument:
    shorter = {
        side: cut
        for side in ("request", "response")
        if (cut := _cut(cast("dict[str, Json] | None", step.get(side)))) is not None
    }
    return cast(StepDocument, {**step, **shorter}) if shorter else step


def _cut(message: dict[str, Json] | None) -> dict[str, Json] | None:
    """The message with a shorter body; None when it is short enough."""
    if not message:
        return None
    text = message.get("text") or ""
    if len(text) * 4 <= MOST_BYTES:
        return None
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= MOST_BYTES:
        return None
    start = data[:MOST_BYTES].decode("utf-8", "ignore")
    mark = f"… [cut: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}]"
    return {**message, "body": None, "text": start + mark}
