"""How long a mocked answer takes: a number from a keyed draw. Nothing ever sleeps."""

from __future__ import annotations

import math
from statistics import NormalDist

from sandbox.model.rules import Latency

__all__ = ["latency_ms"]

_STANDARD = NormalDist()
_LEAST = 2.0**-54
_MOST_MS = 604_800_000.0
"""A week: longer than any time-out, short enough for every clock."""


def latency_ms(latency: Latency, drawn: float) -> float:
    """Milliseconds for one draw in [0, 1).

    ``fixed`` is ``ms``; the others are kept between ``min_ms`` and ``max_ms``. A draw is turned
    into a deviate by the inverse of the distribution, so one draw is enough and a larger draw
    never gives a shorter answer. ``steps`` reads a table of percentiles; the last one holds for
    what lies beyond it.
    """
    if latency.dist == "fixed":
        return min(latency.ms, _MOST_MS)
    if latency.dist == "steps":
        percent = drawn * 100.0
        found = next((one.ms for one in latency.steps if percent < one.p), latency.steps[-1].ms)
        return min(found, _MOST_MS)
    high = _MOST_MS if latency.max_ms is None else min(latency.max_ms, _MOST_MS)
    if latency.dist == "uniform":
        high = latency.min_ms if latency.max_ms is None else high
        return latency.min_ms + (high - latency.min_ms) * drawn
    deviate = _STANDARD.inv_cdf(max(drawn, _LEAST))
    if latency.dist == "normal":
        found = latency.mean_ms + latency.stddev_ms * deviate
    else:
        found = latency.median_ms * math.exp(min(latency.sigma * deviate, 700.0))
    return min(max(found, latency.min_ms), high)
