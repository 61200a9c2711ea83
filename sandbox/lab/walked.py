"""A walk that a sweep has made: its trace, and the choices that decided it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sandbox.lab.outcomes import OutcomeClass
from sandbox.model.trace import Finding, StepFact, Trace

__all__ = [
    "BROKEN",
    "Choice",
    "Explored",
    "View",
    "decided",
    "is_again",
    "is_endless",
    "is_unbuilt",
    "named",
    "view_of",
]

BROKEN: Final = ("value_missing", "value_too_large", "bad_moment", "message_no_address")
"""Findings of a run that say that something was rendered without what it needs."""


class Choice(NamedTuple):
    """What one request got."""

    step: str
    outcome: OutcomeClass
    number: int
    """Which of the step's classes: 0 is the plain success."""
    lasting: bool = False


class View(NamedTuple):
    """What of a walk is compared with another; small, so that many can be kept."""

    path: tuple[object, ...]
    """The steps in order, each once however often it was sent, and how it ends."""
    broken: frozenset[Finding]
    unbuilt: frozenset[str]
    """Calls that could not be sent."""


class Explored(NamedTuple):
    """One walk and what decided it."""

    trace: Trace
    choices: tuple[Choice, ...]
    """For each request in order."""
    failing: int
    """How many decisions were not the plain success."""
    last: int
    """Which request was decided last; -1 when none was."""
    parent: View | None
    """The walk in which that request succeeded."""

    @property
    def title(self) -> str:
        """``call=5xx`` and so on; ``everything succeeds`` when nothing misbehaves."""
        words = [
            f"{choice.step}={choice.outcome.name}{' (always)' if choice.lasting else ''}"
            for choice in decided(self.choices)
        ]
        return ", ".join(words) or "everything succeeds"


def decided(choices: Iterable[Choice]) -> list[Choice]:
    """The choices that differ from plain success; what lasts is named once."""
    found: list[Choice] = []
    lasting: set[str] = set()
    for choice in choices:
        if choice.number == 0 or choice.step in lasting:
            continue
        found.append(choice)
        if choice.lasting:
            lasting.add(choice.step)
    return found


def named(step: str, names: Sequence[str], lasting: bool) -> str:
    """What a call answers, in words."""
    return f"{step} answers {', '.join(names)}{' every time' if lasting else ''}"


def is_endless(trace: Trace) -> bool:
    """Whether the walk ended in a loop that nothing leaves."""
    return any(finding.code == "endless_loop" for finding in trace.findings)


def is_again(facts: Sequence[StepFact], place: int) -> bool:
    """Whether a fact is an attempt that was followed by another one of the same visit."""
    if facts[place].answer is None or place + 1 >= len(facts):
        return False
    this, after = facts[place], facts[place + 1]
    return after.step == this.step and after.attempt > this.attempt and after.visit == this.visit


def is_unbuilt(fact: StepFact) -> bool:
    """Whether a call could not be sent as it was rendered."""
    return bool(fact.answer and fact.answer.error and fact.answer.error.phase == "build")


def view_of(trace: Trace) -> View:
    """What of a walk is compared with the walks that follow from it."""
    facts = trace.facts
    path = [(fact.step, fact.next) for n, fact in enumerate(facts) if not is_again(facts, n)]
    return View(
        (*path, trace.status),
        frozenset(one for one in trace.findings if one.code in BROKEN),
        frozenset(fact.step for fact in facts if is_unbuilt(fact)),
    )
