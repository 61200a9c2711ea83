"""A rule set in words: which calls each rule takes, what it answers, how long that takes."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.model.base import Json, shorten
from sandbox.model.rules import Item, Latency, Rule, RuleSet

__all__ = ["rule_words", "set_words"]

_ENDS = {
    "repeat_last": "",
    "cycle": ", and from the start again",
    "next_rule": ", then the next rule's",
    "fail": ", then none",
}
_WHO = {"journey": "in", "profile": "for", "trigger": "after"}
_REACH = {
    "run": "",
    "profile": " (counted over all runs of a person)",
    "journey": " (counted over all runs of the journey)",
    "all": " (counted over all runs)",
}


def set_words(rule_set: RuleSet) -> list[str]:
    """A line for each rule, in the order in which they win."""
    rules = sorted(rule_set.rules, key=lambda rule: rule.priority)
    return [rule_words(rule, rule_set.defaults.latency) for rule in rules]


def rule_words(rule: Rule, default: Latency | None = None) -> str:
    """One rule: ``POST /hook of call: 503 twice, then 200``.

    Args:
        rule: of a rule set that is valid.
        default: the latency of the rule set.
    """
    off = "" if rule.enabled else "(off) "
    parts = [f"{off}{_calls(rule)}: {_answers(rule)}"]
    if rule.scenario is not None:
        inside = " or ".join(rule.scenario.in_ or ())
        state = f"while {rule.scenario.name} is {inside}" if inside else ""
        after = f"then {rule.scenario.name} is {rule.scenario.to}" if rule.scenario.to else ""
        parts += [word for word in (state, after) if word]
    if rule.window is not None:
        until = f" to {rule.window.to}" if rule.window.to else " on"
        parts.append(f"from {rule.window.from_}{until}")
    if rule.rate_limit is not None:
        limit = rule.rate_limit
        parts.append(f"{limit.status} after {limit.limit} in {limit.per_s:g} s")
    latency = rule.latency or default
    if latency is not None and any(_answers_at_all(item) for item in rule.respond.items):
        parts.append(_time(latency))
    return "; ".join(parts)


def _calls(rule: Rule) -> str:
    """Which calls it takes."""
    match: dict[str, Json] = rule.match.document()
    if not match:
        return "every call"
    url = match.pop("url", {})
    words = [_listed(match.pop("method", []))]
    words += [str(value) for name, value in url.items() if name in ("host", "path", "prefix")]
    words += [f"{name} {shorten(value, 30)}" for name, value in url.items()
              if name not in ("host", "path", "prefix")]  # fmt: skip
    step = _listed(match.pop("step", []))
    if step:
        words.append(f"of {step}" if any(words) else step)
    words += [f"{word} {_listed(match.pop(name))}" for name, word in _WHO.items() if name in match]
    for name in ("attempt", "visit"):
        if name in match:
            words.append(f"{name} {_number(match.pop(name))}")
    words += [f"{name} {_listed(value)}" for name, value in match.items()]
    return " ".join(word for word in words if word)


def _number(value: Json) -> str:
    if not isinstance(value, dict):
        return str(value)
    signs = {"eq": "", "gte": ">= ", "lte": "<= "}
    return " and ".join(f"{signs.get(name, name)}{number}" for name, number in value.items())


def _listed(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " or ".join(value)
    return shorten(value, 40)


def _answers(rule: Rule) -> str:
    respond = rule.respond
    items = respond.items
    if respond.mode == "pass":
        return "counted, and left to the next rule"
    if respond.mode == "single":
        return _item(items[0])
    if respond.mode == "weighted":
        total = sum(item.weight for item in items)
        return ", ".join(f"{item.weight / total:.0%} {_item(item)}" for item in items)
    return ", then ".join(_repeated(items)) + _ENDS[respond.at_end] + _REACH[respond.per]


def _repeated(items: tuple[Item, ...]) -> Iterator[str]:
    for place, item in enumerate(items):
        last = place == len(items) - 1
        times = "" if item.times == 1 or last else f" {item.times} times"
        yield _item(item) + times


def _item(item: Item) -> str:
    words = [str(item.status)] if item.status is not None else []
    if item.fault is not None:
        words.append(item.fault.replace("_", " "))
    for name, value in item.headers.items():
        if name.lower() == "retry-after":
            words.append(f"(Retry-After {value})")
    if item.latency is not None and _answers_at_all(item):
        words.append(f"{_time(item.latency)}")
    return " ".join(words)


def _answers_at_all(item: Item) -> bool:
    """Whether it takes time of its own: a time-out takes the caller's."""
    return item.fault is None or "timeout" not in item.fault


def _time(latency: Latency) -> str:
    if latency.dist == "fixed":
        return f"after {_span(latency.ms)}"
    if latency.dist == "lognormal":
        tail = ", some much later" if latency.sigma >= 1 else ""
        return f"after about {_span(latency.median_ms)}{tail}"
    if latency.dist == "normal":
        return f"after about {_span(latency.mean_ms)}"
    if latency.dist == "uniform":
        return f"after {_span(latency.min_ms)} to {_span(latency.max_ms or latency.min_ms)}"
    return "after " + ", ".join(f"{_span(one.ms)} ({one.p:g} %)" for one in latency.steps)


def _span(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"
