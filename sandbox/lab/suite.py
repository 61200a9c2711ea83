"""The fewest scenarios that reach everything: a greedy set cover."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.lab.explore import Choice, Explored
from sandbox.mocks.faults import find_fault
from sandbox.model.base import dump_json
from sandbox.model.exchange import Answer, Fail
from sandbox.model.rules import Item
from sandbox.model.trace import Status

__all__ = ["Scenario", "answer_of", "answer_text", "choose", "item_of", "scenario_of"]


class Scenario(NamedTuple):
    """One run to repeat: who, what every call is answered, how it ends."""

    profile: str
    title: str
    answers: dict[str, list[str]]
    """Call step → answers in order, as ``--answer`` takes them."""
    items: dict[str, tuple[Item, ...]]
    """The same as items of a mock rule."""
    status: Status
    path: tuple[str, ...]
    """The steps in order."""


def scenario_of(profile: str, explored: Explored) -> Scenario:
    """The scenario of a walk."""
    answers: dict[str, list[str]] = {}
    items: dict[str, tuple[Item, ...]] = {}
    for choice in explored.choices:
        answers.setdefault(choice.step, []).append(_text(choice))
        items[choice.step] = (*items.get(choice.step, ()), item_of(choice.outcome.answer))
    for step, texts in answers.items():
        # The last answer repeats, so a tail of equal ones is said once.
        while len(texts) > 1 and texts[-1] == texts[-2]:
            texts.pop()
        items[step] = items[step][: len(texts)]
    path = tuple(fact.step for fact in explored.trace.facts)
    return Scenario(profile, explored.title, answers, items, explored.trace.status, path)


def _text(choice: Choice) -> str:
    return answer_text(choice.outcome.answer)


def answer_text(answer: Answer) -> str:
    """An answer as ``--answer`` takes it."""
    if answer.error is not None:
        return answer.error.kind
    if answer.body == b"<html>":
        return "html_instead"
    if answer.body in (b"", b"{}") and not (answer.status == 200 and answer.body == b"{}"):
        return str(answer.status)
    return f"{answer.status}:{answer.body.decode()}"


def item_of(answer: Answer) -> Item:
    """An answer as an item of a mock rule."""
    if answer.error is not None:
        return Item(fault=answer.error.kind)
    headers = dict(answer.headers)
    return Item(status=answer.status, headers=headers, text=answer.body.decode())


def answer_of(item: Item) -> Answer:
    """An item of a mock rule as the answer it gives, for walks that nobody mocks.

    Faults that are transport errors keep kind and phase; latency is not played.
    """
    if item.fault is not None:
        fault = find_fault(item.fault)
        if fault.kind is not None:
            error = Fail(fault.kind, fault.phase, fault.sentence)
            return Answer(error=error, took_ms=100.0, source="model")
        return Answer(fault.status, fault.headers, fault.body, None, 100.0, "model")
    headers = tuple(item.headers.items())
    if item.has_json:
        body = dump_json(item.json_)
        headers = (*headers, ("content-type", "application/json"))
    else:
        body = (item.text or "").encode()
    if item.status in (204, 304):
        body = b""
    return Answer(item.status, headers, body, None, 100.0, "model")


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
