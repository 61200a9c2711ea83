"""The fewest scenarios that reach everything: a greedy set cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.limits import Limits
from sandbox.engine.walk import Run, drive_pure
from sandbox.lab.answers import TOKEN_ITEM, answer_to, compile_item, refused
from sandbox.lab.walked import Explored
from sandbox.mocks.compiled import CompiledItem
from sandbox.model.exchange import Answer, Send
from sandbox.model.rules import Item
from sandbox.model.trace import Status, Trace

__all__ = ["Scenario", "choose", "replay", "scenario_of"]


class Scenario(NamedTuple):
    """One run to repeat: who, what every call is answered, how it ends."""

    profile: str
    title: str
    answers: dict[str, list[str]]
    """Call step → answers in order, as ``--answer`` takes them; the last one repeats."""
    items: dict[str, tuple[Item, ...]]
    """The same as items of mock rules, token endpoints (``call:token``) included."""
    status: Status
    path: tuple[str, ...]
    """The steps in order, the first 100."""

    @property
    def sayable(self) -> bool:
        """Whether ``--answer`` can say all of it; else only rules can."""
        return all(text for texts in self.answers.values() for text in texts) and not any(
            step.endswith(":token") for step in self.items
        )


def scenario_of(journey: CompiledJourney, profile: str, explored: Explored) -> Scenario:
    """The scenario of a walk."""
    answers: dict[str, list[str]] = {}
    items: dict[str, list[Item]] = {}
    made: dict[int, Item] = {}
    for choice in explored.choices:
        outcome = choice.outcome.members[0]
        item = made.setdefault(id(choice.outcome), outcome.item)
        answers.setdefault(choice.step, []).append(outcome.said)
        items.setdefault(choice.step, []).append(item)
    for step, these in items.items():
        # The last answer repeats, so a tail of equal ones is said once.
        while len(these) > 1 and these[-1] == these[-2]:
            these.pop()
        del answers[step][len(these) :]
    ruled = {step: tuple(these) for step, these in items.items()}
    for step in list(ruled):
        node = journey.call(step)
        if node is not None and node.plan.oauth:
            ruled[f"{step}:token"] = (TOKEN_ITEM.item,)
    path = tuple(fact.step for fact in explored.trace.facts[:100])
    return Scenario(profile, explored.title, answers, ruled, explored.trace.status, path)


def replay(run: Run, scenario: Scenario, occurrence: int | None = None) -> Trace:
    """Walk a scenario again, purely, with the answers a sweep gives."""
    compiled: dict[str, list[CompiledItem]] = {
        step: [compile_item(item) for item in items] for step, items in scenario.items.items()
    }
    asked: dict[str, int] = {}

    def answer(send: Send) -> Answer:
        no = refused(send)
        if no is not None:
            return no
        items = compiled[send.step]
        place = asked.get(send.step, 0)
        asked[send.step] = place + 1
        return answer_to(items[min(place, len(items) - 1)], send)

    return drive_pure(run.go(occurrence, False, False), Limits().asking(answer))


def choose(kept: Mapping[frozenset[object], Scenario]) -> list[Scenario]:
    """Scenarios that together reach everything any of them reaches; greedy, the first of equals."""
    missing: set[object] = set().union(*kept) if kept else set()
    left = dict(kept)
    chosen = []
    while missing:
        key = max(left, key=lambda one: len(one & missing))
        missing -= key
        chosen.append(left.pop(key))
    return chosen
