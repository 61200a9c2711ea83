"""Forced answers: what a key or a sequence means for the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sandbox.bench.options import RunOptions
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.overrides import override_rule, parse_answers
from sandbox.model.exchange import Answer, Request, Send
from sandbox.model.rules import Item, Respond, RuleSet
from sandbox.tui.state import Forced, Scope

__all__ = ["QUICK", "answer_of", "forced_from", "with_forced"]

QUICK: Mapping[str, str] = {
    "2": "200",
    "4": "404",
    "9": "429",
    "5": "503",
    "t": "timeout",
    "n": "refused",
}
"""Key → the answer it forces."""

_TIMEOUT_S = 5.0


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
        step: the selected call; with no call selected, the journey's first one.
        calls: every call of the journey.
    """
    if not calls:
        return options
    if forced.scope == "run":
        return replace(options, rules=rules, answers=dict.fromkeys(calls, forced.items))
    target = step if step in calls else calls[0]
    if forced.scope == "step":
        return replace(options, rules=rules, answers={target: forced.items})
    rule = override_rule(target, forced.items, "forced").model_copy(
        update={"respond": Respond(items=forced.items, at_end="next_rule")}
    )
    # An id of its own: counts that go on from run to run under the rules' own id stay as they are.
    first = rules.model_copy(update={"id": f"{rules.id}+forced", "rules": (rule, *rules.rules)})
    return replace(options, rules=first)


def answer_of(item: Item) -> Answer:
    """The same as the answer to a call that is just being made, step by step."""
    rules = RuleSet(rules=(override_rule("call", (item,), "forced"),))
    send = Send(
        Request("POST", "http://mock.invalid/", (), b""),
        "", "", "call", 1, 1, 0, 0, _TIMEOUT_S, 10_000_000, {},
    )  # fmt: skip
    return MockEngine(rules).session().answer(send)._replace(source="mock")
