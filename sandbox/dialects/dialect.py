"""A dialect: named values, each with where it comes from."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import orjson

from sandbox.dialects.names import NAMES, check_setting
from sandbox.errors import UnknownName
from sandbox.model.base import Json, Model

__all__ = ["Dialect", "Origin", "Setting", "dialect", "dialect_names"]

Origin = Literal["documented", "reported", "assumed"]


class Setting(Model):
    """One value and its origin."""

    value: Json
    origin: Origin
    source: str
    """The page or document, or who chose it."""
    date: str
    """When it was read."""
    note: str = ""


class Dialect(Model):
    """What one vendor does."""

    name: str
    title: str
    words: dict[str, str]
    """Our field names → the vendor's own words."""
    values: dict[str, Setting]

    def value(self, name: str) -> Json:
        """The value of a name of ``NAMES``."""
        return self.values[name].value


def dialect_names() -> tuple[str, ...]:
    """Every dialect there is, sorted."""
    folder = resources.files(__package__)
    return tuple(
        sorted(
            entry.name.removesuffix(".json")
            for entry in folder.iterdir()
            if entry.name.endswith(".json")
        )
    )


@cache
def dialect(name: str) -> Dialect:
    """One dialect.

    Raises:
        UnknownName: with the nearest names.
    """
    if name not in dialect_names():
        raise UnknownName("dialect", name, dialect_names())
    text = resources.files(__package__).joinpath(f"{name}.json").read_bytes()
    found = Dialect.parse(orjson.loads(text), f"{name}.json")
    wrong = [f"{key} is missing" for key in NAMES if key not in found.values]
    wrong += [f"{key} is not a name" for key in found.values if key not in NAMES]
    wrong += [
        f"{key} {problem}"
        for key, setting in found.values.items()
        if key in NAMES and (problem := check_setting(key, setting.value))
    ]
    if wrong:
        raise AssertionError(f"{name}.json: " + "; ".join(wrong))
    return found
