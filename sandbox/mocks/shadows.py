"""Rules that can never answer because an earlier one takes every call that they could take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from sandbox.mocks.compiled import CompiledRule
from sandbox.mocks.conditions import Compared, Condition
from sandbox.mocks.matching import Matcher
from sandbox.mocks.paths import PathIndex, PathPattern
from sandbox.model.match import AttemptMatch

__all__ = ["shadowed"]

_MOST_KEYS = 64
_LOOKED_AT = 200


def shadowed(rules: Sequence[CompiledRule]) -> Iterator[tuple[CompiledRule, CompiledRule]]:
    """Each rule that one earlier rule hides wholly, with that rule.

    Args:
        rules: in the order in which they win. Of many candidates that only an unindexed condition
            tells apart, the first two hundred are compared.
    """
    active = [rule for rule in rules if rule.enabled]
    paths = PathIndex(rule.matcher.path for rule in active if rule.matcher.path is not None)
    lengths = sorted({len(rule.matcher.prefix) for rule in active if rule.matcher.prefix})
    files: dict[tuple[str, ...], dict[tuple[object, ...], list[CompiledRule]]] = {}
    for rule in active:
        hider = next(_hiders(rule, files, paths, lengths), None)
        if hider is not None:
            yield rule, hider
        elif _takes_all(rule):
            keys = rule.matcher.keys()
            for name in [name for name, some in keys.items() if len(some) > _MOST_KEYS]:
                del keys[name]
            drawers = files.setdefault(tuple(keys), {})
            for key in islice(product(*keys.values()), _MOST_KEYS * _MOST_KEYS):
                drawers.setdefault(key, []).append(rule)


def _hiders(
    rule: CompiledRule,
    files: dict[tuple[str, ...], dict[tuple[object, ...], list[CompiledRule]]],
    paths: PathIndex,
    lengths: Sequence[int],
) -> Iterator[CompiledRule]:
    """The earlier rules that hide one."""
    matcher = rule.matcher
    options: dict[str, Iterable[object]] = {
        # Who asks for every one of these names asks for the first.
        name: values[:1]
        for name, values in matcher.keys().items()
    }
    if matcher.host is not None:
        options["host"] = (matcher.host, _without_port(matcher.host))
    if matcher.path is not None:
        options["path"] = paths.find((matcher.path.canonical,))
    if matcher.prefix is not None:
        options["prefix"] = [matcher.prefix[:length] for length in lengths]
    for names, drawers in files.items():
        if not options.keys() >= set(names):
            continue
        for key in dict.fromkeys(product(*(options[name] for name in names))):
            for earlier in islice(drawers.get(key, ()), _LOOKED_AT):
                if _implies(matcher, earlier.matcher):
                    yield earlier


def _takes_all(rule: CompiledRule) -> bool:
    """Whether a rule answers, or fails, every call that fits, for ever."""
    if rule.passes or rule.guarded:
        return False
    return rule.respond.mode != "sequence" or rule.respond.at_end != "next_rule"


def _implies(later: Matcher, earlier: Matcher) -> bool:
    """Whether every call that fits the later match fits the earlier one."""
    return (
        _within(later.steps, earlier.steps)
        and _within(later.methods, earlier.methods)
        and _within(later.journeys, earlier.journeys)
        and _within(later.profiles, earlier.profiles)
        and _within(later.triggers, earlier.triggers)
        and (earlier.host is None or earlier.host in (later.host, _without_port(later.host)))
        and (earlier.path is None or _covers(earlier.path, later.path))
        and (earlier.prefix is None or (later.prefix or "").startswith(earlier.prefix))
        and (
            earlier.regex is None
            or (later.regex is not None and later.regex.pattern == earlier.regex.pattern)
        )
        and _in_range(later.attempt, earlier.attempt)
        and _in_range(later.visit, earlier.visit)
        and all(_held(one, later.conditions) for one in earlier.conditions)
    )


def _within(later: frozenset[str] | None, earlier: frozenset[str] | None) -> bool:
    return earlier is None or (later is not None and later <= earlier)


def _without_port(host: str | None) -> str | None:
    if host is None or host.endswith("]"):
        return host
    name, colon, _ = host.rpartition(":")
    return name if colon else host


def _covers(earlier: PathPattern, later: PathPattern | None) -> bool:
    if later is None:
        return False
    if later.canonical == earlier.canonical:
        return True
    # "{}" stands for text without a slash, and a pattern that takes the mark takes that; "*" may be
    # empty or hold slashes, which only another one at the end takes.
    start, star, rest = later.canonical.partition("*")
    if star:
        return not rest and earlier.canonical.endswith("*") and earlier.matches((start,))
    return earlier.matches((start,))


def _in_range(later: AttemptMatch | None, earlier: AttemptMatch | None) -> bool:
    if earlier is None or later == earlier:
        return True
    if later is None:
        return False
    low, high = (_first(later.eq, later.gte), _first(later.eq, later.lte))
    return (
        (earlier.eq is None or low == high == earlier.eq)
        and (earlier.gte is None or (low is not None and low >= earlier.gte))
        and (earlier.lte is None or (high is not None and high <= earlier.lte))
    )


def _first(*numbers: int | None) -> int | None:
    return next((one for one in numbers if one is not None), None)


def _held(wanted: Condition, conditions: Sequence[Condition]) -> bool:
    """Whether conditions make sure of one that an earlier rule asks for."""
    for one in conditions:
        if one.name == wanted.name:
            if isinstance(one, Compared) and isinstance(wanted, Compared):
                if one.check.implies(wanted.check):
                    return True
            elif one.written == wanted.written:
                return True
    return False
