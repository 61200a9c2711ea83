"""Time as a number: microseconds since 1970 UTC, exact, passed in from outside.

A walk never asks what time it is. It is given the start of its clock and adds to it: what a wait
lasts, what an answer took.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sandbox.errors import InputError

__all__ = ["DEFAULT_START_US", "duration_s", "iso", "iso_us", "moment", "parse_at", "wall_us"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w) ?")
_LONGEST_S = 1e11  # three thousand years
_EARLIEST_US = int((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1))
_LATEST_US = int((datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1))

DEFAULT_START_US = int((datetime(2026, 1, 1, tzinfo=UTC) - _EPOCH) / timedelta(microseconds=1))
"""Where the virtual clock starts when nobody says otherwise: 2026-01-01T00:00:00Z."""


def wall_us() -> int:
    """The wall clock, for live runs and for the history's own time stamps."""
    return time.time_ns() // 1000


def moment(at_us: int) -> datetime:
    """The UTC moment of a clock reading (the calendar's first or last one, outside of it)."""
    return _EPOCH + timedelta(microseconds=max(_EARLIEST_US, min(at_us, _LATEST_US)))


@lru_cache(maxsize=4096)
def iso(at_us: int) -> str:
    """ISO 8601 with ``+00:00``; microseconds only when there are any."""
    return moment(at_us).isoformat()


@lru_cache(maxsize=4096)
def iso_us(at_us: int) -> str:
    """ISO 8601 with ``+00:00`` and always six digits of microseconds."""
    return moment(at_us).isoformat(timespec="microseconds")


def parse_at(text: str) -> int:
    """ISO 8601 (with or without zone; without one it is UTC) → microseconds.

    Raises:
        InputError: when the text is not a date and time.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            f"{text!r} is not a date and time", "write it as 2026-01-01T09:00:00+01:00"
        ) from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return (found - _EPOCH) // timedelta(microseconds=1)


def duration_s(text: str) -> float:
    """``90s``, ``15m``, ``8h``, ``3d``, also ``250ms``, ``2w``, sums like ``1h 30m`` → seconds.

    Raises:
        ValueError: when the text is none of these.
    """
    total = 0.0
    at = 0
    while match := _DURATION.match(text, at):
        total += float(match[1]) * _UNITS[match[2]]
        at = match.end()
    if at == 0 or at < len(text) or text.endswith(" "):
        raise ValueError(f"{text!r} is not a duration; write 90s, 15m, 8h or 3d")
    if total > _LONGEST_S:
        raise ValueError("a duration lasts three thousand years at most")
    return total
