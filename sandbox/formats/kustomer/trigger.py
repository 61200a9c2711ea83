"""The trigger of a workflow → the event that starts the journey, with a sample of its data."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.formats.kustomer.ids import TRIGGER
from sandbox.formats.kustomer.reading import Reading
from sandbox.formats.kustomer.sample import sample_from_reads, sample_from_schema
from sandbox.model.base import Json

__all__ = ["read_event", "trigger_of"]

_FIELDS = ("id", "eventName", "transitions", "appVersion", "callable", "schema", "meta")


def trigger_of(document: Mapping[str, Json], reading: Reading) -> dict[str, Json]:
    """The trigger, and under which id steps read it."""
    trigger = document.get("trigger")
    if not isinstance(trigger, dict):
        reading.refuse("trigger", "a workflow needs a trigger", trigger)
        return {}
    given = str(trigger.get("id", TRIGGER))
    if given != TRIGGER:
        reading.renamed[given] = TRIGGER
        reading.approximated("trigger.id", f"trigger {given}", "its data is read as step 1")
    return trigger


def read_event(trigger: Mapping[str, Json], reading: Reading) -> dict[str, Json]:
    """The journey's trigger. Call it last: the sample is made from what the steps read."""
    for key in trigger.keys() - set(_FIELDS):
        reading.unknown(f"trigger.{key}", f"field {key}", "left out")
    if "appVersion" in trigger:
        reading.understood("trigger.appVersion", "field appVersion", "noted; without effect here")
    name = trigger.get("eventName")
    if name is not None and not isinstance(name, str):
        reading.refuse("trigger.eventName", "must be a text", name)
        name = None
    called = trigger.get("callable") is True or (name or "").startswith("kustomer.workflow.")
    if called:
        name = name or "kustomer.workflow.call"
        reading.understood("trigger", "callable workflow", "its inputs are step 1's own fields")
    elif name:
        reading.understood("trigger.eventName", f"event {name}")
    elif trigger:
        reading.refuse("trigger.eventName", "is required, unless the workflow is callable")
    return {"kind": "event", "name": name or "unnamed", "sample": _sample(trigger, reading)}


def _sample(trigger: Mapping[str, Json], reading: Reading) -> dict[str, Json]:
    made = sample_from_schema(trigger.get("schema"))
    start = made if isinstance(made, dict) else {}
    if "schema" in trigger:
        reading.understood("trigger.schema", "field schema", "the sample event is made from it")
    sample = sample_from_reads(reading.trigger_reads, start)
    if sample != start:
        reading.approximated(
            "trigger", "sample event", "made up from what the steps read; give your own"
        )
    return sample
