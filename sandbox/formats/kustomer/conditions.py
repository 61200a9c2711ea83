"""Conditions of transitions: the vendor's operators over operands → ours.

The operators are those seen in the vendor's own samples and in exports; operands are cast, so that
a number and a text that is a number compare as numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from sandbox.errors import nearest
from sandbox.formats.kustomer.reading import Reading
from sandbox.formats.kustomer.texts import path_in, read_text
from sandbox.model.base import Json, shorten
from sandbox.templates.paths import PathError, dotted, parse_path

__all__ = ["ALWAYS", "NEVER", "OPERATORS", "read_condition"]

ALWAYS: dict[str, Json] = {"all": []}
NEVER: dict[str, Json] = {"any": []}

_COMPARED = {
    "eq": "eq",
    "dne": "ne",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
    "contains": "contains",
}
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_STEPS = {"gt": 1, "gte": 0, "lt": -1, "lte": 0}
"""How far from the right operand the left one is on the side where the comparison holds."""
_MIRRORED = {"eq": "eq", "ne": "ne", "gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}
OPERATORS = ("true", *_COMPARED, "exists", "and", "or", "not")
"""Every operator that is understood."""


def read_condition(
    value: Json, at: str, reading: Reading, error_of: str = "", wanted: bool = True
) -> dict[str, Json] | None:
    """One condition as ours; None when it is not understood (which is noted, or refused).

    Args:
        value: ``{"op": …, "values": […]}``.
        at: its place.
        reading: collects.
        error_of: the step whose ``/#error`` is meant, inside an error case.
        wanted: whether a sample event should make it hold; not so within a ``not``.
    """
    if not isinstance(value, dict) or not isinstance(value.get("op"), str):
        reading.refuse(at, "a condition is an object with op and values", value)
        return None
    for key in value.keys() - {"op", "values"}:
        reading.unknown(f"{at}.{key}", f"field {key}", "left out")
    op, values = value["op"], value.get("values", [])
    if not isinstance(values, list):
        reading.refuse(f"{at}.values", "must be a list", values)
        return None
    if op not in OPERATORS:
        close = nearest(op, OPERATORS)
        hint = f" (did you mean {' or '.join(close)}?)" if close else ""
        reading.unknown(f"{at}.op", f"operator {op}", f"its transition is never taken{hint}")
        return None
    if op in ("and", "or", "not"):
        return _joined(op, values, at, reading, error_of, wanted)
    made = _compared(op, values, at, reading, error_of, wanted)
    if made is not None:
        reading.understood(f"{at}.op", f"operator {op}")
    return made


def _joined(
    op: str, values: list[Json], at: str, reading: Reading, error_of: str, wanted: bool
) -> dict[str, Json] | None:
    if not values or (op == "not" and len(values) != 1):
        some = "one condition" if op == "not" else "conditions"
        reading.refuse(f"{at}.values", f"the operator {op} joins {some}", values)
        return None
    wanted = wanted is not (op == "not")
    parts = [
        read_condition(one, f"{at}.values[{n}]", reading, error_of, wanted)
        for n, one in enumerate(values)
    ]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) and (op != "or" or not known):
        reading.unknown(f"{at}.op", f"operator {op}", "a part of it is not understood: never taken")
        return None
    reading.understood(f"{at}.op", f"operator {op}")
    if op == "not":
        return {"not": known[0]}
    return {"all" if op == "and" else "any": known}


def _compared(
    op: str, values: list[Json], at: str, reading: Reading, error_of: str, wanted: bool
) -> dict[str, Json] | None:
    needed = 1 if op in ("true", "exists") else 2
    if len(values) < needed:
        reading.refuse(
            f"{at}.values", f"the operator {op} needs {needed} value{'s'[: needed - 1]}", values
        )
        return None
    left = values[0]
    path = _path(left, f"{at}.values[0]", reading, error_of)
    if op == "exists":
        return (
            {"path": path, "op": "exists"} if path else ALWAYS if left not in ("", None) else NEVER
        )
    if op == "true":
        if path is None:
            return _constant(left, f"{at}.values[0]", reading)
        return {"any": [{"path": path, "op": "eq", "value": one} for one in (True, "true")]}
    right = values[1]
    ours = _COMPARED[op]
    if path is None:
        other = _path(right, f"{at}.values[1]", reading, error_of)
        if other is None:
            return _folded(ours, left, right, at, reading)
        if ours == "contains":
            if isinstance(left, list):
                return {"path": other, "op": "in", "value": left}
            reading.unknown(
                f"{at}.values", "contains", "a text that contains a reference: never taken"
            )
            return None
        path, right, ours = other, left, _MIRRORED[ours]
    _hint(path, ours, right, reading, wanted)
    if isinstance(right, str):
        right = read_text(right, f"{at}.values[1]", reading)
    if isinstance(right, bool) and ours in ("eq", "ne"):
        word = "true" if right else "false"
        same: list[Json] = [{"path": path, "op": "eq", "value": one} for one in (right, word)]
        return {"any": same} if ours == "eq" else {"not": {"any": same}}
    return {"path": path, "op": ours, "value": right}


def _path(value: Json, at: str, reading: Reading, error_of: str) -> str | None:
    """The path that an operand reads; None when it is a literal."""
    if not isinstance(value, str):
        return None
    if value.startswith("{{") and value.endswith("}}") and value.count("{{") == 1:
        inner = value.strip("{} ")
        if " " not in inner:
            reading.approximated(at, "template as an operand", f"read as the reference {inner}")
            value = f"/#{inner}"
    if not value.startswith("/#"):
        return None
    if value.startswith("/#fn:"):
        name, _, rest = value.removeprefix("/#fn:").partition(",")
        inner = rest.partition(",")[0]
        if name not in ("parseInt", "parseFloat") or not inner:
            return None
        reading.approximated(at, f"function {name}", "left out: operands compare as numbers anyway")
        value = f"/#{inner}"
    parts = path_in(read_text(value, at, reading))
    if parts[:2] == ("steps", "1"):
        parts = ("event", *parts[2:])
    elif parts[:1] == ("error",) and error_of:
        parts = ("steps", error_of, *parts)
    return dotted(parts) if parts else None


def _hint(path: str, op: str, right: Json, reading: Reading, wanted: bool) -> None:
    """A value that makes the comparison hold, for the sample event; the first one stays."""
    parts = parse_path(path)
    if isinstance(parts, PathError) or parts[0] != "event" or len(parts) < 2:
        return
    if isinstance(right, str) and right.startswith(("/#", "{{")):
        return
    value, number = right, _number(right)
    if isinstance(right, bool):
        value = right is (wanted is (op == "eq"))
    elif not wanted or op == "ne":
        return
    elif number is not None and op in _STEPS:
        value = number + _STEPS[op]
        value = int(value) if value == int(value) else value
    elif op == "contains":
        value = [right]
    if reading.trigger_reads.get(parts[1:]) is None:
        reading.trigger_reads[parts[1:]] = value


def _constant(value: Json, at: str, reading: Reading) -> dict[str, Json] | None:
    if isinstance(value, str) and value.startswith("/#"):
        reading.unknown(at, shorten(value), "a function as a condition: never taken")
        return None
    return ALWAYS if value in (True, "true") else NEVER


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _folded(op: str, left: Json, right: Json, at: str, reading: Reading) -> dict[str, Json] | None:
    """Two literals: what the comparison always says."""
    for n, one in enumerate((left, right)):
        if isinstance(one, str) and (one.startswith("/#") or "{{" in one):
            reading.unknown(f"{at}.values[{n}]", shorten(one), "as an operand: never taken")
            return None
    reading.approximated(f"{at}.values", "two literals", "always the same, whatever the data")
    first, second = _number(left), _number(right)
    if op == "contains":
        holds = isinstance(left, str | list) and isinstance(right, str) and right in left
    elif op in ("eq", "ne"):
        same = left == right or (first is not None and first == second)
        holds = same is (op == "eq")
    elif first is None or second is None:
        holds = False
    else:
        holds = _ORDERS[op](first, second)
    return ALWAYS if holds else NEVER
