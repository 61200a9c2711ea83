"""Where two traces of what should be the same run differ."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.model.base import Json, shorten
from sandbox.model.trace import TraceDocument

__all__ = ["trace_differences"]

_NOT_COMPARED = ("source", "rule")
"""Of a step: who answered is what is different on purpose. Of the run: ``id`` and ``via``."""


def trace_differences(pure: TraceDocument, mocked: TraceDocument, most: int = 3) -> list[str]:
    """The first few places at which the traces differ; ids and who answered are not compared."""
    found = []
    for path, before, after in _differences(_comparable(pure), _comparable(mocked), ""):
        found.append(f"{path}: {shorten(before)} purely, {shorten(after)} through respx")
        if len(found) >= most:
            break
    return found


def _comparable(trace: TraceDocument) -> Json:
    run = {name: value for name, value in trace["run"].items() if name not in ("id", "via")}
    steps = [
        {name: value for name, value in step.items() if name not in _NOT_COMPARED}
        for step in trace["steps"]
    ]
    return {**trace, "run": run, "steps": steps}


def _differences(before: Json, after: Json, path: str) -> Iterator[tuple[str, Json, Json]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            where = f"{path}.{name}" if path else name
            yield from _differences(before.get(name), after.get(name), where)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for n, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}[{n}]")
    elif before != after:
        yield path, before, after
