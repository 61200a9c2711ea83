"""One step of a workflow → the steps that play it: its action, then the choice between its ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sandbox.formats.kustomer.actions import played
from sandbox.formats.kustomer.flow import Transition, choice, first_of, read_transitions
from sandbox.formats.kustomer.outside import title_of
from sandbox.formats.kustomer.reading import Reading
from sandbox.formats.kustomer.rest import GENERIC, JSON, call_fields
from sandbox.model.base import Json

__all__ = ["REST", "Played", "read_step"]

REST = (*JSON, *GENERIC)
"""The actions that call an API."""

_FIELDS = ("id", "action", "params", "transitions", "errorCases", "meta", "appVersion")


class Played(NamedTuple):
    """What stands for one step."""

    steps: list[dict[str, Json]]
    leads: list[str]
    """Our ids of the steps that its transitions and error cases lead to."""


def read_step(
    step: Mapping[str, Json],
    at: str,
    reading: Reading,
    ours: Mapping[str, str],
    fresh: Callable[[str], str],
) -> Played:
    """Read one step.

    Args:
        step: the vendor's step; its id is among ``ours``.
        at: its place.
        reading: collects.
        ours: the vendor's ids → ours.
        fresh: makes ids that are not taken.
    """
    step_id = ours[step["id"]]
    for key in step.keys() - set(_FIELDS):
        reading.unknown(f"{at}.{key}", f"field {key}", "left out")
    if "appVersion" in step:
        reading.understood(f"{at}.appVersion", "field appVersion", "noted; without effect here")
    name, notes = title_of(step.get("meta"), f"{at}.meta", reading)
    made = _action(step, step_id, at, reading, fresh)
    ways = read_transitions(step.get("transitions"), f"{at}.transitions", reading, ours)
    cases = read_transitions(
        step.get("errorCases"), f"{at}.errorCases", reading, ours, "error case", step_id
    )
    leads = [one.target for one in (*ways, *cases)]
    if cases and not (made and made[0]["kind"] == "call_api"):
        reading.approximated(
            f"{at}.errorCases", "error cases", "never taken: this step cannot fail here"
        )
        cases = []
    if not made:
        alone = choice(step_id, ways) if ways else {"id": step_id, "kind": "end"}
        return Played([_titled(alone, name, notes)], leads)
    made[0] = _titled(made[0], name, notes)
    onward, tail = first_of(ways), []
    if not onward:
        onward = fresh(f"{step_id}_next")
        tail.append(choice(onward, ways, f"after {name or step_id}"))
    if cases:
        reading.approximated(
            f"{at}.errorCases",
            "error cases",
            "read as transitions for a call without a response; a status is no error",
        )
        errors = _errors(fresh(f"{step_id}_error"), step_id, name, cases, onward)
        made[0]["on_failure"] = errors["id"]
        tail.append(errors)
    for place, one in enumerate(made, 1):
        one["next"] = made[place]["id"] if place < len(made) else onward
    return Played([*made, *tail], leads)


def _titled(step: dict[str, Json], name: str, notes: str) -> dict[str, Json]:
    return step | ({"name": name} if name else {}) | ({"notes": notes} if notes else {})


def _action(
    step: Mapping[str, Json],
    step_id: str,
    at: str,
    reading: Reading,
    fresh: Callable[[str], str],
) -> list[dict[str, Json]]:
    action, params = step.get("action"), step.get("params")
    if action is None or action == "":
        reading.understood(at, "step without an action", "a condition only")
        if params:
            reading.unknown(f"{at}.params", "field params", "left out: there is no action")
        return []
    if not isinstance(action, str):
        reading.refuse(f"{at}.action", "must be a text", action)
        return []
    if not isinstance(params, dict | None):
        reading.refuse(f"{at}.params", "must be an object", params)
        return []
    if action in REST:
        reading.understood(f"{at}.action", f"action {action}")
        fields = call_fields(action, params or {}, f"{at}.params", reading)
        return [{"id": step_id, "kind": "call_api", **fields}]
    return played(step_id, action, params or {}, at, reading, fresh)


def _errors(
    own_id: str, step_id: str, name: str, cases: list[Transition], onward: str
) -> dict[str, Json]:
    """Where a failed call goes on: without a response to its error cases, else as after any.

    An error that no case takes leaves the person there, because the run would have failed.
    """
    thrown: dict[str, Json] = {"path": f"steps.{step_id}.error", "op": "exists"}
    answered: dict[str, Json] = {"path": f"steps.{step_id}.response.statusCode", "op": "exists"}
    branches: list[Json] = [
        {"name": one.name or "error", "when": {"all": [thrown, one.when]}, "next": one.target}
        for one in cases
    ]
    branches.append({"name": "answered", "when": answered, "next": onward})
    named = f"error of {name or step_id}"
    return {"id": own_id, "kind": "condition", "name": named, "branches": branches}
