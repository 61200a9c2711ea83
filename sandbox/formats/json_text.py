"""JSON text → data; strict, and a refusal shows the place and what to do."""

from __future__ import annotations

import json
import math

from sandbox.model.base import Json

__all__ = ["read_json"]


class _Refused(Exception):
    """Stops the parser; the place is found afterwards."""


def read_json(text: str, source: str) -> Json:
    """One JSON value.

    Refused besides what is not JSON: a key that stands twice in one object, NaN and Infinity,
    numbers too large to hold.

    Raises:
        DocumentError: with file, line and column, the line itself, and what to do.
    """
    try:
        return json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float
        )
    except (RecursionError, _Refused, ValueError) as wrong:
        from sandbox.formats.json_faults import explained  # only when something is wrong

        raise explained(text, source, str(wrong)) from None


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused("a key twice")
    return made


def _constant(name: str) -> Json:
    raise _Refused(name)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Refused(text)
    return value
