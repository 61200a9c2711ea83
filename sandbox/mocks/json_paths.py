"""Paths into JSON bodies: ``$.user.email``, ``$.items[0].sku``, ``$.items[*].sku``."""

from __future__ import annotations

from sandbox.model.base import Json
from sandbox.templates.paths import MISSING, Path, PathError, look_up, parse_path

__all__ = ["JsonPath", "parse_json_path"]

_MOST_FOUND = 10_000


class JsonPath:
    """A path, parsed; ``[*]`` stands for every item or field."""

    __slots__ = ("_pieces", "text")

    def __init__(self, text: str, path: Path) -> None:
        """``path``: its parts, ``*`` for every one."""
        self.text = text
        pieces: list[Path] = [()]
        for part in path:
            if part == "*":
                pieces.append(())
            else:
                pieces[-1] += (part,)
        self._pieces = pieces

    def find(self, value: Json) -> list[Json]:
        """The values at the path, ten thousand at most; none when nothing is there."""
        first, *others = self._pieces
        found = look_up(value, first) if first else value  # a body that is no JSON is MISSING
        values = [found] if found is not MISSING else []
        for piece in others:
            values = [
                inner
                for one in values
                if isinstance(one, dict | list)
                for inner in (one.values() if isinstance(one, dict) else one)
            ][:_MOST_FOUND]
            if piece:
                values = [found for one in values if (found := look_up(one, piece)) is not MISSING]
        return values


def parse_json_path(text: str) -> JsonPath | PathError:
    """The path, or what is wrong with it."""
    if not text.startswith("$"):
        return PathError(0, "a path into the body begins with $, as in $.user.email")
    rest = text[1:].replace("[*]", ".*")
    if not rest:
        return JsonPath(text, ())
    parsed = parse_path(rest.removeprefix("."))
    if isinstance(parsed, PathError):
        return parsed._replace(position=parsed.position + 1)
    return JsonPath(text, parsed)
