"""What a vendor sends around the author's body: its envelope, and in it the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from sandbox.clock import iso_us
from sandbox.engine.behaviour import Behaviour
from sandbox.engine.encoding import json_bytes
from sandbox.engine.person import Person, projection
from sandbox.model.base import Json, dump_json
from sandbox.templates.filters import type_name
from sandbox.templates.paths import MISSING
from sandbox.templates.text import Provenance

__all__ = ["Frame", "body_field", "enveloped", "user_bytes", "vendor_lines"]


_CHANGING = ("now", "body", "user")


class Frame(NamedTuple):
    """An envelope as bytes, with a gap for each part that changes."""

    text: bytes
    order: Callable[[tuple[bytes, bytes, bytes]], Any]
    """From now, body and user to what goes into the gaps."""
    has_body: bool
    has_user: bool

    @classmethod
    def of(cls, behaviour: Behaviour, with_user: bool) -> Frame:
        """The frame of a vendor's envelope, with or without the user."""
        fields: list[bytes] = []
        gaps: list[int] = []
        for key, part in behaviour.envelope or ():
            if part == "user" and not with_user:
                continue
            name = dump_json(key).replace(b"%", b"%%") + b":"
            if part == "path":
                fields.append(name + b"%d" % behaviour.path)
            else:
                fields.append(name + (b'"%b"' if part == "now" else b"%b"))
                gaps.append(_CHANGING.index(part))
        text = b"{" + b",".join(fields) + b"}"
        order = itemgetter(*gaps) if gaps else lambda parts: ()
        return cls(text, order, 1 in gaps, 2 in gaps)


_last_user: tuple[Person | None, Behaviour | None, bytes] = (None, None, b"")
"""A person is replaced, never changed, so the same object has the same bytes. One entry, whole or
not at all: threads may replace it, and each only loses a little time."""


def user_bytes(person: Person, behaviour: Behaviour) -> bytes:
    """The vendor's user object; remembered for the calls a person makes one after the other.

    Raises:
        NotJson: when JSON has no word for it.
    """
    global _last_user
    if _last_user[0] is person and _last_user[1] is behaviour:
        return _last_user[2]
    written = json_bytes(projection(person, behaviour))
    _last_user = (person, behaviour, written)
    return written


def enveloped(
    value: Json, behaviour: Behaviour, person: Person, at_us: int, with_user: bool
) -> Json:
    """The author's value in the vendor's envelope, as one object."""
    envelope: dict[str, Json] = {}
    for key, part in behaviour.envelope or ():
        if part == "body":
            envelope[key] = {} if value is None or value is MISSING else value
        elif part == "now":
            envelope[key] = iso_us(at_us)
        elif part == "path":
            envelope[key] = behaviour.path
        elif with_user:
            envelope[key] = projection(person, behaviour)
    return envelope


def body_field(behaviour: Behaviour) -> str:
    """The envelope's field that holds the author's body; empty without one."""
    return next((key for key, part in behaviour.envelope or () if part == "body"), "")


def vendor_lines(
    behaviour: Behaviour, person: Person, at_us: int, with_user: bool
) -> Iterator[Provenance]:
    """Where the values come from that the vendor adds by itself."""
    for key, part in behaviour.envelope or ():
        at = f"body.{key}"
        if part == "now":
            stamp = iso_us(at_us)
            yield Provenance(at, "(vendor)", "now", stamp, "string", stamp, "string")
        elif part == "path":
            path = behaviour.path
            yield Provenance(at, "(vendor)", "setting path", path, "number", path, "number")
        elif part == "user" and with_user:
            for name, value in projection(person, behaviour).items():
                source = _source_of(name, value, person, behaviour)
                kind = type_name(value)
                yield Provenance(f"{at}.{name}", "(user info)", source, value, kind, value, kind)


def _source_of(name: str, value: Json, person: Person, behaviour: Behaviour) -> str:
    """What ``projection`` took a field of the user object from, in words."""
    if name == behaviour.custom_into and value:
        return "(attributes without a field of their own)"
    if name == "id" and person.attributes.get("id") is not None:
        return "(the stored attribute id)"  # in a template, user.id is the profile's
    if name == "id" and (behaviour.user_fields or {}).get("id") is None:
        return "(the profile's id)"
    stored = name in person.attributes or name in ("tags", "lists")
    return f"user.{name}" if stored else "(the vendor's empty value)"
