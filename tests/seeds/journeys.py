"""Journeys as an author of the vendor's would write them: with the dialect's own values."""

from __future__ import annotations

from sandbox.model.base import Json

__all__ = ["journey"]


def journey(*steps: dict[str, Json], dialect: str = "usercom", **fields: Json) -> dict[str, Json]:
    """A journey document; an event called ``happened`` starts it unless said otherwise."""
    trigger = fields.pop("trigger", {"kind": "event", "name": "happened"})
    return {"id": "j", "dialect": dialect, "trigger": trigger, "steps": list(steps), **fields}
