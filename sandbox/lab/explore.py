"""Every walk that failing calls can make of a journey, depth first, along real branching.

A walk is decided by the answers to the calls it really makes. Exploring begins with the walk in
which every call succeeds; at every
call a walk makes after its last decision, each other class of answer is tried. So nothing is
enumerated that no walk would ask, memory
is the stack of open decisions, and the same seed gives the same order.

A decision is a class of answer for one visit of one step. Where the class is retried, it is tried
twice over: once, so that the next
attempt succeeds, and lasting, so that every further attempt and visit of the step gets the same
answer; what never recovers is then
seen to end, or not to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from sandbox.engine.check import cyclic_steps
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.walk import Run
from sandbox.lab.outcomes import OutcomeClass, classes_of
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Trace

__all__ = ["DEPTHS", "Choice", "Explored", "Explorer", "decided"]

DEPTHS: Final = {"single": 1, "pairs": 2, "full": 1_000}
"""How many calls misbehave in one walk, at most."""

_MOST_STEPS = 400
"""Steps after which a walk counts as endless here."""
_MOST_DECISIONS = 64
"""Calls of one walk that are branched on; past that they get the plain success."""


class Choice(NamedTuple):
    """What one call got."""

    step: str
    outcome: OutcomeClass
    number: int
    """Which of the step's classes: 0 is the plain success."""
    lasting: bool = False


class Explored(NamedTuple):
    """One walk and what decided it."""

    trace: Trace
    choices: tuple[Choice, ...]
    """For each call in order."""
    failing: int
    """How many decisions were not the plain success."""
    last: int
    """Which call was decided last; -1 when none was."""
    parent: Trace | None
    """The walk in which that call succeeded."""

    @property
    def title(self) -> str:
        """``call=5xx`` and so on; ``everything succeeds`` when nothing misbehaves."""
        words = [
            f"{choice.step}={choice.outcome.name}{' (always)' if choice.lasting else ''}"
            for choice in decided(self.choices)
        ]
        return ", ".join(words) or "everything succeeds"


def decided(choices: tuple[Choice, ...]) -> list[Choice]:
    """The choices that differ from plain success; what lasts is named once."""
    found: list[Choice] = []
    lasting: set[str] = set()
    for choice in choices:
        if choice.number == 0 or choice.step in lasting:
            continue
        found.append(choice)
        if choice.lasting:
            lasting.add(choice.step)
    return found


class Explorer:
    """Explores one journey for one person."""

    def __init__(
        self, journey: CompiledJourney, start: Callable[[], Run], occurrence: int | None = None
    ) -> None:
        """``start`` makes a fresh run, the same every time."""
        self._start = start
        self._occurrence = occurrence
        self._cyclic = cyclic_steps(journey)
        self.classes: dict[str, tuple[OutcomeClass, ...]] = {
            node.id: classes_of(journey, node)
            for node in journey.nodes
            if isinstance(node, CallNode)
        }

    def walks(self, depth: int) -> Iterator[Explored]:
        """Every walk with at most ``depth`` misbehaving calls, each once."""
        stack: list[Iterator[tuple[Choice, ...]]] = [iter([()])]
        parents: list[Trace | None] = [None]
        while stack:
            prefix = next(stack[-1], None)
            if prefix is None:
                stack.pop()
                parents.pop()
                continue
            parent = parents[-1]
            explored = self._walk(prefix, parent)
            yield explored
            if explored.failing < depth:
                stack.append(self._others(explored.choices, len(prefix)))
                parents.append(explored.trace)

    def _others(self, choices: tuple[Choice, ...], after: int) -> Iterator[tuple[Choice, ...]]:
        """Every prefix that differs from this walk first at a call it made after its decisions."""
        lasting = {choice.step for choice in choices[:after] if choice.lasting}
        for at in range(after, min(len(choices), _MOST_DECISIONS)):
            step = choices[at].step
            if step in lasting:
                continue
            for number, outcome in enumerate(self.classes[step]):
                if number == 0:
                    continue
                yield (*choices[:at], Choice(step, outcome, number))
                if self._may_come_again(step, outcome):
                    yield (*choices[:at], Choice(step, outcome, number, True))

    def _may_come_again(self, step: str, outcome: OutcomeClass) -> bool:
        return outcome.retried or step in self._cyclic

    def _walk(self, prefix: tuple[Choice, ...], parent: Trace | None) -> Explored:
        choices: list[Choice] = []
        lasting: dict[str, Choice] = {}

        def answer(send: Send) -> Answer:
            step = send.step
            if step not in self.classes:
                return _TOKEN
            place = len(choices)
            if place < len(prefix):
                choice = prefix[place]
            else:
                choice = lasting.get(step) or Choice(step, self.classes[step][0], 0)
            if choice.lasting:
                lasting[step] = choice
            choices.append(choice)
            return choice.outcome.answer

        run = self._start()
        run.most_steps = _MOST_STEPS
        walk = run.go(self._occurrence, False, False)
        try:
            asked = next(walk)
            while True:
                asked = walk.send(answer(asked))  # type: ignore[arg-type]
        except StopIteration as end:
            trace: Trace = end.value
        failing = len(decided(tuple(choices)))
        return Explored(trace, tuple(choices), failing, len(prefix) - 1, parent)


_TOKEN = Answer(200, (("content-type", "application/json"),), b'{"access_token":"x"}', None, 50.0)
"""What a token endpoint answers: access tokens are not what is swept."""
