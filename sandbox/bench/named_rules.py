"""Rule sets by name: the workspace's own, else the presets."""

from __future__ import annotations

from sandbox.errors import UnknownName
from sandbox.mocks.presets import PRESETS, preset
from sandbox.model.rules import RuleSet
from sandbox.seams import Repository

__all__ = ["named_rules"]


def named_rules(repository: Repository, name: str) -> RuleSet:
    """The rule set of that name; one of the workspace goes before a preset.

    Raises:
        UnknownName: with the nearest names of both.
    """
    try:
        return repository.rule_set(name)
    except UnknownName:
        if name in PRESETS:
            return preset(name)
        own = [one.id for one in repository.rule_sets()]
        raise UnknownName("rule set", name, dict.fromkeys([*own, *PRESETS])) from None
