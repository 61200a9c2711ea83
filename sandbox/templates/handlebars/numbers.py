"""Numbers as JavaScript reads them from text, and comparisons that read them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from sandbox.model.base import Json
from sandbox.templates.handlebars.javascript import js_text
from sandbox.templates.paths import MISSING

__all__ = ["compare", "equal", "parse_float", "parse_int"]

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST_DIGITS = 1_100
"""More of them make no difference: even in base 2 such a number is past any double."""
_FLOAT = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)")


def parse_int(value: Json, radix: Json = MISSING) -> Json:
    """JavaScript's ``parseInt``: the number a text begins with, in a base from 2 to 36; NaN when
    there is none.
    """
    text = _string(value).lstrip()
    base = parse_float(radix)
    base = int(base) if base == base and abs(base) < 2**31 else 0
    sign = text[:1] if text[:1] in ("+", "-") else ""
    text = text[len(sign) :]
    if base in (0, 16) and text[:2] in ("0x", "0X"):
        text, base = text[2:], 16
    base = base or 10
    if not 2 <= base <= 36:
        return math.nan
    allowed = _DIGITS[:base] + _DIGITS[10:base].upper()
    digits = text[: len(text) - len(text.lstrip(allowed))][:_MOST_DIGITS]
    if not digits:
        return math.nan
    exact = int(digits, base)
    try:
        number = exact if exact < 2**53 else float(exact)
    except OverflowError:
        number = math.inf
    return -number if sign == "-" else number


def parse_float(value: Json) -> Json:
    """JavaScript's ``parseFloat``."""
    match = _FLOAT.match(_string(value))
    if match is None:
        return math.nan
    number = float(match[1])
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _string(value: Json) -> str:
    """``String(value)``."""
    if value is MISSING:
        return "undefined"
    return "null" if value is None else js_text(value)


def compare(order: Callable[[Json, Json], bool]) -> Callable[[Json, Json], bool]:
    """A comparison by number where both values are written as one, else by letters."""

    def compared(left: Json, right: Json) -> bool:
        first, second = parse_float(left), parse_float(right)
        if first == first and second == second:
            return order(first, second)
        return order(js_text(left), js_text(right))

    return compared


def equal(left: Json, right: Json) -> bool:
    """Whether two values are the same; texts, numbers and truth values by how they print."""
    return (
        type(left) is type(right) and bool(left == right)
        if not _loose(left, right)
        else (js_text(left) == js_text(right))
    )


def _loose(left: Json, right: Json) -> bool:
    return isinstance(left, str | int | float) and isinstance(right, str | int | float)
