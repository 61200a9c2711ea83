"""Values as JavaScript has them: truth, properties, printing, and JSON text.

``MISSING`` stands for ``undefined`` and None for ``null``. Numbers are doubles when they are
printed (ECMA-262 §6.1.6.1.20), lengths count UTF-16 units, and the keys of an object that are
array indexes come first (§10.1.11.1).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sandbox.model.base import Json, dump_json
from sandbox.templates.paths import MISSING, Path

__all__ = [
    "MAX_LEVELS",
    "UNSAFE",
    "escape_html",
    "is_empty",
    "is_harmless",
    "js_getter",
    "js_keys",
    "js_number",
    "js_property",
    "js_same",
    "js_text",
    "js_truthy",
    "to_json",
    "units",
    "whole",
]

MAX_LEVELS: Final = 64
"""Levels of arrays and objects that are printed."""
_SAFE = 2**53
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
UNSAFE = re.compile(r"[&<>\"'`=]")
"""A sign that ``{{ }}`` escapes."""
_ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "'": "&#x27;",
        "`": "&#x60;",
        "=": "&#x3D;",
    }
)


def escape_html(text: str) -> str:
    """What ``{{ }}`` makes of a text: seven characters become entities."""
    return text.translate(_ENTITIES) if UNSAFE.search(text) else text


def is_harmless(text: str) -> bool:
    """Whether ``{{ }}`` leaves a text as it is; looking for one sign at a time is quick."""
    return not (
        "'" in text or "&" in text or "=" in text or '"' in text
        or "<" in text or ">" in text or "`" in text
    )  # fmt: skip


def js_number(value: float) -> str:
    """A number as JavaScript prints it: ``5.0`` is ``5``, ``1e21`` is ``1e+21``."""
    if isinstance(value, int):
        if -_SAFE <= value <= _SAFE:
            return str(value)
        try:
            value = float(value)
        except OverflowError:
            return "Infinity" if value > 0 else "-Infinity"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    if 0 < point <= 21:
        if len(digits) <= point:
            return sign + digits.ljust(point, "0")
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def whole(number: float) -> int | float:
    """A double that stands for a whole number exactly, as one; any other as it is."""
    return int(number) if abs(number) < _SAFE and number.is_integer() else number


def js_text(value: Json, level: int = 0) -> str:
    """``String(value)``, but nothing for null and undefined: arrays by commas, ``[object
    Object]``.
    """
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return js_number(value)
    if isinstance(value, list | tuple):
        return ",".join(js_text(one, level + 1) for one in value) if level < MAX_LEVELS else ""
    return "[object Object]"


def js_truthy(value: Json) -> bool:
    """Whether a value counts as true: all but false, 0, NaN, "", null and undefined."""
    if value is None or value is MISSING or value is False or value == "":
        return False
    if isinstance(value, int | float):
        return value is True or (value != 0 and value == value)
    return True


def is_empty(value: Json) -> bool:
    """What ``#with`` and ``#if`` take for nothing: untrue but for 0, or an empty array."""
    if isinstance(value, list | tuple):
        return not value
    if isinstance(value, int | float) and not isinstance(value, bool) and value == 0:
        return False
    return not js_truthy(value)


def units(text: str) -> int:
    """Its length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def js_property(value: Json, name: str) -> Json:
    """``value[name]``, own properties only."""
    if isinstance(value, Mapping):
        return value.get(name, MISSING)
    if isinstance(value, list | tuple):
        if _INDEX.fullmatch(name):
            index = int(name)
            return value[index] if index < len(value) else MISSING
        return len(value) if name == "length" else MISSING
    if isinstance(value, str):
        if name == "length":
            return units(value)
        if _INDEX.fullmatch(name):
            if value.isascii():
                return value[int(name)] if int(name) < len(value) else MISSING
            pair = value.encode("utf-16-le", "surrogatepass")[int(name) * 2 : int(name) * 2 + 2]
            return pair.decode("utf-16-le", "surrogatepass") if pair else MISSING
    return MISSING


def js_getter(path: Path) -> Callable[[Json], Json]:
    """The value at a path; null in its middle stays null, anything else that ends it is undefined.

    Short paths through objects take a straight way.
    """

    def walk(value: Json) -> Json:
        for part in path:
            if value is None or value is MISSING:
                return value
            value = js_property(value, part)
        return value

    if len(path) == 1:
        (only,) = path

        def one(scope: Json) -> Json:
            try:
                return scope[only]
            except (KeyError, TypeError, IndexError):
                return walk(scope)

        return one
    if len(path) == 2:
        first, second = path

        def two(scope: Json) -> Json:
            try:
                return scope[first][second]
            except (KeyError, TypeError, IndexError):
                return walk(scope)

        return two
    return walk


def js_keys(value: Mapping[str, Json]) -> Iterator[str]:
    """The keys in JavaScript's order: array indexes by number, then the others as they stand."""
    indexes = [key for key in value if _INDEX.fullmatch(key) and int(key) < 2**32 - 1]
    if not indexes:
        return iter(value)
    taken = set(indexes)
    return iter([*sorted(indexes, key=int), *(key for key in value if key not in taken)])


def js_same(left: Json, right: Json) -> bool:
    """Whether two contexts are the same to Handlebars (``==``, ECMA-262 §7.2.14), so that ``../``
    does not count both.
    """
    if left is right:
        return True
    nothing = (left is None or left is MISSING, right is None or right is MISSING)
    if any(nothing):
        return all(nothing)
    composed = (isinstance(left, dict | list | tuple), isinstance(right, dict | list | tuple))
    if all(composed):
        return False
    left = "[object Object]" if isinstance(left, dict) else left
    right = "[object Object]" if isinstance(right, dict) else right
    left = js_text(left) if composed[0] else left
    right = js_text(right) if composed[1] else right
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return _number(left) == _number(right)


def _number(value: Json) -> float:
    """``Number(value)``, of what a context may be."""
    if isinstance(value, str):
        text = value.strip()
        try:
            return float(text) if "_" not in text else math.nan
        except ValueError:
            return math.nan if text else 0.0
    return float(value)


def to_json(value: Json, level: int = 0) -> str:
    """``JSON.stringify(value)``: no blanks, JavaScript's numbers and order of keys."""
    if isinstance(value, str):
        return dump_json(value).decode("utf-8", "replace")
    if value is None or value is MISSING or level > MAX_LEVELS:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return js_number(value) if isinstance(value, int) or math.isfinite(value) else "null"
    if isinstance(value, list | tuple):
        return "[" + ",".join(to_json(one, level + 1) for one in value) + "]"
    return (
        "{"
        + ",".join(
            f"{to_json(key)}:{to_json(value[key], level + 1)}"
            for key in js_keys(value)
            if value[key] is not MISSING
        )
        + "}"
    )
