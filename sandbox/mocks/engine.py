"""The mock engine: a compiled rule set, and one session for each run.

1. A request that no client could send is refused before any rule is looked at.
2. The first rule that fits answers; what fits is ``matching``'s business.
3. ``sequence``: the item whose turn it is, counted by calls that the rule answered (attempts and
   followed redirects are calls) within the scope ``per``: this run, profile, journey, or all.
   At its end the last item repeats, or it begins again, or the next rule that fits answers, or
   the call fails. ``single``: the first item. ``weighted``: a draw keyed by seed, rule, journey,
   profile, step, visit and attempt, so that neither order nor concurrency can change it.
4. Latency (the item's, else the rule's, else the set's) is charged, never slept. When it is
   longer than the caller waits, the caller's time-out is what happens.

Counts of a run live in its session; wider ones live in the engine, for as long as the engine does.
Nothing here awaits, so on one event loop no two calls ever share a place in a sequence.
"""

from __future__ import annotations

from sandbox.draws import draw
from sandbox.mocks.compiled import CompiledItem, CompiledRule, compile_rules
from sandbox.mocks.latency import latency_ms
from sandbox.mocks.matching import Call, RuleIndex
from sandbox.mocks.misses import nothing_matched, used_up
from sandbox.mocks.replies import Reply, reply_to
from sandbox.mocks.sendable import refusal
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.rules import RuleSet

__all__ = ["MockEngine", "Session"]


class MockEngine:
    """A compiled rule set, and the counts that outlive a run."""

    def __init__(self, rule_set: RuleSet) -> None:
        """Compile; cheap to keep, so make one per rule set and share it.

        Raises:
            DocumentError: with every problem of every rule, such as an unknown fault.
        """
        self.rule_set = rule_set
        self.rules = compile_rules(rule_set)
        self.by_rank = {rule.matcher.rank: rule for rule in self.rules}
        self.index = RuleIndex(rule.matcher for rule in self.rules if rule.enabled)
        self.counts: dict[tuple[object, ...], int] = {}

    def session(self) -> Session:
        """A new run's view: its sequences begin at their first item."""
        return Session(self)

    def reset(self) -> None:
        """Begin every sequence again whose count is wider than a run."""
        self.counts.clear()


class Session:
    """Answers the requests of one run."""

    __slots__ = ("_counts", "_engine")

    def __init__(self, engine: MockEngine) -> None:
        """Made by ``MockEngine.session``."""
        self._engine = engine
        self._counts: dict[tuple[object, ...], int] = {}

    def answer(self, send: Send) -> Answer:
        """The answer to one request; its ``source`` is ``model``."""
        return self.reply(send).answer(send)

    def reply(self, send: Send) -> Reply:
        """What the mocked world does with one request."""
        parts = refusal(send)
        if isinstance(parts, Fail):
            return Reply(None, 0.0, error=parts)
        engine = self._engine
        call = Call(send, parts)
        exhausted = []
        for matcher in engine.index.matches(call):
            rule = engine.by_rank[matcher.rank]
            item = self._choose(rule, send)
            if item is not None:
                return reply_to(send, parts, rule.id, item, _took_ms(rule, item, send))
            if rule.respond.at_end == "fail":
                return Reply(rule.id, 0.0, error=used_up(rule, call))
            exhausted.append(rule)
        return Reply(None, 0.0, error=nothing_matched(engine.rules, call, exhausted))

    def _choose(self, rule: CompiledRule, send: Send) -> CompiledItem | None:
        """The item whose turn it is; None when the rule's sequence is used up."""
        respond = rule.respond
        if respond.mode == "single":
            return rule.items[0]
        if respond.mode == "weighted":
            return rule.weighted(draw(send.seed, *_key(rule, send)))
        rank = rule.matcher.rank
        counts = self._engine.counts
        key: tuple[object, ...] = (rank, respond.per)
        if respond.per == "run":
            counts = self._counts
        elif respond.per == "profile":
            key += (send.profile,)
        elif respond.per == "journey":
            key += (send.journey,)
        position = counts.get(key, 0)
        item = rule.at(position)
        if item is not None:
            counts[key] = position + 1
        return item


def _key(rule: CompiledRule, send: Send) -> tuple[object, ...]:
    key = (rule.id, send.journey, send.profile, send.step, send.visit, send.attempt)
    return (*key, send.hop) if send.hop else key


def _took_ms(rule: CompiledRule, item: CompiledItem, send: Send) -> float:
    if item.latency is None:
        return 0.0
    drawn = 0.0
    if item.latency.dist != "fixed":
        drawn = draw(send.seed, "latency", *_key(rule, send))
    return latency_ms(item.latency, drawn)
