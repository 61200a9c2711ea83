"""The state of one walk: what it knows at a moment, and what it has left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sandbox.clock import iso
from sandbox.draws import run_id as keyed_run_id
from sandbox.engine.compiled import CompiledJourney, Way
from sandbox.engine.person import Person, template_view
from sandbox.model.base import Json
from sandbox.model.trace import Finding, Level, Status, StepFact, Trace
from sandbox.templates.noticing import Found

__all__ = ["MAX_STEPS", "State", "new_fact"]

MAX_STEPS = 2_000
"""Steps one walk may take."""

new_fact: Callable[[tuple[object, ...]], StepFact] = partial(tuple.__new__, StepFact)
"""A fact from all of its fields in order; half the price of naming them."""
_traced: Callable[[tuple[object, ...]], Trace] = partial(tuple.__new__, Trace)
"""A trace, likewise."""


class State:
    """One walk at a moment."""

    __slots__ = (
        "at_us", "been", "event", "facts", "findings", "got", "id", "include_user", "journey",
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
        """As ``walk`` is given them."""
        self.journey = journey
        self.id = journey.id
        self.start = self.person = person
        self.event = event
        self.seed = seed
        self.start_us = self.at_us = start_us
        self.trigger = journey.event
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
        self.got: tuple[str, ...] = ()
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

    def name(self, way: Way) -> str:
        """The step a way leads to; ``end``, or empty when nothing is connected."""
        return self.journey.names[way[0]] if way else ""

    def report(self, step_id: str, found: Found) -> None:
        """What rendering a step noticed, once each."""
        for notice in found:
            finding = Finding(notice.code, notice.level, step_id, notice.message)
            if finding not in self.findings:
                self.findings.append(finding)

    def doubt(self, code: str, level: Level, step_id: str, message: str) -> None:
        """A finding, once."""
        finding = Finding(code, level, step_id, message)
        if finding not in self.findings:
            self.findings.append(finding)

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
            self.got,
        ))  # fmt: skip
