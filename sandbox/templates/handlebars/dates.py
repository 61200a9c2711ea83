"""Dates as Moment.js formats them, in English: the tokens that stand in ``format=``."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.model.base import Json

__all__ = ["MAX_LAYOUT", "format_date", "read_date", "zone_of"]

MAX_LAYOUT: Final = 500
"""Characters of a layout."""
_TOKEN = re.compile(
    r"\[(?P<text>[^\]]*)\]"
    r"|YYYY|YY|Qo?|MMMM|MMM|MM|Mo|M|DDDD|DDDo|DDD|DD|Do|D|dddd|ddd|dd|do|d|E|GGGG|WW|W|Wo"
    r"|HH|H|hh|h|kk|k|mm|m|ss|s|SSS|SS|S|A|a|ZZ|Z|X|x|LTS|LT|LLLL|LLL|LL|L|llll|lll|ll|l|.",
    re.DOTALL,
)
_LONG: Final = {
    "LTS": "h:mm:ss A", "LT": "h:mm A", "L": "MM/DD/YYYY", "LL": "MMMM D, YYYY",
    "LLL": "MMMM D, YYYY h:mm A", "LLLL": "dddd, MMMM D, YYYY h:mm A", "l": "M/D/YYYY",
    "ll": "MMM D, YYYY", "lll": "MMM D, YYYY h:mm A", "llll": "ddd, MMM D, YYYY h:mm A",
}  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS: Final = (
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
)  # fmt: skip


def read_date(value: Json) -> datetime | None:
    """An ISO text, or a number of milliseconds since 1970; in UTC when it names no zone."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000, UTC)
        if isinstance(value, str):
            found = datetime.fromisoformat(value.strip())
            return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def zone_of(name: str) -> ZoneInfo | None:
    """A zone of the tz database, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def format_date(at: datetime, layout: str) -> str:
    """A moment in a layout of Moment.js tokens.

    Raises:
        ValueError: when the layout is longer than anybody writes one.
    """
    if len(layout) > MAX_LAYOUT:
        raise ValueError(f"a date layout of {len(layout):,} characters")

    def one(match: re.Match[str]) -> str:
        if match["text"] is not None:
            return match["text"]
        token = match.group()
        if token in _LONG:
            return format_date(at, _LONG[token])
        return _part(at, token)

    return _TOKEN.sub(one, layout)


def _part(at: datetime, token: str) -> str:
    hour12 = at.hour % 12 or 12
    weekday = at.isoweekday() % 7
    year, week, _ = at.isocalendar()
    day = at.timetuple().tm_yday
    parts = {
        "YYYY": f"{at.year:04}", "YY": f"{at.year % 100:02}", "Q": str((at.month + 2) // 3),
        "Qo": _nth((at.month + 2) // 3), "MMMM": _MONTHS[at.month - 1],
        "MMM": _MONTHS[at.month - 1][:3], "MM": f"{at.month:02}", "M": str(at.month),
        "Mo": _nth(at.month), "DDDD": f"{day:03}", "DDD": str(day), "DDDo": _nth(day),
        "DD": f"{at.day:02}", "D": str(at.day), "Do": _nth(at.day), "dddd": _DAYS[weekday],
        "ddd": _DAYS[weekday][:3], "dd": _DAYS[weekday][:2], "d": str(weekday),
        "do": _nth(weekday), "E": str(at.isoweekday()), "GGGG": f"{year:04}",
        "WW": f"{week:02}", "W": str(week), "Wo": _nth(week), "HH": f"{at.hour:02}",
        "H": str(at.hour), "hh": f"{hour12:02}", "h": str(hour12), "kk": f"{at.hour or 24:02}",
        "k": str(at.hour or 24), "mm": f"{at.minute:02}", "m": str(at.minute),
        "ss": f"{at.second:02}", "s": str(at.second), "SSS": f"{at.microsecond // 1000:03}",
        "SS": f"{at.microsecond // 10_000:02}", "S": str(at.microsecond // 100_000),
        "A": "AM" if at.hour < 12 else "PM", "a": "am" if at.hour < 12 else "pm",
        "Z": _offset(at, ":"), "ZZ": _offset(at, ""), "X": str(int(at.timestamp())),
        "x": str(int(at.timestamp() * 1000)),
    }  # fmt: skip
    return parts.get(token, token)


def _nth(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 < number % 100 < 14 else ending}"


def _offset(at: datetime, between: str) -> str:
    passed = at.utcoffset()
    minutes = int(passed.total_seconds() // 60) if passed is not None else 0
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{between}{abs(minutes) % 60:02}"
