"""A sample event for a workflow: from its schema, else from what its steps read."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.model.base import Json

__all__ = ["sample_from_reads", "sample_from_schema"]

_DEEPEST = 12
_WORDS: dict[str, Json] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}


def sample_from_schema(schema: Json, depth: int = 0) -> Json:
    """A value that a JSON Schema takes; its own example, default or first choice where it has one.

    ``None`` where the schema says nothing that helps.
    """
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return None
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    for key in ("enum", "examples"):
        if isinstance(schema.get(key), list) and schema[key]:
            return schema[key][0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return {name: sample_from_schema(inner, depth + 1) for name, inner in properties.items()}
    if kind == "array":
        one = sample_from_schema(schema.get("items"), depth + 1)
        return [] if one is None else [one]
    return {} if kind == "object" else _WORDS.get(kind) if isinstance(kind, str) else None


def sample_from_reads(
    reads: Mapping[tuple[str, ...], Json], start: Mapping[str, Json]
) -> dict[str, Json]:
    """Data in which every path that is read is there; ``start`` is what is known already."""
    made: Json = dict(start)
    for path, value in sorted(reads.items(), key=lambda one: -len(one[0])):
        if path:
            made = _put(made, path, value)
    return made if isinstance(made, dict) else {}


def _put(inside: Json, path: tuple[str, ...], value: Json) -> Json:
    """A copy with something at the path; what is there already stays."""
    head, rest = path[0], path[1:]
    if head == "length" and not rest:
        return inside if isinstance(inside, list | str) else ["first"]
    if head.isdecimal() and len(head) < 4 and (inside is None or isinstance(inside, list)):
        items = list(inside or [])
        items += [None] * (int(head) + 1 - len(items))
        items[int(head)] = _filled(items[int(head)], head, rest, value)
        return items
    fields = dict(inside) if isinstance(inside, dict) else {}
    fields[head] = _filled(fields.get(head), head, rest, value)
    return fields


def _filled(there: Json, name: str, rest: tuple[str, ...], value: Json) -> Json:
    if rest:
        return _put(there, rest, value)
    if there is not None:
        return there
    return f"sample {name}" if value is None else value
