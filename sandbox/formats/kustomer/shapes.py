"""The outside of a workflow file: the editor's document, the API's envelope, or a list of them."""

from __future__ import annotations

from sandbox.errors import DocumentError, Problem, nearest
from sandbox.model.base import Json, shorten

__all__ = ["Envelope", "looks_like_kustomer", "workflows_in"]

Envelope = tuple[str, dict[str, Json], dict[str, Json]]
"""The workflow's place in the file, the workflow, and what the API's envelope holds beside it."""

_OUTSIDE = ("data", "links", "meta", "included", "jsonapi")


def looks_like_kustomer(value: Json) -> bool:
    """Whether open JSON is a workflow rather than a journey of ours."""
    if isinstance(value, list):
        return bool(value) and looks_like_kustomer(value[0])
    if not isinstance(value, dict):
        return False
    data = value.get("data")
    if isinstance(data, list):
        data = data[0] if data else None
    if isinstance(data, dict):
        return data.get("type") == "workflow" and "attributes" in data
    trigger = value.get("trigger")
    return isinstance(trigger, dict) and ("transitions" in trigger or "eventName" in trigger)


def workflows_in(value: Json, source: str) -> list[Envelope]:
    """Every workflow of a file.

    Raises:
        DocumentError: with the path, when the file holds none.
    """
    if isinstance(value, list):
        return [one for n, item in enumerate(value) for one in _one(item, f"[{n}]", source)]
    return _one(value, "", source)


def _one(value: Json, at: str, source: str) -> list[Envelope]:
    if not isinstance(value, dict):
        raise _refused(source, at, "a workflow is an object", value)
    if "data" not in value or "steps" in value:
        return [(at, value, {})]
    inside = value["data"]
    here = f"{at}.data" if at else "data"
    beside = {key: item for key, item in value.items() if key != "data"}
    if isinstance(inside, list):
        if not inside:
            raise _refused(source, here, "there is no workflow in it", inside)
        return [_resource(one, f"{here}[{n}]", source, beside) for n, one in enumerate(inside)]
    return [_resource(inside, here, source, beside)]


def _resource(value: Json, at: str, source: str, beside: dict[str, Json]) -> Envelope:
    """One JSON:API resource object (jsonapi.org §7.2)."""
    if not isinstance(value, dict):
        raise _refused(source, at, "a resource is an object with type, id and attributes", value)
    kind = value.get("type")
    if kind is None and "attributes" not in value and "steps" in value:
        return at, value, {}  # the workflow itself, one level down
    if kind != "workflow":
        close = nearest(str(kind), ["workflow"])
        hint = "; did you mean workflow?" if close else ""
        raise _refused(source, f"{at}.type", f"must be 'workflow'{hint}", kind)
    attributes = value.get("attributes")
    if not isinstance(attributes, dict):
        raise _refused(source, f"{at}.attributes", "the workflow itself is expected", attributes)
    rest = {key: item for key, item in value.items() if key not in ("type", "attributes")}
    outside = {key: item for key, item in beside.items() if key not in rest}
    return f"{at}.attributes", attributes, {**outside, **rest}


def _refused(source: str, at: str, message: str, value: Json) -> DocumentError:
    return DocumentError(
        source,
        [Problem(at, message, shorten(value))],
        'the editor\'s workflow JSON, or {"data": {"type": "workflow", "attributes": {…}}}',
    )
