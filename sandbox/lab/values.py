"""Values for which comparisons come out in every way they can.

For one place in an answer: every constant it is compared with, both sides of it, what lies between
two of them, texts and lists that hold several needles at once, and nothing at all. ``all_ways``
tells whether that was all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise, product
from typing import Final

from sandbox.engine.conditions import Comparison, holds
from sandbox.model.base import Json, dump_json
from sandbox.templates.filters import as_number
from sandbox.templates.paths import MISSING, Path
from sandbox.templates.syntax import SNIPPET, Syntax

__all__ = ["OTHER", "all_ways", "body_of", "distinct", "put", "values_for"]

OTHER = "something else"
"""A text that nobody compares anything with."""

Test = tuple[str, Json]
_TRUTHS: Final = (True, False, "true", "false")
"""A vendor that casts takes a text for a truth; one that does not tells them apart."""


def values_for(tests: Sequence[Test], syntax: Syntax = SNIPPET) -> list[Json]:
    """Values for one place, the first one such that the first comparison holds if it can.

    Args:
        tests: operator and constant of every comparison of this place.
        syntax: of the journey; Kustomer casts what it compares.
    """
    found = distinct([*_constants(tests), OTHER, MISSING])
    chosen: dict[tuple[bool, ...], Json] = {}
    for value in found:
        scope = {} if value is MISSING else {"x": value}
        came_out = tuple(
            holds(Comparison(("x",), op, wanted), scope, syntax) for op, wanted in tests
        )
        chosen.setdefault((value is MISSING, *came_out), value)
    return list(chosen.values())


def distinct(values: Sequence[Json]) -> list[Json]:
    """Each value once, in order; ``MISSING`` is one of them."""
    seen: dict[object, Json] = {}
    for value in values:
        seen.setdefault(None if value is MISSING else dump_json(value), value)
    return list(seen.values())


def _constants(tests: Sequence[Test]) -> Iterator[Json]:
    numbers: list[float] = []
    texts: list[str] = []
    starts: list[str] = [""]
    needles: list[str] = []
    for op, wanted in tests:
        if op == "exists":
            yield "value"
        for one in wanted if op == "in" and isinstance(wanted, list) else [wanted]:
            if op not in ("exists", "contains", "starts_with"):
                yield one
            if isinstance(one, bool) or one in ("true", "false"):
                yield from (other for other in _TRUTHS if other != one)
            if isinstance(one, bool):
                continue
            if op == "contains":
                yield [one]
                yield {str(one): True}
                needles += [one] if isinstance(one, str) else []
            elif op == "starts_with":
                starts += [one] if isinstance(one, str) else []
            elif (number := as_number(one)) is not None:
                numbers.append(number)
            elif isinstance(one, str):
                texts.append(one)
    yield from _between(sorted(set(numbers)))
    yield from _around(sorted(set(texts)))
    asked = [wanted for op, wanted in tests if op == "contains"]
    yield asked
    yield from map(list, _subsets(distinct(asked)))
    needles = list(dict.fromkeys(needles))
    for start in sorted(set(starts), key=len, reverse=True):
        yield start
        for some in (*([one] for one in needles), needles, *_subsets(needles)):
            yield start + " ".join(some)
            yield " ".join([start, *some])
            yield start + "".join(some)
        yield start + " ".join([*needles, *texts])


_MOST_NEEDLES = 5


def _subsets(items: Sequence[Json]) -> Iterator[tuple[Json, ...]]:
    """Some of them and not the others; nothing when they are too many."""
    if len(items) <= _MOST_NEEDLES:
        for size in range(2, len(items)):
            yield from combinations(items, size)


def all_ways(tests: Sequence[Test], values: Sequence[Json]) -> bool:
    """Whether ``values`` hold every combination of the texts that a place is asked for, as far as
    no two of them contradict each other.
    """
    asked = [
        (op, wanted)
        for op, wanted in dict.fromkeys(
            (op, wanted) for op, wanted in tests if isinstance(wanted, str)
        )
        if op in ("contains", "starts_with")
    ]
    if len(asked) < 2:
        return True
    if len(asked) > _MOST_NEEDLES:
        return False
    scopes = [{} if value is MISSING else {"x": value} for value in values]
    met = {tuple(holds(Comparison(("x",), *one), scope) for one in asked) for scope in scopes}
    return all(
        ways in met or _contradict([one for one, yes in zip(asked, ways, strict=True) if yes],
                                   [one for one, yes in zip(asked, ways, strict=True) if not yes])
        for ways in product((True, False), repeat=len(asked))
    )  # fmt: skip


def _has(text: str, op: str, wanted: str) -> bool:
    return wanted in text if op == "contains" else text.startswith(wanted)


def _contradict(yes: Sequence[tuple[str, str]], no: Sequence[tuple[str, str]]) -> bool:
    """Whether no text has the one and not the other."""
    starts = [wanted for op, wanted in yes if op == "starts_with"]
    apart = any(not (a.startswith(b) or b.startswith(a)) for a, b in combinations(starts, 2))
    within = any(
        _has(text, op, wanted) and (op == "contains" or how == "starts_with")
        for how, text in yes
        for op, wanted in no
    )
    return apart or within


def _between(numbers: list[float]) -> Iterator[Json]:
    """Below, above and between."""
    if not numbers:
        return
    yield from (numbers[0] - 1, numbers[-1] + 1)
    for low, high in pairwise(numbers):
        yield low + 1 if high - low > 1 and isinstance(low, int) else (low + high) / 2


def _around(texts: list[str]) -> Iterator[Json]:
    """Texts before, after and between; dates stay dates."""
    for text in texts:
        try:
            moment = datetime.fromisoformat(text)
            yield (moment - timedelta(days=1)).isoformat()
            yield (moment + timedelta(days=1)).isoformat()
        except (ValueError, OverflowError):
            yield f"{text}~"
    if texts:
        yield ""


def body_of(values: Mapping[Path, Json]) -> Json:
    """A JSON body with these values at their paths; ``MISSING`` ones are left out."""
    body: Json = {}
    for path in sorted(values, key=len):
        if values[path] is not MISSING:
            body = put(body, path, values[path])
    return body


def put(body: Json, path: Path, value: Json) -> Json:
    """A copy of ``body`` with a value at a path; numbers in the path make lists."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if head.isdecimal() and len(head) < 4 and not isinstance(body, dict | str):
        items = list(body) if isinstance(body, list) else []
        items += [None] * (int(head) + 1 - len(items))
        items[int(head)] = put(items[int(head)], rest, value)
        return items
    fields = dict(body) if isinstance(body, dict) else {}
    fields[head] = put(fields.get(head), rest, value)
    return fields
