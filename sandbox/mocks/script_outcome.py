"""What a caller meets who reads a script, worked out without reading it.

The same as ``Playback`` behind an HTTP parser, at the cost of a few additions: sweeps and cohorts
use it for every call, and the tests hold both against each other.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sandbox.mocks.script import Fill, Pieces, Say, Script

__all__ = ["Outcome", "outcome_of"]


class Outcome(NamedTuple):
    """How the reading of a script ends."""

    how: Literal["whole", "broken", "late_head", "late_body", "too_large"]
    """``broken``: as the fault says."""
    took_us: int
    body: bytes = b""
    """The bytes of body that came, still encoded."""


def outcome_of(script: Script, limit_us: int, most: int, *, bare: bool) -> Outcome:
    """The outcome for a caller who waits ``limit_us`` for each read and takes ``most`` bytes.

    Args:
        script: one whose connection stands and that takes the request.
        limit_us: the caller's time-out.
        most: bytes of body that are accepted.
        bare: whether the answer can have no body, whatever is sent (HEAD, 204, 304).
    """
    now = script.wait_us
    if now > limit_us or (script.end == "hold" and not script.answers):
        return Outcome("late_head", limit_us)
    if not script.answers:
        return Outcome("broken", now)
    if bare:
        return Outcome("whole", now)
    announced = script.announced
    if announced is not None and announced > most:
        return Outcome("too_large", now)
    body = b""
    for step in script.body:
        if isinstance(step, Say):
            continue
        data = b"x" * step.length if isinstance(step, Fill) else step.data
        wanted = len(data) if announced is None else min(len(data), announced - len(body))
        taken = min(wanted, most - len(body) + 1)
        if taken and step.every_us > limit_us:
            return Outcome("late_body", now + limit_us, body)
        now += _pieces(step, taken) * step.every_us
        if taken > most - len(body):
            return Outcome("too_large", now)
        body += data[:wanted]
    if announced is not None and len(body) >= announced:
        return Outcome("whole", now, body)
    if script.end == "hold":
        return Outcome("late_body", now + limit_us, body)
    return Outcome("broken", now, body)


def _pieces(step: Pieces | Fill, count: int) -> int:
    return -(-count // step.size) if step.size else int(count > 0)
