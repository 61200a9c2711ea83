"""The mock engine: a compiled rule set, and one session for each run.

1. A request that no client could send is refused before any rule is looked at.
2. The first rule that fits and is open answers. What fits is ``matching``'s business; open is a
   rule whose scenario is in one of its states and whose window lets this call in.
3. A rate limit that is used up refuses the call; a rule with the mode ``pass`` counts the call and
   lets the next rule answer.
4. ``sequence``: the item whose turn it is, counted by calls that the rule answered (attempts and
   followed redirects are calls) within the scope ``per``: this run, profile, journey, or all.
   At its end the last item repeats, or it begins again, or the next rule that fits answers, or
   the call fails. ``single``: the first item. ``weighted``: a draw keyed by seed, rule, journey,
   profile, step, visit and attempt, so that neither order nor concurrency can change it.
5. Tags are filled in, the scenario moves on.
6. Latency (the item's, else the rule's, else the set's) is charged, never slept. When it is
   longer than the caller waits, the caller's time-out is what happens.

Counts and states of a run live in its session; wider ones live in the engine, for as long as the
engine does, and depend on the order of the calls: whoever runs several people at once asks in the
order of (virtual time, profile) when ``MockEngine.shares`` says so. Nothing here awaits, so on one
event loop no two calls ever share a place in a sequence.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, TypeVar

from sandbox.clock import iso
from sandbox.mocks.call import Call
from sandbox.mocks.compiled import CompiledItem, CompiledRule, compile_rules
from sandbox.mocks.drawing import item_draw, ramp_draw, took_ms_of
from sandbox.mocks.expectations import Taken, unique_value, unmet
from sandbox.mocks.filling import scope_of
from sandbox.mocks.matching import RuleIndex
from sandbox.mocks.messages import fail
from sandbox.mocks.misses import Passed, nothing_matched, used_up
from sandbox.mocks.replies import Reply, reply_to
from sandbox.mocks.sendable import refusal
from sandbox.model.exchange import Answer, Difference, Fail, Send
from sandbox.model.rules import Rule, RuleSet, Scope
from sandbox.model.trace import Finding
from sandbox.templates.snippet import TooLarge

__all__ = ["STARTED", "MockEngine", "Session"]

STARTED: Final = "started"
"""The state in which every scenario begins."""
_MOST_TAKEN = 100_000
_SCOPES: Final[tuple[Scope, ...]] = ("all", "journey", "profile", "run")

Key = tuple[object, ...]
Kept = TypeVar("Kept", int, str)


class MockEngine:
    """A compiled rule set, and what outlives a run: counts, states, rate limits."""

    def __init__(self, rule_set: RuleSet) -> None:
        """Compile; cheap to keep, so make one per rule set and share it.

        Raises:
            DocumentError: with every problem of every rule, such as an unknown fault.
        """
        self.rule_set = rule_set
        self.rules = compile_rules(rule_set)
        self.documents = [rule.document for rule in self.rules]
        self.by_rank = {rule.matcher.rank: rule for rule in self.rules}
        active = [rule for rule in self.rules if rule.enabled]
        self.index = RuleIndex(rule.matcher for rule in active)
        self.counts: dict[Key, int] = {}
        self.states: dict[Key, str] = {}
        self.windows: dict[Key, int] = {}
        scopes = {rule.widest for rule in active}
        self.widest: Scope = next((one for one in _SCOPES if one in scopes), "run")
        """How far what the rules remember reaches: order matters among all who share it."""
        named = {rule.scenario.name: rule.scenario for rule in active if rule.scenario is not None}
        self.scenarios = tuple(named.values())
        """Each scenario once; the rules of one agree on its scope."""
        self.judges = any(rule.watched for rule in active)
        """Whether a rule has expectations."""

    @property
    def shares(self) -> bool:
        """Whether what one person does can change what another is answered."""
        return self.widest in ("journey", "all")

    def session(self, start_us: int | None = None) -> Session:
        """A new run's view: its sequences begin at their first item.

        Args:
            start_us: the moment from which windows count; None: the start of the run that asks.
        """
        return Session(self, start_us)

    def findings(self, sessions: Iterable[Session]) -> list[Finding]:
        """The expectations on all calls of several runs together that do not hold.

        Args:
            sessions: of this engine, one for each run that was fired with the others.
        """
        if not self.judges:
            return []
        calls = [call._replace(run=run) for run, one in enumerate(sessions) for call in one.taken()]
        calls.sort(key=lambda call: (call.at_us, call.profile))
        return unmet(self.documents, calls, lambda rule, name: not _of_run(rule, name))

    def reset(self) -> None:
        """Begin again: every count and state that is wider than a run."""
        for kept in (self.counts, self.states, self.windows):
            kept.clear()


def _of_run(rule: Rule, name: str) -> bool:
    """Whether an expectation is judged run by run."""
    return name != "max_concurrent" and rule.expect is not None and rule.expect.per == "run"


class Session:
    """Answers the requests of one run."""

    __slots__ = ("_counts", "_engine", "_start_us", "_states", "_taken")

    def __init__(self, engine: MockEngine, start_us: int | None = None) -> None:
        """Made by ``MockEngine.session``."""
        self._engine = engine
        self._start_us = start_us
        self._counts: dict[Key, int] = {}
        self._states: dict[Key, str] = {}
        self._taken: deque[Taken] = deque(maxlen=_MOST_TAKEN)

    def answer(self, send: Send) -> Answer:
        """The answer to one request; its ``source`` is ``model``."""
        return self.reply(send).answer(send)

    def findings(self) -> list[Finding]:
        """The expectations on this run's calls that do not hold."""
        if not self._engine.judges:
            return []
        return unmet(self._engine.documents, self.taken(), _of_run)

    def taken(self) -> list[Taken]:
        """This run's calls to rules with expectations, the last hundred thousand."""
        return list(self._taken)

    @property
    def engine(self) -> MockEngine:
        """Whose session it is."""
        return self._engine

    def reply(self, send: Send) -> Reply:
        """What the mocked world does with one request."""
        parts = refusal(send)
        if isinstance(parts, Fail):
            return Reply(None, 0.0, error=parts)
        engine = self._engine
        call = Call(send, parts)
        passed: list[Passed] = []
        counted: list[CompiledRule] = []
        for matcher in engine.index.matches(call):
            rule = engine.by_rank[matcher.rank]
            if rule.guarded and (why := self._closed(rule, send)):
                passed.append(Passed(rule, why))
                continue
            limiter = rule.limiter
            refused = limiter.refusal(engine.windows, call) if limiter is not None else None
            if limiter is not None and refused is not None:
                status = limiter.document.status
                item = CompiledItem(status, refused, b"", None, rule.latency)
                reply = reply_to(send, parts, rule.id, item, took_ms_of(rule, item, send))
                self._record([*counted, rule], call, reply)
                return reply
            if rule.passes:
                self._took(rule, call)
                counted.append(rule)
                continue
            found, number = self._choose(rule, send)
            if found is None:
                if rule.respond.at_end == "fail":
                    return Reply(rule.id, 0.0, error=used_up(rule, call))
                passed.append(Passed(rule, rule.end))
                continue
            took_ms = took_ms_of(rule, found, send)
            if found.filling is not None:
                filled = self._filled(rule, found, call, number)
                if isinstance(filled, Fail):
                    return Reply(rule.id, took_ms, error=filled)
                found = filled
            reply = reply_to(send, parts, rule.id, found, took_ms)
            self._took(rule, call)
            if rule.watched or counted:
                self._record([*counted, rule], call, reply)
            return reply
        return self._unmatched(call, passed, counted)

    def _unmatched(self, call: Call, passed: list[Passed], counted: list[CompiledRule]) -> Reply:
        reply = Reply(None, 0.0, error=nothing_matched(self._engine.rules, call, passed))
        self._record(counted, call, reply)
        return reply

    def _closed(self, rule: CompiledRule, send: Send) -> Difference | None:
        """Why a rule that fits takes no part; None when it is open to this call."""
        scenario, gate = rule.scenario, rule.gate
        if scenario is not None and scenario.in_ is not None:
            state = self.state(scenario.name, scenario.scope, send)
            if state not in scenario.in_:
                wanted = " or ".join(map(repr, scenario.in_))
                message = f"the scenario {scenario.name} is in the state {state!r}, not {wanted}"
                return Difference("scenario.in", " or ".join(scenario.in_), state, message)
        if gate is not None:
            start_us = send.start_us if self._start_us is None else self._start_us
            share = gate.share(send.at_us, start_us)
            if share <= 0.0:
                now = iso(send.at_us)
                return Difference("window", gate.words, now, f"{now} is outside of its window")
            if share < 1.0 and ramp_draw(rule, send) >= share:
                message = "its window is ramping up and left this call out"
                return Difference("window", gate.words, iso(send.at_us), message)
        return None

    def state(self, name: str, scope: Scope, send: Send) -> str:
        """The state that a scenario is in, for whoever asks."""
        states, key = self._kept(self._states, self._engine.states, name, scope, send)
        return states.get(key, STARTED)

    def _took(self, rule: CompiledRule, call: Call) -> None:
        """Count a call that a rule took, and move its scenario on."""
        if rule.limiter is not None:
            rule.limiter.count(self._engine.windows, call)
        scenario = rule.scenario
        if scenario is not None and scenario.to is not None:
            kept = (self._states, self._engine.states, scenario.name, scenario.scope)
            states, key = self._kept(*kept, call.send)
            states[key] = scenario.to

    def _record(self, rules: list[CompiledRule], call: Call, reply: Reply) -> None:
        for rule in rules:
            if rule.watched:
                send = call.send
                unique = unique_value(rule.document, call)
                end_us = send.at_us + int(reply.took_ms * 1000)
                self._taken.append(Taken(rule.id, send.profile, send.step, send.visit,
                                         send.at_us, end_us, unique))  # fmt: skip

    def _filled(
        self, rule: CompiledRule, item: CompiledItem, call: Call, number: int
    ) -> CompiledItem | Fail:
        """An item with its tags filled in."""
        assert item.filling is not None
        states = {
            scenario.name: self.state(scenario.name, scenario.scope, call.send)
            for scenario in self._engine.scenarios
        }
        scope = scope_of(call, rule.matcher.path, number, states)
        try:
            headers, body = item.filling.fill(item.headers, item.body, scope)
        except TooLarge:
            return fail("too_large", "body", most=call.send.max_received)
        return item._replace(headers=headers, body=body)

    def _choose(self, rule: CompiledRule, send: Send) -> tuple[CompiledItem | None, int]:
        """The item whose turn it is (None: the sequence is used up), and the call's number."""
        respond = rule.respond
        mode = respond.mode
        if mode == "sequence" or rule.numbered:
            name = rule.matcher.rank
            counts: dict[Key, int] = self._counts
            key: Key = (name,)
            if respond.per != "run":
                counts, key = self._kept(counts, self._engine.counts, name, respond.per, send)
            position = counts.get(key, 0)
            item = rule.at(position) if mode == "sequence" else self._drawn(rule, send)
            if item is not None:
                counts[key] = position + 1
            return item, position + 1
        return self._drawn(rule, send), 0

    def _drawn(self, rule: CompiledRule, send: Send) -> CompiledItem:
        if rule.respond.mode == "single":
            return rule.items[0]
        return rule.weighted(item_draw(rule, send))

    def _kept(
        self, own: dict[Key, Kept], shared: dict[Key, Kept], name: object, scope: Scope, send: Send
    ) -> tuple[dict[Key, Kept], Key]:
        """Where something of that scope is kept, and under which key."""
        if scope == "run":
            return own, (name,)
        if scope == "profile":
            return shared, (name, scope, send.profile)
        if scope == "journey":
            return shared, (name, scope, send.journey)
        return shared, (name, scope)
