"""Transitions: in order, the first that matches; none that matches ends the run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sandbox.errors import nearest
from sandbox.formats.kustomer.conditions import ALWAYS, NEVER, read_condition
from sandbox.formats.kustomer.reading import Reading
from sandbox.model.base import Json, shorten

__all__ = ["Transition", "choice", "first_of", "loops", "order", "read_transitions"]


class Transition(NamedTuple):
    """One way on."""

    target: str
    """Our step id."""
    when: dict[str, Json]
    name: str


def read_transitions(
    value: Json,
    at: str,
    reading: Reading,
    ours: Mapping[str, str],
    what: str = "transition",
    error_of: str = "",
) -> list[Transition]:
    """Every transition of a list; a target that is not there refuses the workflow."""
    if value is None:
        return []
    if not isinstance(value, list):
        reading.refuse(at, "must be a list", value)
        return []
    found = []
    for n, one in enumerate(value):
        where = f"{at}[{n}]"
        if not isinstance(one, dict):
            reading.refuse(where, f"a {what} is an object with target and condition", one)
            continue
        target = one.get("target")
        if not isinstance(target, str) or target not in ours:
            close = nearest(str(target), ours)
            there = f"there is: {', '.join(ours)}" if ours else "there are no steps"
            hint = f"did you mean {close[0]}?" if close else there
            reading.refuse(f"{where}.target", f"there is no step {shorten(target)}; {hint}")
            continue
        for key in one.keys() - {"target", "condition", "meta", "id"}:
            reading.unknown(f"{where}.{key}", f"field {key}", "left out")
        meta = one.get("meta")
        name = meta.get("name") if isinstance(meta, dict) else None
        name = name if isinstance(name, str) else ""
        if "condition" not in one:
            reading.approximated(where, what, "it has no condition: taken as always true")
            when: dict[str, Json] | None = ALWAYS
        else:
            when = read_condition(one["condition"], f"{where}.condition", reading, error_of)
        if when is None:
            when, name = NEVER, f"{name} (not understood)".strip()
        reading.understood(where, f"{what} to {target}")
        found.append(Transition(ours[target], when, name))
    return found


def first_of(transitions: list[Transition]) -> str:
    """The one step that always comes next; ``end`` without any; empty when it is to be decided."""
    if not transitions:
        return "end"
    return transitions[0].target if transitions[0].when == ALWAYS else ""


def choice(step_id: str, transitions: list[Transition], name: str = "") -> dict[str, Json]:
    """The step that decides between them; when none matches, nothing is connected."""
    branches: list[Json] = []
    for one in transitions:
        branch: dict[str, Json] = {"when": one.when, "next": one.target}
        branches.append({"name": one.name, **branch} if one.name else branch)
    step: dict[str, Json] = {"id": step_id, "kind": "condition", "branches": branches}
    if name:
        step["name"] = name
    return step


def order(start: Iterable[str], ways: Mapping[str, list[str]]) -> list[str]:
    """The steps that can be reached, each once, a path before its neighbours."""
    found: list[str] = []
    more = list(start)[::-1]
    while more:
        at = more.pop()
        if at not in found:
            found.append(at)
            more += ways.get(at, [])[::-1]
    return found


def loops(start: Iterable[str], ways: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Every transition (from, to) that leads back to a step its path has come through."""
    done: set[str] = set()
    for first in start:
        if first in done:
            continue
        path = [(first, list(ways.get(first, [])))]
        on_path = {first}
        while path:
            at, more = path[-1]
            if not more:
                done.add(at)
                on_path.discard(at)
                path.pop()
                continue
            target = more.pop(0)
            if target in on_path:
                yield at, target
            elif target not in done:
                on_path.add(target)
                path.append((target, list(ways.get(target, []))))
