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
from functools import partial

from sandbox.clock import iso, parse_at
from sandbox.draws import draw
from sandbox.draws import run_id as keyed_run_id
from sandbox.engine.asking import ask
from sandbox.engine.call import Built
from sandbox.engine.compiled import (
    END_AT,
    AddTagNode,
    CallNode,
    CompiledJourney,
    ConditionNode,
    EndNode,
    MessageNode,
    Node,
    NotifyNode,
    RemoveTagNode,
    SplitNode,
    UpdateNode,
    WaitNode,
    Way,
)
from sandbox.engine.doubts import doubts
from sandbox.engine.person import Person, label_name, template_view
from sandbox.engine.response import exposed, save_values
from sandbox.errors import InputError
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Finding, Status, StepFact, Trace
from sandbox.templates.filters import TooLarge
from sandbox.templates.noticing import Found
from sandbox.templates.values import check_size

__all__ = ["MAX_STEPS", "Run", "Walk", "walk"]

MAX_STEPS = 2_000
"""Steps one walk may take."""

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


_Done = tuple[Way, Json, Json, str]
"""The way on, the step's input, its output, and who decided."""
_fact: Callable[[tuple[object, ...]], StepFact] = partial(tuple.__new__, StepFact)
"""A fact from all of its fields in order; half the price of naming them."""
_traced: Callable[[tuple[object, ...]], Trace] = partial(tuple.__new__, Trace)
"""A trace, likewise."""
_asking: Callable[[tuple[object, ...]], Send] = partial(tuple.__new__, Send)
"""A ``Send``, likewise."""


