"""The filters of snippet tags: pure functions from a value (and literal arguments) to a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from sandbox.errors import SandboxError
from sandbox.model.base import Json, dump_json
from sandbox.templates.paths import MISSING

__all__ = ["FILTERS", "MAX_TEXT", "Filter", "TooLarge", "as_number", "to_text", "type_name"]

MAX_TEXT: Final = 1_000_000
"""Characters one rendered text may have."""
_NUMBER = re.compile(r"\s*[+-]?([0-9]+)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?\s*")


class TooLarge(SandboxError):
    """A text grew past the limit while it was rendered."""


def to_text(value: Json) -> str:
    """A value inside text: strings as they are, null as nothing, the rest as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    return dump_json(value).decode()


def type_name(value: Json) -> str:
    """The JSON type of a value, or ``missing``."""
    if value is MISSING:
        return "missing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "list" if isinstance(value, list | tuple) else "object"


class Filter(NamedTuple):
    """One filter: what it does, and how many arguments it takes."""

    apply: Callable[..., Json]
    least: int
    most: int
    says: str


def _text(function: Callable[..., Json]) -> Callable[..., Json]:
    """A filter on text: a missing value stays missing."""

    def apply(value: Json, *arguments: Json) -> Json:
        return value if value is MISSING else function(to_text(value), *arguments)

    return apply


def _default(value: Json, fallback: Json) -> Json:
    return fallback if value is MISSING or value is None or value == "" else value


def as_number(value: Json) -> int | float | None:
    """A number, or text that is written as one (not ``nan``, ``1_000`` or ``true``); else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    if match[2] is None and match[3] is None and len(match[1]) <= 19:
        return int(match[0])
    number = float(match[0])
    return number if abs(number) < float("inf") else None


def _number(value: Json) -> Json:
    number = as_number(value)
    return MISSING if number is None else number


def _round(value: Json, digits: Json = 0) -> Json:
    number = as_number(value)
    if number is None:
        return MISSING
    places = max(-400, min(400, int(digits)))  # a power of ten with a million digits takes seconds
    result = round(number, places)
    return int(result) if places <= 0 else result


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, str | list | tuple | dict) else MISSING


def _at(index: int) -> Callable[[Json], Json]:
    def apply(value: Json) -> Json:
        return value[index] if isinstance(value, str | list | tuple) and value else MISSING

    return apply


def _join(value: Json, separator: Json = ", ") -> Json:
    if not isinstance(value, list | tuple):
        return value
    between = to_text(separator)
    _fits(len(between) * (len(value) - 1))
    return between.join(to_text(item) for item in value)


def _replace(text: str, old: Json, new: Json) -> str:
    before, after = to_text(old), to_text(new)
    _fits(len(text) + text.count(before) * (len(after) - len(before)))
    return text.replace(before, after)


def _fits(size: int) -> None:
    if size > MAX_TEXT:
        raise TooLarge(f"a filter made {size:,} characters; at most {MAX_TEXT:,} are rendered")


def _date(value: Json, layout: Json) -> Json:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).strftime(to_text(layout))
        except ValueError:
            return MISSING
    return MISSING


def _json(value: Json) -> Json:
    return value if value is MISSING else dump_json(value).decode()


FILTERS: Final[dict[str, Filter]] = {
    "default": Filter(_default, 1, 1, "a value to use when there is none, or it is null or empty"),
    "upper": Filter(_text(str.upper), 0, 0, "upper case"),
    "lower": Filter(_text(str.lower), 0, 0, "lower case"),
    "capitalize": Filter(_text(str.capitalize), 0, 0, "first letter upper case, the rest lower"),
    "trim": Filter(_text(str.strip), 0, 0, "without white space at both ends"),
    "replace": Filter(_text(_replace), 2, 2, "old, new"),
    "truncate": Filter(
        _text(lambda text, most: text[: max(0, int(most))]), 1, 1, "at most so many characters"
    ),
    "urlencode": Filter(_text(lambda text: quote(text, safe="")), 0, 0, "percent-encoded"),
    "json": Filter(_json, 0, 0, "as JSON text"),
    "string": Filter(_text(str), 0, 0, "as text"),
    "number": Filter(_number, 0, 0, "text as a number; nothing when it is none"),
    "round": Filter(_round, 0, 1, "rounded to so many digits"),
    "length": Filter(_length, 0, 0, "how many characters or items"),
    "first": Filter(_at(0), 0, 0, "the first item"),
    "last": Filter(_at(-1), 0, 0, "the last item"),
    "join": Filter(_join, 0, 1, "a list as text, with a separator"),
    "date": Filter(_date, 1, 1, "an ISO date in a strftime layout"),
}
"""Filter name → filter."""
