"""What is allowed in a rule set and yet looks like a mistake: warnings of ``sandbox check``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.mocks.ambiguity import ambiguity
from sandbox.mocks.compiled import compile_rules
from sandbox.mocks.shadows import shadowed
from sandbox.model.base import Model
from sandbox.model.match import TextMatch, UrlMatch, ValueMatch
from sandbox.model.rules import Item, Respond, Rule, RuleSet
from sandbox.model.trace import Finding
from sandbox.templates.snippet import OPEN

__all__ = ["doubts"]

_DAYS = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTHS = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]"
_RETRY_AFTER = re.compile(
    r"[0-9]+"
    rf"|{_DAYS}, [0-3][0-9] {_MONTHS} [0-9]{{4}} {_TIME} GMT"
    rf"|{_DAYS}[a-z]*, [0-3][0-9]-{_MONTHS}-[0-9]{{2}} {_TIME} GMT"
    rf"|{_DAYS} {_MONTHS} [ 0-3][0-9] {_TIME} [0-9]{{4}}"
)
"""RFC 9110 §10.2.3 and §5.6.7: whole seconds, or a date in one of its three forms."""

_SLOW = {
    "harmless": "a part that repeats can read the same text in several ways; with anything behind "
    "it that can fail it would take exponential time",
    "unknown": "too large for the sandbox to tell whether it can take exponential time",
}


def doubts(rule_set: RuleSet) -> list[Finding]:
    """Every doubt about a rule set, in the order of its rules.

    Raises:
        DocumentError: when it cannot be compiled at all.
    """
    hidden = {rule.id: by.id for rule, by in shadowed(compile_rules(rule_set))}
    states: dict[str, set[str]] = {}
    for rule in rule_set.rules:
        if rule.scenario is not None and rule.scenario.to is not None and rule.enabled:
            states.setdefault(rule.scenario.name, set()).add(rule.scenario.to)
    found: list[Finding] = []
    for at, rule in enumerate(rule_set.rules):
        where = f"rules[{at}]"
        if rule.id in hidden:
            message = f"never answers: {hidden[rule.id]} comes first and takes every such call"
            found.append(_doubt("rule_shadowed", f"{where}.match", rule, message))
        found += _of_regexes(rule, rule.match, f"{where}.match")
        found += _of_scenario(rule, where, states)
        found += _of_respond(rule, rule.respond, f"{where}.respond")
        for number, item in enumerate(rule.respond.items):
            found += _of_item(rule, item, f"{where}.respond.items[{number}]")
        if rule.rate_limit is not None:
            found += _of_status(rule, rule.rate_limit.status, f"{where}.rate_limit.status")
            after = rule.rate_limit.retry_after
            if isinstance(after, float) and not after.is_integer():
                found.append(_retry_after(rule, f"{where}.rate_limit.retry_after", str(after)))
    return found


def _doubt(code: str, where: str, rule: Rule, message: str) -> Finding:
    return Finding(code, "warning", "", f"{where} (rule {rule.id}): {message}")


def _of_regexes(rule: Rule, match: object, where: str) -> Iterator[Finding]:
    """Doubts about the regular expressions of a match, however deep they stand."""
    if isinstance(match, TextMatch | ValueMatch | UrlMatch) and match.regex is not None:
        message = _SLOW.get(ambiguity(match.regex))
        if message is not None:
            yield _doubt("slow_regex", f"{where}.regex", rule, message)
    if isinstance(match, Model):
        for name, field in type(match).model_fields.items():
            inner = getattr(match, name)
            if isinstance(inner, Model | dict | tuple):
                yield from _of_regexes(rule, inner, f"{where}.{field.alias or name}")
    elif isinstance(match, dict):
        for name, inner in match.items():
            if isinstance(inner, Model):
                yield from _of_regexes(rule, inner, f"{where}.{name}")
    elif isinstance(match, tuple):
        for number, inner in enumerate(match):
            if isinstance(inner, Model):
                yield from _of_regexes(rule, inner, f"{where}[{number}]")


def _of_scenario(rule: Rule, where: str, states: dict[str, set[str]]) -> Iterator[Finding]:
    scenario = rule.scenario
    if scenario is None or scenario.in_ is None:
        return
    reached = states.get(scenario.name, set()) | {"started"}
    for name in scenario.in_:
        if name not in reached:
            listed = ", ".join(sorted(reached))
            message = f"no rule leads {scenario.name} to the state {name!r}; there is {listed}"
            yield _doubt("state_unreachable", f"{where}.scenario.in", rule, message)


def _of_respond(rule: Rule, respond: Respond, where: str) -> Iterator[Finding]:
    items = respond.items
    if respond.mode == "single" and len(items) > 1:
        message = "only the first item answers where the mode is single"
        yield _doubt("item_unreachable", f"{where}.items[1]", rule, message)
    if respond.mode == "weighted":
        for number, item in enumerate(items):
            if item.weight == 0:
                message = "is never drawn: its weight is 0"
                yield _doubt("item_unreachable", f"{where}.items[{number}]", rule, message)
        total = sum(item.weight for item in items)
        if any(0 < item.weight < 1 for item in items) and abs(total - 1) > 1e-6:
            message = f"the weights add up to {total:g}, not 1; they are taken as shares of that"
            yield _doubt("weights_not_1", f"{where}.items", rule, message)
    for number, item in enumerate(items):
        ignored = {"sequence": ("weight",), "weighted": ("times",)}.get(
            respond.mode, ("times", "weight")
        )
        for name in ignored:
            if name in item.model_fields_set:
                place = f"{where}.items[{number}].{name}"
                message = f"means nothing where the mode is {respond.mode}"
                yield _doubt("setting_ignored", place, rule, message)
    if respond.mode != "sequence" and "at_end" in respond.model_fields_set:
        message = f"means nothing where the mode is {respond.mode}"
        yield _doubt("setting_ignored", f"{where}.at_end", rule, message)


def _of_item(rule: Rule, item: Item, where: str) -> Iterator[Finding]:
    if item.status is not None:
        yield from _of_status(rule, item.status, f"{where}.status")
        if item.status in (204, 304) and item.fault is None and (item.has_json or item.text):
            message = f"an answer with {item.status} has no body, so this one is not sent"
            field = "json" if item.has_json else "text"
            yield _doubt("body_not_allowed", f"{where}.{field}", rule, message)
    for name, value in item.headers.items():
        readable = OPEN in value or _RETRY_AFTER.fullmatch(value.strip())
        if name.lower() == "retry-after" and not readable:
            yield _retry_after(rule, f"{where}.headers.{name}", value)


def _of_status(rule: Rule, status: int, where: str) -> Iterator[Finding]:
    if status > 599:
        message = f"{status} is no status of HTTP, which end at 599"
        yield _doubt("status_impossible", where, rule, message)


def _retry_after(rule: Rule, where: str, value: str) -> Finding:
    message = f"{value!r} is neither whole seconds nor an HTTP date, so callers will ignore it"
    return _doubt("retry_after_malformed", where, rule, message)
