"""When a rule takes calls at all, and how many: windows and rate limits of the virtual clock.

A window's times are counted from the start of the run (of a server: its own), or are
moments of the clock; ``from`` belongs to it and ``to`` does not. While it ramps up, one keyed draw
for each person, below the share that has been reached, decides: who is taken once stays taken.

A rate limit has fixed windows of ``per_s`` seconds, cut from the clock's own beginning (1970), so
that all who share it agree on them, whenever they began. The first ``limit`` calls of a window are
let through; the rest are refused until the next window.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from typing import NamedTuple

from sandbox.clock import duration_s, parse_at
from sandbox.mocks.call import Call
from sandbox.model.rules import RateLimit, Window

__all__ = ["Gate", "Limiter", "compile_window"]


class Gate(NamedTuple):
    """A window: two points of time, each from the start or absolute, and a ramp."""

    from_us: int
    from_start: bool
    to_us: int | None
    to_start: bool
    ramp_us: int
    words: str

    def share(self, at_us: int, start_us: int) -> float:
        """Which share of the people is taken at that moment, from 0 to 1."""
        opens = self.from_us + (start_us if self.from_start else 0)
        if at_us < opens:
            return 0.0
        if self.to_us is not None and at_us >= self.to_us + (start_us if self.to_start else 0):
            return 0.0
        return min(1.0, (at_us - opens) / self.ramp_us) if self.ramp_us else 1.0


def compile_window(window: Window) -> Gate:
    """A window, its times as microseconds."""
    from_us, from_start = _point(window.from_)
    to_us, to_start = (None, True) if window.to is None else _point(window.to)
    ramp_us = 0 if window.ramp is None else round(duration_s(window.ramp) * 1e6)
    words = f"from {window.from_}" + (f" to {window.to}" if window.to is not None else "")
    return Gate(from_us, from_start, to_us, to_start, ramp_us, words)


def _point(text: str) -> tuple[int, bool]:
    try:
        return round(duration_s(text) * 1e6), True
    except ValueError:
        return parse_at(text), False


Counted = MutableMapping[tuple[object, ...], int]


class Limiter:
    """One rule's rate limit; the counts are kept by whoever shares them."""

    __slots__ = ("_by", "_limit", "_per_us", "_rule", "document")

    def __init__(self, document: RateLimit, rule: str) -> None:
        """``rule``: the id of the rule."""
        self.document = document
        self._rule = rule
        self._by = document.by
        self._limit = document.limit
        self._per_us = max(1, round(document.per_s * 1e6))

    def _key(self, call: Call, number: int) -> tuple[object, ...]:
        if self._by == "host":
            return (self._rule, number, call.hosts[1])
        if self._by == "url":
            return (self._rule, number, call.plain.partition("?")[0])
        if self._by == "profile":
            return (self._rule, number, call.profile)
        return (self._rule, number)

    def refusal(self, counted: Counted, call: Call) -> tuple[tuple[str, str], ...] | None:
        """The headers of a refusal; None when the call is let through."""
        at_us = call.send.at_us
        number = at_us // self._per_us
        if counted.get(self._key(call, number), 0) < self._limit:
            return None
        after = self.document.retry_after
        if after == "none":
            return ()
        if after == "auto":
            left_us = (number + 1) * self._per_us - at_us
            return (("retry-after", str(max(1, math.ceil(left_us / 1e6)))),)
        return (("retry-after", f"{after:g}" if isinstance(after, float) else str(after)),)

    def count(self, counted: Counted, call: Call) -> None:
        """A call was let through."""
        key = self._key(call, call.send.at_us // self._per_us)
        counted[key] = counted.get(key, 0) + 1
