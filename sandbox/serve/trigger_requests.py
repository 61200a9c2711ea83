"""The bodies of the two documented requests: JSON text in, what it asks for out.

The vendor's page is not of one mind: its table says ``snID`` and ``journeyID``, its samples
``snId`` and ``journeyId``. Both are taken, the table's with a warning. Everything that is wrong
with a body is said at once, by field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sandbox.errors import DocumentError
from sandbox.formats.json_text import read_json
from sandbox.model.base import Json, shorten
from sandbox.model.profile import Identity
from sandbox.serve.refusals import Refusal

__all__ = ["NewProfile", "TriggerRequest", "read_body", "read_new_profile", "read_trigger"]

LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

_SECONDS_MS = 100_000_000_000
_PLACE = re.compile(r"line ([0-9]+), column ([0-9]+)")
_KNOWN = {"journeyId", "journeyID", "contextParams"}


class NewProfile(NamedTuple):
    """A ``unifiedProfile``: the person as the outside system knows them."""

    id: str
    contact: dict[str, Json]
    identities: tuple[Identity, ...]
    name: str
    """The first name that one of the channels brings; empty when none does."""
    created_ms: int | None


class TriggerRequest(NamedTuple):
    """One accepted body."""

    journey: str
    context: dict[str, str]
    identity: Identity | None
    """Who, by ``snType`` and ``snId``; None with a new profile."""
    new: NewProfile | None
    warnings: tuple[str, ...]


@dataclass
class _Reading:
    """One object of the body, and what is wrong or odd about it."""

    document: Mapping[str, Json]
    prefix: str = ""
    wrong: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, name: str, problem: str) -> None:
        self.wrong.append({"field": self.prefix + name, "problem": problem})

    def text(self, name: str, other: str = "") -> str:
        """A required text that is not empty; ``other`` is a second spelling of its name."""
        found = name
        if other and other in self.document:
            if name in self.document and self.document[name] != self.document[other]:
                self.refuse(name, f"{name} and {other} differ; send {name} only")
                return ""
            if name not in self.document:
                found = other
            self.warnings.append(f"{other} was read as {name}, the spelling of the vendor's sample")
        if found not in self.document:
            self.refuse(name, "is required")
            return ""
        value = self.document[found]
        if not isinstance(value, str):
            self.refuse(found, f"must be a string, got {shorten(value)}")
            return ""
        if not value.strip():
            self.refuse(found, "must not be empty")
        return value

    def context(self) -> dict[str, str]:
        """``contextParams``, documented as ``Map<String,String>``; optional."""
        value = self.document.get("contextParams", {})
        if not isinstance(value, dict):
            self.refuse(
                "contextParams", f"must be an object of strings by name, got {shorten(value)}"
            )
            return {}
        for name, one in value.items():
            if not isinstance(one, str):
                self.refuse(
                    f"contextParams.{name}", f"must be a string, got {shorten(one)}: send it quoted"
                )
        return value

    def others(self, known: set[str]) -> None:
        """Warns of the fields that nobody reads."""
        unread = [self.prefix + shorten(name) for name in self.document if name not in known]
        if unread:
            shown = ", ".join(unread[:5]) + (", …" if len(unread) > 5 else "")
            self.warnings.append(f"not read: {shown}")


def read_body(data: bytes) -> dict[str, Json]:
    """The one JSON object of a request's body.

    Raises:
        Refusal: 400, with line and column where the text stops being JSON.
    """
    if not data.strip():
        raise Refusal("BAD_REQUEST", "the body is empty; send a JSON object")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as wrong:
        raise Refusal(
            "BAD_REQUEST", f"the body is not UTF-8: byte {wrong.start + 1} cannot be read"
        ) from None
    try:
        value = read_json(text, "the body")
    except DocumentError as wrong:
        raise Refusal("BAD_REQUEST", *_not_json(wrong)) from None
    if not isinstance(value, dict):
        raise Refusal("BAD_REQUEST", f"the body must be a JSON object, got {shorten(value)}")
    if "\\u" in text and not _has_characters(value):
        raise Refusal("BAD_REQUEST", "the body holds half of a surrogate pair, which is no text")
    return value


def read_trigger(document: Mapping[str, Json]) -> TriggerRequest:
    """The body of ``POST /api/marketing-journey/trigger``.

    Raises:
        Refusal: 400, with every field that is wrong.
    """
    reading = _Reading(document)
    kind = reading.text("snType")
    value = reading.text("snId", "snID")
    journey = reading.text("journeyId", "journeyID")
    context = reading.context()
    reading.others({"snType", "snId", "snID", *_KNOWN})
    _refuse_all(reading.wrong)
    who = Identity(type=kind, value=value)
    return TriggerRequest(journey, context, who, None, tuple(reading.warnings))


def read_new_profile(document: Mapping[str, Json]) -> TriggerRequest:
    """The body of ``POST /api/marketing-journey/triggerWithNewProfile``.

    Raises:
        Refusal: 400, with every field that is wrong.
    """
    reading = _Reading(document)
    journey = reading.text("journeyId", "journeyID")
    context = reading.context()
    reading.others({"unifiedProfile", *_KNOWN})
    person = document.get("unifiedProfile")
    new = None
    if person is None:
        reading.refuse("unifiedProfile", "is required")
    elif isinstance(person, list):
        reading.refuse(
            "unifiedProfile",
            "must be one object; the vendor names a bulk form and publishes no shape for it",
        )
    elif not isinstance(person, dict):
        reading.refuse("unifiedProfile", f"must be an object, got {shorten(person)}")
    else:
        inner = _Reading(person, "unifiedProfile.", reading.wrong, reading.warnings)
        new = _person(inner)
    _refuse_all(reading.wrong)
    return TriggerRequest(journey, context, None, new, tuple(reading.warnings))


def _person(reading: _Reading) -> NewProfile:
    document = reading.document
    own_id = reading.text("id")
    contact = document.get("contact", {})
    if not isinstance(contact, dict):
        reading.refuse("contact", f"must be an object, got {shorten(contact)}")
        contact = {}
    identities, name = _channels(reading, document.get("profiles", []))
    created = document.get("createdTime")
    if created is not None:
        if not isinstance(created, int) or isinstance(created, bool):
            reading.refuse(
                "createdTime", f"must be a whole number of milliseconds, got {shorten(created)}"
            )
        elif not 0 <= created <= LATEST_MS:
            reading.refuse("createdTime", f"must be from 0 to {LATEST_MS} ms (year 9999)")
        elif 0 < created < _SECONDS_MS:
            reading.warnings.append(
                f"createdTime {created} is read as milliseconds; it looks like seconds"
            )
    reading.others({"id", "contact", "profiles", "createdTime"})
    return NewProfile(own_id, contact, identities, name, created)


def _channels(reading: _Reading, value: Json) -> tuple[tuple[Identity, ...], str]:
    if not isinstance(value, list):
        reading.refuse("profiles", f"must be a list of objects, got {shorten(value)}")
        return (), ""
    found: list[Identity] = []
    names: list[str] = []
    for at, one in enumerate(value):
        place = f"{reading.prefix}profiles[{at}]."
        if not isinstance(one, dict):
            reading.refuse(f"profiles[{at}]", f"must be an object, got {shorten(one)}")
            continue
        inner = _Reading(one, place, reading.wrong, reading.warnings)
        kind, channel = inner.text("channelType"), inner.text("channelId")
        if "name" in one:
            names.append(inner.text("name") if one["name"] != "" else "")
        inner.others({"channelType", "channelId", "name"})
        if kind and channel:
            found.append(Identity(type=kind, value=channel))
    return tuple(found), next((name for name in names if name), "")


def _refuse_all(wrong: list[dict[str, str]]) -> None:
    if not wrong:
        return
    first = f"{wrong[0]['field']} {wrong[0]['problem']}"
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise Refusal("BAD_REQUEST", first + more, {"fields": wrong[:50]})


def _not_json(wrong: DocumentError) -> tuple[str, dict[str, Json]]:
    """The message and the details: line, column, what to do."""
    problem = wrong.problems[0]
    said, _, picture = problem.message.partition("\n")
    details: dict[str, Json] = {}
    place = _PLACE.match(problem.path)
    if place is not None:
        details = {"line": int(place[1]), "column": int(place[2])}
    if picture:
        details["text"] = picture.split("\n")[0].strip()
    if wrong.hint:
        details["hint"] = wrong.hint
    where = f"{problem.path}: " if problem.path else ""
    return f"the body is not JSON: {where}{said}", details


def _has_characters(value: Json) -> bool:
    """Whether all of its text can be written; half of a surrogate pair cannot."""
    level = [value]
    while level:
        one = level.pop()
        if isinstance(one, str):
            try:
                one.encode()
            except UnicodeEncodeError:
                return False
        elif isinstance(one, dict):
            level += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            level += one
    return True
