"""Actions that change other things than an endpoint: played on the simulated person, or only shown.

A workflow acts on conversations, customers, notes and tags of the vendor's own database, which is
not here. An update becomes a visible attribute (a customer's field as it is called, any other
object's as ``conversation.priority``), tags become the person's tags, and everything else is a
visible step that says what would happen and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.formats.kustomer.reading import Reading
from sandbox.formats.kustomer.texts import read_value
from sandbox.model.base import Json

__all__ = ["played"]

_TAKES_TAGS = ("append-tags", "add-tags", "add-tag", "tag")
_DROPS_TAGS = ("remove-tags", "remove-tag", "pull-tags", "untag")
_SHOWN = ("create", "find", "find-by-id", "get", "search", "delete", "send")
_WHICH = ("id", "identifier", "customerId", "conversationId", "customer", "conversation")
_RESERVED = ("id", "tags", "lists", "identities")
_TEXTS = ("body", "text", "note", "message", "content", "subject")

Steps = list[dict[str, Json]]


def played(
    step_id: str,
    action: str,
    params: dict[str, Json],
    at: str,
    reading: Reading,
    fresh: Callable[[str], str],
) -> Steps:
    """The steps that stand for one action, at least one; the first has the step's own id."""
    where = f"{at}.action"
    parts = action.split(".")
    vendors = parts[0] == "kustomer" and len(parts) == 3
    subject, verb = (parts[1], parts[2]) if vendors else ("", "")
    values = read_value(params, f"{at}.params", reading)
    steps: Steps = []
    if vendors and verb == "update" and subject != "app":
        steps = _update(subject, values, at, reading)
        says = f"the fields are set on the simulated person ({len(steps)})"
    elif vendors and verb in (*_TAKES_TAGS, *_DROPS_TAGS):
        kind = "add_tag" if verb in _TAKES_TAGS else "remove_tag"
        steps = [{"kind": kind, "tag": tag} for tag in _tags(values, f"{at}.params", reading)]
        says = f"the {subject}'s tags are the simulated person's ({len(steps)})"
    if steps:
        reading.approximated(where, f"action {action}", says)
    else:
        known = vendors and verb in (*_SHOWN, "update", *_TAKES_TAGS, *_DROPS_TAGS)
        how = "a visible step that changes nothing"
        if known:
            reading.approximated(where, f"action {action}", how)
        else:
            reading.unknown(where, f"action {action}", f"{how} is played instead")
        text, shown = _shown(action, values)
        for key in values:
            how = "shown in the step" if key in shown else "without effect here"
            reading.approximated(f"{at}.params.{key}", f"field {key}", how)
        steps = [{"kind": "notify", "text": text}]
    return [
        {"id": step_id if n == 0 else fresh(f"{step_id}_{n + 1}"), **step}
        for n, step in enumerate(steps)
    ]


def _update(subject: str, values: dict[str, Json], at: str, reading: Reading) -> Steps:
    steps: Steps = []
    mine = subject == "customer"
    for key, value in values.items():
        where = f"{at}.params.{key}"
        if key in _WHICH:
            reading.approximated(where, f"field {key}", "which one: here it is always the person")
            continue
        if key == "tags":
            tags = _tags({key: value}, f"{at}.params", reading)
            steps += [{"kind": "add_tag", "tag": tag} for tag in tags]
            continue
        if key in ("attributes", "custom") and isinstance(value, dict):
            inner = {name: item for name, item in value.items() if name not in _RESERVED}
            for name in value.keys() - inner.keys():
                reading.unknown(f"{where}.{name}", f"field {name}", "left out: it has another use")
        else:
            inner = {} if mine and key in _RESERVED else {key: value}
            if not inner:
                reading.unknown(where, f"field {key}", "left out: it has another use here")
        for name, item in inner.items():
            shown = name if mine else f"{subject}.{name}"
            steps.append({"kind": "update_attribute", "attribute": shown, "value": item})
            place = where if name == key else f"{where}.{name}"
            reading.approximated(place, f"field {name}", f"set as the person's {shown}")
    return steps


def _tags(values: dict[str, Json], at: str, reading: Reading) -> list[str]:
    given: Json = None
    for key, value in values.items():
        if key in _WHICH:
            reading.approximated(f"{at}.{key}", f"field {key}", "which one: here always the person")
        elif key in ("tags", "tag"):
            given = value
        else:
            reading.unknown(f"{at}.{key}", f"field {key}", "left out")
    found = given if isinstance(given, list) else [] if given is None else [given]
    tags = [one for one in found if isinstance(one, str) and one]
    key = "tags" if "tags" in values else "tag"
    if len(tags) < len(found):
        reading.unknown(f"{at}.{key}", f"field {key}", "what is no text is left out")
    elif tags:
        reading.approximated(f"{at}.{key}", f"field {key}", "each is a tag of the person")
    return tags


def _shown(action: str, values: dict[str, Json]) -> tuple[str, set[str]]:
    """What a step that changes nothing says, and the parameter whose text it shows."""
    for key in _TEXTS:
        text = values.get(key)
        if isinstance(text, str) and text and not text.startswith("/#") and "/#" not in text:
            return f"{action} (not carried out here): {text}", {key}
    names = ", ".join(values) or "no parameters"
    return f"{action} (not carried out here): {names}", set()
