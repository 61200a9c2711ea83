"""What can come back from a call, and which of it a journey can tell apart.

A journey knows an answer only by what it does with it: whether it is a success, is retried,
followed, or fails the run; which comparisons hold for it; and what its templates make of it. Two
answers alike in all of these are one class: the walk after them is the same, so one of them stands
for all. That is what keeps a sweep from exploding.

What is tried: every status from 200 to 999 that the dialect, a retry, a condition or a text tells
apart; every fault of the catalogue likewise; bodies and headers for every way in which what reads
them can come out. What is not: how long an answer takes (it comes at once, or the time-out
passes), token endpoints that fail, and more than 6,000 answers to one call. Where one of these
could matter, ``Classes.limits`` says so.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.lab.answers import Outcome, compile_item
from sandbox.lab.candidates import Candidates
from sandbox.lab.known import Known
from sandbox.mocks.compiled import CompiledItem
from sandbox.model.base import Json
from sandbox.model.exchange import Answer

__all__ = ["OUTCOMES", "Classes", "OutcomeClass", "classes_of"]

OUTCOMES: Final = (
    "2xx", "204", "2xx unreadable", "2xx not JSON", "3xx", "401", "404", "409", "4xx", "429",
    "5xx", "timeout", "refused", "reset",
)  # fmt: skip
"""The rows of the matrix. ``2xx unreadable``: JSON without what later templates read; ``4xx`` and
``5xx`` stand for the rest of their hundred."""

_MOST_NAMES = 3
_MOST_MEMBERS = 128


class OutcomeClass(NamedTuple):
    """Answers that the journey cannot tell apart; the first one stands for all."""

    members: tuple[Outcome, ...]
    success: bool
    retried: bool
    followed: bool
    """A redirect that is followed."""
    answer: Answer
    """What the journey sees of the one that stands for all."""
    item: CompiledItem

    @property
    def name(self) -> str:
        """The name of the one that stands for all."""
        return self.members[0].name

    @property
    def names(self) -> list[str]:
        """Those of its members that have a row in the matrix, else a few that say it best."""
        usual = [one.name for one in self.members if one.name in OUTCOMES]
        bare = [one.said for one in self.members if one.fault or one.said == str(one.status)]
        return usual or bare[:_MOST_NAMES] or [self.name]


class Classes(NamedTuple):
    """The classes of one call, the plain success first."""

    classes: tuple[OutcomeClass, ...]
    limits: tuple[str, ...]
    """What could matter and is not tried."""


def classes_of(
    journey: CompiledJourney, node: CallNode, scope: Json, again: bool = False
) -> Classes:
    """The classes of one call.

    Args:
        journey: the compiled journey.
        node: the call.
        scope: the template roots at the start of a run.
        again: whether a person can come to the call twice, so that it matters whether a call that
            failed may have been carried out.
    """
    known = Known(journey, node, scope, again)
    made = Candidates(known)
    groups: dict[object, list[Outcome]] = {}
    for outcome in made.all():
        groups.setdefault(known.seen(outcome.answer), []).append(outcome)
    classes = []
    for members in groups.values():
        # A row of the matrix stands for the class, where it has one.
        named = [one for one in members if one.name in OUTCOMES]
        others = [one for one in members if one.name not in OUTCOMES]
        first = (named or others)[0]
        answer = known.final(first.answer)
        classes.append(
            OutcomeClass(
                (*named, *others)[:_MOST_MEMBERS],
                known.is_success(answer),
                known.is_retried(answer),
                known.follows(answer),
                answer,
                compile_item(first.item),
            )
        )
    return Classes(tuple(classes), tuple(made.limits))
