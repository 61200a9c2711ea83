"""The last words of a sweep: how far it got, who did not enter, what nobody can reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.engine.check import reached_steps
from sandbox.lab.coverage import Uncovered
from sandbox.lab.report import SweepReport
from sandbox.model.graph import Edge
from sandbox.model.trace import Finding

__all__ = ["nobody", "spent", "unreachable"]


def spent(
    report: SweepReport, level: int, never: Sequence[str], whom: str, later: Sequence[str]
) -> str:
    """How far a sweep beyond its budget got, what it left out, what would help.

    Args:
        report: so far.
        level: how many calls misbehaved in the runs it was at.
        never: calls that were never made to fail.
        whom: the profile it was at; empty when there is only one.
        later: profiles it did not come to.
    """
    plural = "s" if level > 2 else ""
    done = f"every run with up to {level - 1} failing call{plural} was made"
    done += f", of those with {level} only some"
    if level == 1:
        done = "not even every single failure was tried"
    done += f" (for profile {whom})" if whom else ""
    left = f"; never made to fail: {', '.join(never)}" if never else ""
    if later:
        left += f"; never walked: {', '.join(later[:5])}"
        left += f" and {len(later) - 5:,} more" if len(later) > 5 else ""
    less = {"full": "--depth pairs", "pairs": "--depth single"}.get(report.depth)
    less = less or "fewer --profiles"
    return (
        f"the budget of {report.budget:,} run{'s' if report.budget > 1 else ''} is spent: "
        f"{done}{left}; "
        f"raise --budget, or ask for less with {less}"
    )


def nobody(report: SweepReport) -> Finding:
    """That the trigger let nobody in, and why."""
    profile, why = next(iter(report.not_entered.items()))
    whom = f"profile {profile}"
    if len(report.profiles) > 1:
        whom = f"any of {len(report.profiles)} people; profile {profile}"
    message = f"nobody enters, so nothing was swept: the trigger does not let in {whom}: {why}"
    return Finding("nobody_entered", "warning", "", message)


def unreachable(edges: Sequence[Edge], uncovered: Sequence[Uncovered]) -> Iterator[Finding]:
    """Ways that nobody can take, each at the step where it begins to be so."""
    never = {(one.source, one.target, one.label) for one in uncovered if not one.possible}
    possible = [one for one in edges if (one.source, one.target, one.label) not in never]
    reached, whole = reached_steps(possible), reached_steps(list(edges))
    told: set[str] = set()
    for one in uncovered:
        if one.possible:
            continue
        if one.source in reached:
            yield one.finding()
        elif one.source not in whole and one.source not in told:
            told.add(one.source)
            message = f"no path leads to the step {one.source!r}: nobody can ever come to it"
            yield Finding("branch_unreachable", "warning", one.source, message)
