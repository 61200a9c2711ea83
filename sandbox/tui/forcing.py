"""Forced answers: what a key or a sequence means for the next run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sandbox.bench.options import RunOptions
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.overrides import parse_answers
from sandbox.model.exchange import Answer, Send
from sandbox.model.match import Match
from sandbox.model.rules import Item, Respond, Rule, RuleSet
from sandbox.model.trace import TraceDocument
from sandbox.tui.state import Forced, Scope

__all__ = ["QUICK", "answerer_of", "forced_from", "was_forced", "with_forced"]

QUICK: Mapping[str, str] = {
    "2": "200",
    "4": "404",
    "9": "429",
    "5": "503",
    "t": "timeout",
    "n": "refused",
}
"""Key → the answer it forces."""

_FORCED = "forced"
"""The rule's id."""


def forced_from(text: str, scope: Scope = "call") -> Forced:
    """``503`` or ``503, 503, 200`` → forced answers.

    Raises:
        InputError: with the position, when one of them is none.
    """
    return Forced(text, parse_answers(text), scope)


def with_forced(
    options: RunOptions, rules: RuleSet, forced: Forced, step: str, calls: Sequence[str]
) -> RunOptions:
    """Options of a run in which these answers come before the rules' own.

    Args:
        options: as they would be without.
        rules: the rule set that goes on when the forced answers are used up.
        forced: the answers.
        step: the selected call; with no call selected, whichever comes first.
        calls: every call of the journey.
    """
    if not calls:
        return options
    if forced.scope == "run":
        return replace(options, rules=rules, answers=dict.fromkeys(calls, forced.items))
    if forced.scope == "step":
        target = step if step in calls else calls[0]
        return replace(options, rules=rules, answers={target: forced.items})
    rule = Rule(
        id=_FORCED,
        priority=0,
        match=Match(step=(step,) if step in calls else tuple(calls)),
        respond=Respond(items=forced.items, at_end="next_rule"),
    )
    # An id of its own: counts that go on from run to run under the rules' own id stay as they are.
    first = rules.model_copy(update={"id": f"{rules.id}+forced", "rules": (rule, *rules.rules)})
    return replace(options, rules=first)


def answerer_of(item: Item, rules: RuleSet | None) -> Callable[[Send], Answer]:
    """The same as the answer to a call that is just being made, step by step.

    Args:
        item: the forced answer.
        rules: the rule set in use, whose latency it has.
    """
    first = Rule(id=_FORCED, respond=Respond(items=(item,)))
    made = (rules or RuleSet()).model_copy(update={"rules": (first,)})
    session = MockEngine(made).session()
    return lambda send: session.answer(send)._replace(source="mock")


def was_forced(trace: TraceDocument) -> bool:
    """Whether any call of a run got a forced answer."""
    return any((one.get("rule") or "").startswith((_FORCED, "answer-")) for one in trace["steps"])
