"""What a run should have done with the rules, judged over the calls that were recorded.

Concurrent are calls whose times on the virtual clock overlap: from ``at`` to ``at`` + ``took``,
the end not included; one that takes no time at all overlaps with those that begin at its moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from sandbox.mocks.call import Call
from sandbox.mocks.json_paths import parse_json_path
from sandbox.model.base import dump_json
from sandbox.model.rules import Rule
from sandbox.model.trace import Finding
from sandbox.templates.paths import PathError

__all__ = ["Taken", "unique_value", "unmet"]


class Taken(NamedTuple):
    """One call that a rule took."""

    rule: str
    step: str
    at_us: int
    end_us: int
    unique: str | None
    """What must not come twice; None when the call has no such value, or nothing must."""


def unique_value(rule: Rule, call: Call) -> str | None:
    """What of a call must not come twice."""
    if rule.expect is None or rule.expect.unique_by is None:
        return None
    kind, _, name = rule.expect.unique_by.partition(":")
    if kind == "header":
        return next(iter(call.headers.get(name.lower(), ())), None)
    path = parse_json_path(name)
    if isinstance(path, PathError):
        return None
    values = path.find(call.json)
    return dump_json(values).decode("utf-8", "replace") if values else None


def unmet(
    rules: Iterable[Rule], calls: Sequence[Taken], judged: Callable[[Rule, str], bool]
) -> list[Finding]:
    """A finding for every expectation that does not hold.

    Args:
        rules: the rules that were in force.
        calls: those of a run, or of all runs, in the order in which they were made.
        judged: whether an expectation of a rule, by its field's name, is for these calls.
    """
    found: list[Finding] = []
    for rule in rules:
        expect = rule.expect
        if expect is None or not rule.enabled:
            continue
        mine = [call for call in calls if call.rule == rule.id]
        if expect.calls is not None and judged(rule, "calls"):
            found += _count(rule, mine)
        if expect.order_after is not None and judged(rule, "order_after"):
            found += _order(rule, mine, calls)
        if expect.max_concurrent is not None and judged(rule, "max_concurrent"):
            found += _concurrent(rule, mine)
        if expect.unique_by is not None and judged(rule, "unique_by"):
            found += _unique(rule, mine)
    return found


def _finding(code: str, step: str, rule: Rule, message: str) -> Finding:
    return Finding(code, "error", step, f"rule {rule.id} expects {message}")


def _count(rule: Rule, mine: Sequence[Taken]) -> Iterator[Finding]:
    assert rule.expect is not None and rule.expect.calls is not None
    least, most = rule.expect.calls.min, rule.expect.calls.max
    had = f"it had {len(mine)}"
    step = mine[-1].step if mine else ""
    if least is not None and len(mine) < least:
        yield _finding("expected_calls", step, rule, f"{_calls(least)} at least; {had}")
    if most is not None and len(mine) > most:
        yield _finding("expected_calls", mine[most].step, rule, f"{_calls(most)} at most; {had}")


def _calls(number: int) -> str:
    return "1 call" if number == 1 else f"{number} calls"


def _order(rule: Rule, mine: Sequence[Taken], calls: Sequence[Taken]) -> Iterator[Finding]:
    assert rule.expect is not None
    if not mine:
        return
    first = calls.index(mine[0])
    for other in rule.expect.order_after or ():
        if not any(call.rule == other for call in calls[:first]):
            yield _finding("expected_order", mine[0].step, rule, f"to come after {other}")


def _concurrent(rule: Rule, mine: Sequence[Taken]) -> Iterator[Finding]:
    assert rule.expect is not None and rule.expect.max_concurrent is not None
    points = [(call.at_us, 1, call.step) for call in mine]
    # A call that takes no time ends just after its moment, so that it is under way in it.
    points += [(max(call.end_us, call.at_us + 1), 0, call.step) for call in mine]
    under_way = most = 0
    step = ""
    for _, begins, where in sorted(points):
        under_way += 1 if begins else -1
        if under_way > most:
            most, step = under_way, where
    limit = rule.expect.max_concurrent
    if most > limit:
        yield _finding("expected_concurrency", step, rule,
                       f"{_calls(limit)} at once at most; there were {most}")  # fmt: skip


def _unique(rule: Rule, mine: Sequence[Taken]) -> Iterator[Finding]:
    assert rule.expect is not None
    by = rule.expect.unique_by
    without = [call for call in mine if call.unique is None]
    if without:
        message = f"a value in every call by {by}; {_calls(len(without))} had none"
        yield _finding("expected_unique", without[0].step, rule, message)
    counted = Counter(call.unique for call in mine if call.unique is not None)
    again = [call for call in mine if call.unique is not None and counted[call.unique] > 1]
    if again:
        repeated = sum(number - 1 for number in counted.values() if number > 1)
        yield _finding("expected_unique", again[-1].step, rule,
                       f"no value twice by {by}; {_calls(repeated)} repeated one")  # fmt: skip
