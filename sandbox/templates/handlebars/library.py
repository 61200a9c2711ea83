"""The helpers: pure functions from values to a value.

What is documented for Kustomer (help centre, "workflow helpers", and the developer portal's
expressions reference) has its documented name; a spelling marked ``assumed`` here was not found
in any page we could read. ``LACKING`` names what the vendor has and the sandbox does not play.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, timedelta
from typing import Final, Literal, NamedTuple
from urllib.parse import quote

import orjson

from sandbox.clock import moment, parse_at
from sandbox.draws import draw
from sandbox.errors import InputError
from sandbox.model.base import Json
from sandbox.templates.filters import MAX_TEXT, TooLarge
from sandbox.templates.handlebars.dates import format_date, read_date, zone_of
from sandbox.templates.handlebars.javascript import (
    js_property,
    js_text,
    js_truthy,
    to_json,
)
from sandbox.templates.handlebars.numbers import compare, equal, parse_float, parse_int
from sandbox.templates.paths import MISSING

__all__ = ["BLOCKS", "HELPERS", "LACKING", "Helper", "Moment"]

BLOCKS: Final = ("if", "unless", "each", "with")
"""Helpers with a body."""
LACKING: Final = {
    "log": "writes to a console",
    "transform": "transforms data", "map": "maps a list", "included": "included attribute",
    "appSetting": "app setting", "markdownToHtml": "Markdown to HTML",
    "removeMarkdown": "removes Markdown", "inBusinessHours": "business schedules",
}  # fmt: skip
"""Helpers the vendor has and the sandbox does not play (spellings assumed)."""


class Moment(NamedTuple):
    """What a helper may know of the run besides its arguments."""

    now: str
    key: tuple[str, ...]
    """The run and the place in the document: what a draw is keyed by."""


class Helper(NamedTuple):
    """One helper."""

    apply: Callable[..., Json]
    least: int
    most: int
    says: str
    origin: Literal["documented", "assumed"] = "documented"
    named: tuple[str, ...] = ()
    """Arguments that are written ``name=value``."""
    needs: str = ""
    """A root it reads by itself: ``now`` or ``run``."""
    optional: bool = False
    """Whether it is made for values that may be missing."""


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_UNITS = {"minute": 60, "hour": 3600, "day": 86_400}


def _text(function: Callable[..., str]) -> Callable[..., Json]:
    """A helper on text: a missing value stays missing."""

    def apply(value: Json, *more: Json, **named: Json) -> Json:
        if value is MISSING or value is None:
            return MISSING
        made = function(js_text(value), *more, **named)
        if len(made) > MAX_TEXT:
            raise TooLarge(f"a helper made {len(made):,} characters; at most {MAX_TEXT:,}")
        return made

    return apply


def _parse_json(value: Json) -> Json:
    try:
        return orjson.loads(js_text(value))
    except orjson.JSONDecodeError:
        return MISSING


def _parse_bool(value: Json) -> Json:
    return value if isinstance(value, bool) else js_text(value).strip().lower() == "true"


def _random_id(moment: Moment, size: Json = 10) -> str:
    length = max(1, min(200, int(size))) if isinstance(size, int | float) else 10
    return "".join(
        _ALPHABET[int(draw(0, "randomId", *moment.key, place) * len(_ALPHABET))]
        for place in range(length)
    )


def _date(moment_: Moment, unit: Json = "days", count: Json = 0) -> Json:
    """So many units ago, as ISO with milliseconds and Z."""
    name = js_text(unit).rstrip("s")
    try:
        at = moment(parse_at(moment_.now))
        back = float(count)
        if name == "year":
            at = at.replace(year=at.year - int(back))
        elif name in _UNITS:
            at -= timedelta(seconds=back * _UNITS[name])
        else:
            return MISSING
    except (InputError, ValueError, TypeError, OverflowError):
        return MISSING
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _date_format(value: Json, layout: Json = MISSING, zone: Json = MISSING, **named: Json) -> Json:
    at = read_date(value)
    if at is None:
        return MISSING if value is MISSING or value is None else "Invalid date"
    chosen = named.get("timezone", zone)
    at = at.astimezone(zone_of(js_text(chosen)) or UTC)
    wanted = named.get("format", layout)
    return format_date(at, "YYYY-MM-DDTHH:mm:ssZ" if wanted is MISSING else js_text(wanted))


def _hmac(text: str, key: Json, algorithm: Json = "sha256", **named: Json) -> str:
    chosen = js_text(named.get("algorithm", algorithm)).lower()
    name = chosen if chosen in ("sha1", "sha256", "sha384", "sha512", "md5") else "sha256"
    digest = hmac.new(js_text(key).encode(), text.encode("utf-8", "replace"), name).digest()
    as_base64 = js_text(named.get("encoding", "hex")) == "base64"
    return base64.b64encode(digest).decode() if as_base64 else digest.hex()


def _default(*values: Json) -> Json:
    return next((one for one in values if one is not MISSING and one not in (None, "")), MISSING)


def _or(*values: Json) -> Json:
    return next((one for one in values if js_truthy(one)), values[-1])


def _and(*values: Json) -> Json:
    return next((one for one in values if not js_truthy(one)), values[-1])


def _lookup(value: Json, name: Json) -> Json:
    return js_property(value, js_text(name)) if js_truthy(value) else value


_REGEXP = re.compile(r"[-\[\]{}()*+?.,\\^$|#\s/]")
_COMPONENT, _URI = "-_.!~*'()", "-_.!~*'();/?:@&=+$,#"


def _helpers() -> dict[str, Helper]:
    assumed: Literal["assumed"] = "assumed"
    return {
        "lookup": Helper(_lookup, 2, 2, "a property by a name that is computed", optional=True),
        "toJSON": Helper(
            lambda value: MISSING if value is MISSING else to_json(value), 1, 1, "as JSON text"
        ),
        "parseJson": Helper(_parse_json, 1, 1, "JSON text as a value"),
        "parseInt": Helper(parse_int, 1, 2, "a whole number"),
        "parseFloat": Helper(parse_float, 1, 1, "a number"),
        "parseBool": Helper(_parse_bool, 1, 1, "true or false", optional=True),
        "randomId": Helper(
            _random_id, 0, 0, "letters and digits, ten or size=", named=("size",), needs="run"
        ),
        "date": Helper(
            _date, 0, 1, "so many units ago: date 'days' count=1", named=("count",), needs="now"
        ),
        "dateFormat": Helper(
            _date_format, 1, 3, "a date in a Moment.js layout: format='LL'",
            named=("format", "timezone"),
        ),
        "toLower": Helper(_text(str.lower), 1, 1, "lower case"),
        "toUpper": Helper(_text(str.upper), 1, 1, "upper case", assumed),
        "capitalize": Helper(
            _text(lambda text: text[:1].upper() + text[1:]), 1, 1, "first letter upper", assumed
        ),
        "trim": Helper(_text(str.strip), 1, 1, "without white space at both ends", assumed),
        "replace": Helper(
            _text(lambda text, old, new: _replaced(text, js_text(old), js_text(new))),
            3, 3, "a text for another, everywhere", assumed,
        ),
        "substring": Helper(
            _text(lambda text, start, end=None: _cut(text, start, end)), 2, 3,
            "from a place to another", assumed,
        ),
        "split": Helper(
            lambda text, by=",": MISSING if text is MISSING else js_text(text).split(
                js_text(by) or ","
            ), 1, 2, "a text as a list", assumed,
        ),
        "join": Helper(
            _join, 1, 2, "a list as text", assumed,
        ),
        "concat": Helper(
            lambda *texts: _together(map(js_text, texts), ""), 1, 20, "one after the other", assumed
        ),
        "escape": Helper(
            _text(lambda text: to_json(text)[1:-1]), 1, 1, "as it stands inside JSON quotes",
            assumed,
        ),
        "escapeRegExp": Helper(
            _text(lambda text: _REGEXP.sub(r"\\\g<0>", text)), 1, 1,
            "as it stands in a regular expression", assumed,
        ),
        "encodeURI": Helper(
            _text(lambda text: quote(text, safe=_URI)), 1, 1, "a whole URL", assumed
        ),
        "encodeURIComponent": Helper(
            _text(lambda text: quote(text, safe=_COMPONENT)), 1, 1, "a part of a URL", assumed
        ),
        "base64": Helper(
            _text(lambda text: base64.b64encode(text.encode("utf-8", "replace")).decode()),
            1, 1, "in base64", assumed,
        ),
        "hmac": Helper(
            _text(_hmac), 2, 3, "a keyed hash: hmac text key; hexadecimal", assumed,
            named=("algorithm", "encoding"),
        ),
        "default": Helper(_default, 2, 5, "the first value that is there", assumed, optional=True),
        "eq": Helper(equal, 2, 2, "whether two values are equal", assumed, optional=True),
        "ne": Helper(
            lambda left, right: not equal(left, right), 2, 2, "whether they differ", assumed,
            optional=True,
        ),
        "gt": Helper(compare(lambda a, b: a > b), 2, 2, "greater", assumed, optional=True),
        "gte": Helper(compare(lambda a, b: a >= b), 2, 2, "not smaller", assumed, optional=True),
        "lt": Helper(compare(lambda a, b: a < b), 2, 2, "smaller", assumed, optional=True),
        "lte": Helper(compare(lambda a, b: a <= b), 2, 2, "not greater", assumed, optional=True),
        "and": Helper(_and, 2, 20, "whether all are true", assumed, optional=True),
        "or": Helper(_or, 2, 20, "the first that is true", assumed, optional=True),
        "not": Helper(lambda one: not js_truthy(one), 1, 1, "the opposite", assumed, optional=True),
    }  # fmt: skip


def _join(items: Json, by: Json = ",") -> Json:
    return _together(map(js_text, items), js_text(by)) if isinstance(items, list) else MISSING


def _together(texts: Iterable[str], by: str) -> str:
    made = []
    size = 0
    for text in texts:
        made.append(text)
        size += len(text) + len(by)
        if size > MAX_TEXT + len(by):
            raise TooLarge(f"a helper made more than {MAX_TEXT:,} characters")
    return by.join(made)


def _replaced(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * max(0, len(new) - len(old)) > MAX_TEXT:
        raise TooLarge(f"a helper made more than {MAX_TEXT:,} characters")
    return text.replace(old, new) if old else text


def _cut(text: str, start: Json, end: Json) -> str:
    def place(value: Json, otherwise: int) -> int:
        number = parse_float(value)
        return otherwise if number != number else max(0, min(len(text), int(number)))

    first, last = place(start, 0), place(end, len(text))
    return text[min(first, last) : max(first, last)]


HELPERS: Final[Mapping[str, Helper]] = _helpers()
"""Helper name → helper. ``if``, ``unless``, ``each`` and ``with`` are in the compiler."""

assert hashlib.algorithms_guaranteed >= {"sha1", "sha256", "sha384", "sha512", "md5"}
