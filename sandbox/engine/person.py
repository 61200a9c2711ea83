"""The person during a walk: plain data, copied before it is changed, and projected into the
vendor's user object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.engine.behaviour import Behaviour
from sandbox.errors import InputError
from sandbox.model.base import Json
from sandbox.model.profile import Profile

__all__ = ["RESERVED", "Person", "label_name", "person_of", "projection", "template_view"]

RESERVED = frozenset({"id", "tags", "lists", "identities"})
"""What ``user.x`` means besides attributes."""


class Person(NamedTuple):
    """A profile as plain data. A walk replaces its parts; it never changes them in place."""

    id: str
    attributes: dict[str, Json]
    tags: list[Json]
    lists: list[Json]
    identities: list[Json]

    def document(self) -> dict[str, Json]:
        """The person as a profile document."""
        return {
            "id": self.id,
            "attributes": self.attributes,
            "tags": self.tags,
            "lists": self.lists,
            "identities": self.identities,
        }


def person_of(profile: Profile, overrides: Mapping[str, Json] | None = None) -> Person:
    """A profile ready for walks; ``overrides`` replace attributes (or tags, lists) for the run.

    Raises:
        InputError: when tags or lists are not labels, or identities are to be replaced.
    """
    changes = dict(overrides or {})
    if "identities" in changes:
        raise InputError("user.identities cannot be set for a run", "edit the profile")
    tags = _labels("tags", changes.pop("tags", profile.tags))
    lists = _labels("lists", changes.pop("lists", profile.lists))
    return Person(
        profile.id,
        {**profile.attributes, **changes},
        tags,
        lists,
        [{"type": one.type, "value": one.value} for one in profile.identities],
    )


def _labels(field: str, value: Json) -> list[Json]:
    """Names, or objects with a name, as the profile's own model takes them."""
    good = isinstance(value, list | tuple) and all(
        (isinstance(one, str) and one)
        or (isinstance(one, dict) and isinstance(one.get("name"), str))
        for one in value
    )
    if not good:
        raise InputError(
            f"user.{field} must be a list of names, or of objects with a name",
            f'write user.{field}=["vip"]',
        )
    return list(value)


def template_view(person: Person) -> dict[str, Json]:
    """What ``user`` means in a template: id, tags, lists, identities, else the attribute."""
    view = person.attributes.copy()
    view["id"] = person.id
    view["tags"] = person.tags
    view["lists"] = person.lists
    view["identities"] = person.identities
    return view


def label_name(label: Json) -> str:
    """The name of a tag or list, stored as text or as an object with a name."""
    return str(label["name"] if isinstance(label, dict) else label)


def projection(person: Person, behaviour: Behaviour) -> dict[str, Json]:
    """The vendor's user object: its fields in its order, as stored, else the vendor's empty value.

    Custom attributes go as objects with name and value into the field the dialect names; a tag or
    list that is stored as text goes as an object whose id is not known. Both shapes are assumed.
    """
    attributes = person.attributes
    fields = behaviour.user_fields or {}
    user: dict[str, Json] = {**fields, **attributes}
    custom = len(user) > len(fields)
    if custom:
        user = {name: user[name] for name in fields}
    if "id" in user and user["id"] is None:
        user["id"] = person.id
    for field, labels in (("tags", person.tags), ("lists", person.lists)):
        if field in user:
            stored = user[field] if isinstance(user[field], list) else []
            if labels:
                stored = stored + [
                    label if isinstance(label, dict) else {"id": None, "name": label}
                    for label in labels
                ]
            user[field] = stored
    into = behaviour.custom_into
    if custom and into is not None and into in user:
        stored = user[into] if isinstance(user[into], list) else []
        user[into] = stored + [
            {"name": name, "value": value} for name, value in attributes.items() if name not in user
        ]
    return user
