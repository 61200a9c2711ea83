"""What a run changed in a profile, carried over to the profile as it is stored by now."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.model.base import Json, dump_json
from sandbox.model.profile import Profile

__all__ = ["merged"]


def merged(base: Profile, changed: Profile, stored: Profile) -> Profile:
    """``stored`` with every difference between ``base`` and ``changed`` applied to it.

    Attributes that were set or removed, labels and identities that were added or removed; what
    another writer has done to the others in the meantime stays.
    """
    attributes = dict(stored.attributes)
    for name in base.attributes.keys() - changed.attributes.keys():
        attributes.pop(name, None)
    for name, value in changed.attributes.items():
        # Compared as JSON: 1, 1.0 and true are equal in Python.
        if name not in base.attributes or dump_json(base.attributes[name]) != dump_json(value):
            attributes[name] = value
    return stored.model_copy(
        update={
            "attributes": attributes,
            **{
                name: tuple(_list(*(getattr(one, name) for one in (base, changed, stored))))
                for name in ("tags", "lists", "identities")
                if getattr(base, name) != getattr(changed, name)
            },
        }
    )


def _list(base: Sequence[Json], changed: Sequence[Json], stored: Sequence[Json]) -> list[Json]:
    removed = [one for one in base if one not in changed]
    added = [one for one in changed if one not in base]
    kept = [one for one in stored if one not in removed]
    return kept + [one for one in added if one not in kept]
