"""Why no rule matched: the three nearest ones, and what differed in each of their fields."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice

from sandbox.mocks.compiled import CompiledRule
from sandbox.mocks.matching import Call, Matcher
from sandbox.mocks.messages import SENTENCES
from sandbox.model.exchange import Difference, Fail, Near
from sandbox.model.rules import AttemptMatch

__all__ = ["nearest", "nothing_matched", "used_up"]

_LOOKED_AT = 1000
_SHOWN = 3
_WEIGHTS = {"step": 3, "host": 3, "path": 3, "prefix": 3, "regex": 3, "method": 2}


def nothing_matched(
    rules: Sequence[CompiledRule], call: Call, exhausted: Sequence[CompiledRule] = ()
) -> Fail:
    """The failure of a call that no rule answers.

    Args:
        rules: all of the set, the disabled ones too; the first thousand are compared.
        call: the call.
        exhausted: rules that fit and whose sequences are used up.
    """
    text = f"{SENTENCES['unmatched', 'sandbox']} {call.method} {_shown_url(call)}"
    if not rules:
        return Fail("unmatched", "sandbox", f"{text}: the rule set is empty")
    near = nearest(rules, call, exhausted)
    why = "; ".join(one.message for one in near[0].differences)
    return Fail("unmatched", "sandbox", f"{text}; nearest: {near[0].rule} ({why})", near)


def nearest(
    rules: Sequence[CompiledRule], call: Call, exhausted: Sequence[CompiledRule] = ()
) -> tuple[Near, ...]:
    """The three rules that come nearest to a call, best first; arguments as ``nothing_matched``."""
    used = {rule.id for rule in exhausted}

    def distance(rule: CompiledRule) -> int:
        far = sum(_WEIGHTS.get(name, 1) for name in rule.matcher.differences(call))
        return far if rule.enabled else far + 1

    looked_at = [rule for rule in islice(rules, _LOOKED_AT) if rule.id not in used]
    # nsmallest keeps the order of equals, which is the order in which rules win.
    best = [*exhausted, *heapq.nsmallest(_SHOWN, looked_at, key=distance)]
    return tuple(
        Near(rule.id, tuple(_differences(rule, call, rule.id in used))) for rule in best[:_SHOWN]
    )


def used_up(rule: CompiledRule, call: Call) -> Fail:
    """The failure of a call to a rule whose sequence is used up and says ``at_end: fail``."""
    return Fail(
        "unmatched",
        "sandbox",
        f"no rule matched {call.method} {_shown_url(call)} any more: the {rule.total} answers of "
        f"{rule.id} are used up (at_end: fail)",
        (Near(rule.id, tuple(_differences(rule, call, True))),),
    )


def _shown_url(call: Call) -> str:
    # A query may carry a secret, and this message is printed as it is.
    return call.url.partition("?")[0].partition("#")[0]


def _differences(rule: CompiledRule, call: Call, is_used_up: bool) -> Iterator[Difference]:
    if is_used_up:
        message = f"its {rule.total} answers are used up"
        yield Difference("respond", f"at most {rule.total} calls", "", message)
    if not rule.enabled:
        yield Difference("enabled", "true", "false", "it is disabled")
    for name in rule.matcher.differences(call):
        yield _difference(rule.matcher, name, call)


def _difference(matcher: Matcher, name: str, call: Call) -> Difference:
    """What differs in the field of that name."""
    if name in ("attempt", "visit"):
        found, wanted = str(getattr(call, name)), _range(getattr(matcher, name))
        return Difference(name, wanted, found, f"{name} is {found}, not {wanted}")
    if name == "regex":
        assert matcher.regex is not None
        wanted = matcher.regex.pattern
        message = f"the URL does not match {wanted!r}"
        return Difference("url.regex", wanted, _shown_url(call), message)
    if name == "prefix":
        wanted = matcher.prefix or ""
        message = f"the URL does not start with {wanted!r}"
        return Difference("url.prefix", wanted, _shown_url(call), message)
    if name == "path":
        assert matcher.path is not None
        wanted, found = matcher.path.text, call.paths[0]
        slash = ""
        if matcher.path.matches([found.rstrip("/"), found + "/"]):
            slash = ", a slash at the end"
        return Difference("url.path", wanted, found, f"path is {found!r}, not {wanted!r}{slash}")
    if name == "host":
        wanted = matcher.host or ""
        found = call.hosts[1] if ":" in wanted else call.host
        return Difference("url.host", wanted, found, f"host is {found!r}, not {wanted!r}")
    names = {"step": matcher.steps, "method": matcher.methods,
             "journey": matcher.journeys, "profile": matcher.profiles}[name]  # fmt: skip
    listed = sorted(names or ())
    more = " or …" if len(listed) > 3 else ""
    wanted = " or ".join(listed[:3]) + more
    shown = " or ".join(map(repr, listed[:3])) + more
    found = str(getattr(call, name))
    return Difference(name, wanted, found, f"{name} is {found!r}, not {shown}")


def _range(wanted: AttemptMatch) -> str:
    parts = [
        f"{word}{value}"
        for word, value in (("", wanted.eq), (">= ", wanted.gte), ("<= ", wanted.lte))
        if value is not None
    ]
    return " and ".join(parts)
