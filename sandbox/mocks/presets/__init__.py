"""Ready-made rule sets, one JSON file each: what an endpoint does on its bad days, and a good one.

A preset is named wherever a rule set is named. A rule set of the workspace that has the same id
goes first, so a preset is also a starting point: copy it, then change it. The demo's rule sets of
these names are copies, but for ``all-ok``, which answers as its journeys want. A new workspace's
active rule set is called ``all-ok``, so an empty one has the preset.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

import orjson

from sandbox.errors import UnknownName
from sandbox.model.rules import RuleSet

__all__ = ["PRESETS", "preset", "presets"]

PRESETS: Final = (
    "all-ok",
    "down",
    "flaky",
    "rate-limited",
    "slow",
    "slow-tail",
    "auth-expired",
    "deploy-restart",
    "bad-bodies",
    "duplicate-delivery",
)
"""Their ids, in the order in which they are listed."""


@cache
def preset(name: str) -> RuleSet:
    """One preset.

    Raises:
        UnknownName: with the nearest ids.
    """
    if name not in PRESETS:
        raise UnknownName("preset", name, PRESETS)
    text = resources.files(__name__).joinpath(f"{name}.json").read_bytes()
    return RuleSet.parse(orjson.loads(text), name)


def presets() -> tuple[RuleSet, ...]:
    """All of them."""
    return tuple(map(preset, PRESETS))
