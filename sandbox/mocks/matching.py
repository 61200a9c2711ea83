"""Which rules fit a call, in the order in which they win: priority, then place in the document.

``RuleIndex`` files every rule under the literal values it asks for, so that the cost of a call
does not grow with the number of rules; what an index cannot file (a regular expression, ``gte``)
is tried on the few rules that are left. ``matches_one_by_one`` is the same without the index: the
definition that the index is tested against.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from operator import attrgetter

from sandbox.mocks.paths import PathIndex, PathPattern
from sandbox.mocks.urls import Parts
from sandbox.model.exchange import Send
from sandbox.model.rules import AttemptMatch, Match

__all__ = ["Call", "Matcher", "RuleIndex", "lower_origin", "matches_one_by_one"]

_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)", re.DOTALL)
_MOST_KEYS = 4096


class Call:
    """What a matcher sees of a request."""

    __slots__ = (
        "attempt", "host", "hosts", "journey", "method", "paths", "plain", "profile", "step", "url",
        "visit",
    )  # fmt: skip

    def __init__(self, send: Send, parts: Parts) -> None:
        """``parts`` are those of the request's URL."""
        self.journey = send.journey
        self.step = send.step
        self.profile = send.profile
        self.method = send.request.method.upper()
        self.url = send.request.url
        self.plain = parts.plain
        self.host = parts.host
        self.hosts = parts.hosts
        self.paths = parts.paths
        self.attempt = send.attempt
        self.visit = send.visit


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
        "attempt", "host", "journeys", "methods", "path", "prefix", "profiles", "rank", "regex",
        "steps", "visit",
    )  # fmt: skip

    def __init__(self, match: Match, rank: int) -> None:
        """``rank`` is the rule's place among all: a smaller one wins.

        Raises:
            re.error: when the regular expression cannot be compiled.
        """
        self.rank = rank
        self.journeys = None if match.journey is None else frozenset(match.journey)
        self.steps = None if match.step is None else frozenset(match.step)
        self.profiles = None if match.profile is None else frozenset(match.profile)
        self.methods = (
            None if match.method is None else frozenset(name.upper() for name in match.method)
        )
        url = match.url
        self.host = url.host.lower() if url is not None and url.host is not None else None
        self.path = PathPattern(url.path) if url is not None and url.path is not None else None
        self.prefix = (
            lower_origin(url.prefix) if url is not None and url.prefix is not None else None
        )
        self.regex = re.compile(url.regex) if url is not None and url.regex is not None else None
        self.attempt = match.attempt
        self.visit = match.visit

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
        )

    def keys(self) -> dict[str, Sequence[object]]:
        """The conditions that an index can file: name → the values that would do."""
        found: dict[str, Sequence[object]] = {}
        for name, values in (
            ("journey", self.journeys),
            ("step", self.steps),
            ("profile", self.profiles),
            ("method", self.methods),
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
        self._files: dict[tuple[str, ...], dict[tuple[object, ...], list[Matcher]]] = {}
        for matcher in ordered:
            keys = matcher.keys()
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
            else:
                found = (getattr(call, name),)
            seen[name] = found
        return found


def _count(values: Iterable[Sequence[object]]) -> int:
    total = 1
    for one in values:
        total *= len(one)
    return total
