"""Whose turn it is to be answered, when what one person does can change what another is answered.

Walks that share sequences, states, rate limits or breakers are answered in the order of (virtual
time, profile, place): the call that leaves first on the virtual clock comes first, whatever the
order, the number of tasks or the number of processes in which the walks themselves are carried on.
A walk's clock never goes back, so nothing that is still being walked can come before the first of
those that wait, once all of them wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

from sandbox.engine.limits import Limits
from sandbox.engine.walk import Walk
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import StepFact, Trace

__all__ = ["Turns", "walk_together"]


class Turns:
    """The calls that wait, of walks of which each waits for one answer at most."""

    __slots__ = ("_heap", "_waiting", "_walking")

    def __init__(self, walking: int) -> None:
        """So many walks have begun; each will ``ask`` or ``end``."""
        self._walking = walking
        self._waiting: dict[int, Send] = {}
        self._heap: list[tuple[int, str, int]] = []

    def ask(self, who: int, send: Send) -> None:
        """A walk waits for an answer; ``who`` is its place among all."""
        self._walking -= 1
        self._waiting[who] = send
        heappush(self._heap, (send.at_us, send.profile, who))

    def end(self, who: int) -> None:
        """A walk has ended, or is given up while it waits."""
        if self._waiting.pop(who, None) is None:
            self._walking -= 1

    def next(self) -> tuple[int, Send] | None:
        """Who is to be answered now, and what; None as long as somebody is on the way."""
        if self._walking:
            return None
        while self._heap:
            _, _, who = heappop(self._heap)
            send = self._waiting.pop(who, None)
            if send is not None:
                self._walking = 1
                return who, send
        return None


def walk_together(
    walks: Sequence[Walk], asks: Sequence[Callable[[Send], Answer]], limits: Limits | None = None
) -> list[Trace]:
    """Walk many people who share what answers them; their traces, in the order of the walks.

    Args:
        walks: one for each run.
        asks: who answers it, in the same order.
        limits: what they share besides; None: limits of their own.
    """
    shared = limits or Limits()
    limited = [shared.asking(ask) for ask in asks]
    traces: dict[int, Trace] = {}
    turns = Turns(len(walks))

    def go_on(who: int, answer: Answer | None) -> None:
        try:
            asked: Send | StepFact = walks[who].send(answer)
            while not isinstance(asked, Send):
                asked = next(walks[who])
        except StopIteration as end:
            traces[who] = end.value
            turns.end(who)
        else:
            turns.ask(who, asked)

    for who in range(len(walks)):
        go_on(who, None)
    while (turn := turns.next()) is not None:
        who, send = turn
        go_on(who, limited[who](send))
    return [traces[who] for who in range(len(walks))]
