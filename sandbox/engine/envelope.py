"""What a vendor sends around the author's body: its envelope, and in it the user."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.clock import iso_us
from sandbox.engine.behaviour import Behaviour
from sandbox.engine.person import Person, projection
from sandbox.model.base import Json, dump_json
from sandbox.templates.filters import type_name
from sandbox.templates.paths import MISSING
from sandbox.templates.text import Provenance

__all__ = ["body_field", "enveloped", "pieces", "vendor_lines"]


def pieces(behaviour: Behaviour, with_user: bool) -> list[bytes | str]:
    """The envelope as bytes that never change, with ``now``, ``body`` and ``user`` between them."""
    made: list[bytes | str] = []
    fixed = b"{"
    for key, part in behaviour.envelope or ():
        if part == "user" and not with_user:
            continue
        fixed += (b"" if fixed == b"{" and not made else b",") + dump_json(key) + b":"
        if part == "path":
            fixed += b"%d" % behaviour.path
        else:
            quote_mark = b'"' if part == "now" else b""
            made += [fixed + quote_mark, part]
            fixed = quote_mark
    return [*made, fixed + b"}"]


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
            yield Provenance(at, "(vendor)", "now", stamp, "string", stamp)
        elif part == "path":
            path = behaviour.path
            yield Provenance(at, "(vendor)", "setting path", path, "number", path)
        elif part == "user" and with_user:
            for name, value in projection(person, behaviour).items():
                stored = name in person.attributes or name in ("tags", "lists")
                source = f"user.{name}" if stored else "(the vendor's empty value)"
                if name == behaviour.custom_into and value:
                    source = "(attributes without a field of their own)"
                yield Provenance(
                    f"{at}.{name}", "(user info)", source, value, type_name(value), value
                )
