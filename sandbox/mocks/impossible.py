"""What makes a rule impossible: everything that can be told without a call, with its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from sandbox.errors import Problem, UnknownName
from sandbox.mocks.faults import Fault, find_fault
from sandbox.mocks.gates import compile_window
from sandbox.mocks.json_paths import parse_json_path
from sandbox.model.base import shorten
from sandbox.model.match import Match, UrlMatch
from sandbox.model.rules import Expect, Item, Latency, Rule, RuleSet, Window
from sandbox.sendable import header_problem
from sandbox.templates.paths import PathError

__all__ = [
    "item_problems",
    "rule_problems",
    "set_problems",
    "watched_rules",
]

_BAD_HOST = re.compile(r"[/?#@\s]")


def watched_rules(rule_set: RuleSet) -> Iterator[str]:
    """The ids of the rules whose calls matter to an expectation."""
    for rule in rule_set.rules:
        if rule.expect is not None:
            yield rule.id
            yield from rule.expect.order_after or ()


def set_problems(rule_set: RuleSet) -> Iterator[Problem]:
    """What is wrong between rules, and with the defaults."""
    yield from _latency_problems(rule_set.defaults.latency, "defaults.latency")
    ids = {rule.id for rule in rule_set.rules}
    scopes: dict[str, tuple[str, str]] = {}
    for at, rule in enumerate(rule_set.rules):
        if rule.expect is not None:
            for name in rule.expect.order_after or ():
                if name not in ids or name == rule.id:
                    message = "is not the id of another rule"
                    yield Problem(f"rules[{at}].expect.order_after", message, shorten(name))
        scenario = rule.scenario
        if scenario is not None:
            scope, first = scopes.setdefault(scenario.name, (scenario.scope, rule.id))
            if scope != scenario.scope:
                message = f"the scenario has the scope {scope} in rule {first}"
                yield Problem(f"rules[{at}].scenario.scope", message, shorten(scenario.scope))


def rule_problems(rule: Rule, where: str) -> Iterator[Problem]:
    """What is wrong with a rule beside its items and its comparisons."""
    yield from _match_problems(rule.match, f"{where}.match")
    yield from _latency_problems(rule.latency, f"{where}.latency")
    if rule.window is not None:
        yield from _window_problems(rule.window, f"{where}.window")
    if rule.expect is not None:
        yield from _expect_problems(rule.expect, f"{where}.expect")
    scenario = rule.scenario
    if scenario is not None and scenario.in_ is None and scenario.to is None:
        yield Problem(f"{where}.scenario", "needs in, to or both")


def _window_problems(window: Window, where: str) -> Iterator[Problem]:
    gate = compile_window(window)
    if gate.to_us is None or gate.from_start != gate.to_start:
        return
    if gate.to_us <= gate.from_us:
        yield Problem(f"{where}.to", f"is not after from ({window.from_})", shorten(window.to))
    elif gate.ramp_us > gate.to_us - gate.from_us:
        yield Problem(f"{where}.ramp", "is longer than the window", shorten(window.ramp))


def _expect_problems(expect: Expect, where: str) -> Iterator[Problem]:
    calls = expect.calls
    least, most = (None, None) if calls is None else (calls.min, calls.max)
    if least is not None and most is not None and most < least:
        yield Problem(f"{where}.calls.max", f"is less than min ({least})", str(most))
    kind, _, path = (expect.unique_by or "").partition(":")
    parsed = parse_json_path(path) if kind == "body" else None
    if isinstance(parsed, PathError):
        yield Problem(f"{where}.unique_by", parsed.message, shorten(path))


def item_problems(item: Item, where: str) -> Iterator[Problem]:
    """What is wrong with one item."""
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
    if item.status is not None and not fault.breaks_answer:
        message = f"{fault.name} has no status to be said: an item has a status or this fault"
        yield Problem(f"{where}.status", message, str(item.status))
    for name in item.parameters:
        if name not in fault.parameters:
            listed = ", ".join(fault.parameters) or "nothing"
            yield Problem(f"{where}.{name}", f"is no parameter of {fault.name}; it takes {listed}")


def _match_problems(match: Match, where: str) -> Iterator[Problem]:
    if match.url is not None:
        yield from _never_matches(match.url, f"{where}.url")
    for number, inner in enumerate(match.any or ()):
        yield from _match_problems(inner, f"{where}.any[{number}]")
    if match.not_ is not None:
        yield from _match_problems(match.not_, f"{where}.not")


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
    if latency is None:
        return
    if latency.max_ms is not None and latency.max_ms < latency.min_ms:
        yield Problem(f"{where}.max_ms", f"is less than min_ms ({latency.min_ms:g})",
                      f"{latency.max_ms:g}")  # fmt: skip
    if (latency.dist == "steps") != bool(latency.steps):
        yield Problem(f"{where}.steps", "belongs to dist: steps, which needs at least one")
    for number, (one, after) in enumerate(pairwise(latency.steps), 1):
        if after.p <= one.p:
            message = f"is not more than the one before ({one.p:g})"
            yield Problem(f"{where}.steps[{number}].p", message, f"{after.p:g}")
