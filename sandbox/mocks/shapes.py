"""Whether an answer still has the shape that was recorded: its class, its type, its JSON fields.

Values may differ, and so may statuses of one class; what a journey's templates and conditions
rely on is the shape. No value of a body is ever told, only names and types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from sandbox.masking import MASK
from sandbox.mocks.recorded_bodies import PLACEHOLDER
from sandbox.model.base import Json
from sandbox.model.exchange import Answer

__all__ = ["ShapeChange", "shape_changes"]

_DEEPEST = 64
_SECRET = "(masked)"


class ShapeChange(NamedTuple):
    """One thing that is not as it was recorded."""

    path: str
    """``answer``, ``content type``, ``body``, or a field of the JSON body: ``$.items[].id``."""
    was: str
    """A class (``2xx``), a type (``text``, ``number``), or ``missing``."""
    now: str

    @property
    def words(self) -> str:
        """The change in a few words."""
        if self.was == "not recorded":
            return f"this call was not recorded (now {self.now})"
        if self.was == "missing":
            return f"{self.path} is new ({self.now})"
        if self.now == "missing":
            return f"{self.path} is missing (it was {self.was})"
        return f"{self.path}: {self.was} became {self.now}"


def shape_changes(recorded: Answer, live: Answer) -> list[ShapeChange]:
    """What differs in shape, the most telling first; nothing when only values differ."""
    if recorded.error is not None and recorded.error.kind == "unmatched":
        return [ShapeChange("answer", "not recorded", _class(live))]
    was, now = _class(recorded), _class(live)
    if was != now:
        return [ShapeChange("answer", was, now)]
    if recorded.error is not None:
        return []
    found: list[ShapeChange] = []
    types = _content_type(recorded), _content_type(live)
    if types[0] != types[1]:
        found.append(ShapeChange("content type", *types))
    before, after = _body(recorded.body), _body(live.body)
    if before[0] != after[0]:
        found.append(ShapeChange("body", before[0], after[0]))
    elif before[0] == "JSON":
        found += _json_changes([before[1]], [after[1]], "$", 0)
    return found


def _class(answer: Answer) -> str:
    if answer.error is not None:
        return f"{answer.error.kind} @ {answer.error.phase}"
    return f"{(answer.status or 0) // 100}xx"


def _content_type(answer: Answer) -> str:
    for name, value in answer.headers:
        if name.lower() == "content-type":
            return value.partition(";")[0].strip().lower()
    return "none"


def _body(body: bytes) -> tuple[str, Json]:
    if not body:
        return "empty", None
    try:
        return "JSON", orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return "text", None


def _json_changes(
    before: list[Json], after: list[Json], path: str, depth: int
) -> Iterator[ShapeChange]:
    """Of all values that stand at one path; the items of a list stand at one path."""
    was, now = _types(before), _types(after)
    if _SECRET not in was and now - was:
        yield ShapeChange(path, _listed(was), _listed(now))
        return
    if depth >= _DEEPEST:
        return
    items = [one for value in before if isinstance(value, list) for one in value]
    more = [one for value in after if isinstance(value, list) for one in value]
    if items and more:
        yield from _json_changes(items, more, f"{path}[]", depth + 1)
    olds = [value for value in before if isinstance(value, dict)]
    news = [value for value in after if isinstance(value, dict)]
    if not olds or not news:
        return
    for name in dict.fromkeys(key for value in (*olds, *news) for key in value):
        here = f"{path}.{name}"
        old = [value[name] for value in olds if name in value]
        new = [value[name] for value in news if name in value]
        if not new:
            yield ShapeChange(here, _listed(_types(old)), "missing")
        elif not old:
            yield ShapeChange(here, "missing", _listed(_types(new)))
        else:
            yield from _json_changes(old, new, here, depth + 1)


def _types(values: list[Json]) -> set[str]:
    return {_type(value) for value in values}


def _type(value: Json) -> str:
    if value in (MASK, PLACEHOLDER):
        return _SECRET
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else "object"


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types))
