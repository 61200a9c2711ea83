"""What a delivery cannot play as a real endpoint would, said by name before it begins."""

from __future__ import annotations

from typing import Final

from sandbox.errors import Problem
from sandbox.mocks.faults import Delivery, Fault, find_fault
from sandbox.model.rules import RuleSet

__all__ = ["deliverable", "undeliverable", "why_not"]

_BEFORE: Final = "it happens before anything reaches an endpoint"
_WHY: Final = {
    ("server", "connect"): _BEFORE,
    ("server", "send"): "the system takes a request of usual size although nobody reads it",
    ("wire", "connect"): "it is no matter of bytes",
}


def why_not(fault: Fault, delivery: Delivery) -> str:
    """Why a delivery does not play a fault; empty when it does."""
    if delivery in fault.deliveries:
        return ""
    return _WHY[delivery, fault.phase]


def undeliverable(rule_set: RuleSet, delivery: Delivery) -> list[Problem]:
    """Every item of an enabled rule that the delivery cannot play."""
    problems = []
    for at, rule in enumerate(rule_set.rules):
        if not rule.enabled:
            continue
        for number, item in enumerate(rule.respond.items):
            fault = None if item.fault is None else find_fault(item.fault)
            why = "" if fault is None else why_not(fault, delivery)
            if fault is not None and why:
                place = f"rules[{at}].respond.items[{number}].fault"
                problems.append(Problem(place, f"{rule.id}: {fault.name} cannot be played by the "
                                        f"{delivery}: {why}"))  # fmt: skip
    return problems


def deliverable(rule_set: RuleSet, delivery: Delivery) -> tuple[RuleSet, tuple[str, ...]]:
    """The rule set without the rules that the delivery cannot play, and their ids."""
    out = {
        rule.id
        for rule in rule_set.rules
        if undeliverable(rule_set.model_copy(update={"rules": (rule,)}), delivery)
    }
    kept = tuple(rule for rule in rule_set.rules if rule.id not in out)
    left_out = tuple(rule.id for rule in rule_set.rules if rule.id in out)
    return rule_set.model_copy(update={"rules": kept}), left_out
