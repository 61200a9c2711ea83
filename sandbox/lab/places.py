"""What is tried in an answer's body and headers: at every place that is read, one of each group of
values that the journey can tell apart.

Places that conditions read, or whose value flows on, are tried in every combination; so are those
whose value can break a text or decide in it. The others change nothing but what is missing where,
so they are tried together: all there, all with their second value, and none of them there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, product
from math import prod
from typing import Final

from sandbox.lab.answers import Outcome
from sandbox.lab.known import Known
from sandbox.lab.values import OTHER, all_ways, body_of, distinct, values_for
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer
from sandbox.sendable import header_problem
from sandbox.templates.filters import to_text
from sandbox.templates.paths import MISSING, Path, dotted

__all__ = ["Places"]

_USUAL: Final[tuple[Json, ...]] = (
    "value", 1, "", None, 0, True, False, 'a "quoted"\nline', ["value"], [], {"value": 1}, {},
    "2026-01-01T00:00:00+00:00", "http://api.test/value",
)  # fmt: skip
"""Values that texts may make different things of."""
_MOST_BODIES = 256
_MOST_LINKED = 64
_MOST_HEADERS = 32

Inside = Callable[[Path], Path | None]
"""A path of the journey → the place within what is made, when it leads there."""


@dataclass(slots=True)
class _Place:
    """What may be tried at one place of an answer."""

    constants: list[Json]
    """What is compared with, and its neighbours; the first one suits best."""
    usual: list[Json]
    """What a text may make something else of."""
    groups: list[str]
    """How it is read: ``apart`` by conditions, ``linked`` where it can break, ``loose`` else."""


class Places:
    """The bodies and headers that are tried on one call."""

    def __init__(self, known: Known, success: int) -> None:
        """``success``: the status that a plain success has."""
        self._known = known
        self._reads = known.reads
        self._node = known.node
        self._success = success
        self.limits: list[str] = []
        """What could matter and is not tried."""

    def headers(self) -> list[tuple[tuple[str, str], ...]]:
        """Headers to be tried, those with everything that is read first."""
        own = ("steps", self._node.id, "response", "headers")
        places = self._places(lambda path: path[4:5] if path[:4] == own else None)
        places.pop((), None)

        def answer(place: Path, value: Json, whole: bool) -> Answer:
            name, text = place[0], to_text(value)
            pairs = () if value is MISSING or header_problem(name, text) else ((name, text),)
            return Answer(200, pairs)

        tried = {place: self._apart(place, all_, answer) for place, all_ in places.items()}
        found: list[tuple[tuple[str, str], ...]] = []
        ways = prod(map(len, tried.values()))
        if ways > _MOST_HEADERS:
            self.limits.append(
                f"{self._node.id}: its headers can differ in {ways:,} ways; {_MOST_HEADERS} "
                "were tried"
            )
        for values in islice(product(*tried.values()), _MOST_HEADERS):
            pairs = [
                (place[0], to_text(value))
                for place, value in zip(tried, values, strict=True)
                if value is not MISSING
            ]
            if not any(header_problem(name, value) for name, value in pairs):
                found.append(tuple(pairs))
        return list(dict.fromkeys([*found, ()]))

    def bodies(self) -> list[dict[str, Json]]:
        """Bodies as arguments of an ``Outcome``; the first one has everything that is read."""
        places = self._places(self._reads.inside)
        whole = places.pop((), None)
        good = {place: tried.constants[0] for place, tried in places.items()}
        sample = self._sample((), self._reads.inside, "")
        base: dict[Path, Json] = {(): sample} if whole and isinstance(sample, dict) else {}

        def answer(place: Path, value: Json, rest: bool) -> Answer:
            around = {**base, **good} if rest else {}
            others = {path: v for path, v in around.items() if path[: len(place)] != place}
            return Outcome("", self._success, body=body_of({**others, place: value})).answer

        values = {place: self._apart(place, tried, answer) for place, tried in places.items()}
        groups: dict[str, dict[Path, list[Json]]] = {"apart": {}, "linked": {}, "loose": {}}
        for place, tried in places.items():
            group = min(tried.groups)  # in the order of the alphabet, as it happens
            groups[group][place] = values[place]
        linked, together = self._combined(groups["linked"]), _together(groups["loose"])
        fillings = [{**one, **loose} for loose in together for one in linked]
        apart = groups["apart"]
        ways = prod(map(len, apart.values())) * len(fillings)
        if ways > _MOST_BODIES:
            self.limits.append(
                f"{self._node.id}: its bodies can differ in {ways:,} ways; {_MOST_BODIES} were "
                "tried"
            )
        chosen = [
            dict(zip(apart, each, strict=True))
            for each in islice(product(*apart.values()), _MOST_BODIES)
        ]
        # What decides alone comes first, so that it is tried even when there are too many.
        pairs = chain(
            product(chosen, fillings[:1]), product(chosen[:1], fillings), product(chosen, fillings)
        )
        made: dict[bytes, dict[str, Json]] = {}
        for one, filling in pairs:
            body = body_of({**base, **filling, **one})
            made.setdefault(dump_json(body), {"body": body})
            if len(made) >= _MOST_BODIES:
                break
        wholes = self._wholes(whole) if whole is not None else ()
        return [*made.values(), *(body for body in wholes if body not in made.values())]

    def _combined(self, linked: dict[Path, list[Json]]) -> list[dict[Path, Json]]:
        """Every combination; when they are too many, one value at a time and all alike."""
        ways = prod(map(len, linked.values()))
        if ways <= _MOST_LINKED:
            return [dict(zip(linked, each, strict=True)) for each in product(*linked.values())]
        self.limits.append(
            f"{self._node.id}: {len(linked)} of its values can break what they are put into; they "
            "were tried one at a time and all alike"
        )
        good = {place: values[0] for place, values in linked.items()}
        return [
            *_together(linked),
            *({**good, place: one} for place, values in linked.items() for one in values[1:]),
        ]

    def _wholes(self, whole: _Place) -> Iterator[dict[str, Json]]:
        """Bodies that are read as a whole."""

        def answer(place: Path, value: Json, rest: bool) -> Answer:
            return Outcome("", self._success, **_body(value)).answer

        for value in self._apart((), whole, answer):
            if value is not MISSING:
                yield _body(value)
                if isinstance(value, str):
                    yield {"body": value}

    def _places(self, inside: Inside) -> dict[Path, _Place]:
        """Places in an answer, and what may be tried there."""
        reads = self._reads
        found: dict[Path, _Place] = {}
        for path in reads.paths:
            place = inside(path)
            if place is None:
                continue
            kind = next((save.type for save in self._node.save if save.name == path[0]), "")
            one = found.setdefault(place, _Place([], [], []))
            these = [(t.op, t.value) for t in reads.tests if inside(t.path) == place]
            fitting = values_for(these, self._known.journey.syntax) if these else []
            one.constants += fitting
            if not all_ways(these, fitting):
                self.limits.append(
                    f"{self._node.id}: {dotted(path)} is asked for several texts at once; only "
                    "some of their combinations were tried"
                )
            flows = path in reads.exact or path in reads.flowing
            one.groups.append(
                "apart" if these or flows else "linked" if path in reads.linked else "loose"
            )
            sample = self._sample(place, inside, kind)
            one.constants += [sample, *(reads.pool if flows else ()), *((OTHER,) if flows else ())]
            one.constants.append(MISSING)
            if path in reads.linked or path in reads.computed or self._prints_null:
                one.usual += [*reads.constants.get(path, ()), *_USUAL]
        return found

    @property
    def _prints_null(self) -> bool:
        """Whether null is something else than nothing to the journey's texts."""
        return self._known.journey.syntax.name == "kustomer"

    def _apart(
        self, place: Path, tried: _Place, answer: Callable[[Path, Json, bool], Answer]
    ) -> list[Json]:
        """One of each group of values that the journey can tell apart at a place.

        Args:
            place: where.
            tried: what may be tried there.
            answer: place, value and whether the rest is there → an answer.
        """
        found: list[Json] = []
        known: set[object] = set()
        rough: set[object] = set()
        constants = len(distinct(tried.constants))
        for number, value in enumerate(distinct([*tried.constants, *tried.usual])):
            both = [self._known.seen(answer(place, value, whole)) for whole in (True, False)]
            roughly = tuple(one[0] for one in both)
            exactly = tuple(both)
            if (exactly in known) if number < constants else (roughly in rough):
                continue
            known.add(exactly)
            rough.add(roughly)
            found.append(value)
        return found

    def _sample(self, place: Path, inside: Inside, kind: str) -> Json:
        typed = {"number": 1, "date": "2026-01-01T00:00:00+00:00"}
        if kind in typed:
            return typed[kind]
        read = (one for one in self._reads.samples if inside(one) == place)
        return next((self._reads.samples[one] for one in read), "value")


def _body(value: Json) -> dict[str, Json]:
    """A whole body as arguments of an ``Outcome``: texts are no JSON."""
    if value is MISSING:
        return {}
    return {"text": value} if isinstance(value, str) else {"body": value}


def _together(values: dict[Path, list[Json]]) -> list[dict[Path, Json]]:
    """Every place with its first value, with its second, and so on; and nothing at all."""
    most = max(map(len, values.values()), default=1)
    return [
        *(
            {place: these[min(n, len(these) - 1)] for place, these in values.items()}
            for n in range(most)
        ),
        *([dict.fromkeys(values, MISSING)] if values else []),
    ]
