"""The request that a system outside would send to start a journey, made of a profile and an event.

Fields and headers are those of Sprinklr's page "Use API to Trigger Journeys Based on External
Events", in its sample's spelling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sandbox.engine.urls import normalise
from sandbox.errors import InputError
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Request
from sandbox.model.profile import Profile
from sandbox.serve.openapi import NEW_PROFILE, TRIGGER

__all__ = ["Outside", "address", "outside_request"]

_CREATED = "createdTime"


class Outside(NamedTuple):
    """The request, and what had to be changed or left out to make it."""

    request: Request
    notes: tuple[str, ...]


def address(server: str, new_profile: bool) -> str:
    """The URL to call on a server; its own path stays in front, an endpoint's path is replaced.

    Raises:
        InputError: when this is no address of a server.
    """
    url, fail = normalise(server)
    if fail is not None:
        raise InputError(f"--to: {fail.message}", "such as --to http://127.0.0.1:8766")
    if "?" in url or "#" in url:
        raise InputError(
            f"--to {server}: the address of a server has no query", "leave out what begins with ?"
        )
    front = re.sub(r"/api/marketing-journey(/\w*)?$", "", url.rstrip("/"))
    return front + (NEW_PROFILE if new_profile else TRIGGER)


def outside_request(
    url: str,
    journey: str,
    profile: Profile,
    event: Mapping[str, Json],
    credentials: tuple[str, str],
    created_ms: int | None = None,
) -> Outside:
    """The request for one person and one event.

    Args:
        url: from ``address``.
        journey: its id.
        profile: the person; known to the other side by an identity, or brought along.
        event: becomes ``contextParams``, a map of strings.
        credentials: token and key.
        created_ms: brings the person along, created at that time unless the profile says when.

    Raises:
        InputError: when the person has no identity to be known by.
    """
    notes: list[str] = []
    context = _context(event, notes)
    if created_ms is None:
        if not profile.identities:
            raise InputError(
                f"profile {profile.id} has no identities, so nothing stands for snType and snId",
                "add --new-profile to send the person along, or give the profile an identity",
            )
        first, *others = profile.identities
        if others:
            notes.append(f"snType is {first.type}, the first of {len(others) + 1} identities")
        body: dict[str, Json] = {
            "snType": first.type,
            "snId": first.value,
            "journeyId": journey,
            "contextParams": context,
        }
    else:
        body = {
            "journeyId": journey,
            "contextParams": context,
            "unifiedProfile": _unified(profile, created_ms, notes),
        }
    token, key = credentials
    headers = (
        ("Authorization", f"Bearer {token}"),
        ("Key", key),
        ("Content-Type", "application/json"),
    )
    return Outside(Request("POST", url, headers, dump_json(body)), tuple(notes))


def _context(event: Mapping[str, Json], notes: list[str]) -> dict[str, str]:
    """Map<String,String>: other values as their JSON text; null is left out."""
    context: dict[str, str] = {}
    for name, value in event.items():
        if isinstance(value, str):
            context[name] = value
        elif value is None:
            notes.append(f"contextParams.{name} is left out: null is no string")
        else:
            context[name] = dump_json(value).decode()
            notes.append(f"contextParams.{name} is sent as the string {context[name]}")
    return context


def _unified(profile: Profile, created_ms: int, notes: list[str]) -> dict[str, Json]:
    contact = dict(profile.attributes)
    stored = contact.get(_CREATED)
    if isinstance(stored, int) and not isinstance(stored, bool):
        created_ms = stored
        del contact[_CREATED]
    name = contact.get("name")
    channels: list[Json] = []
    for one in profile.identities:
        channel = {"channelType": one.type, "channelId": one.value}
        if isinstance(name, str) and name.strip():
            channel["name"] = name
        channels.append(channel)
    if profile.tags or profile.lists:
        notes.append("tags and lists have no place in a unifiedProfile")
    return {
        "id": profile.id,
        "contact": contact,
        "profiles": channels,
        _CREATED: created_ms,
    }
