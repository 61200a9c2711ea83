"""Casting: what Kustomer makes of a parameter whose schema wants another type.

The vendor casts every parameter to the action's input schema once references are resolved ("42"
is 42 for a number). How a value that does not fit is cast is assumed: it stays as it is.
"""

from __future__ import annotations

from typing import Literal

import orjson

from sandbox.model.base import Json
from sandbox.templates.filters import as_number, to_text

__all__ = ["Type", "as_object", "cast"]

Type = Literal["string", "number", "integer", "boolean", "object", "array"]
"""The types of a JSON Schema that a parameter can have."""


def cast(value: Json, wanted: Type) -> Json:
    """The value as the type wanted; as it is when it cannot be."""
    if wanted == "string":
        return value if value is None or isinstance(value, str) else to_text(value)
    if wanted in ("number", "integer"):
        number = as_number(value)
        if number is None or (wanted == "integer" and number != int(number)):
            return value
        return int(number) if wanted == "integer" else number
    if wanted == "boolean":
        return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    return _parsed(value, dict if wanted == "object" else list)


def as_object(value: Json) -> Json:
    """The data of a JSON action: a text that holds an object or list is that."""
    made = _parsed(value, dict)
    return _parsed(value, list) if made is value else made


def _parsed(value: Json, kind: type) -> Json:
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        made = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    return made if isinstance(made, kind) else value
