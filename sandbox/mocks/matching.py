"""Which rules fit a call, in the order in which they win: priority, then place in the document.

``RuleIndex`` files every rule under the literal values it asks for, so that the cost of a call
does not grow with the number of rules; what an index cannot file (a regular expression, ``gte``)
is tried on the few rules that are left. ``matches_one_by_one`` is the same without the index: the
definition that the index is tested against.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import attrgetter

from sandbox.errors import DocumentError, Problem
from sandbox.mocks.call import Call, Values
from sandbox.mocks.comparing import index_key, pattern_problem
from sandbox.mocks.conditions import Compared, compile_conditions
from sandbox.mocks.paths import PathIndex, PathPattern
from sandbox.model.match import AttemptMatch, Match

__all__ = ["Call", "Matcher", "RuleIndex", "lower_origin", "matches_one_by_one"]

_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)", re.DOTALL)
_MOST_KEYS = 4096
_COMPARED_NAMES = 8
"""How many headers, body paths and the like are indexed: those that most rules compare."""
_FEW = 4
"""Fewer rules than this comparing the same thing are simply tried."""


def lower_origin(prefix: str) -> str:
    """A URL prefix spelled as ``Parts.plain`` is: scheme and host small, no needless port."""
    match = _ORIGIN.fullmatch(prefix)
    if match is None:
        return prefix
    scheme, authority, rest = match[1].lower(), match[2].lower(), match[3]
    usual = {"http://": ":80", "https://": ":443"}.get(scheme, "/")
    if rest or authority.endswith(usual):
        authority = authority.removesuffix(usual)
        rest = rest if rest.startswith("/") else "/" + rest
    return scheme + authority + rest


def _fits(wanted: AttemptMatch | None, value: int) -> bool:
    return wanted is None or (
        (wanted.eq is None or value == wanted.eq)
        and (wanted.gte is None or value >= wanted.gte)
        and (wanted.lte is None or value <= wanted.lte)
    )


class Matcher:
    """The compiled ``match`` of one rule."""

    __slots__ = (
        "attempt", "conditions", "host", "journeys", "match", "methods", "path", "prefix",
        "profiles", "rank", "regex", "steps", "triggers", "visit",
    )  # fmt: skip

    def __init__(
        self,
        match: Match,
        rank: int,
        where: str = "match",
        problems: list[Problem] | None = None,
    ) -> None:
        """Compile.

        Args:
            match: as written.
            rank: the rule's place among all; a smaller one wins.
            where: its path, for problems.
            problems: where what cannot be compiled is reported.

        Raises:
            DocumentError: when something cannot be compiled and ``problems`` was not given.
        """
        found: list[Problem] = [] if problems is None else problems
        self.match = match
        self.rank = rank
        self.journeys = None if match.journey is None else frozenset(match.journey)
        self.steps = None if match.step is None else frozenset(match.step)
        ids = None if isinstance(match.profile, Mapping) else match.profile
        self.profiles = None if ids is None else frozenset(ids)
        self.triggers = None if match.trigger is None else frozenset(match.trigger)
        self.methods = (
            None if match.method is None else frozenset(name.upper() for name in match.method)
        )
        url = match.url
        self.host = url.host.lower() if url is not None and url.host is not None else None
        self.path = PathPattern(url.path) if url is not None and url.path is not None else None
        self.prefix = (
            lower_origin(url.prefix) if url is not None and url.prefix is not None else None
        )
        self.regex = None
        if url is not None and url.regex is not None:
            problem = pattern_problem(url.regex, f"{where}.url.regex")
            if problem is None:
                self.regex = re.compile(url.regex)
            else:
                found.append(problem)
        self.attempt = match.attempt
        self.visit = match.visit
        self.conditions = compile_conditions(
            match, where, found, lambda inner, path: Matcher(inner, 0, path, found)
        )
        if problems is None and found:
            raise DocumentError("rules", found)

    def differences(self, call: Call) -> Iterator[str]:
        """The names of the conditions that do not hold, the most telling ones first."""
        if self.steps is not None and call.step not in self.steps:
            yield "step"
        if self.methods is not None and call.method not in self.methods:
            yield "method"
        if self.host is not None and self.host not in call.hosts:
            yield "host"
        if self.path is not None and not self.path.matches(call.paths):
            yield "path"
        if self.prefix is not None and not call.plain.startswith(self.prefix):
            yield "prefix"
        if self.regex is not None and not self.regex.search(call.url):
            yield "regex"
        if self.journeys is not None and call.journey not in self.journeys:
            yield "journey"
        if self.profiles is not None and call.profile not in self.profiles:
            yield "profile"
        if not _fits(self.attempt, call.attempt):
            yield "attempt"
        if not _fits(self.visit, call.visit):
            yield "visit"
        if self.triggers is not None and call.trigger not in self.triggers:
            yield "trigger"
        for condition in self.conditions:
            if not condition.fits(call):
                yield condition.name

    def fits(self, call: Call) -> bool:
        """Whether all conditions hold: there is no difference, found without naming one."""
        return (
            (self.steps is None or call.step in self.steps)
            and (self.methods is None or call.method in self.methods)
            and (self.host is None or self.host in call.hosts)
            and (self.path is None or self.path.matches(call.paths))
            and (self.prefix is None or call.plain.startswith(self.prefix))
            and (self.regex is None or self.regex.search(call.url) is not None)
            and (self.journeys is None or call.journey in self.journeys)
            and (self.profiles is None or call.profile in self.profiles)
            and (self.attempt is None or _fits(self.attempt, call.attempt))
            and (self.visit is None or _fits(self.visit, call.visit))
            and (self.triggers is None or call.trigger in self.triggers)
            and (not self.conditions or all(one.fits(call) for one in self.conditions))
        )

    def compared(self) -> dict[str, tuple[object, Values]]:
        """The comparisons with one literal value: name → its key, and where a call has it."""
        found: dict[str, tuple[object, Values]] = {}
        for one in self.conditions:
            if isinstance(one, Compared) and one.check.has_eq:
                key = index_key(one.check.eq)
                if key is not None:
                    found[one.name] = (key, one.values)
        return found

    def keys(self) -> dict[str, Sequence[object]]:
        """The conditions that an index can file: name → the values that would do."""
        found: dict[str, Sequence[object]] = {}
        for name, values in (
            ("journey", self.journeys),
            ("step", self.steps),
            ("profile", self.profiles),
            ("method", self.methods),
            ("trigger", self.triggers),
        ):
            if values is not None:
                found[name] = tuple(values)
        if self.host is not None:
            found["host"] = (self.host,)
        if self.path is not None and self.path.key is not None:
            found["path"] = (self.path.key,)
        if self.prefix is not None:
            found["prefix"] = (self.prefix,)
        if self.attempt is not None and self.attempt.eq is not None:
            found["attempt"] = (self.attempt.eq,)
        if self.visit is not None and self.visit.eq is not None:
            found["visit"] = (self.visit.eq,)
        return found


def matches_one_by_one(matchers: Iterable[Matcher], call: Call) -> Iterator[Matcher]:
    """The matchers that fit, best first, found by trying each."""
    return (matcher for matcher in sorted(matchers, key=attrgetter("rank")) if matcher.fits(call))


class RuleIndex:
    """Matchers filed by the literal values they ask for."""

    def __init__(self, matchers: Iterable[Matcher]) -> None:
        """Compile the files; a matcher may be filed under several keys, never under none."""
        ordered = sorted(matchers, key=attrgetter("rank"))
        self._paths = PathIndex(one.path for one in ordered if one.path is not None)
        self._prefix_lengths = sorted(
            {len(one.prefix) for one in ordered if one.prefix is not None}
        )
        compared = [one.compared() for one in ordered]
        often = Counter(name for one in compared for name in one).most_common(_COMPARED_NAMES)
        filed = {name for name, count in often if count >= _FEW}
        self._values: dict[str, Values] = {}
        self._files: dict[tuple[str, ...], dict[tuple[object, ...], list[Matcher]]] = {}
        for matcher, literals in zip(ordered, compared, strict=True):
            keys = matcher.keys()
            for name, (key, values) in literals.items():
                if name in filed:
                    keys[name] = (key,)
                    self._values[name] = values
            while _count(keys.values()) > _MOST_KEYS:
                del keys[max(keys, key=lambda name: len(keys[name]))]
            names = tuple(keys)
            drawers = self._files.setdefault(names, {})
            for key in product(*keys.values()):
                drawers.setdefault(key, []).append(matcher)

    def matches(self, call: Call) -> Iterator[Matcher]:
        """The matchers that fit, best first."""
        seen: dict[str, tuple[object, ...]] = {}
        hits: list[list[Matcher]] = []
        for names, drawers in self._files.items():
            options = [self._options(name, call, seen) for name in names]
            for key in product(*options):
                hit = drawers.get(key)
                if hit is not None:
                    hits.append(hit)
        ranked: Iterable[Matcher] = (
            hits[0] if len(hits) == 1 else heapq.merge(*hits, key=attrgetter("rank"))
        )
        return (matcher for matcher in ranked if matcher.fits(call))

    def _options(
        self, name: str, call: Call, seen: dict[str, tuple[object, ...]]
    ) -> tuple[object, ...]:
        """The values of a call under which a matcher may be filed."""
        found = seen.get(name)
        if found is None:
            if name == "host":
                found = call.hosts
            elif name == "path":
                found = self._paths.find(call.paths)
            elif name == "prefix":
                found = tuple(
                    call.plain[:length]
                    for length in self._prefix_lengths
                    if length <= len(call.plain)
                )
            elif name in self._values:
                values = self._values[name](call)
                keys = (index_key(one) for one in values)
                found = tuple({one for one in keys if one is not None})
            else:
                found = (getattr(call, name),)
            seen[name] = found
        return found


def _count(values: Iterable[Sequence[object]]) -> int:
    total = 1
    for one in values:
        total *= len(one)
    return total
