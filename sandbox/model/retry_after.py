"""``Retry-After`` (RFC 9110 §10.2.3): whole seconds, or an HTTP-date."""

from __future__ import annotations

import re
from typing import Final

from sandbox.clock import iso_us, parse_at
from sandbox.errors import InputError

__all__ = ["retry_after_us"]

_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<time>\d\d:\d\d:\d\d)"
_DATES: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",
        r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, "
        rf"(?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)
"""The three forms a recipient must accept (RFC 9110 §5.6.7), the one to be sent first."""
_MOST_DIGITS = 12


def retry_after_us(value: str, at_us: int) -> int | None:
    """How long to wait, in microseconds from ``at_us``; None when the value is neither form.

    A date that has passed is a wait of nothing.
    """
    text = value.strip(" \t")
    if text.isascii() and text.isdigit():
        return int(text if len(text) <= _MOST_DIGITS else "9" * _MOST_DIGITS) * 1_000_000
    for form in _DATES:
        if match := form.fullmatch(text):
            until_us = _moment_us(match, at_us)
            return None if until_us is None else max(0, until_us - at_us)
    return None


def _moment_us(match: re.Match[str], at_us: int) -> int | None:
    year = int(match["year"])
    if len(match["year"]) == 2:
        # Two digits are never more than 50 years ahead (RFC 9110 §5.6.7).
        now = int(iso_us(at_us)[:4])
        year += now - now % 100
        if year > now + 50:
            year -= 100
    month = _MONTHS.index(match["month"]) + 1
    try:
        return parse_at(f"{year:04}-{month:02}-{int(match['day']):02}T{match['time']}")
    except InputError:
        return None
