"""The demo workspace: the fixtures that are shipped with the program, and copies of presets."""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from typing import NamedTuple

from sandbox.formats.documents import read
from sandbox.mocks.presets import preset
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings, Variable

__all__ = ["Demo", "demo"]

_JOURNEYS = ("newsletter", "api-call", "loyalty-credit", "contact-sync", "order-update", "win-back")
_RULES = ("all-ok",)
_PRESETS = ("flaky", "down", "rate-limited", "slow", "auth-expired", "bad-bodies")


class Demo(NamedTuple):
    """What the demo workspace holds."""

    journeys: list[Journey]
    profiles: list[Profile]
    rule_sets: list[RuleSet]
    variables: list[Variable]
    settings: Settings


def _folder() -> Traversable:
    """In an installed package beside the code; in a checkout at the top."""
    package = resources.files("sandbox")
    shipped = package.joinpath("_fixtures")
    return shipped if shipped.is_dir() else package.joinpath("..", "fixtures")


def _read(*path: str) -> Json:
    file = _folder().joinpath(*path)
    return read(file.read_text(encoding="utf-8"), path[-1])


def demo() -> Demo:
    """The demo's documents, validated."""
    return Demo(
        [Journey.parse(_read("journeys", f"{name}.yaml"), name) for name in _JOURNEYS],
        [Profile.parse(one) for one in _read("profiles", "demo.json")],
        [
            *(RuleSet.parse(_read("rules", f"{name}.yaml"), name) for name in _RULES),
            *map(preset, _PRESETS),
        ],
        [Variable.parse(one) for one in _read("env.yaml")],
        Settings(active_rules="all-ok"),
    )
