"""What a rule draws for a call; every key begins with the rule, so that no other one changes it."""

from __future__ import annotations

from sandbox.draws import draw
from sandbox.mocks.compiled import CompiledItem, CompiledRule
from sandbox.mocks.latency import latency_ms
from sandbox.model.exchange import Send

__all__ = ["item_draw", "ramp_draw", "took_ms_of"]


def item_draw(rule: CompiledRule, send: Send) -> float:
    """Which of the weighted items a call gets."""
    return draw(send.seed, *_of_call(rule, send))


def ramp_draw(rule: CompiledRule, send: Send) -> float:
    """From which share on a ramp takes a call.

    One draw for each person, whatever the journey, run or step: as a release that reaches more and
    more people, it lets go of nobody whom it has taken. A call of nobody (a server's, without a
    profile) has a draw of its own.
    """
    who = ("person", rule.id, send.profile) if send.profile else _of_call(rule, send)
    return draw(send.seed, "window", *who)


def took_ms_of(rule: CompiledRule, item: CompiledItem, send: Send) -> float:
    """The latency of an answer, in milliseconds."""
    if item.latency is None:
        return 0.0
    drawn = 0.0
    if item.latency.dist != "fixed":
        drawn = draw(send.seed, "latency", *_of_call(rule, send))
    return latency_ms(item.latency, drawn)


def _of_call(rule: CompiledRule, send: Send) -> tuple[object, ...]:
    key = (rule.id, send.journey, send.profile, send.step, send.visit, send.attempt)
    return (*key, send.hop) if send.hop else key
