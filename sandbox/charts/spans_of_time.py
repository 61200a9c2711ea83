"""Time as a person says it: ``1d``, ``15m 30s``, ``90ms``."""

from __future__ import annotations

from datetime import datetime

__all__ = ["lasting", "local_minute", "utc"]

_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def lasting(seconds: float) -> str:
    """The two largest units of a duration in seconds; milliseconds below one second."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms" if seconds >= 0.0005 else "0s"
    if seconds < 10:
        return f"{seconds:.3g}s"
    rest = round(seconds)
    parts: list[str] = []
    for unit, length in _UNITS:
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number}{unit}")
        if len(parts) == 2:
            break
    return " ".join(parts)


def utc(iso: str) -> str:
    """``2026-01-02 09:00 UTC`` for an ISO moment in UTC; seconds only when there are any."""
    moment = datetime.fromisoformat(iso)
    if moment.second:
        return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def local_minute(iso: str) -> str:
    """``11-21 09:52`` where this person lives."""
    return f"{datetime.fromisoformat(iso).astimezone():%m-%d %H:%M}"
