"""What a run's answers left for later steps, each value by a path that can be copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sandbox.charts.line import Line, Span
from sandbox.charts.table import table
from sandbox.cli.output import Output
from sandbox.model.base import Json, shorten
from sandbox.model.trace import StepDocument, TraceDocument
from sandbox.templates.filters import type_name
from sandbox.templates.paths import dotted

__all__ = ["LeftValue", "left_values", "path_lines", "writes_references"]

_MOST = 500
"""Values of one answer that are listed."""


def writes_references(dialect_name: str) -> bool:
    """Whether journeys of this dialect read a value with its type as ``/#path``."""
    return dialect_name == "kustomer"


class LeftValue(NamedTuple):
    """One value that a later step can read."""

    step: str
    path: str
    """As a template writes it: ``/#steps.sync.body.id`` or ``{{steps.sync.body.id}}``."""
    type: str
    value: Json


def left_values(
    trace: TraceDocument, references: bool, text_only: frozenset[str] = frozenset()
) -> list[LeftValue]:
    """Everything that the last answer to each call left.

    Args:
        trace: the run.
        references: whether the journey's templates write ``/#path``, else ``{{path}}``.
        text_only: calls whose body is not parsed.
    """
    last: dict[str, StepDocument] = {
        step["step"]: step for step in trace["steps"] if step.get("response") is not None
    }
    found = []
    for name, step in last.items():
        values = list(_values(name, step, name in text_only))
        for path, value in values[:_MOST]:
            found.append(LeftValue(name, _written(path, references), type_name(value), value))
        if len(values) > _MOST:
            body = _written(("steps", name, "body"), references)
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


def _written(path: tuple[str, ...], references: bool) -> str:
    """The path as it is copied into a template."""
    if not references:
        return f"{{{{{dotted(path)}}}}}"
    if any(not part or set(part) & set(". ,[]{}") for part in path):
        return "(no reference can name it)"
    return "/#" + ".".join(path)


def path_lines(values: list[LeftValue], output: Output) -> list[Line]:
    """A table of them; the paths are never cut."""
    if not values:
        return [(Span("no answer left anything to read", "dim"),)]
    longest = max(len(one.path) for one in values)
    room = max(12, output.width - longest - 14) if output.terminal else 200
    rows = [[one.path, one.type, shorten(one.value, room)] for one in values]
    return table(["path for later steps", "type", "value"], rows, glyphs=output.glyphs)
