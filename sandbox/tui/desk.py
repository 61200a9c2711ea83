"""What the workbench asks of the bench; every method runs backstage, on the bench's thread.

News goes into the bridge. Errors of the person, the workspace or the guard come out as
``SandboxError``; nothing else is caught.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

from sandbox.bench.options import RunOptions
from sandbox.model.exchange import Answer, Send
from sandbox.model.graph import Graph
from sandbox.model.journey import Journey
from sandbox.model.rules import RuleSet
from sandbox.model.trace import (
    Finding,
    FindingDocument,
    RunDocument,
    StepDocument,
    TraceDocument,
)
from sandbox.tui.bridge import Bridge
from sandbox.tui.following import Following
from sandbox.tui.state import Catalogue, Forced

if TYPE_CHECKING:
    from sandbox.bench.bench import Bench
    from sandbox.bench.opened import Opened
    from sandbox.bench.stepping import Stepper

__all__ = ["Desk", "Job", "Stepped"]

_KEPT_TRACES = 20


class Job(NamedTuple):
    """One run that is wanted."""

    journey: str
    profile: str
    options: RunOptions


class Stepped(NamedTuple):
    """What came of a step forward."""

    step: StepDocument | None
    """None: the run has ended, and is in the history."""
    used: bool
    """Whether the forced answer was used."""
    again: bool
    """Whether the run had to begin again, because its options have changed."""


class Desk:
    """The bench, and what of it must be remembered between two requests."""

    def __init__(self, opened: Opened, bridge: Bridge) -> None:
        """``bridge`` is told of everything that happens."""
        self.opened = opened
        self.bridge = bridge
        self._traces: OrderedDict[str, TraceDocument] = OrderedDict()
        self._options: OrderedDict[str, RunOptions] = OrderedDict()
        self._following = Following(bridge)
        self._firing = 0
        self._checked: tuple[Journey, list[Finding]] | None = None
        self._stepper: Stepper | None = None
        self._stepping: Job | None = None
        self._forked = False
        """Whether the run that goes step by step has had an answer that its options do not give."""

    @property
    def bench(self) -> Bench:
        """The bench; it is made when something of it is first needed."""
        return self.opened.bench

    def warm(self) -> None:
        """Import what the first key will need, which the first frame does not."""
        import sandbox.bench.together
        import sandbox.tui.forcing
        import sandbox.tui.lab_asking
        import sandbox.tui.making  # noqa: F401

        self.opened.warm()

    async def close(self) -> None:
        """Let go of connections."""
        await self.opened.close()

    # What is there ------------------------------------------------------------------------------

    def load(self) -> Catalogue:
        """The documents and, into the bridge, the counts and the newest runs."""
        repository = self.opened.repository
        settings = repository.settings()
        catalogue = Catalogue(
            tuple(repository.journeys()),
            tuple(repository.profiles()),
            tuple(repository.rule_sets()),
            settings.active_rules,
            settings.allowed_hosts,
        )
        if not self._firing:
            self._forget(self._following.count(self.opened.history))
        return catalogue

    def keep_rules(self, rules: RuleSet) -> Catalogue:
        """Add a rule set to the workspace; the documents as they are then.

        Raises:
            InputError: when its id is taken.
        """
        self.opened.repository.put_rule_sets([rules])
        return self.load()

    def changed(self) -> Catalogue | None:
        """The documents, if another process has changed them; its runs go into the bridge.

        While runs of our own are under way nothing is counted: the next look after them does it.
        """
        if not self._firing:
            self._forget(self._following.look(self.opened.history))
        return self.load() if self.opened.repository.changed() else None

    def _forget(self, present: set[str] | None) -> None:
        """Keep no run that is gone from the history."""
        if present is not None:
            for run in self._traces.keys() - present:
                del self._traces[run]

    def graph(self, journey: str) -> Graph:
        """The journey's graph."""
        return self.bench.graph(journey)

    def findings(self, journey: Journey, step: str) -> list[FindingDocument]:
        """What ``check`` says of a step; the journey is checked once for each of its versions."""
        from sandbox.engine.fold import finding_document

        if self._checked is None or self._checked[0] is not journey:
            self._checked = journey, self.bench.check(journey.id)
        masker = self.bench.masker()
        return [finding_document(one, masker) for one in self._checked[1] if one.step == step]

    def trace(self, run: str) -> TraceDocument | None:
        """A run: as it was, if it is one of the newest; else as the history keeps it."""
        return self._traces.get(run) or self.opened.history.trace(run)

    def newest(self) -> TraceDocument | None:
        """The newest run of this session, whole."""
        return next(reversed(self._traces.values()), None)

    def options(self, run: str) -> RunOptions | None:
        """With which options a run of this session was fired."""
        return self._options.get(run)

    # Runs ---------------------------------------------------------------------------------------

    async def fire(self, jobs: Sequence[Job]) -> list[FindingDocument]:
        """Run them; those that share nothing one after the other, and the keyboard has its turn.

        Returns:
            What does not hold over all of them together; of one run nothing.
        """
        from sandbox.bench.together import Wanted, fire_together

        self.drop_step()
        self.bridge.began(len(jobs))
        self._firing += 1
        empty = [_empty(job) for job in jobs]
        found: list[FindingDocument] = []
        try:
            await fire_together(
                self.bench,
                [Wanted(*job) for job in jobs],
                lambda place, trace: self._record(trace, jobs[place]),
                lambda place, step: self.bridge.told(empty[place], step),
                found.extend if len(jobs) > 1 else None,
                self.bridge.begun,
                self.bridge.answered,
            )
            self._judged(found)
        finally:
            self._firing -= 1
            self.bridge.ended()
        return found

    async def trigger(
        self, event: str, profile: str, options: RunOptions
    ) -> tuple[int, list[FindingDocument]]:
        """An event happens; how many journeys ran, and what does not hold over all of them."""
        self.drop_step()
        self.bridge.began(1)
        found: list[FindingDocument] = []
        self._firing += 1
        try:
            traces = await self.bench.trigger(event, profile, options, found.extend)
            for trace in traces:
                self._record(trace, Job(trace["run"]["journey"], profile, options))
            self._judged(found)
        finally:
            self._firing -= 1
            self.bridge.ended()
        return len(traces), found

    def _judged(self, found: Sequence[FindingDocument]) -> None:
        """Findings on several runs are shown with the newest of them."""
        if found and self._traces:
            run, trace = next(reversed(self._traces.items()))
            trace = self._traces[run] = {**trace, "findings": [*trace["findings"], *found]}
            self.bridge.judged(trace)

    def _record(self, trace: TraceDocument, job: Job | None) -> None:
        """Remember a run; ``job`` as what it can be fired again, None where nothing does."""
        run = trace["run"]["id"]
        self._traces[run] = trace
        if job is not None:
            self._options[run] = job.options
        if len(self._traces) > _KEPT_TRACES:
            self._traces.popitem(last=False)
        if len(self._options) > 1000:
            self._options.popitem(last=False)
        self.bridge.recorded(trace)
        self._following.own(run)

    # Step by step -------------------------------------------------------------------------------

    async def step(self, job: Job, forced: Forced | None) -> Stepped:
        """One step forward; a run is begun if none is, or if its options have changed."""
        again = self._stepping is not None and not _same(self._stepping, job)
        if self._stepper is None or self._stepping is None or again:
            self._stepper = self.bench.stepper(job.journey, job.profile, job.options)
            self._stepping = job
            self._forked = False
            self.bridge.began(0)
        stepper = self._stepper
        instead: Callable[[Send], Answer] | None = None
        if forced is not None:
            from sandbox.tui.forcing import answerer_of

            instead = answerer_of(forced.items[0], job.options.rules)
        step = await stepper.forward(instead)
        used = step is not None and step.get("request") is not None and instead is not None
        self._forked = self._forked or used
        if step is None:
            self._record(stepper.trace, None if self._forked else self._stepping)
            self.drop_step()
            self.bridge.ended()
            return Stepped(None, used, again)
        self.bridge.stood(stepper.trace, step["step"])
        return Stepped(step, used, again)

    async def back(self) -> bool:
        """One step back; False when no run goes step by step."""
        if self._stepper is None:
            return False
        await self._stepper.back()
        trace = self._stepper.trace
        self.bridge.stood(trace, trace["steps"][-1]["step"] if trace["steps"] else "")
        return True

    @property
    def stepping(self) -> bool:
        """Whether a run goes step by step."""
        return self._stepper is not None

    def drop_step(self) -> bool:
        """Forget the run that goes step by step; whether there was one."""
        was = self._stepper is not None
        self._stepper = self._stepping = None
        return was


def _same(one: Job, other: Job) -> bool:
    """Whether a step asks to go on with the same run; the seed may have moved on."""
    return (one.journey, one.profile) == (other.journey, other.profile) and replace(
        one.options, seed=None, rules=None
    ) == replace(other.options, seed=None, rules=None)


def _empty(job: Job) -> TraceDocument:
    """A run of which nothing is known yet."""
    options = job.options
    run = cast(
        RunDocument,
        {
            "id": "",
            "journey": job.journey,
            "profile": job.profile,
            "dialect": options.dialect or "",
            "seed": options.seed or 0,
            "via": "live" if options.live else "mock",
            "status": "cancelled",
            "started": "",
            "ended": "",
        },
    )
    return {
        "run": run,
        "trigger": {"kind": "", "name": "", "event": {}},
        "steps": [],
        "counts": {},
        "profile": {"before": {}, "after": {}},
        "findings": [],
    }
