"""Whom a request means: people by their identities, and people that a request brings along."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.errors import DocumentError
from sandbox.model.base import shorten
from sandbox.model.profile import Identity, Profile
from sandbox.seams import Repository
from sandbox.serve.refusals import Refusal
from sandbox.serve.trigger_requests import NewProfile

__all__ = ["People", "merged_with"]

_BETWEEN = re.compile(r"[\s_-]+")


class People:
    """The workspace's profiles, found by identity; usable from any thread."""

    def __init__(self, repository: Repository, version: Callable[[], object]) -> None:
        """``version`` differs when anybody has written the profiles."""
        self._repository = repository
        self._version = version
        self._seen: object = None
        self._index: dict[tuple[str, str], list[str]] | None = None
        self._ids: frozenset[str] = frozenset()

    def find(self, who: Identity) -> str:
        """The id of the person with this identity.

        Types are compared without case, spaces, dashes and underscores (assumed: the vendor
        writes both ``WHATSAPP_BUSINESS`` and ``TWITTER ID``); values exactly.

        Raises:
            Refusal: 404 when there is none, 409 when there are several.
        """
        found = self._by_identity().get(_key(who), [])
        if not found:
            raise Refusal(
                "RESOURCE_NOT_FOUND",
                f"no profile has the identity {shorten(who.type)} {shorten(who.value)}",
                {
                    "hint": "POST /api/marketing-journey/triggerWithNewProfile makes the profile "
                    "and starts the journey"
                },
            )
        if len(found) > 1:
            raise Refusal(
                "CONFLICT",
                f"{len(found)} profiles have the identity {shorten(who.type)} {shorten(who.value)}",
                {"profiles": found[:20]},
            )
        return found[0]

    def take(self, new: NewProfile) -> tuple[str, tuple[str, ...]]:
        """Make the profile, or bring an existing one up to date (assumed).

        Returns:
            Its id, and warnings.

        Raises:
            Refusal: 400 when this cannot be a profile.
            StoreError: when it cannot be written.
        """
        warnings: list[str] = []
        index = self._by_identity()
        if new.id in self._ids:
            stored = self._repository.profile(new.id)
            warnings.append(
                f"profile {shorten(new.id)} was there already and was updated (assumed)"
            )
        else:
            stored = Profile.model_construct(id=new.id)  # checked below, with all its fields
        for who in new.identities:
            others = [one for one in index.get(_key(who), []) if one != new.id]
            if others:
                warnings.append(f"profile {others[0]} has the identity {shorten(who.type)} too")
        try:
            left = Profile.parse(merged_with(stored, new).document(), "unifiedProfile")
        except DocumentError as wrong:
            fields = [
                {"field": f"unifiedProfile.{_vendors(one.path)}", "problem": one.message}
                for one in wrong.problems
            ]
            first = f"{fields[0]['field']} {fields[0]['problem']}"
            raise Refusal("BAD_REQUEST", first, {"fields": fields[:50]}) from None
        self._repository.save_profile(left, stored)
        return new.id, tuple(warnings)

    def _by_identity(self) -> dict[tuple[str, str], list[str]]:
        version = self._version()
        index = self._index
        if index is None or version != self._seen:
            index = {}
            profiles = self._repository.profiles()
            for profile in profiles:
                for key in {_key(one) for one in profile.identities}:
                    index.setdefault(key, []).append(profile.id)
            self._ids = frozenset(profile.id for profile in profiles)
            self._index, self._seen = index, version
        return index


def merged_with(stored: Profile, new: NewProfile) -> Profile:
    """``contact`` over the attributes, ``profiles`` added to the identities.

    ``createdTime`` becomes an attribute of that name, in milliseconds. A channel's ``name`` becomes
    the attribute ``name`` where there is none yet (assumed: the vendor does not say where it goes).
    """
    attributes = {**stored.attributes, **new.contact}
    if new.created_ms is not None:
        attributes["createdTime"] = new.created_ms
    if new.name and "name" not in attributes:
        attributes["name"] = new.name
    known = {_key(one) for one in stored.identities}
    added: list[Identity] = []
    for one in new.identities:
        if _key(one) not in known:
            known.add(_key(one))
            added.append(one)
    return stored.model_copy(
        update={"attributes": attributes, "identities": (*stored.identities, *added)}
    )


def _key(who: Identity) -> tuple[str, str]:
    return _BETWEEN.sub("_", who.type.strip()).casefold(), who.value


def _vendors(path: str) -> str:
    """The name the vendor's request has for a place in our profile."""
    return re.sub(r"^attributes", "contact", path)
