"""Comparisons of rules, compiled: texts (headers, query, form) and JSON values.

Numbers compare as numbers and never equal a text or a boolean; texts compare by their characters.
Where several values are found (a header sent twice, ``[*]`` in a path), one of them must pass what
is asked, and none may be what ``not`` names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sandbox.errors import Problem
from sandbox.mocks.ambiguity import EXPONENTIAL, ambiguity
from sandbox.model.base import Json, shorten
from sandbox.model.match import TextMatch, ValueMatch

__all__ = ["Check", "compile_check", "index_key", "pattern_problem", "same"]

Predicate = Callable[[Json], bool]
_SIGNS: Final = {"eq": "", "gt": "> ", "gte": ">= ", "lt": "< ", "lte": "<= "}


class Check:
    """One comparison, ready to be tried on the values that were found."""

    __slots__ = ("_absent", "_forbids", "_wanted", "eq", "has_eq", "only_eq", "test", "words")

    def __init__(self, test: TextMatch | ValueMatch) -> None:
        """Compile.

        Raises:
            re.error: when its regular expression cannot be compiled.
        """
        given = test.model_fields_set
        self.test = test
        self.has_eq = "eq" in given
        self.eq: Json = test.eq
        self.only_eq = given == {"eq"}
        self._forbids = "not_" in given
        self._absent = given <= {"not_"} or (test.exists is False and given <= {"not_", "exists"})
        self._wanted = tuple(_predicates(test))
        self.words = _words(test)

    def fits(self, values: Sequence[Json]) -> bool:
        """Whether the values that were found pass; there may be none."""
        if not values:
            return self._absent
        if self.test.exists is False:
            return False
        if self._forbids and any(same(value, self.test.not_) for value in values):
            return False
        wanted = self._wanted
        return any(all(one(value) for one in wanted) for value in values)

    def implies(self, other: Check) -> bool:
        """Whether every value that passes this passes ``other``, as far as is easily known."""
        if self.test == other.test:
            return True
        if self.has_eq:
            return other.fits([self.eq])
        return other.words == "anything" and not self._absent


def _predicates(test: TextMatch | ValueMatch) -> Iterator[Predicate]:
    given = test.model_fields_set
    if "eq" in given:
        expected = test.eq
        if isinstance(expected, str):
            yield lambda value: bool(value == expected)
        else:
            yield lambda value: same(value, expected)
    if test.in_ is not None:
        some = test.in_
        yield lambda value: any(same(value, one) for one in some)
    if "contains" in given:
        part = test.contains
        yield lambda value: _contains(value, part)
    if test.starts_with is not None:
        start = test.starts_with
        yield lambda value: isinstance(value, str) and value.startswith(start)
    if test.regex is not None:
        search = re.compile(test.regex).search
        yield lambda value: isinstance(value, str) and search(value) is not None
    if isinstance(test, ValueMatch):
        yield from _orders(test)


def _orders(test: ValueMatch) -> Iterator[Predicate]:
    gt, gte, lt, lte = test.gt, test.gte, test.lt, test.lte
    if gt is not None:
        yield lambda value: _comparable(value, gt) and value > gt
    if gte is not None:
        yield lambda value: _comparable(value, gte) and value >= gte
    if lt is not None:
        yield lambda value: _comparable(value, lt) and value < lt
    if lte is not None:
        yield lambda value: _comparable(value, lte) and value <= lte


def _comparable(value: Json, bound: Json) -> bool:
    if isinstance(bound, str):
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal; ``true`` is not 1, and 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def _contains(value: Json, part: Json) -> bool:
    if isinstance(value, str):
        return isinstance(part, str) and part in value
    if isinstance(value, list | tuple):
        return any(same(one, part) for one in value)
    return isinstance(value, dict) and isinstance(part, str) and part in value


def index_key(value: Json) -> object | None:
    """A value under which an index can file what asks for exactly this; None when it cannot."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return ("constant", value)
    if isinstance(value, int | float):
        return ("number", value)
    return None


def compile_check(
    test: TextMatch | ValueMatch, where: str, problems: list[Problem]
) -> Check | None:
    """The comparison; None, with a problem, when its regular expression cannot be read."""
    if test.regex is not None:
        problem = pattern_problem(test.regex, f"{where}.regex")
        if problem is not None:
            problems.append(problem)
            return None
    return Check(test)


def pattern_problem(regex: str, where: str) -> Problem | None:
    """What is wrong with a regular expression; one that could hang everything is wrong too."""
    try:
        re.compile(regex)
    except (re.error, OverflowError, RecursionError) as wrong:
        position = getattr(wrong, "pos", None)
        at = "" if position is None else f" at character {position + 1}"
        said = getattr(wrong, "msg", None) or str(wrong)
        return Problem(where, f"is not a regular expression: {said}{at}", shorten(regex))
    if ambiguity(regex) == "exponential":
        return Problem(where, EXPONENTIAL, shorten(regex))
    return None


def _words(test: TextMatch | ValueMatch) -> str:
    """What is asked for, in words."""
    parts = []
    for name, sign in _SIGNS.items():
        if name in test.model_fields_set and getattr(test, name, None) is not None:
            parts.append(sign + shorten(getattr(test, name), 40))
        elif name == "eq" and "eq" in test.model_fields_set:
            parts.append("null")
    if "not_" in test.model_fields_set:
        parts.append(f"not {shorten(test.not_, 40)}")
    if test.in_ is not None:
        parts.append(f"one of {shorten(list(test.in_), 40)}")
    if "contains" in test.model_fields_set:
        parts.append(f"contains {shorten(test.contains, 40)}")
    if test.starts_with is not None:
        parts.append(f"starts with {shorten(test.starts_with, 40)}")
    if test.regex is not None:
        parts.append(f"matches {shorten(test.regex, 40)}")
    if test.exists is False:
        parts.append("nothing")
    return " and ".join(parts) or "anything"
