"""Whether a regular expression can take exponential time: the engine of Python tries one way after
another, and cannot be stopped from outside.

Some loop reads the same text in two ways and comes back to where it was: then n turns have 2ⁿ ways
(exponential ambiguity, decided on the product of the position automaton with itself). That matters
where something after the loop can fail. What is no part of a regular language (references back,
groups that never give back) is taken to be harmless.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Literal, NamedTuple

from sandbox.mocks.characters import Alphabet
from sandbox.model.base import Json

__all__ = ["EXPONENTIAL", "Ambiguity", "ambiguity"]

EXPONENTIAL = (
    "would take exponential time on a text that almost matches: a part that repeats can read the "
    "same text in several ways, as in (a+)+ or (a|aa)*; say it in one way, or with (?>…)"
)
"""What is said of such an expression."""

Ambiguity = Literal["", "harmless", "exponential", "unknown"]

_MOST_POSITIONS = 400
_MOST_WORK = 100_000
_NEVER_BACK = ("ATOMIC_GROUP", "POSSESSIVE_REPEAT")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_ASSERTIONS = ("AT", "ASSERT", "ASSERT_NOT")


_Edges = list[dict[int, int]]
"""Of each position those that may follow it, and in how many ways."""


class _Part(NamedTuple):
    """A part of an expression: position → in how many ways, 2 standing for more."""

    first: dict[int, int]
    last: dict[int, int]
    empty: int
    """In how many ways it reads nothing."""
    ends: frozenset[int]
    """Positions after which it can end, whatever comes."""
    free: bool
    """Whether it can read nothing, whatever comes."""


_NOTHING = _Part({}, {}, 1, frozenset(), True)


class _TooLarge(Exception):
    """The expression is larger than what is looked at."""


def ambiguity(regex: str) -> Ambiguity:
    """How a regular expression that compiles behaves on texts that almost match.

    ``harmless``: a loop is ambiguous, and nothing after it can fail; ``unknown``: the expression is
    too large to be judged.
    """
    parser = importlib.import_module("re._parser")
    worst: Ambiguity = ""
    pending = [parser.parse(regex)]
    flags = pending[0].state.flags
    while pending:
        automaton = _Automaton(Alphabet(flags))
        try:
            whole = automaton.sequence(pending.pop())
            # Where the expression may end, the engine ends at once instead of trying on.
            if automaton.two_ways(without=whole.ends):
                return "exponential"
            if automaton.two_ways(without=frozenset()):
                worst = worst or "harmless"
        except (_TooLarge, RecursionError):
            worst = "unknown"
        pending += automaton.apart
    return worst


class _Automaton:
    """Which position may follow which, and in how many ways."""

    def __init__(self, alphabet: Alphabet) -> None:
        self._alphabet = alphabet
        self._nodes: list[Json] = []
        self._next: _Edges = []
        self._work = 0
        self.apart: list[Json] = []
        """What is matched by itself: what stands in assertions and never gives back."""

    def sequence(self, items: Iterable[Json]) -> _Part:
        """Take in what stands one after the other.

        Raises:
            _TooLarge: when there is too much of it.
        """
        whole = _NOTHING
        for item in items:
            self._spend(1)
            whole = self._then(whole, self._part(str(item[0]), item[1], item))
        return whole

    def _part(self, name: str, value: Json, item: Json) -> _Part:
        if name in _REPEATS:
            return self._repeat(*value)
        if name == "SUBPATTERN":
            return self.sequence(value[3])
        if name == "BRANCH":
            return self._either([self.sequence(one) for one in value[1]])
        if name == "GROUPREF_EXISTS":
            yes, no = value[1], value[2]
            return self._either([self.sequence(yes), self.sequence(no or ())])
        if name in _ASSERTIONS:
            if name != "AT":
                self.apart.append(value[1])
            return _NOTHING._replace(free=False)
        if name == "FAILURE":
            return _NOTHING._replace(empty=0, free=False)
        if name in _NEVER_BACK:
            self.apart.append(value if name == "ATOMIC_GROUP" else value[2])
            return self._position(None)
        return self._position(None if name == "GROUPREF" else item)

    def _position(self, node: Json) -> _Part:
        at = len(self._nodes)
        if at >= _MOST_POSITIONS:
            raise _TooLarge
        self._nodes.append(node)
        if node is not None:
            self._alphabet.learn(node)
        self._next.append({})
        return _Part({at: 1}, {at: 1}, 0, frozenset({at}), False)

    def _then(self, one: _Part, two: _Part) -> _Part:
        self._join(one.last, two.first)
        return _Part(
            _sum(one.first, two.first, one.empty),
            _sum(two.last, one.last, two.empty),
            min(2, one.empty * two.empty),
            two.ends | one.ends if two.free else two.ends,
            one.free and two.free,
        )

    def _either(self, parts: list[_Part]) -> _Part:
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for one in parts:
            first, last = _sum(first, one.first, 1), _sum(last, one.last, 1)
        return _Part(
            first,
            last,
            min(2, sum(one.empty for one in parts)),
            frozenset().union(*(one.ends for one in parts)),
            any(one.free for one in parts),
        )

    def _repeat(self, least: int, most: int, body: Json) -> _Part:
        """``{2,4}`` is written out: two that must be, and two inside each other that may be."""
        copies = int(most) if most < _MOST_POSITIONS else max(1, int(least))
        if copies * max(1, len(body)) > _MOST_POSITIONS:
            raise _TooLarge
        endless = most >= _MOST_POSITIONS
        parts = [self.sequence(body) for _ in range(copies)]
        whole = _NOTHING
        for at in reversed(range(copies)):
            one = parts[at]
            if endless and at == copies - 1:
                self._join(one.last, one.first)
            whole = self._then(one, whole)
            if at >= least:
                whole = whole._replace(empty=min(2, whole.empty + 1), free=True)
        return whole._replace(empty=1) if endless and not least else whole

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > _MOST_WORK:
            raise _TooLarge

    def _join(self, lasts: dict[int, int], firsts: dict[int, int]) -> None:
        self._spend(len(lasts) * len(firsts))
        for (last, ways), (first, more) in product(lasts.items(), firsts.items()):
            following = self._next[last]
            following[first] = min(2, following.get(first, 0) + ways * more)

    def two_ways(self, without: frozenset[int]) -> bool:
        """Whether some loop that keeps off these positions reads some text in two ways.

        Raises:
            _TooLarge: when that takes too long to tell.
        """
        masks = [self._alphabet.mask(node, at) for at, node in enumerate(self._nodes)]
        edges = [
            {} if at in without else {one: n for one, n in following.items() if one not in without}
            for at, following in enumerate(self._next)
        ]
        return any(self._two_ways(loop, edges, masks) for loop in self._strong(edges))

    def _two_ways(self, loop: set[int], edges: _Edges, masks: list[int]) -> bool:
        inside = {
            at: [one for one in edges[at].items() if one[0] in loop and masks[one[0]]]
            for at in loop
        }
        if any(ways > 1 for following in inside.values() for _, ways in following):
            return True
        pending = [(at, at) for at in loop]
        seen = set(pending)
        while pending:
            left, right = pending.pop()
            self._spend(len(inside[left]) * len(inside[right]))
            for (one, _), (two, _) in product(inside[left], inside[right]):
                if not masks[one] & masks[two]:
                    continue
                if one == two and left != right:
                    return True
                pair = (min(one, two), max(one, two))
                if pair not in seen:
                    seen.add(pair)
                    pending.append(pair)
        return False

    def _strong(self, edges: _Edges) -> Iterator[set[int]]:
        """Sets of positions each of which leads to all of them."""
        back: _Edges = [{} for _ in edges]
        for at, following in enumerate(edges):
            for one, ways in following.items():
                back[one][at] = ways
        done: set[int] = set()
        for at in range(len(edges)):
            if at not in done and edges[at]:
                self._spend(1)
                loop = _reached(at, edges) & _reached(at, back)
                done |= loop
                if loop:
                    yield loop


def _reached(start: int, edges: _Edges) -> set[int]:
    found: set[int] = set()
    pending = [start]
    while pending:
        for one in edges[pending.pop()]:
            if one not in found:
                found.add(one)
                pending.append(one)
    return found


def _sum(one: dict[int, int], two: dict[int, int], times: int) -> dict[int, int]:
    if not times:
        return one
    made = dict(one)
    for at, ways in two.items():
        made[at] = min(2, made.get(at, 0) + ways * times)
    return made
