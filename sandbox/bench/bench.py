"""The bench: one execution core under two fronts, the commands and the terminal application.

It is given a repository, a history and a maker of answerers, and knows none of the libraries
behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from sandbox.bench.answering import Answering
from sandbox.bench.calling_once import call_once
from sandbox.bench.keeping import keep
from sandbox.bench.live_guard import refuse_unlisted, urls_of
from sandbox.bench.options import Preview, RunOptions
from sandbox.bench.previews import LEADING, preview_of
from sandbox.bench.refusing import Refusing
from sandbox.bench.stepping import Stepper
from sandbox.bench.together import Wanted, fire_together
from sandbox.clock import DEFAULT_START_US, wall_us
from sandbox.draws import run_id
from sandbox.engine.check import check_journey
from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.credentials import credentials_of
from sandbox.engine.fold import (
    document_of,
    request_document,
    step_document,
)
from sandbox.engine.graph import graph_of
from sandbox.engine.person import Person, person_of
from sandbox.engine.reach import Reached, reach
from sandbox.engine.urls import host_of
from sandbox.engine.walk import Run
from sandbox.environment import Environment, resolve
from sandbox.errors import InputError, UnknownName
from sandbox.masking import Masker
from sandbox.mocks.engine import Session
from sandbox.model.graph import Graph
from sandbox.model.journey import Journey
from sandbox.model.rules import RuleSet
from sandbox.model.trace import (
    Finding,
    FindingDocument,
    StepDocument,
    StepFact,
    TraceDocument,
)
from sandbox.model.workspace import Variable
from sandbox.runner import Limited, drive
from sandbox.seams import Answerer, Answerers, History, Repository

__all__ = ["Bench"]


class Bench:
    """Everything a front can do with a workspace."""

    def __init__(
        self,
        repository: Repository,
        history: History,
        answerers: Answerers,
        environ: Mapping[str, str],
        env_file: Mapping[str, str] | None = None,
        reveal: bool = False,
    ) -> None:
        """``environ`` is the process environment; only declared variables are read from it."""
        self.repository = repository
        self.history = history
        self._environ = environ
        self._env_file = env_file
        self._reveal = reveal
        self._compiled: dict[tuple[str, str | None], tuple[Journey, CompiledJourney]] = {}
        self._answering = Answering(repository, answerers)
        self._numbers = 0
        self._last_values: dict[str, str] = {}

    # What is there ------------------------------------------------------------------------------

    def environment(self) -> Environment:
        """The declared variables, resolved."""
        return resolve(self.repository.variables(), self._environ, self._env_file)

    def _values(self) -> dict[str, str]:
        """The variables' values; the same object as long as they are the same."""
        values = self.environment().values
        if values != self._last_values:
            self._last_values = values
        return self._last_values

    def masker(self, reveal: bool | None = None) -> Masker:
        """A masker for the secrets of this workspace."""
        shown = self._reveal if reveal is None else reveal
        return Masker(self.environment().secrets, shown)

    def compiled(self, journey_id: str, dialect: str | None = None) -> CompiledJourney:
        """A journey, compiled; kept until its document changes."""
        journey = self.repository.journey(journey_id)
        kept = self._compiled.get((journey_id, dialect))
        if kept is not None and kept[0] == journey:
            return kept[1]
        made = compile_journey(journey, dialect)
        self._compiled[journey_id, dialect] = (journey, made)
        return made

    def graph(self, journey_id: str, dialect: str | None = None) -> Graph:
        """A journey as a graph."""
        return graph_of(self.compiled(journey_id, dialect))

    def check(self, journey_id: str) -> list[Finding]:
        """The static findings of a journey."""
        return self.check_document(self.repository.journey(journey_id))

    def check_document(
        self, journey: Journey, source: str = "", also: Iterable[Variable] = ()
    ) -> list[Finding]:
        """The static findings of a journey that is not in the workspace.

        ``also`` are variables that would be declared with it.
        """
        declared = frozenset(self.environment().values).union(one.name for one in also)
        return check_journey(compile_journey(journey, None, source), declared)

    def rules(self, options: RunOptions) -> RuleSet:
        """The rule set of a run, forced answers included."""
        return self._answering.rules(options)

    def seed(self, options: RunOptions) -> int:
        """The seed of a run."""
        return self._answering.seed(options)

    def step(self, compiled: CompiledJourney, step_id: str) -> CallNode:
        """A call step.

        Raises:
            UnknownName: when there is no such step.
            InputError: when the step is of another kind.
        """
        node = compiled.call(step_id)
        if node is None:
            calls = [node.id for node in compiled.nodes if isinstance(node, CallNode)]
            other = compiled.node(step_id)
            if other is not None:
                hint = "there is: " + ", ".join(calls) if calls else "the journey has no calls"
                raise InputError(f"the step {step_id!r} calls nothing: it is {other.kind}", hint)
            raise UnknownName("call step", step_id, calls, f" in the journey {compiled.id}")
        return node

    # One call -----------------------------------------------------------------------------------

    def preview(
        self, journey_id: str, step_id: str, profile_id: str, options: RunOptions
    ) -> Preview:
        """The exact request a step would send for a person, and where its values come from."""
        compiled = self.compiled(journey_id, options.dialect)
        node = self.step(compiled, step_id)
        reached = self._reach(compiled, node, self.person(profile_id, options), options)
        return preview_of(reached, node, self.masker())

    def curl(
        self,
        journey_id: str,
        step_id: str,
        profile_id: str,
        options: RunOptions,
        reveal: bool = False,
    ) -> str:
        """The call as a curl command; secrets stand as ``$NAME`` unless they are revealed."""
        from sandbox.formats.curl import to_curl

        preview = self.preview(journey_id, step_id, profile_id, options)
        document = request_document(preview.raw, Masker(reveal=True))
        return to_curl(document, None if reveal else self.environment().secrets)

    def _reach(
        self, compiled: CompiledJourney, node: CallNode, person: Person, options: RunOptions
    ) -> Reached:
        answer = self._answering.apart(options).answer
        start = lambda: self.new_run(compiled, person, options)  # noqa: E731
        return reach(node, start, [answer, *LEADING], options.occurrence)

    async def send(
        self, journey_id: str, step_id: str, profile_id: str, options: RunOptions
    ) -> StepDocument:
        """One call outside any run ("Test API"): no counter, no profile, no history is touched."""
        compiled = self.compiled(journey_id, options.dialect)
        node = self.step(compiled, step_id)
        person = self.person(profile_id, options)
        if options.live:
            self._guard(journey_id, profile_id, options, only=node)
        reached = self._reach(compiled, node, person, options)
        run = self.new_run(compiled, person, options)
        answerer = self._answering.answerer(options)
        fact = await call_once(run, node, reached, answerer)
        return step_document(fact, 1, self.masker().also(credentials_of([fact], run.got)))

    # Runs ---------------------------------------------------------------------------------------

    async def fire(
        self,
        journey_id: str,
        profile_id: str,
        options: RunOptions,
        on_step: Callable[[StepDocument], None] | None = None,
        been_here: bool = False,
        record: bool = True,
        member: Callable[[Answerer], Answerer] | None = None,
        entered: Callable[[Session], None] | None = None,
    ) -> TraceDocument:
        """One run of one journey, recorded in the history.

        For ``fire_together``: ``member`` is the run's place among others that are fired with it,
        and ``entered`` is told of the mock rules' session of a run that the trigger let in.

        Raises:
            LiveRefused: when a live call is not allowed; nothing was sent.
        """
        compiled = self.compiled(journey_id, options.dialect)
        person = self.person(profile_id, options)
        if options.live:
            self._guard(journey_id, profile_id, options)
        masker = self.masker()
        number = 0

        def told(fact: StepFact) -> None:
            nonlocal number, masker
            number += 1
            if on_step is not None:
                masker = masker.also(credentials_of([fact], run.got))
                on_step(step_document(fact, number, masker))

        run = self.new_run(compiled, person, options)
        walk = run.go(options.occurrence, been_here, on_step is not None)
        session = None if options.live else self._answering.session(options)
        answerer = self._answering.answerer(options, session)
        refusing = Refusing(answerer) if options.live else None
        answerer = refusing or answerer
        if member is not None:
            answerer = member(answerer)
        elif compiled.limited:
            answerer = Limited(answerer, self._answering.limits(options))
        trace = await drive(walk, answerer, told)
        if refusing is not None and refusing.findings:
            trace = trace._replace(findings=(*trace.findings, *refusing.findings))
        if session is not None and trace.status != "not_entered":
            trace = trace._replace(findings=(*trace.findings, *session.findings()))
            if entered is not None:
                entered(session)
        if options.keep:
            hiding = self.masker(False).also(credentials_of(trace.facts, trace.tokens))
            trace = keep(self.repository, trace, options.set_user, hiding)
        document = document_of(trace, masker)
        if record:
            # What is revealed is for the screen; what is remembered is masked, whatever was asked.
            hidden = document_of(trace, self.masker(False)) if self._reveal else document
            document["run"]["id"] = self.history.record([hidden])[0]
        return document

    async def trigger(
        self,
        event: str,
        profile_id: str,
        options: RunOptions,
        judged: Callable[[list[FindingDocument]], None] | None = None,
    ) -> list[TraceDocument]:
        """The event happens: every journey that listens to it runs.

        ``judged``: told of what does not hold over all these runs; see ``fire_together``.

        Raises:
            InputError: when no journey listens.
        """
        journeys = self.repository.journeys()
        listening = [journey for journey in journeys if event in journey.events]
        if not listening:
            known = dict.fromkeys(name for journey in journeys for name in journey.events)
            raise UnknownName("event", event, known)
        if options.live:
            for journey in listening:  # all of them before the first one sends
                self._guard(journey.id, profile_id, options)
        wanted = [
            Wanted(journey.id, profile_id, options, self.history.seen(journey.id, profile_id))
            for journey in listening
        ]
        return await fire_together(self, wanted, judged=judged)

    def shares(self, journey_id: str, options: RunOptions) -> bool:
        """Whether what one run does can change what another one is answered."""
        if options.live:
            return False
        if self.compiled(journey_id, options.dialect).limited:
            return True
        return self._answering.shared(options)

    def stepper(self, journey_id: str, profile_id: str, options: RunOptions) -> Stepper:
        """A mocked run, step by step."""
        compiled = self.compiled(journey_id, options.dialect)
        person = self.person(profile_id, options)
        mocked = replace(options, live=False)
        unique = self._unique(compiled)  # one for all the times it is walked again to step back
        return Stepper(
            lambda: self.new_run(compiled, person, mocked, unique),
            lambda run: run.go(options.occurrence, False, True),
            Limited(self._answering.answerer(mocked), self._answering.limits(mocked)),
            self.masker(),
            self.masker(False),
            self.history,
        )

    def live_hosts(self, journey_id: str, profile_id: str, options: RunOptions) -> list[str]:
        """The hosts a live run could call, in the order of the steps."""
        urls = self._live_urls(journey_id, profile_id, options)
        return list(dict.fromkeys(map(host_of, urls)))

    def _live_urls(
        self, journey_id: str, profile_id: str, options: RunOptions, only: CallNode | None = None
    ) -> Iterator[str]:
        """The addresses a live run could call, or one step of it."""
        compiled = self.compiled(journey_id, options.dialect)
        person = self.person(profile_id, options)
        calls = [node for node in compiled.nodes if isinstance(node, CallNode)]
        for node in calls if only is None else [only]:
            reached = self._reach(compiled, node, person, options)
            yield from urls_of(node, reached, lambda: self.new_run(compiled, person, options))

    def allowed_hosts(self, options: RunOptions) -> tuple[str, ...]:
        """Where live calls may go."""
        return self._answering.allowed_hosts(options)

    def _guard(
        self, journey_id: str, profile_id: str, options: RunOptions, only: CallNode | None = None
    ) -> None:
        """Refuse a live run before anything is sent, for every host it could call."""
        urls = self._live_urls(journey_id, profile_id, options, only)
        refuse_unlisted(urls, self.allowed_hosts(options))

    def person(self, profile_id: str, options: RunOptions) -> Person:
        """A profile ready for runs, with what the options lend it."""
        return person_of(self.repository.profile(profile_id), options.set_user)

    def new_run(
        self, compiled: CompiledJourney, person: Person, options: RunOptions, unique: str = ""
    ) -> Run:
        """A fresh run; the same arguments make the same one."""
        event = compiled.journey.trigger.sample if options.event is None else options.event
        start_us = options.at_us
        if start_us is None:
            start_us = wall_us() if options.live else DEFAULT_START_US
        settings = self.repository.settings()
        return Run(
            compiled,
            person,
            {**event, **options.set_event} if options.set_event else event,
            self._values(),
            self.seed(options),
            start_us,
            options.include_user,
            "live" if options.live else "mock",
            unique or self._unique(compiled),
            settings.max_sent_bytes,
            settings.max_received_bytes,
        )

    def _unique(self, compiled: CompiledJourney) -> str:
        """A run id for journeys whose templates read it; the others get the history's."""
        if not compiled.uses_run:
            return ""
        self._numbers += 1
        return run_id(wall_us(), compiled.id, self._numbers)

    def warm(self) -> None:
        """Import what sending needs; takes tens of milliseconds, so call it off the main thread."""
        self._answering.warm()

    async def close(self) -> None:
        """Let go of connections."""
        await self._answering.close()
