"""The functions of Kustomer's references: ``/#fn:name,path,argument``.

Documented on the vendor's help pages and in its developer portal; they give typed values. What an
unknown one gives is not known (the page says that it does not fail); here: nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Final, NamedTuple

from sandbox.model.base import Json
from sandbox.templates.handlebars.dates import format_date, read_date, zone_of
from sandbox.templates.handlebars.javascript import js_text
from sandbox.templates.handlebars.numbers import parse_float, parse_int
from sandbox.templates.paths import MISSING

__all__ = ["FUNCTIONS", "NOT_PLAYED", "Function"]

NOT_PLAYED: Final = {"inBusinessHours": "the sandbox has no business schedules"}
"""Functions the vendor has and the sandbox does not play: name → why."""
_EMAIL = re.compile(r".+@.+")
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-]{5,20}")


class Function(NamedTuple):
    """One function of a value and its arguments, which are texts."""

    apply: Callable[..., Json]
    most: int
    """Arguments after the path."""
    says: str


def _number(parse: Callable[..., Json]) -> Callable[..., Json]:
    def apply(value: Json, *more: str) -> Json:
        if value is MISSING:
            return MISSING
        number = parse(value, *more)
        return None if isinstance(number, float) and math.isnan(number) else number

    return apply


def _is_phone(value: Json) -> bool:
    """Seven digits at least, with the signs a number is written with (the vendor's check knows
    the countries; this one does not: assumed).
    """
    text = js_text(value).strip()
    digits = sum(sign.isdigit() for sign in text)
    return bool(_PHONE.fullmatch(text.replace("(", " ").strip())) and 7 <= digits <= 15


def _date_format(value: Json, layout: str = "", *more: str) -> Json:
    at = read_date(value)
    if at is None:
        return MISSING
    zone = zone_of(more[-1]) if more else None
    written = [layout, *(more[:-1] if zone is not None else more)]
    return format_date(at.astimezone(zone or UTC), ",".join(written) or "YYYY-MM-DDTHH:mm:ssZ")


def _if_exists(value: Json, text: str = "") -> Json:
    return MISSING if value is MISSING or value in (None, "") else text


FUNCTIONS: Final[Mapping[str, Function]] = {
    "parseInt": Function(_number(parse_int), 1, "a whole number"),
    "parseFloat": Function(_number(parse_float), 0, "a number"),
    "isValidEmailAddress": Function(
        lambda value: _EMAIL.search(js_text(value)) is not None, 0, "whether it matches .+@.+"
    ),
    "isValidPhoneNumber": Function(_is_phone, 0, "whether it is written as a phone number"),
    "ifExists": Function(_if_exists, 1, "a text when the value is there"),
    "dateFormat": Function(_date_format, 20, "a date in a Moment.js layout"),
}
"""Function name → function."""
