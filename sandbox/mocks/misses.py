"""Why no rule answered: the three nearest ones, and what differed in each of their fields."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sandbox.mocks.call import Call
from sandbox.mocks.compiled import CompiledRule
from sandbox.mocks.differing import differences, shown_url
from sandbox.mocks.messages import SENTENCES
from sandbox.model.exchange import Difference, Fail, Near

__all__ = ["Passed", "nearest", "nothing_matched", "used_up"]

_LOOKED_AT = 1000
_SHOWN = 3
_WEIGHTS = {"step": 3, "host": 3, "path": 3, "prefix": 3, "regex": 3, "method": 2}


class Passed(NamedTuple):
    """A rule that fits and did not answer, and why."""

    rule: CompiledRule
    why: Difference


def nothing_matched(
    rules: Sequence[CompiledRule], call: Call, passed: Sequence[Passed] = ()
) -> Fail:
    """The failure of a call that no rule answers.

    Args:
        rules: all of the set, the disabled ones too; the first thousand are compared.
        call: the call.
        passed: rules that fit and did not answer: used up, closed, in another state.
    """
    text = f"{SENTENCES['unmatched', 'sandbox']} {call.method} {shown_url(call)}"
    if not rules:
        return Fail("unmatched", "sandbox", f"{text}: the rule set is empty")
    near = nearest(rules, call, passed)
    if not near:
        return Fail("unmatched", "sandbox", f"{text}: the rules only count calls (mode: pass)")
    why = "; ".join(one.message for one in near[0].differences)
    return Fail("unmatched", "sandbox", f"{text}; nearest: {near[0].rule} ({why})", near)


def nearest(
    rules: Sequence[CompiledRule], call: Call, passed: Sequence[Passed] = ()
) -> tuple[Near, ...]:
    """The three rules that come nearest to a call, best first; arguments as ``nothing_matched``."""
    known = {one.rule.id for one in passed}
    found = [Near(one.rule.id, (one.why,)) for one in passed]

    def distance(rule: CompiledRule) -> int:
        far = sum(_WEIGHTS.get(name, 1) for name in rule.matcher.differences(call))
        return far if rule.enabled else far + 1

    # A rule of the mode pass answers nothing, however near it is.
    others = [
        rule for rule in islice(rules, _LOOKED_AT) if rule.id not in known and not rule.passes
    ]
    # nsmallest keeps the order of equals, which is the order in which rules win.
    best = heapq.nsmallest(_SHOWN, others, key=distance)
    found += [Near(rule.id, tuple(_differences(rule, call))) for rule in best]
    return tuple(found[:_SHOWN])


def used_up(rule: CompiledRule, call: Call) -> Fail:
    """The failure of a call to a rule whose sequence is used up and says ``at_end: fail``."""
    return Fail(
        "unmatched",
        "sandbox",
        f"no rule matched {call.method} {shown_url(call)} any more: the {rule.total} answers of "
        f"{rule.id} are used up (at_end: fail)",
        (Near(rule.id, (rule.end,)),),
    )


def _differences(rule: CompiledRule, call: Call) -> Iterator[Difference]:
    if not rule.enabled:
        yield Difference("enabled", "true", "false", "it is disabled")
    yield from differences(rule.matcher, call)
