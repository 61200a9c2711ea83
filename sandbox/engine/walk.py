"""The walk: one person through one journey, as a pure process.

The rules, in ten lines:

1.  A walk is a generator. It yields ``Send`` and is sent an ``Answer``; at the end it returns a
``Trace``.
    With ``pause`` it also yields every ``StepFact`` as it happens, and is sent nothing.
2.  Its inputs are all of its world: compiled journey, person, event, occurrence, whether the
person was here
    before, seed, start of the clock, env. The same inputs and answers give the same trace, always.
3.  The trigger decides first: count, reentry, then ``when``. Not entered means an empty trace.
4.  A step is carried out, leaves a fact, and names the way on. A list of steps runs one after the
other.
5.  A call that cannot be sent is a failure ``@ build`` and nothing is asked. Any other call asks
once per
    attempt, and once per redirect that is followed.
6.  An answer is a success when its status is among the dialect's; an error never is. Retries come
first.
7.  After the last attempt the step's own edge decides; without one, the policy: proceed, drop,
branch, author.
8.  Time passes by waits and by what answers took, on the virtual clock; nothing else does.
9.  A path ends at ``end``, after the last step, where nothing is connected, by a drop, or by a
failed run.
10. A walk that takes ``MAX_STEPS`` steps is a loop: it ends as failed, with a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

from sandbox.clock import iso
from sandbox.engine.attempts import call_api
from sandbox.engine.compiled import END_AT, CallNode, CompiledJourney, Way
from sandbox.engine.person import Person
from sandbox.engine.state import MAX_STEPS, State, new_fact
from sandbox.engine.steps import carry_out
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Finding, StepFact, Trace

__all__ = ["MAX_STEPS", "Run", "Walk", "drive_pure", "walk"]

Walk = Generator[Send | StepFact, Answer | None, Trace]


def walk(
    journey: CompiledJourney,
    person: Person,
    event: Mapping[str, Json],
    *,
    env: Mapping[str, str],
    seed: int,
    start_us: int,
    occurrence: int | None = None,
    been_here: bool = False,
    include_user: bool | None = None,
    via: str = "model",
    run_id: str = "",
    max_sent: int = 1_000_000,
    max_received: int = 10_000_000,
    pause: bool = False,
) -> Walk:
    """Walk a person through a journey.

    Args:
        journey: the compiled journey.
        person: who; never changed.
        event: what happened.
        env: the declared variables' values.
        seed: for splits and, passed on, for the answers.
        start_us: the virtual clock at the start.
        occurrence: how often the event has happened to this person; None: as often as the trigger
        counts.
        been_here: whether the person was in this journey before.
        include_user: False excludes the user info whatever the step says; None leaves it to the
        step.
        via: who answers, for the trace.
        run_id: the run's id; empty: one made from the key of the run.
        max_sent: bytes of body that may be sent.
        max_received: bytes of body that are accepted.
        pause: also yield every fact as it happens.
    """
    return Run(
        journey,
        person,
        event,
        env,
        seed,
        start_us,
        include_user,
        via,
        run_id,
        max_sent,
        max_received,
    ).go(occurrence, been_here, pause)


class Run(State):
    """One walk: ``go`` walks it."""

    __slots__ = ()

    def go(self, occurrence: int | None, been_here: bool, pause: bool) -> Walk:
        """The loop: carry a step out, leave a fact, find the way on."""
        journey = self.journey
        why = self._entry(occurrence, been_here)
        if why:
            self.outcome = "not_entered"
            self.findings = [Finding("not_entered", "info", "", why)]
            return self.trace()
        nodes, facts, been = journey.nodes, self.facts, self.been
        way: Way = journey.start
        rest: Way = ()
        taken = 0
        while True:
            if rest:
                way, rest = rest, ()
            if not way:
                self.outcome = "ended"
                break
            index = way[0]
            if index == END_AT:
                break
            rest = way[1:]
            node = nodes[index]
            taken += 1
            if taken > self.most_steps:
                self._loop(node.id)
                break
            visit = been[index] = been.get(index, 0) + 1
            if journey.uses_now:
                self.scope["now"] = iso(self.at_us)
            if isinstance(node, CallNode):
                shown = len(facts)
                found = yield from call_api(self, node, visit, rest)
                if pause:
                    for fact in facts[shown:]:
                        yield fact
                if found is None:
                    break
                way = found
                continue
            at_us = self.at_us
            way, given, made, decided = carry_out(self, node, visit)
            fact = new_fact((
                node.id, node.kind, visit, 1, at_us, "done", self.name(rest or way), decided,
                None, None, given, made, (),
            ))  # fmt: skip
            facts.append(fact)
            if pause:
                yield fact
        return self.trace()

    def _entry(self, occurrence: int | None, been_here: bool) -> str:
        """Why the person does not enter; empty when they do."""
        trigger = self.journey.journey.trigger
        if occurrence is not None and occurrence != trigger.count:
            return (
                f"the event has happened {occurrence} time(s) to this person; "
                f"the trigger waits for time number {trigger.count}"
            )
        if been_here and trigger.reentry == "once":
            return "the person has been in this journey before and it is entered once"
        if self.journey.when is not None and not self.journey.when(self.scope):
            return "the trigger's condition does not hold for this person and event"
        return ""

    def _loop(self, step_id: str) -> None:
        self.outcome = "failed"
        message = (
            f"the walk took {self.most_steps:,} steps without an end: a loop that nothing leaves"
        )
        self.findings.append(Finding("endless_loop", "error", step_id, message))


def drive_pure(walk: Walk, ask: Callable[[Send], Answer]) -> Trace:
    """Run a walk to its end with an answerer that does not wait."""
    try:
        asked = next(walk)
        while True:
            asked = walk.send(ask(asked)) if isinstance(asked, Send) else next(walk)
    except StopIteration as end:
        trace: Trace = end.value
        return trace
