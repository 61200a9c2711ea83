"""The fields around the steps: names, descriptions, book-keeping, and the API's envelope."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.formats.kustomer.reading import Reading
from sandbox.model.base import Json

__all__ = ["read_outside", "title_of"]

_READ = ("name", "trigger", "steps", "meta")
_KEPT = (
    "id", "appVersion", "rev", "revision", "version", "workflowRev", "createdAt", "updatedAt",
    "modifiedAt", "createdBy", "updatedBy", "modifiedBy", "deleted", "deletedAt", "org", "orgId",
    "links", "relationships", "jsonapi", "system", "tags", "categories",
)  # fmt: skip
"""Book-keeping: it says nothing about what a run does."""


def read_outside(
    document: Mapping[str, Json], beside: Mapping[str, Json], reading: Reading
) -> None:
    """Every field of the workflow but its trigger and steps, and what the envelope adds."""
    for key, value in document.items():
        if key == "description":
            reading.understood(key, "field description", "kept as a note")
        elif key == "enabled":
            if value is False:
                reading.approximated(key, "field enabled", "switched off; played all the same")
            else:
                reading.understood(key, "field enabled")
        elif key == "response":
            reading.unknown(
                key, "field response", "what a caller is given back is not simulated: left out"
            )
        elif key == "replaces":
            reading.approximated(key, "field replaces", "noted; no app workflow is here to replace")
        elif key in _KEPT:
            reading.understood(key, f"field {key}", "book-keeping; without effect on a run")
        elif key == "name":
            reading.understood(key, "field name")
        elif key not in _READ:
            reading.unknown(key, f"field {key}", "left out")
    for key in beside:
        if key in (*_KEPT, "meta", "included"):
            reading.understood("", f"envelope's {key}", "the API's own; without effect on a run")
        else:
            reading.unknown("", f"envelope's {key}", "left out")


def title_of(meta: Json, at: str, reading: Reading) -> tuple[str, str]:
    """The display name and description in a ``meta`` object; the editor's other keys are noted."""
    if meta is None:
        return "", ""
    if not isinstance(meta, dict):
        reading.refuse(at, "must be an object", meta)
        return "", ""
    for key in meta.keys() - {"displayName", "description", "name"}:
        reading.understood(f"{at}.{key}", f"field {key}", "the editor's; without effect on a run")
    name = meta.get("displayName", meta.get("name"))
    said = meta.get("description")
    return name if isinstance(name, str) else "", said if isinstance(said, str) else ""
