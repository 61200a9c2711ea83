"""What a sweep found, as plain data: the command line, the workbench and JSON are folds over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sandbox.lab.coverage import Uncovered
from sandbox.lab.suite import Scenario
from sandbox.model.trace import Finding

__all__ = ["DEFAULT_BUDGET", "SweepReport"]

DEFAULT_BUDGET: Final = 20_000
"""Runs a sweep makes before it stops and says so."""


@dataclass(slots=True)
class SweepReport:
    """What a sweep found."""

    journey: str
    dialect: str
    depth: str
    budget: int
    seed: int
    profiles: list[str]
    """Whom it walked."""
    runs: int = 0
    complete: bool = True
    """False when the budget or the person ended it."""
    stopped: str = ""
    """Why it ended early, how far it got, and what would help."""
    not_entered: dict[str, str] = field(default_factory=dict)
    """Profile → why the trigger did not let them in."""
    edges_total: int = 0
    edges_covered: int = 0
    uncovered: list[Uncovered] = field(default_factory=list)
    matrix: dict[str, dict[str, str]] = field(default_factory=dict)
    """Step → outcome → verdict; of what is retried or can come again, the verdict when it lasts."""
    passing: dict[str, dict[str, str]] = field(default_factory=dict)
    """Step → outcome → verdict when it happens once, for what is retried or can come again."""
    classes: dict[str, list[list[str]]] = field(default_factory=dict)
    """Step → the outcomes that the journey cannot tell apart."""
    suite: list[Scenario] = field(default_factory=list)
    """The fewest scenarios that reach everything that was reached."""
    example: dict[tuple[str, str], Scenario] = field(default_factory=dict)
    """Step and outcome → the run that the cell of the matrix is judged by."""
    findings: list[Finding] = field(default_factory=list)
    covered: set[int] = field(default_factory=set)
    """Places in the graph's edges."""
    covered_edges: frozenset[tuple[str, str]] = frozenset()
    """Source and target of every edge that was taken, for drawing them on the map."""

    @property
    def unreachable(self) -> int:
        """Uncovered edges that nothing could ever reach."""
        return sum(not edge.possible for edge in self.uncovered)

    @property
    def reachable(self) -> int:
        """Edges that some person and some answers could take."""
        return self.edges_total - self.unreachable

    @property
    def nobody_entered(self) -> bool:
        """Whether the trigger let none of the people in."""
        return bool(self.not_entered) and len(self.not_entered) == len(self.profiles)