class Run:
    """The state of one walk. ``go`` is the walk; the rest is what it knows at a moment."""

    __slots__ = (
        "at_us", "been", "event", "facts", "findings", "id", "include_user", "journey",
        "max_received",
        "max_sent", "most_steps", "outcome", "person", "run", "scope", "seed", "start",
        "start_us", "steps",
        "tokens", "trigger", "via",
    )  # fmt: skip

    def __init__(
        self,
        journey: CompiledJourney,
        person: Person,
        event: Mapping[str, Json],
        env: Mapping[str, str],
        seed: int,
        start_us: int,
        include_user: bool | None,
        via: str,
        run_id: str,
        max_sent: int,
        max_received: int,
    ) -> None:
        self.journey = journey
        self.id = journey.journey.id
        self.start = self.person = person
        self.event = event
        self.seed = seed
        self.start_us = self.at_us = start_us
        trigger = journey.journey.trigger
        self.trigger = trigger.name or trigger.kind
        self.include_user = include_user
        self.via = via
        self.run = run_id
        self.max_sent = max_sent
        self.most_steps = MAX_STEPS
        self.max_received = max_received
        self.facts: list[StepFact] = []
        self.findings: list[Finding] = list(journey.findings)
        self.been: dict[int, int] = {}
        self.steps: dict[str, Json] = {}
        self.tokens: dict[tuple[str, str], tuple[str, int]] = {}
        self.outcome: Status = "completed"
        run: dict[str, Json] = {}
        if journey.uses_run:
            run = {"id": self._run_id(), "seed": seed, "started": iso(start_us)}
        now = iso(start_us) if journey.uses_now else ""
        self.scope = journey.scope(template_view(person), event, env, self.steps, now, run)

    def _run_id(self) -> str:
        if not self.run:
            self.run = keyed_run_id(self.seed, self.journey.id, self.start.id, self.start_us)
        return self.run

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
                found = yield from self._call(node, visit, rest)
                if pause:
                    for fact in facts[shown:]:
                        yield fact
                if found is None:
                    break
                way = found
                continue
            at_us = self.at_us
            way, given, made, decided = self._step(node, visit)
            fact = _fact((
                node.id, node.kind, visit, 1, at_us, "done", self._name(rest or way), decided,
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

    def _name(self, way: Way) -> str:
        if not way:
            return ""
        return "end" if way[0] == END_AT else self.journey.nodes[way[0]].id

    # Steps that ask nobody ---------------------------------------------------------------------

    def _step(self, node: Node, visit: int) -> tuple[Way, Json, Json, str]:
        """Carry out a step: the way on, its input, its output, and who decided."""
        found: Found = []
        try:
            done = _STEPS[node.kind](self, node, visit, found)
        except TooLarge as wrong:
            self.findings.append(Finding("value_too_large", "error", node.id, wrong.message))
            done = (node.next, None, None, "")
        if found:
            self._report(node.id, found)
        return done

    def _update(self, node: UpdateNode, visit: int, found: Found) -> _Done:
        value = node.value.render(self.scope, found)
        if not node.value.static and isinstance(value, dict | list):
            check_size(value, f"the attribute {node.attribute}")
        attributes = {**self.person.attributes, node.attribute: value}
        self._change(self.person._replace(attributes=attributes))
        return node.next, node.attribute, value, ""

    def _add_tag(self, node: AddTagNode, visit: int, found: Found) -> _Done:
        name = node.tag.text(self.scope, found)
        for tag in self.person.tags:
            if label_name(tag) == name:
                return node.next, name, False, ""
        who = self.person
        self._change(Person(who.id, who.attributes, [*who.tags, name], who.lists, who.identities))
        return node.next, name, True, ""

    def _remove_tag(self, node: RemoveTagNode, visit: int, found: Found) -> _Done:
        name = node.tag.text(self.scope, found)
        kept = [tag for tag in self.person.tags if label_name(tag) != name]
        removed = len(kept) < len(self.person.tags)
        self._change(self.person._replace(tags=kept))
        return node.next, name, removed, ""

    def _notify(self, node: NotifyNode, visit: int, found: Found) -> _Done:
        return node.next, None, node.text.text(self.scope, found), ""

    def _end(self, node: EndNode, visit: int, found: Found) -> _Done:
        return (END_AT,), None, None, ""

    def _change(self, person: Person) -> None:
        self.person = person
        self.scope["user"] = self.scope["profile"] = template_view(person)

    def _choose(self, node: ConditionNode, visit: int, found: Found) -> _Done:
        for test, way, label in node.branches:
            if test(self.scope):
                return way, None, label, "condition"
        return node.otherwise, None, "else" if node.otherwise else "no branch", "condition"

    def _draw(self, node: SplitNode, visit: int, found: Found) -> _Done:
        number = draw(self.seed, "split", self.journey.id, self.person.id, node.id, visit, 1)
        for reached, way, label in node.arms:
            if number < reached:
                return way, None, label, "condition"
        return node.arms[-1][1], None, node.arms[-1][2], "condition"

    def _wait(self, node: WaitNode, visit: int, found: Found) -> _Done:
        if node.until is None:
            self.at_us += node.for_us
            return node.next, node.says, iso(self.at_us), ""
        text = node.until.text(self.scope, found)
        try:
            self.at_us = max(self.at_us, parse_at(text))
        except InputError as wrong:
            self.findings.append(Finding("bad_moment", "warning", node.id, wrong.message))
        return node.next, text, iso(self.at_us), ""

    def _message(self, node: MessageNode, visit: int, found: Found) -> _Done:
        to = node.to.text(self.scope, found)
        if not to.strip():
            message = (
                f"nobody to write to: {node.to.source} is empty, so the {node.channel} goes nowhere"
            )
            self.findings.append(Finding("message_no_address", "warning", node.id, message))
        flag = {"email": "emails_enabled", "sms": "sms_optin"}.get(node.channel, "")
        if flag and self.person.attributes.get(flag, node.channel == "email") is not True:
            message = f"{flag} is not true, so the person has not opted in to {node.channel}"
            self.findings.append(Finding("message_no_opt_in", "warning", node.id, message))
        shown = {"to": to, "text": node.text.text(self.scope, found)}
        if node.subject.source:
            shown["subject"] = node.subject.text(self.scope, found)
        return node.next, node.channel, shown, ""

    def _report(self, step_id: str, found: Found) -> None:
        for notice in found:
            finding = Finding(notice.code, notice.level, step_id, notice.message)
            if finding not in self.findings:
                self.findings.append(finding)

    # Calls ---------------------------------------------------------------------------------------

    def _call(
        self, node: CallNode, visit: int, rest: Way
    ) -> Generator[Send | StepFact, Answer | None, Way | None]:
        """Ask, retry, judge; the way on, or None when the run ends here."""
        behaviour = self.journey.behaviour
        with_user = node.include_user if self.include_user is None else self.include_user
        attempt = 1
        while True:
            missing: Found = []
            at_us = self.at_us
            built = node.plan.build(
                self.scope, self.person, at_us, with_user, self.max_sent, missing
            )
            if missing:
                self._report(node.id, missing)
            hops: list[str] = []
            if built.fail is None and node.plain:
                # What ``ask`` does when there is neither a token nor a redirect to follow.
                told = yield _asking((
                    built.request, self.id, self.start.id, node.id, visit, attempt,
                    self.seed, at_us, node.timeout_s, self.max_received, self.scope["user"], 0,
                    self.trigger, self.start_us,
                ))  # fmt: skip
                if told is None:
                    raise RuntimeError("a walk that asked was sent no answer")
                answer = told
                self.at_us = at_us + int(answer.took_ms * 1000)
            else:
                answer = yield from ask(self, node, visit, attempt, built, hops)
            if behaviour.max_body_bytes and len(built.request.body) > behaviour.max_body_bytes:
                self._over_limit(node.id, len(built.request.body), behaviour.max_body_bytes)
            success = answer.error is None and answer.status in behaviour.success
            retry = node.retry
            again = (
                retry is not None
                and attempt <= retry.times
                and (
                    answer.error.kind in retry.kinds
                    if answer.error
                    else answer.status in retry.statuses
                )
            )
            if not again:
                break
            self._fact(node, visit, attempt, at_us, built, answer, hops, success, node.id, "policy")
            delay = retry.delay_us * 2 ** (attempt - 1) if retry else 0
            self.at_us += min(delay, retry.max_delay_us if retry else 0)
            attempt += 1
        lacks = bool(missing) and any(one.code == "value_missing" for one in missing)
        for doubt in doubts(self.journey, node, built, answer, lacks, self.scope, self.person):
            if doubt not in self.findings:
                self.findings.append(doubt)
        if node.exposed:
            left = self.steps[node.id] = exposed(node, built.request, built.payload, answer)
            if left["error"] is not None and self.journey.behaviour.syntax == "kustomer":
                self.scope["error"] = left["error"]  # /#error.message of an error case
        if node.save:
            save_values(node, answer, self.scope, self.findings)
        way, decided, ends = self._onward(node, success, answer, bool(rest))
        shown = "" if ends else self._name(rest or way)
        self._fact(node, visit, attempt, at_us, built, answer, hops, success, shown, decided)
        if ends:
            self.outcome = ends
            return None
        return way

    def _fact(
        self, node: CallNode, visit: int, attempt: int, at_us: int, built: Built, answer: Answer,
        hops: list[str], success: bool, onward: str, decided: str,
    ) -> None:  # fmt: skip
        self.facts.append(_fact((
            node.id, node.kind, visit, attempt, at_us, "success" if success else "failure",
            onward, decided, built.request, answer, None, None, tuple(hops),
        )))  # fmt: skip

    def _over_limit(self, step_id: str, size: int, limit: int) -> None:
        message = f"a body of {size:,} bytes; the vendor is reported to send at most {limit:,}"
        self.findings.append(Finding("body_over_vendor_limit", "warning", step_id, message))

    def _onward(
        self, node: CallNode, success: bool, answer: Answer, within_list: bool
    ) -> tuple[Way, str, Status | None]:
        """The way on after the last attempt, who decided, and how the run ends if it does."""
        behaviour = self.journey.behaviour
        forward = node.on_success if node.on_success is not None else node.next
        if success:
            return forward, "edge", None
        if behaviour.exits and node.on_failure is not None:
            return node.on_failure, "edge", None
        if node.on_failure is not None:
            message = (
                f"{self.journey.dialect} has no exits for success and failure, so on_failure is "
                f"ignored; the policy {behaviour.failure} decides"
            )
            self.findings.append(Finding("edge_ignored", "warning", node.id, message))
        if answer.error is not None and behaviour.transport_error == "fail_run":
            message = (
                f"{answer.error.kind} @ {answer.error.phase}: the platform fails the run (assumed)"
            )
            self.findings.append(Finding("run_failed", "error", node.id, message))
            return (), "policy", "failed"
        if behaviour.failure == "drop":
            return (), "policy", "dropped"
        if behaviour.failure == "branch" and not within_list:
            return (node.next if behaviour.unconnected == "next" else ()), "policy", None
        return forward, "policy", None

    def trace(self) -> Trace:
        """The run so far as a trace."""
        trigger = self.journey.journey.trigger
        return _traced((
            self.journey.id,
            self.start.id,
            self.journey.dialect,
            self.seed,
            self.via,
            self.outcome,
            self.start_us,
            self.at_us,
            (trigger.kind, trigger.name or self.journey.id, self.event),
            tuple(self.facts),
            self.start,
            self.person,
            tuple(self.findings),
            self.run,
        ))  # fmt: skip


_STEPS: dict[str, Callable[..., _Done]] = {
    "update_attribute": Run._update,
    "add_tag": Run._add_tag,
    "remove_tag": Run._remove_tag,
    "condition": Run._choose,
    "wait": Run._wait,
    "notify": Run._notify,
    "message": Run._message,
    "split": Run._draw,
    "end": Run._end,
}
"""Kind → what carries the step out."""
