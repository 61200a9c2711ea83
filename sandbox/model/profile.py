"""The person a journey runs for."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from sandbox.model.base import Json, Model, Text

__all__ = ["Identity", "Profile"]


def _readable(value: str) -> str:
    if not value.strip() or any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise ValueError("must be text without control characters, not empty")
    return value


def _labelled(values: tuple[Json, ...]) -> tuple[Json, ...]:
    for value in values:
        if isinstance(value, str) and value:
            continue
        if isinstance(value, dict) and isinstance(value.get("name"), str):
            continue
        raise ValueError("each must be a name, or an object with a name")
    return values


Labels = Annotated[tuple[Json, ...], AfterValidator(_labelled)]


class Identity(Model):
    """How a channel knows the person."""

    type: str = Field(min_length=1)
    value: str


class Profile(Model):
    """One person: open attributes, tags and lists (names, or objects with a name, kept as stored)
    and identities.
    """

    id: Annotated[Text, AfterValidator(_readable)]
    attributes: dict[str, Json] = Field(default_factory=dict)
    tags: Labels = ()
    lists: Labels = ()
    identities: tuple[Identity, ...] = ()

    @property
    def name(self) -> str:
        """What to call the person on a screen: the name, e-mail or id."""
        for key in ("name", "first_name", "email"):
            value = self.attributes.get(key)
            if isinstance(value, str) and value.strip():
                return value
        return "(anonymous)"
