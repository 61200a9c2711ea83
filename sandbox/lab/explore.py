"""Every walk that failing calls can make of a journey, along real branching, fewest failures first.

A walk is decided by the answers to the calls it really makes. Exploring begins with the walk in
which every call succeeds; at every call a walk makes after its last decision, each other class of
answer is tried. Nothing is enumerated that no walk would ask, and the same seed gives the same
order.

A decision is a class of answer for one visit of one step. Where the class is retried, followed, or
the step can be visited again, it is tried twice over: passing, so that the next request of the step
succeeds, and lasting, so that every further one gets the same; what never recovers is then seen to
end, or not to. An attempt between the two adds nothing: a journey knows the last attempt only.

Two walks that come to the same call in the same state (all that the journey reads from here on)
have the same future, so the second one is not continued. That is what makes a sweep of independent
calls grow with their sum and not with their product. Memory is bounded: past ``_MOST_OPEN`` open
walks the newest go first, past ``_MOST_SEEN`` states no more are remembered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Final

from sandbox.engine.check import cyclic_steps
from sandbox.engine.compiled import (
    AddTagNode,
    CallNode,
    CompiledJourney,
    MessageNode,
    RemoveTagNode,
    SplitNode,
    UpdateNode,
)
from sandbox.engine.graph import edges_of
from sandbox.engine.limits import Limits
from sandbox.engine.walk import MAX_STEPS, Run, drive_pure
from sandbox.lab.answers import TOKEN, answer_to, refused
from sandbox.lab.outcomes import OutcomeClass, classes_of
from sandbox.lab.walked import Choice, Explored, View, decided, is_endless, view_of
from sandbox.model.base import dump_json
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Trace
from sandbox.templates.paths import MISSING, Path, look_up

__all__ = ["DEPTHS", "Explorer"]

DEPTHS: Final = {"single": 1, "pairs": 2, "full": 1_000_000}
"""How many calls misbehave in one walk, at most."""

_FEW_STEPS = 400
"""Steps after which a walk that cannot change any more counts as endless."""
_MOST_DECISIONS = 200
_MOST_OPEN = 5_000
_MOST_SEEN = 200_000


class Explorer:
    """Explores one journey for one person."""

    def __init__(
        self, journey: CompiledJourney, start: Callable[[], Run], occurrence: int | None = None
    ) -> None:
        """``start`` makes a fresh run, the same every time."""
        self._start = start
        self._occurrence = occurrence
        self._cyclic = cyclic_steps(journey)
        self.scope = start().scope
        found = {
            node.id: classes_of(journey, node, self.scope, node.id in self._cyclic)
            for node in journey.nodes
            if isinstance(node, CallNode)
        }
        self.classes: dict[str, tuple[OutcomeClass, ...]] = {
            step: one.classes for step, one in found.items()
        }
        self.limits: list[str] = [limit for one in found.values() for limit in one.limits]
        """What could matter and is not tried."""
        self.level = 1
        """How many calls misbehave in the walks that are being made."""
        self._limited = journey.limited
        self._state = _State(journey, self._cyclic)
        self._seen: set[bytes] = set()
        within = self._cyclic & {
            node.id
            for node in journey.nodes
            if isinstance(node, UpdateNode | AddTagNode | RemoveTagNode | SplitNode)
        }
        self._changes = bool(within) or journey.uses_now
        self._most_steps = min(MAX_STEPS, _FEW_STEPS + 2 * len(journey.nodes))

    def walks(self, depth: int) -> Iterator[Explored]:
        """Every walk with at most ``depth`` misbehaving calls that can show something new."""
        first, keys = self._walk((), None)
        yield first
        open_ones: deque[tuple[int, View, Iterator[tuple[Choice, ...]]]] = deque()
        if depth:
            open_ones.append((1, view_of(first.trace), self._others(first.choices, keys, 0)))
        while open_ones:
            self.level = open_ones[0][0]
            at = -1 if len(open_ones) > _MOST_OPEN else 0
            level, parent, others = open_ones[at]
            prefix = next(others, None)
            if prefix is None:
                del open_ones[at]
                continue
            explored, keys = self._walk(prefix, parent)
            yield explored
            if level < depth:
                more = self._others(explored.choices, keys, len(prefix))
                open_ones.append((level + 1, view_of(explored.trace), more))

    def _others(
        self, choices: tuple[Choice, ...], keys: list[bytes | None], after: int
    ) -> Iterator[tuple[Choice, ...]]:
        """Every prefix that differs from this walk first at a call it made after its decisions."""
        for at in range(after, len(choices)):
            key = keys[at]
            if key is None or key in self._seen:
                continue
            if at >= _MOST_DECISIONS:
                limit = f"what comes after the {_MOST_DECISIONS}th request of a run did not fail"
                self.limits += [] if limit in self.limits else [limit]
                return
            if len(self._seen) < _MOST_SEEN:
                self._seen.add(key)
            step = choices[at].step
            for number, outcome in enumerate(self.classes[step]):
                if number == 0:
                    continue
                yield (*choices[:at], Choice(step, outcome, number))
                if outcome.retried or outcome.followed or step in self._cyclic:
                    yield (*choices[:at], Choice(step, outcome, number, True))

    def _walk(
        self, prefix: tuple[Choice, ...], parent: View | None
    ) -> tuple[Explored, list[bytes | None]]:
        found = self._try(prefix, self._most_steps)
        if self._changes and is_endless(found[0]):
            found = self._try(prefix, MAX_STEPS)  # time or chance may lead out of it yet
        trace, choices, keys = found
        explored = Explored(trace, tuple(choices), len(decided(choices)), len(prefix) - 1, parent)
        return explored, keys

    def _try(
        self, prefix: tuple[Choice, ...], most_steps: int
    ) -> tuple[Trace, list[Choice], list[bytes | None]]:
        choices: list[Choice] = []
        keys: list[bytes | None] = []
        """For each choice the state it was made in; None where there was nothing to decide."""
        lasting: dict[str, Choice] = {}
        run = self._start()
        run.most_steps = most_steps
        visited: tuple[str, int] | None = None

        def answer(send: Send) -> Answer:
            nonlocal visited
            step = send.step
            no = refused(send)
            if no is not None:
                return no
            classes = self.classes.get(step)
            if classes is None:
                return TOKEN
            # What a limit held back was not sent: the first request of a visit may be any attempt.
            first, visited = visited != (step, send.visit), (step, send.visit)
            place = len(choices)
            key = None
            if place < len(prefix):
                choice = prefix[place]
            elif step in lasting:
                choice = lasting[step]
            else:
                choice = Choice(step, classes[0], 0)
                if first and len(classes) > 1:
                    key = self._state.key(run, send, lasting, choices)
            if choice.lasting:
                lasting[step] = choice
            choices.append(choice)
            keys.append(key)
            return answer_to(choice.outcome.item, send)

        # A refusal by the run's own limits is no decision: what is refused is not sent.
        ask = Limits().asking(answer) if self._limited else answer
        return drive_pure(run.go(self._occurrence, False, False), ask), choices, keys


class _State:
    """What the future of a walk depends on, at a call."""

    def __init__(self, journey: CompiledJourney, cyclic: frozenset[str]) -> None:
        saved = {
            save.name for node in journey.nodes if isinstance(node, CallNode) for save in node.save
        }
        changing = {"steps", "user", "profile", "now", *saved}
        self._paths: list[Path] = [path for path in journey.reads if path[0] in changing]
        if any(isinstance(node, MessageNode) for node in journey.nodes):
            self._paths += [("user", "emails_enabled"), ("user", "sms_optin")]
        self._splits = [
            node.index
            for node in journey.nodes
            if isinstance(node, SplitNode) and node.id in cyclic
        ]
        self._limited = journey.limited
        # Within a list of steps the way on depends on the fact that led into the list.
        self._tail = _longest_list(journey)

    def key(self, run: Run, send: Send, lasting: dict[str, Choice], choices: list[Choice]) -> bytes:
        values = []
        for path in self._paths:
            value = look_up(run.scope, path)
            values.append(None if value is MISSING else [value])
        tail = [
            [fact.step, fact.next, fact.outcome, fact.output if fact.decided_by else None]
            for fact in (run.facts[-self._tail :] if self._tail else ())
        ]
        splits = [run.been.get(index, 0) for index in self._splits]
        lasts = sorted((step, choice.number) for step, choice in lasting.items())
        # Limits remember every call and when it was.
        past = [(one.step, one.number) for one in choices] if self._limited else []
        whole = dump_json([send.step, values, tail, splits, lasts, past])
        return blake2b(whole, digest_size=12).digest()


def _longest_list(journey: CompiledJourney) -> int:
    """Facts to look back at for how a list of steps was entered; 0 when there are no lists."""
    inner = sum(edge.label == "then" for edge in edges_of(journey))
    return inner + 1 if inner else 0
