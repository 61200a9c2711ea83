"""Loops that nothing leaves: each is one finding, with every answer that keeps it up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.walked import Explored, decided, is_endless, named
from sandbox.model.trace import Finding, Trace

__all__ = ["Loops"]

_MOST_STEPS = 8
_MOST_WAYS = 100
_MOST_TOLD = 3
_ORDER: Final = {name: place for place, name in enumerate(OUTCOMES)}


class _Answers(NamedTuple):
    """What one call answers while the loop is kept up: any of these."""

    step: str
    lasting: bool
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        return named(self.step, self.names, self.lasting)

    def holds(self, other: _Answers) -> bool:
        """Whether the other's answers are among these."""
        return (
            self.step == other.step
            and self.lasting <= other.lasting
            and set(self.names) >= set(other.names)
        )


_Way = tuple[_Answers, ...]
"""What has to go wrong together."""


class Loops:
    """The endless loops of a sweep."""

    def __init__(self) -> None:
        """None has been met."""
        self._ways: dict[tuple[str, ...], list[_Way]] = {}
        """The loop's steps, from the one that a person comes to first → what keeps it up."""

    def take(self, explored: Explored) -> str:
        """Note the loop a walk ends in: the step that is come to first; empty without a loop."""
        trace = explored.trace
        if not is_endless(trace):
            return ""
        loop = _loop(trace)
        ways = self._ways.setdefault(loop, [])
        way = tuple(
            _Answers(one.step, one.lasting, tuple(one.outcome.names))
            for one in decided(explored.choices)
        )
        told = any(all(any(a.holds(b) for b in way) for a in old) for old in ways)
        if not told and len(ways) < _MOST_WAYS:
            _put(ways, way)
        return loop[0]

    def findings(self) -> Iterator[Finding]:
        """One for each loop."""
        for loop, ways in self._ways.items():
            when = "whatever the calls answer"
            if all(ways):
                whens = [f"when {' and '.join(one.words for one in way)}" for way in ways]
                when = " or ".join(whens[:_MOST_TOLD])
                if len(whens) > _MOST_TOLD:
                    when += f" or in {len(whens) - _MOST_TOLD:,} more ways"
            circle = " → ".join((*loop, loop[0])[:_MOST_STEPS])
            message = f"the journey never ends {when}: nothing leaves the loop {circle}"
            yield Finding("endless_loop", "error", loop[0], message)


def _loop(trace: Trace) -> tuple[str, ...]:
    """The steps of the loop, from the one that the person came to first."""
    steps = list(dict.fromkeys(fact.step for fact in trace.facts[-100:]))
    first = next(fact.step for fact in trace.facts if fact.step in steps)
    at = steps.index(first)
    return (*steps[at:], *steps[:at])


def _put(ways: list[_Way], way: _Way) -> None:
    """Add a way; two that differ in the answers of one call alone become one."""
    place = 0
    while place < len(ways):
        both = _joined(ways[place], way)
        if both is None:
            place += 1
            continue
        del ways[place]
        way, place = both, 0
    ways.append(way)


def _joined(one: _Way, other: _Way) -> _Way | None:
    if len(one) != len(other):
        return None
    differ = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differ) != 1:
        return None
    (at,) = differ
    mine, yours = one[at], other[at]
    if mine[:2] != yours[:2]:
        return None
    last = len(_ORDER)
    names = sorted({*mine.names, *yours.names}, key=lambda name: (_ORDER.get(name, last), name))
    return (*one[:at], mine._replace(names=tuple(names)), *one[at + 1 :])
