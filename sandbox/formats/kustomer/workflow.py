"""A workflow document → a journey of the kustomer dialect, its variables and a fidelity report.

A step becomes the step that plays its action, and behind it a condition when its transitions are
to be decided; a step without an action is only the condition. The trigger's data is the event.
Vendor pages: Workflow JSON, How workflows run, Conditions and variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.errors import DocumentError
from sandbox.formats.kustomer.flow import Transition, choice, first_of, loops, order
from sandbox.formats.kustomer.flow import read_transitions as transitions_of
from sandbox.formats.kustomer.ids import TRIGGER, journey_id, namer, step_ids
from sandbox.formats.kustomer.outside import read_outside, title_of
from sandbox.formats.kustomer.reading import Note, Reading
from sandbox.formats.kustomer.shapes import Envelope, workflows_in
from sandbox.formats.kustomer.step import REST, Played, read_step
from sandbox.formats.kustomer.trigger import read_event, trigger_of
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.workspace import Variable

__all__ = ["Imported", "from_kustomer"]


class Imported(NamedTuple):
    """One workflow, taken in."""

    journey: Journey
    variables: tuple[Variable, ...]
    """Those that the workflow reads; its own document does not hold their values."""
    notes: tuple[Note, ...]
    """In the order of the document."""


def from_kustomer(value: Json, source: str) -> list[Imported]:
    """Every workflow of a file.

    Raises:
        DocumentError: with the path of everything that the vendor would not save either, and of
            what cannot be read; nothing is taken in then.
    """
    return [_imported(envelope, source) for envelope in workflows_in(value, source)]


def _imported(envelope: Envelope, source: str) -> Imported:
    prefix, document, beside = envelope
    reading = Reading(prefix)
    head = _head(document, beside, reading)
    trigger = trigger_of(document, reading)
    found = _steps(document, reading)
    ours = step_ids([step["id"] for _, step in found])
    _take_ids(found, ours, reading)
    fresh = namer({TRIGGER, "end", *ours.values()})
    start = transitions_of(trigger.get("transitions"), "trigger.transitions", reading, ours)
    made = {ours[step["id"]]: read_step(step, at, reading, ours, fresh) for at, step in found}
    places = {ours[step["id"]]: at for at, step in found}
    _say_who_reads(places, reading)
    ids = _in_order(start, made, places, reading)
    steps = [step for step_id in ids for step in made[step_id].steps]
    if first_of(start) in ("", "end"):
        first = fresh("trigger")
        if not start:
            reading.approximated("trigger", "no transition", "the workflow does nothing")
        ended = {"id": first, "kind": "end"}
        steps.insert(0, choice(first, start, "after the trigger") if start else ended)
    event = read_event(trigger, reading)
    read_outside(document, beside, reading)
    if reading.problems:
        raise DocumentError(source, reading.problems)
    journey = Journey.parse({**head, "trigger": event, "steps": steps}, source)
    return Imported(journey, _variables(reading), tuple(reading.notes))


def _head(
    document: Mapping[str, Json], beside: Mapping[str, Json], reading: Reading
) -> dict[str, Json]:
    shown, said_in_meta = title_of(document.get("meta"), "meta", reading)
    given, said = document.get("name"), document.get("description")
    for key, value in (("name", given), ("description", said)):
        if not isinstance(value, str | None):
            reading.refuse(key, "must be a text", value)
    name = given if isinstance(given, str) else ""
    vendor_id = beside.get("id", document.get("id"))
    vendor_id = vendor_id if isinstance(vendor_id, str) else ""
    lines = [said if isinstance(said, str) else "", said_in_meta]
    lines.append(f"Kustomer workflow {vendor_id}." if vendor_id else "")
    notes = " ".join(line for line in lines if line)
    head: dict[str, Json] = {
        "id": journey_id(name, shown, vendor_id),
        "name": shown or name or "Kustomer workflow",
        "dialect": "kustomer",
    }
    return head | ({"notes": notes} if notes else {})


def _steps(document: Mapping[str, Json], reading: Reading) -> list[tuple[str, dict[str, Json]]]:
    """The place and the step, for each that can be read at all."""
    steps = document.get("steps")
    if not isinstance(steps, list) or not steps:
        reading.refuse("steps", "a workflow needs a list of steps", steps)
        return []
    seen = dict.fromkeys([TRIGGER, *reading.renamed], "the trigger")
    found = []
    for n, step in enumerate(steps):
        at = f"steps[{n}]"
        if not isinstance(step, dict):
            reading.refuse(at, "a step is an object", step)
            continue
        given = step.get("id")
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str) or not given:
            reading.refuse(f"{at}.id", "is required, as a text", given)
        elif given in seen:
            reading.refuse(f"{at}.id", f"{given!r} is the id of {seen[given]} already")
        else:
            seen[given] = at
            found.append((at, {**step, "id": given}))
    return found


def _take_ids(
    found: list[tuple[str, dict[str, Json]]], ours: Mapping[str, str], reading: Reading
) -> None:
    for at, step in found:
        theirs, own = step["id"], ours[step["id"]]
        reading.steps[own] = step.get("action") in REST
        if own != theirs:
            reading.renamed[theirs] = own
            reading.approximated(f"{at}.id", f"id {theirs}", f"written {own} here")


def _in_order(
    start: list[Transition],
    made: Mapping[str, Played],
    places: Mapping[str, str],
    reading: Reading,
) -> list[str]:
    """Our step ids: those that can be reached as a path reaches them, then the others."""
    ways = {step_id: one.leads for step_id, one in made.items()}
    first = [one.target for one in start]
    reached = order(first, ways)
    rest = [step_id for step_id in made if step_id not in reached]
    for step_id in rest:
        reading.approximated(places[step_id], f"step {step_id}", "no transition leads here")
    for source, target in loops(first, ways):
        reading.approximated(
            f"{places[source]}.transitions",
            f"loop to {target}",
            "the vendor's check for loops refuses this when it is saved; played as it stands",
        )
    return [*reached, *rest]


def _say_who_reads(places: Mapping[str, str], reading: Reading) -> None:
    """Outputs that are read and never there, because only calls leave any here."""
    for step_id, readers in reading.step_reads.items():
        if not reading.steps[step_id]:
            shown = ", ".join(dict.fromkeys(readers))
            reading.unknown(
                places[step_id],
                f"output of {step_id}",
                f"empty here: the vendor's database is not simulated; read by {shown}",
            )


def _variables(reading: Reading) -> tuple[Variable, ...]:
    """Declared variables: secrets with a dummy, and addresses that a local endpoint answers."""
    declared = []
    for vendor_id, name in reading.variables.items():
        note = f"Kustomer workflow variable {vendor_id}"
        value: dict[str, Json] = {"name": name, "from": name, "note": note}
        if vendor_id in reading.addresses:
            value["value"] = "http://127.0.0.1:8765"
        else:
            value |= {"secret": True, "value": f"dummy-{vendor_id}"}
        declared.append(Variable.parse(value))
    return tuple(declared)
