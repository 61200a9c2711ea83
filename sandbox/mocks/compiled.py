"""A rule set compiled: everything that can be wrong is found here, once, before any call.

What is refused: unknown faults, regular expressions that do not compile, hosts, paths and prefixes
that can never match, headers that no server could send, latencies whose bounds cross.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from itertools import accumulate
from typing import NamedTuple

from sandbox.errors import DocumentError, Problem, UnknownName
from sandbox.mocks.faults import Fault, find_fault
from sandbox.mocks.matching import Matcher
from sandbox.model.base import dump_json, shorten
from sandbox.model.rules import Drip, Item, Latency, Match, Rule, RuleSet, UrlMatch
from sandbox.sendable import header_problem

__all__ = ["CompiledItem", "CompiledRule", "compile_rules"]

_BAD_HOST = re.compile(r"[/?#@\s]")


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


class CompiledRule:
    """One rule, ready to match and to answer."""

    __slots__ = ("_ends", "_weights", "enabled", "id", "items", "matcher", "respond", "total")

    def __init__(self, rule: Rule, matcher: Matcher, items: tuple[CompiledItem, ...]) -> None:
        """``items`` are those of ``rule``, compiled, in order."""
        self.id = rule.id
        self.enabled = rule.enabled
        self.matcher = matcher
        self.respond = rule.respond
        self.items = items
        self._ends = list(accumulate(item.times for item in rule.respond.items))
        self._weights = list(accumulate(item.weight for item in rule.respond.items))
        self.total = self._ends[-1]
        """How many calls the sequence answers before it is at its end."""

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


def compile_rules(rule_set: RuleSet) -> list[CompiledRule]:
    """The rules in the order in which they win: priority, then place in the document.

    Raises:
        DocumentError: with every problem of every rule.
    """
    problems: list[Problem] = []
    order = sorted(range(len(rule_set.rules)), key=lambda at: (rule_set.rules[at].priority, at))
    compiled = []
    for rank, at in enumerate(order):
        rule, where = rule_set.rules[at], f"rules[{at}]"
        found = len(problems)
        problems += _match_problems(rule.match, f"{where}.match")
        problems += _latency_problems(rule.latency, f"{where}.latency")
        items = []
        for number, item in enumerate(rule.respond.items):
            place = f"{where}.respond.items[{number}]"
            problems += _item_problems(item, place)
            if len(problems) == found:
                items.append(_compile_item(item, rule.latency or rule_set.defaults.latency))
        if len(problems) == found:
            compiled.append(CompiledRule(rule, Matcher(rule.match, rank), tuple(items)))
    problems += _latency_problems(rule_set.defaults.latency, "defaults.latency")
    if problems:
        problems.sort(key=lambda problem: _in_order(problem.path))
        name = rule_set.id or rule_set.name
        raise DocumentError(f"rules {name}" if name else "rules", problems)
    return compiled


def _in_order(path: str) -> list[tuple[int, str]]:
    return [
        (int(part), "") if part.isdigit() else (0, part) for part in re.split(r"[\[\].]+", path)
    ]


def _breaks_answer(fault: Fault) -> bool:
    """Whether an item may say what the answer is that the fault breaks."""
    return bool(getattr(fault, "breaks_answer", False))


def _compile_item(item: Item, latency: Latency | None) -> CompiledItem:
    fault = find_fault(item.fault) if item.fault is not None else None
    latency = item.latency or latency
    delivery = (item.after_bytes, item.drip, item.bytes_per_s)
    kept = fault if fault is not None and (_breaks_answer(fault) or not fault.is_answer) else None
    if kept is not None and not _breaks_answer(kept):
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


def _item_problems(item: Item, where: str) -> Iterator[Problem]:
    if item.fault is not None:
        try:
            fault = find_fault(item.fault)
        except UnknownName as unknown:
            yield Problem(f"{where}.fault", f"unknown fault; {unknown.hint}", shorten(item.fault))
        else:
            yield from _fault_problems(item, fault, where)
    elif item.parameters:
        yield Problem(f"{where}.{item.parameters[0]}", "belongs to a fault; an item without one "
                      "has a status, headers, json or text, and latency")  # fmt: skip
    for name, value in item.headers.items():
        problem = header_problem(name, value)
        if problem:
            yield Problem(f"{where}.headers", f"{problem}: no server can send it")
    yield from _latency_problems(item.latency, f"{where}.latency")


def _fault_problems(item: Item, fault: Fault, where: str) -> Iterator[Problem]:
    """What a fault cannot carry."""
    if item.status is not None and not _breaks_answer(fault):
        message = f"{fault.name} has no status to be said: an item has a status or this fault"
        yield Problem(f"{where}.status", message, str(item.status))
    taken: Collection[str] | None = getattr(fault, "parameters", None)
    for name in item.parameters:
        if taken is not None and name not in taken:
            listed = ", ".join(sorted(taken)) or "nothing"
            yield Problem(f"{where}.{name}", f"is no parameter of {fault.name}; it takes {listed}")


def _match_problems(match: Match, where: str) -> Iterator[Problem]:
    url = match.url
    if url is None:
        return
    if url.regex is not None:
        try:
            re.compile(url.regex)
        except re.error as wrong:
            at = f" at character {wrong.pos + 1}" if wrong.pos is not None else ""
            message = f"is not a regular expression: {wrong.msg}{at}"
            yield Problem(f"{where}.url.regex", message, shorten(url.regex))
    yield from _never_matches(url, f"{where}.url")


def _never_matches(url: UrlMatch, where: str) -> Iterator[Problem]:
    if url.host is not None and (not url.host or _BAD_HOST.search(url.host)):
        message = "is a host, with or without a port, and nothing else: api.example.com:8443"
        yield Problem(f"{where}.host", message, shorten(url.host))
    if url.path is not None and (not url.path.startswith(("/", "*")) or "?" in url.path):
        message = "starts with / and has no query; use prefix or regex to look at the whole URL"
        yield Problem(f"{where}.path", message, shorten(url.path))
    if url.prefix is not None and not url.prefix.lower().startswith(("http://", "https://")):
        message = "is the start of a whole URL, with its scheme; for a path write path: /x*"
        yield Problem(f"{where}.prefix", message, shorten(url.prefix))


def _latency_problems(latency: Latency | None, where: str) -> Iterator[Problem]:
    if latency is not None and latency.max_ms is not None and latency.max_ms < latency.min_ms:
        yield Problem(f"{where}.max_ms", f"is less than min_ms ({latency.min_ms:g})",
                      f"{latency.max_ms:g}")  # fmt: skip
