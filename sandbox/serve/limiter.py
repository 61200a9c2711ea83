"""How many requests a key may make: 10 a second and 1,000 an hour, as the vendor's limits are
reported.

A request is counted where it happened (a sliding log), so no window, wherever it is laid, ever
holds more than its limit. A refused request counts for nothing.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

__all__ = ["REPORTED", "Limiter", "Verdict", "Window"]


class Window(NamedTuple):
    """At most ``most`` requests within any ``span_us``."""

    most: int
    span_us: int
    name: str
    """As the vendor's reply calls it."""


REPORTED = (Window(10, 1_000_000, "1 second"), Window(1000, 3_600_000_000, "1 hour"))
"""dev.sprinklr.com, API rate limiting (reported)."""


class Verdict(NamedTuple):
    """Whether one request may pass, and what its reply says about the limit."""

    allowed: bool
    window: Window
    """The one that refuses; else the longest."""
    remaining: int
    free_in_us: int
    """Until the window has room for one request more than now."""


class Limiter:
    """One key's requests. The clock comes in with each question and never goes back."""

    def __init__(self, windows: tuple[Window, ...] = REPORTED) -> None:
        """At least one window, the longest of them last."""
        self._windows = windows
        self._stamps: deque[int] = deque()
        self._longest = windows[-1]

    def ask(self, now_us: int) -> Verdict:
        """Count one request at ``now_us`` (microseconds of a monotonic clock), or refuse it."""
        stamps = self._stamps
        while stamps and now_us - stamps[0] >= self._longest.span_us:
            stamps.popleft()
        for window in self._windows:
            # The request that has to be out of the window before this one fits.
            at = len(stamps) - window.most
            if at >= 0 and now_us - stamps[at] < window.span_us:
                return Verdict(False, window, 0, stamps[at] + window.span_us - now_us)
        stamps.append(now_us)
        longest = self._longest
        # All that is kept lies within the longest window, so there are never more than it allows.
        free_in_us = stamps[0] + longest.span_us - now_us
        return Verdict(True, longest, longest.most - len(stamps), free_in_us)
