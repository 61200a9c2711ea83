"""Why no rule matched: the nearest one, and what differed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sandbox.mocks.compiled import CompiledRule
from sandbox.mocks.matching import Call, Matcher
from sandbox.mocks.messages import SENTENCES
from sandbox.model.exchange import Fail
from sandbox.model.rules import AttemptMatch

__all__ = ["nothing_matched", "used_up"]

_LOOKED_AT = 1000
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
    if exhausted:
        why = f"its {exhausted[0].total} answers are used up"
        return Fail("unmatched", "sandbox", f"{text}; nearest: {exhausted[0].id} ({why})")

    def distance(rule: CompiledRule) -> int:
        far = sum(_WEIGHTS.get(name, 1) for name in rule.matcher.differences(call))
        return far if rule.enabled else far + 1

    near = min(islice(rules, _LOOKED_AT), key=distance)
    reasons = [_reason(near.matcher, name, call) for name in near.matcher.differences(call)]
    if not near.enabled:
        reasons.insert(0, "it is disabled")
    return Fail("unmatched", "sandbox", f"{text}; nearest: {near.id} ({'; '.join(reasons)})")


def used_up(rule: CompiledRule, call: Call) -> Fail:
    """The failure of a call to a rule whose sequence is used up and says ``at_end: fail``."""
    return Fail(
        "unmatched",
        "sandbox",
        f"no rule matched {call.method} {_shown_url(call)} any more: the {rule.total} answers of "
        f"{rule.id} are used up (at_end: fail)",
    )


def _shown_url(call: Call) -> str:
    # A query may carry a secret, and this message is printed as it is.
    return call.url.partition("?")[0].partition("#")[0]


def _reason(matcher: Matcher, name: str, call: Call) -> str:
    if name in ("attempt", "visit"):
        return f"{name} is {getattr(call, name)}, not {_range(getattr(matcher, name))}"
    if name == "regex":
        assert matcher.regex is not None
        return f"the URL does not match {matcher.regex.pattern!r}"
    if name == "prefix":
        return f"the URL does not start with {matcher.prefix!r}"
    if name == "path":
        assert matcher.path is not None
        wanted = matcher.path.text
        slash = ""
        if matcher.path.matches([call.paths[0].rstrip("/"), call.paths[0] + "/"]):
            slash = ", a slash at the end"
        return f"path is {call.paths[0]!r}, not {wanted!r}{slash}"
    if name == "host":
        shown = call.hosts[1] if matcher.host is not None and ":" in matcher.host else call.host
        return f"host is {shown!r}, not {matcher.host!r}"
    wanted_names = {"step": matcher.steps, "method": matcher.methods,
                    "journey": matcher.journeys, "profile": matcher.profiles}[name]  # fmt: skip
    listed = sorted(wanted_names or ())
    shown = " or ".join(repr(one) for one in listed[:3]) + (" or …" if len(listed) > 3 else "")
    return f"{name} is {getattr(call, name)!r}, not {shown}"


def _range(wanted: AttemptMatch) -> str:
    parts = [
        f"{word}{value}"
        for word, value in (("", wanted.eq), (">= ", wanted.gte), ("<= ", wanted.lte))
        if value is not None
    ]
    return " and ".join(parts)
