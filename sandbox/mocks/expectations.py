"""What a run should have done with the rules, judged over the calls that were recorded.

A call is sent again with its own idempotency key, so its attempts are one call where values must
not come twice; where calls are counted, every attempt is one.

Concurrent are calls whose times on the virtual clock overlap: from ``at`` to ``at`` + ``took``,
the end not included; one that takes no time at all overlaps with those that begin at its moment.
"""

from __future__ import annotations

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
    profile: str
    step: str
    visit: int
    at_us: int
    end_us: int
    unique: str | None
    """What must not come twice; None when the call has no such value, or nothing must."""
    run: int = 0
    """Which of the runs that are judged together."""


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
    """All attempts of a step's visit, and the redirects that it follows, are one call."""
    assert rule.expect is not None
    by = rule.expect.unique_by
    calls: dict[tuple[int, str, int], list[Taken]] = {}
    for one in mine:
        calls.setdefault((one.run, one.step, one.visit), []).append(one)
    without = [step for (_, step, _), sent in calls.items()
               if any(one.unique is None for one in sent)]  # fmt: skip
    if without:
        message = f"a value in every call by {by}; {_calls(len(without))} had none"
        yield _finding("expected_unique", without[0], rule, message)
    seen: set[str] = set()
    again: list[str] = []
    for (_, step, _), sent in calls.items():
        values = {one.unique for one in sent if one.unique is not None}
        if values & seen:
            again.append(step)
        seen |= values
    if again:
        message = f"no value twice by {by}; {_calls(len(again))} repeated one"
        yield _finding("expected_unique", again[-1], rule, message)
