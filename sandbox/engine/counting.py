"""The counters of a run: a fold over its facts."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.model.exchange import Answer
from sandbox.model.trace import CallCounts, StepFact

__all__ = ["add_counts", "code_of", "counts_of"]


def code_of(answer: Answer) -> str:
    """What a counter groups by: the status, or the error's kind."""
    return answer.error.kind if answer.error is not None else str(answer.status)


def counts_of(facts: Iterable[StepFact]) -> dict[str, CallCounts]:
    """Call step → counts.

    A call counts once, by its last attempt; attempts and codes count sends.
    """
    counts: dict[str, CallCounts] = {}
    last: dict[tuple[str, int], str] = {}
    for fact in facts:
        if fact.answer is None:
            continue
        one = counts.get(fact.step)
        if one is None:
            one = counts[fact.step] = _no_counts()
        one["attempts"] += 1
        one["retried"] += fact.attempt > 1
        code = code_of(fact.answer)
        one["by_code"][code] = one["by_code"].get(code, 0) + 1
        last[fact.step, fact.visit] = fact.outcome
    for (step, _), outcome in last.items():
        if outcome == "success":
            counts[step]["success"] += 1
        else:
            counts[step]["failure"] += 1
    return counts


def _no_counts() -> CallCounts:
    return {"success": 0, "failure": 0, "attempts": 0, "retried": 0, "by_code": {}}


def add_counts(total: dict[str, CallCounts], more: dict[str, CallCounts]) -> None:
    """Add ``more`` to ``total`` in place."""
    for step, one in more.items():
        into = total.setdefault(step, _no_counts())
        into["success"] += one["success"]
        into["failure"] += one["failure"]
        into["attempts"] += one["attempts"]
        into["retried"] += one["retried"]
        for code, number in one["by_code"].items():
            into["by_code"][code] = into["by_code"].get(code, 0) + number
