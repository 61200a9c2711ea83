"""A circuit breaker for one host: closed, open, half open, on the virtual clock.

| state | lets calls through | goes on to |
|---|---|---|
| closed | all | open, after ``failures`` failures in a row |
| open | none | half open, once ``for`` is over |
| half open | ``half_open`` of them, to try | closed at a success; open at a failure |

What an answer says counts from the moment it is there, not from the moment the call was sent. An
answer to a call of an earlier state (sent before the breaker opened, say) changes nothing.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Literal

from sandbox.model.exchange import BreakerTerms

__all__ = ["Breaker"]

State = Literal["closed", "open", "half_open"]


class Breaker:
    """The state of one breaker; ask in the order of time."""

    __slots__ = (
        "_count",
        "_number",
        "_opened_us",
        "_pending",
        "_term",
        "_terms",
        "_tried",
        "state",
    )

    def __init__(self, terms: BreakerTerms) -> None:
        """It begins closed."""
        self.state: State = "closed"
        self._terms = terms
        self._count = self._number = 0
        self._opened_us = 0
        self._tried = 0
        self._term = 0
        self._pending: list[tuple[int, int, int, bool]] = []

    def admit(self, at_us: int) -> int | None:
        """Let a call through: the ticket for ``told``; None when it is rejected."""
        while self._pending and self._pending[0][0] <= at_us:
            end_us, _, term, failed = heappop(self._pending)
            if term == self._term:
                self._settle(end_us, failed)
        if self.state == "open":
            if at_us < self._opened_us + self._terms.open_us:
                return None
            self._become("half_open")
        if self.state == "half_open":
            if self._tried >= self._terms.half_open:
                return None
            self._tried += 1
        return self._term

    def told(self, ticket: int, end_us: int, failed: bool) -> None:
        """What became of a call that was let through, and when."""
        self._number += 1
        heappush(self._pending, (end_us, self._number, ticket, failed))

    def forget(self, ticket: int) -> None:
        """A call that was let through was not sent after all."""
        if ticket == self._term and self.state == "half_open":
            self._tried -= 1

    def _settle(self, at_us: int, failed: bool) -> None:
        if not failed:
            if self.state == "half_open":
                self._become("closed")
            self._count = 0
            return
        self._count += 1
        if self.state == "half_open" or self._count >= self._terms.failures:
            self._opened_us = at_us
            self._become("open")

    def _become(self, state: State) -> None:
        self.state = state
        self._term += 1
        self._count = self._tried = 0
