"""The protocols that join the rooms: who answers, who keeps, who remembers (floor 4).

Rooms match them by structure; nobody inherits. ``wire`` has answerers, ``store`` has a repository
and a history, and the runner and the terminal application know only these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sandbox.mocks.engine import Session
    from sandbox.model.exchange import Answer, Send
    from sandbox.model.journey import Journey
    from sandbox.model.profile import Profile
    from sandbox.model.rules import RuleSet
    from sandbox.model.trace import CallCounts, TraceDocument
    from sandbox.model.workspace import Settings, Variable

__all__ = ["Answerer", "Answerers", "History", "Repository", "RunRow"]


class Answerer(Protocol):
    """Answers what a walk asks. An endpoint's failure is an ``Answer``, never an exception."""

    async def answer(self, send: Send) -> Answer:
        """The answer to one request.

        Raises:
            LiveRefused: when the guard does not let it out; nothing was sent.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Answerers(Protocol):
    """Makes answerers; the composition gives one to the bench."""

    def mocked(self, session: Session) -> Answerer:
        """Answers from mock rules, through the real client stack."""
        ...

    def live(self, allowed_hosts: Iterable[str]) -> Answerer:
        """Sends for real, to these hosts only."""
        ...

    def warm(self) -> None:
        """Import what sending needs, so that the first call does not wait for it."""
        ...


class RunRow(Protocol):
    """One line of the history."""

    id: str
    journey: str
    profile: str
    dialect: str
    seed: int
    via: str
    status: str
    started: str
    recorded: str
    success: int
    failure: int


class History(Protocol):
    """Remembers runs. What reaches it is masked already."""

    def record(self, traces: Sequence[TraceDocument]) -> list[str]:
        """Keep these runs, durably, all or none.

        Returns:
            Their ids; a run whose id is empty is given one.
        """
        ...

    def runs(
        self, journey: str | None = None, profile: str | None = None, most: int = 50
    ) -> list[RunRow]:
        """The newest runs first."""
        ...

    def trace(self, run_id: str) -> TraceDocument | None:
        """One run, whole."""
        ...

    def counts(
        self, journey: str | None = None, run_id: str | None = None
    ) -> dict[str, dict[str, CallCounts]]:
        """Journey → call step → counts, over the history or of one run."""
        ...

    def seen(self, journey: str, profile: str) -> bool:
        """Whether this person has entered this journey before."""
        ...

    def clear(self) -> None:
        """Forget every run."""
        ...


class Repository(Protocol):
    """Frozen models in and out; never a database's own object."""

    def journeys(self) -> list[Journey]:
        """All, in the order they were added."""
        ...

    def journey(self, journey_id: str) -> Journey:
        """One.

        Raises:
            UnknownName: with the nearest names.
        """
        ...

    def profiles(self) -> list[Profile]:
        """All, in the order they were added."""
        ...

    def profile(self, profile_id: str) -> Profile:
        """One.

        Raises:
            UnknownName: with the nearest ids.
        """
        ...

    def rule_sets(self) -> list[RuleSet]:
        """All, in the order they were added."""
        ...

    def rule_set(self, rules_id: str) -> RuleSet:
        """One.

        Raises:
            UnknownName: with the nearest ids.
        """
        ...

    def variables(self) -> list[Variable]:
        """The declared variables."""
        ...

    def settings(self) -> Settings:
        """The workspace's settings."""
        ...

    def put_journeys(self, journeys: Iterable[Journey], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none.

        Raises:
            InputError: when an id exists and ``replace`` is off.
        """
        ...

    def put_profiles(self, profiles: Iterable[Profile], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none."""
        ...

    def put_rule_sets(self, rule_sets: Iterable[RuleSet], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none."""
        ...

    def put_variables(self, variables: Iterable[Variable], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite; all or none."""
        ...

    def save_profile(self, profile: Profile, base: Profile | None = None) -> None:
        """Keep one person as a run left them.

        With ``base``, the person as the run found them, only what the run changed is merged into
        what is stored by now.
        """
        ...

    def put_settings(self, settings: Settings) -> None:
        """Overwrite the settings."""
        ...

    def change_settings(self, change: Callable[[Settings], Settings]) -> Settings:
        """Read, change and write the settings as one step."""
        ...

    def changed(self) -> bool:
        """Whether another process has written since this one last read or wrote; cheap."""
        ...
