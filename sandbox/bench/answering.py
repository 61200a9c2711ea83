"""Who answers a run: mock rules or real endpoints, each kept from run to run."""

from __future__ import annotations

from sandbox.bench.listening import Listening
from sandbox.bench.named_rules import named_rules
from sandbox.bench.options import DEFAULT_SEED, RunOptions
from sandbox.engine.limits import Limits
from sandbox.errors import UnknownName
from sandbox.mocks.engine import MockEngine, Session
from sandbox.mocks.overrides import with_overrides
from sandbox.model.rules import RuleSet
from sandbox.seams import Answerer, Answerers, Repository

__all__ = ["Answering"]


class Answering:
    """The answerers of one bench, by the options of a run."""

    def __init__(self, repository: Repository, answerers: Answerers) -> None:
        """``repository`` has the rules and the hosts; ``answerers`` makes what answers."""
        self._repository = repository
        self._answerers = answerers
        self._engines: dict[tuple[str, bool], tuple[RuleSet, MockEngine]] = {}
        self._live: dict[tuple[str, ...], Answerer] = {}
        self._limits = Limits()
        """Of all live runs: their clock is everybody's."""

    def rules(self, options: RunOptions) -> RuleSet:
        """The rule set of a run, forced answers included.

        Raises:
            UnknownName: when the workspace's active set is not there.
        """
        rules = options.rules
        if rules is None:
            rules = self._active_rules()
        return with_overrides(rules, dict(options.answers)) if options.answers else rules

    def _active_rules(self) -> RuleSet:
        return named_rules(self._repository, self._repository.settings().active_rules)

    def seed(self, options: RunOptions) -> int:
        """The seed of a run."""
        if options.seed is not None:
            return options.seed
        rules = options.rules
        if rules is None:
            try:
                rules = self._active_rules()
            except UnknownName:
                return DEFAULT_SEED
        return rules.seed if rules.seed is not None else DEFAULT_SEED

    def session(self, options: RunOptions) -> Session:
        """A new run's view of the mock rules."""
        return self._engine(options).session()

    def apart(self, options: RunOptions) -> Session:
        """A view that uses up nothing: looking at a call must not shorten a shared sequence."""
        try:
            return MockEngine(self.rules(options)).session()
        except UnknownName:
            return MockEngine(RuleSet()).session()

    def shared(self, options: RunOptions) -> bool:
        """Whether the mock rules count wider than one run."""
        return self._engine(options).widest != "run"

    def limits(self, options: RunOptions) -> Limits:
        """The rate limits and breakers that a run meets."""
        return self._limits if options.live else Limits()

    def answerer(self, options: RunOptions, session: Session | None = None) -> Answerer:
        """Who answers: of a mocked run this session, else a new one."""
        answerer = self._unheard(options, session)
        return answerer if options.heard is None else Listening(answerer, options.heard)

    def _unheard(self, options: RunOptions, session: Session | None) -> Answerer:
        if not options.live:
            return self._answerers.mocked(session or self.session(options))
        allowed = self.allowed_hosts(options)
        if allowed not in self._live:
            self._live[allowed] = self._answerers.live(allowed)
        return self._live[allowed]

    def allowed_hosts(self, options: RunOptions) -> tuple[str, ...]:
        """Where live calls may go."""
        return (*self._repository.settings().allowed_hosts, *options.allow_hosts)

    def _engine(self, options: RunOptions) -> MockEngine:
        """One engine per rule set, so that counts wider than a run go on from run to run.

        Rules with forced answers in front have one apart, so that forcing an answer once does not
        start the counts of the set again.
        """
        rules = self.rules(options)
        key = (rules.id, bool(options.answers))
        kept = self._engines.get(key)
        if kept is None or kept[0] != rules:
            kept = self._engines[key] = (rules, MockEngine(rules))
        return kept[1]

    def warm(self) -> None:
        """Import what sending needs."""
        self._answerers.warm()

    async def close(self) -> None:
        """Let go of connections."""
        for answerer in self._live.values():
            await answerer.close()
        self._live.clear()
