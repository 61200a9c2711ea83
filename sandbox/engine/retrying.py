"""When a call is sent again, and how long it waits before: pure, on the virtual clock.

The wait is what ``Retry-After`` asks for, where it is honoured and readable; else the delay, grown
by the backoff and drawn by the jitter. ``max_delay`` is the most in any case. Draws are keyed by
(seed, journey, profile, step, visit, attempt), so nobody's waits depend on anybody else's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from sandbox.clock import duration_s
from sandbox.draws import draw
from sandbox.errors import Problem
from sandbox.model.calling import Retry
from sandbox.model.exchange import KINDS, Answer, Phase
from sandbox.model.retry_after import retry_after_us

__all__ = ["IDEMPOTENT", "UNDER_WAY", "Retrying", "Waiting", "compile_retry", "statuses"]

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""Methods that may be sent twice to the effect of once (RFC 9110 §9.2.2)."""

UNDER_WAY: Final[tuple[Phase, ...]] = ("send", "head", "body")
"""Where a request that failed may have arrived and been carried out all the same."""

_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
_MOST_DOUBLINGS = 64


class Waiting(NamedTuple):
    """How long to wait before the next attempt."""

    wait_us: int
    unread: str | None = None
    """A Retry-After that is neither seconds nor a date, as it came."""


@dataclass(slots=True)
class Retrying:
    """A retry, compiled."""

    statuses: frozenset[int]
    kinds: frozenset[str]
    times: int
    delay_us: int
    max_delay_us: int
    exponential: bool = True
    jitter: str = "none"
    honours: bool = True
    """Whether Retry-After counts."""
    key_header: str = ""
    """The header for the idempotency key; empty: none."""

    def wants(self, answer: Answer) -> bool:
        """Whether such an answer is a reason to send the call again."""
        if answer.error is not None:
            return answer.error.kind in self.kinds
        return answer.status in self.statuses

    def waiting(self, number: int, answer: Answer, at_us: int, seed: int, *key: object) -> Waiting:
        """How long to wait.

        Args:
            number: 1 for the first retry of the call.
            answer: why it is sent again.
            at_us: the clock once the answer is there.
            seed: for the jitter.
            key: journey, profile, step, visit and attempt, for the jitter.
        """
        unread: str | None = None
        if self.honours and answer.headers:
            asked = next((v for n, v in answer.headers if n.lower() == "retry-after"), None)
            if asked is not None:
                wait_us = retry_after_us(asked, at_us)
                if wait_us is not None:
                    return Waiting(min(wait_us, self.max_delay_us))
                unread = asked
        if self.jitter == "between":
            room = max(0, self.max_delay_us - self.delay_us)
            return Waiting(self.delay_us + int(room * draw(seed, "retry", *key)), unread)
        doubled = 2 ** min(number - 1, _MOST_DOUBLINGS) if self.exponential else 1
        most = min(self.delay_us * doubled, self.max_delay_us)
        if self.jitter == "none":
            return Waiting(most, unread)
        drawn = draw(seed, "retry", *key)
        least = most // 2 if self.jitter == "equal" else 0
        return Waiting(least + int((most - least) * drawn), unread)


def statuses(written: list[int | str]) -> frozenset[int]:
    """``["2xx", 304]`` → every status it names."""
    named: set[int] = set()
    for one in written:
        if isinstance(one, str):
            first = int(one[0]) * 100
            named.update(range(first, first + 100))
        else:
            named.add(one)
    return frozenset(named)


def compile_retry(
    retry: Retry | None, method: str, at: str, problems: list[Problem]
) -> Retrying | None:
    """A retry ready for walks; None where this method is never sent again.

    Args:
        retry: the step's, else the dialect's.
        method: of the call.
        at: where the retry is written, for ``problems``.
        problems: where an unknown reason to retry goes.
    """
    if retry is None:
        return None
    codes: list[int | str] = []
    kinds: set[str] = set()
    for one in retry.on:
        if isinstance(one, int) or one in _CLASSES:
            codes.append(one)
        elif one == "timeout":
            kinds.update(kind for kind in KINDS if kind.endswith("_timeout"))
        elif one in KINDS:
            kinds.add(one)
        else:
            allowed = "a status, a class such as 5xx, timeout, or one of " + ", ".join(KINDS)
            problems.append(Problem(f"{at}.on", f"{one!r} is not {allowed}"))
    delay_us, max_delay_us = (_us(text) for text in (retry.delay, retry.max_delay))
    if retry.jitter == "between" and max_delay_us < delay_us:
        message = "is shorter than delay, and the jitter between draws from delay to max_delay"
        problems.append(Problem(f"{at}.max_delay", message, repr(retry.max_delay)))
    if retry.methods == "idempotent" and method not in IDEMPOTENT:
        return None
    return Retrying(
        statuses(codes),
        frozenset(kinds),
        retry.times,
        delay_us,
        max_delay_us,
        retry.backoff == "exponential",
        retry.jitter,
        retry.retry_after == "honour",
        retry.idempotency_key,
    )


def _us(duration: str) -> int:
    return int(duration_s(duration) * 1_000_000)
