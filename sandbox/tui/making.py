"""A call that one has seen becomes a rule that goes before the others."""

from __future__ import annotations

from collections.abc import Collection

from sandbox.errors import InputError
from sandbox.mocks.recording import heard_of_trace, recorded
from sandbox.model.rules import RuleSet
from sandbox.model.trace import TraceDocument

__all__ = ["free_name", "made_rules", "same_answers"]


def made_rules(
    trace: TraceDocument, step: str, rest: RuleSet | None, taken: Collection[str]
) -> RuleSet:
    """A rule set that answers a step as it was answered, and leaves the rest to another one.

    Args:
        trace: the run; a call in it that nothing answered gets a plain 200, to begin with.
        step: the call's step.
        rest: the rule set in use.
        taken: ids of rule sets that are there.

    Raises:
        InputError: when the run has not called the step, or the call was never sent.
    """
    heard = heard_of_trace(trace, step)
    if not heard:
        raise InputError(f"the run has not called {step!r}", "choose a call: ^o c, then enter")
    run = trace["run"]
    others = rest.rules if rest is not None else ()
    made = recorded(heard, free_name(f"{run['journey']}-{step}", taken), start=True)
    if not made.rules:
        raise InputError(f"no call of {step!r} was sent, so nothing answered it",
                         "choose a call that was answered: ^o c, then enter")  # fmt: skip
    ids = {rule.id for rule in others}
    first = min([5, *(rule.priority for rule in others)])
    rules = tuple(
        rule.model_copy(update={"id": free_name(rule.id, ids)} | ({"priority": first} if first < 5
                                                                  else {}))
        for rule in made.rules
    )  # fmt: skip
    name = f"{step} as in run {run['id'] or 'just made'}"
    name += f", then {rest.id}" if rest is not None else ""
    update = {"name": name, "rules": (*rules, *others)}
    if rest is None:
        return made.model_copy(update=update)
    return rest.model_copy(update=update | {"id": made.id})


def same_answers(trace: TraceDocument) -> RuleSet:
    """A rule set that answers each call of a run as it was answered, delays included.

    Calls that nothing answered are not answered again.
    """
    heard = heard_of_trace(trace, timed=True)
    run = trace["run"]
    return recorded(heard, f"run-{run['id']}", f"As in run {run['id']}", run["seed"])


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first of ``name-2``, ``name-3`` … that is free."""
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    return found
