"""A rule set compiled: everything that can be wrong is found here, once, before any call.

What is refused: unknown faults, regular expressions that do not compile, hosts, paths and prefixes
that can never match, headers that no server could send, latencies whose bounds cross.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from itertools import accumulate
from typing import Final, NamedTuple

from sandbox.errors import DocumentError, Problem
from sandbox.mocks.faults import Fault, find_fault
from sandbox.mocks.filling import Filling, compile_filling
from sandbox.mocks.gates import Limiter, compile_window
from sandbox.mocks.impossible import (
    item_problems,
    rule_problems,
    set_problems,
    watched_rules,
)
from sandbox.mocks.matching import Matcher
from sandbox.model.base import dump_json
from sandbox.model.exchange import Difference
from sandbox.model.rules import Drip, Item, Latency, Rule, RuleSet, Scope, with_rule_ids

__all__ = ["CompiledItem", "CompiledRule", "compile_rules"]

_WIDEST_FIRST: Final[tuple[Scope, ...]] = ("all", "journey", "profile", "run")


class CompiledItem(NamedTuple):
    """One answer of a rule, ready to be given."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fault: Fault | None
    """The fault when it is a transport error or breaks the answer in the other fields; faults that
    are legal answers are in the other fields alone.
    """
    latency: Latency | None
    after_bytes: int | None = None
    drip: Drip | None = None
    bytes_per_s: float | None = None
    filling: Filling | None = None
    """What fills tags in for each call; ``headers`` and ``body`` are then as they were written."""


class CompiledRule:
    """One rule, ready to match and to answer."""

    __slots__ = (
        "_ends", "_weights", "document", "enabled", "gate", "guarded", "id", "items", "latency",
        "limiter", "matcher", "numbered", "passes", "respond", "scenario", "total", "watched",
    )  # fmt: skip

    def __init__(
        self,
        rule: Rule,
        matcher: Matcher,
        items: tuple[CompiledItem, ...],
        latency: Latency | None = None,
        watched: bool = False,
    ) -> None:
        """``items`` are those of ``rule``, compiled, in order; ``latency`` is the rule's own or the
        set's; ``watched``: whether its calls are recorded for expectations.
        """
        self.document = rule
        self.id = rule.id
        self.enabled = rule.enabled
        self.matcher = matcher
        self.respond = rule.respond
        self.items = items
        self.latency = latency
        self.passes = rule.respond.mode == "pass"
        self.scenario = rule.scenario
        self.gate = None if rule.window is None else compile_window(rule.window)
        self.guarded = self.gate is not None or (
            rule.scenario is not None and rule.scenario.in_ is not None
        )
        """Whether it may be closed to a call that fits."""
        self.limiter = None if rule.rate_limit is None else Limiter(rule.rate_limit, rule.id)
        self.watched = watched
        self.numbered = any(item.filling is not None for item in items)
        self._ends = list(accumulate(item.times for item in rule.respond.items))
        self._weights = list(accumulate(item.weight for item in rule.respond.items))
        self.total = self._ends[-1] if self._ends else 0
        """How many calls the sequence answers before it is at its end."""

    @property
    def end(self) -> Difference:
        """Why it takes no more calls when its sequence is used up."""
        message = f"its {self.total} answers are used up"
        return Difference("respond", f"at most {self.total} calls", "", message)

    @property
    def widest(self) -> Scope:
        """How far what it remembers between calls reaches, and with it what order can change."""
        scopes: set[str] = set()
        if self.respond.mode == "sequence" or self.numbered:
            scopes.add(self.respond.per)
        if self.scenario is not None:
            scopes.add(self.scenario.scope)
        if self.limiter is not None:
            scopes.add("profile" if self.limiter.document.by == "profile" else "all")
        return next((one for one in _WIDEST_FIRST if one in scopes), "run")

    def at(self, position: int) -> CompiledItem | None:
        """The item for the call of that number (from 0); None when the sequence is used up."""
        if position >= self.total:
            if self.respond.at_end == "repeat_last":
                return self.items[-1]
            if self.respond.at_end != "cycle":
                return None
            position %= self.total
        return self.items[bisect_right(self._ends, position)]

    def weighted(self, drawn: float) -> CompiledItem:
        """The item that a draw in [0, 1) falls on; one of weight 0 is never chosen."""
        place = bisect_right(self._weights, drawn * self._weights[-1])
        # A draw just below 1 may round up to the sum of the weights.
        last = bisect_right(self._weights, math.nextafter(self._weights[-1], 0))
        return self.items[min(place, last)]


def compile_rules(rule_set: RuleSet, source: str = "") -> list[CompiledRule]:
    """The rules in the order in which they win: priority, then place in the document.

    Args:
        rule_set: what is compiled.
        source: the file it comes from, for the message; empty: its own id.

    Raises:
        DocumentError: with every problem of every rule.
    """
    problems: list[Problem] = []
    order = sorted(range(len(rule_set.rules)), key=lambda at: (rule_set.rules[at].priority, at))
    watched = set(watched_rules(rule_set))
    compiled = []
    for rank, at in enumerate(order):
        rule, where = rule_set.rules[at], f"rules[{at}]"
        found = len(problems)
        problems += rule_problems(rule, where)
        items = []
        latency = rule.latency or rule_set.defaults.latency
        matcher = Matcher(rule.match, rank, f"{where}.match", problems)
        for number, item in enumerate(rule.respond.items):
            place = f"{where}.respond.items[{number}]"
            problems += item_problems(item, place)
            filling = compile_filling(item, place, problems)
            if len(problems) == found:
                items.append(_compile_item(item, latency)._replace(filling=filling))
        if len(problems) == found:
            ready = CompiledRule(rule, matcher, tuple(items), latency, rule.id in watched)
            compiled.append(ready)
    problems += set_problems(rule_set)
    if problems:
        problems.sort(key=lambda problem: _in_order(problem.path))
        problems = with_rule_ids(problems, [rule.id for rule in rule_set.rules])
        named = f"rules {rule_set.id or rule_set.name}".rstrip()
        raise DocumentError(source or named, problems)
    return compiled


def _in_order(path: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (0, part) for part in re.split(r"[\[\].]+", path)
    ]


def _compile_item(item: Item, latency: Latency | None) -> CompiledItem:
    fault = find_fault(item.fault) if item.fault is not None else None
    latency = item.latency or latency
    delivery = (item.after_bytes, item.drip, item.bytes_per_s)
    kept = fault if fault is not None and (fault.breaks_answer or not fault.is_answer) else None
    if kept is not None and not kept.breaks_answer:
        return CompiledItem(kept.status, (), b"", kept, latency, *delivery)
    headers = tuple(item.headers.items())
    names = {name.lower() for name, _ in headers}
    status, body = (item.status or 200), b""
    if fault is not None:
        status, body = item.status or fault.status, fault.body
        headers += tuple(pair for pair in fault.headers if pair[0] not in names)
        names.update(name for name, _ in fault.headers)
    if status in (204, 304) and kept is None:
        return CompiledItem(status, headers, b"", None, latency)
    if item.has_json:
        body = dump_json(item.json_)
        if "content-type" not in names:
            headers += (("content-type", "application/json"),)
    elif item.text is not None:
        body = item.text.encode("utf-8", "surrogatepass")
    return CompiledItem(status, headers, body, kept, latency, *delivery)
