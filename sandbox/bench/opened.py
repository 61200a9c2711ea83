"""A workspace that is open, and the bench over it for whoever needs one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from sandbox.seams import History, Repository

if TYPE_CHECKING:
    from sandbox.bench.bench import Bench

__all__ = ["Opened"]


class Opened:
    """Documents and history at once; the bench, with engine and mocks, when it is asked for.

    A workbench has its first frame before anything can run.
    """

    def __init__(self, repository: Repository, history: History, make: Callable[[], Bench]) -> None:
        """``make`` is called once, by whoever asks for the bench first."""
        self.repository = repository
        self.history = history
        self._make = make

    @cached_property
    def bench(self) -> Bench:
        """The bench; the first one to ask waits for its imports."""
        return self._make()

    def warm(self) -> None:
        """Make the bench, and import what sending needs."""
        self.bench.warm()

    async def close(self) -> None:
        """Let go of what the bench holds, if there is one."""
        if "bench" in self.__dict__:
            await self.bench.close()
