"""What a run's answers left for later steps, each value by a path that can be copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sandbox.dialects import dialect
from sandbox.model.base import Json
from sandbox.model.trace import StepDocument, TraceDocument
from sandbox.templates.filters import type_name
from sandbox.templates.paths import dotted

__all__ = ["REFERENCE", "LeftValue", "Marks", "left_values", "marks_of"]

_MOST = 500
"""Values of one answer that are listed."""


class Marks(NamedTuple):
    """How a path is written into a text."""

    opens: str
    closes: str


REFERENCE = Marks("/#", "")
"""A reference, which keeps the value's type."""


def marks_of(dialect_name: str, settings: Mapping[str, Json]) -> Marks:
    """How journeys of this dialect write a path, with what one of them sets otherwise."""
    values = dialect(dialect_name).values

    def said(name: str, otherwise: str) -> str:
        value = settings.get(name, values[name].value if name in values else otherwise)
        return str(value)

    if said("template.syntax", "") == "kustomer":
        return REFERENCE
    return Marks(said("template.open", "{{"), said("template.close", "}}"))


class LeftValue(NamedTuple):
    """One value that a later step can read."""

    step: str
    path: str
    """As a template writes it: ``/#steps.sync.body.id`` or ``{{steps.sync.body.id}}``."""
    type: str
    value: Json


def left_values(
    trace: TraceDocument, marks: Marks, text_only: frozenset[str] = frozenset(), only: str = ""
) -> list[LeftValue]:
    """Everything that the last answer to each call left.

    Args:
        trace: the run.
        marks: how the journey's templates write a path.
        text_only: calls whose body is not parsed.
        only: of this call alone; empty: of all.
    """
    last: dict[str, StepDocument] = {
        step["step"]: step for step in trace["steps"] if step.get("response") is not None
    }
    found = []
    for name, step in last.items():
        if only and name != only:
            continue
        values = list(_values(name, step, name in text_only))
        for path, value in values[:_MOST]:
            found.append(LeftValue(name, _written(path, marks), type_name(value), value))
        if len(values) > _MOST:
            body = _written(("steps", name, "body"), marks)
            rest = f"and {len(values) - _MOST:,} more values"
            found.append(LeftValue(name, body, "list", rest))
    return found


def _values(
    name: str, step: StepDocument, text_only: bool
) -> Iterator[tuple[tuple[str, ...], Json]]:
    response = step.get("response")
    if response is None:
        return
    root = ("steps", name)
    yield (*root, "response", "statusCode"), response["status"]
    for header, value in response["headers"].items():
        yield (*root, "response", "headers", header.lower()), value
    body = response["body"]
    if response["text"] and (text_only or body is None):
        yield (*root, "body"), response["text"]
    elif response["text"]:
        yield from _leaves((*root, "body"), body)


def _leaves(path: tuple[str, ...], value: Json) -> Iterator[tuple[tuple[str, ...], Json]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves((*path, key), item)
    elif isinstance(value, list) and value:
        for n, item in enumerate(value):
            yield from _leaves((*path, str(n)), item)
    else:
        yield path, value


def _written(path: tuple[str, ...], marks: Marks) -> str:
    """The path as it is copied into a template."""
    if marks != REFERENCE:
        return marks.opens + dotted(path) + marks.closes
    if any(not part or set(part) & set(". ,[]{}") for part in path):
        return "(no reference can name it)"
    return "/#" + ".".join(path)
