"""Keeps the bridge true to the history, which other processes write and reset as well."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from sandbox.seams import History
from sandbox.tui.bridge import MOST_CALLS, Bridge

__all__ = ["Following"]

_NEWEST_RUNS = 50


@runtime_checkable
class _Versioned(Protocol):
    """A history that says cheaply whether anybody has written."""

    def version(self) -> object: ...


class Following:
    """What was last seen of a history, and what we have added ourselves since."""

    def __init__(self, bridge: Bridge) -> None:
        """Nothing was seen yet; ``bridge`` is told of what is found."""
        self._bridge = bridge
        self._version: object = None
        self._newest: list[str] = []
        self._own: list[str] = []

    def own(self, run: str) -> None:
        """We have recorded this run, and the bridge knows it."""
        self._own.append(run)

    def look(self, history: History) -> set[str] | None:
        """Count, if anybody else has written since the last count; as ``count``."""
        if not isinstance(history, _Versioned):
            return None
        version = history.version()
        if version == self._version:
            return None
        if self._only_own(history):
            self._version = version
            return None
        return self.count(history)

    def _only_own(self, history: History) -> bool:
        """Whether our own runs are all that was written since the last count.

        Runs are never changed and only ever go all at once, so the newest of them tell.
        """
        if len(self._own) >= _NEWEST_RUNS:  # what lies below our own would not be seen
            return False
        wanted = [*reversed(self._own), *self._newest][:_NEWEST_RUNS]
        return [run.id for run in history.runs(most=_NEWEST_RUNS)] == wanted

    def count(self, history: History) -> set[str] | None:
        """Counts and newest runs into the bridge.

        Returns:
            The runs that are left, when some that were known are gone; else None.
        """
        if isinstance(history, _Versioned):
            self._version = history.version()  # first: what is written meanwhile is another one
        runs = [run.id for run in history.runs(most=_NEWEST_RUNS)]
        self._newest, self._own = runs, []
        oldest, present = self._bridge.oldest, None
        if oldest and history.trace(oldest) is None:
            present = {run.id for run in history.runs(most=MOST_CALLS)}
        traces = (history.trace(run) for run in runs)
        newest = [trace for trace in traces if trace is not None]
        self._bridge.loaded(history.counts(), newest, present)
        return present
