"""Dotted paths into JSON: ``user.address.city``, ``steps.call.body.0``, ``user["first name"]``.

Only objects and lists are walked, by key and by index. A path never reaches an attribute of a
Python object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from sys import intern  # a name that is the key itself is found without comparing letters
from typing import Final, NamedTuple

from sandbox.model.base import Json

__all__ = ["MISSING", "Path", "PathError", "dotted", "getter", "look_up", "parse_path"]

Path = tuple[str, ...]
_PART = re.compile(
    r"""(?:^|\.)(?P<name>[^\s.\[\]{}|"':,]+)   # name or index after a dot
      | \[(?P<index>\d+)\]                      # [0]
      | \["(?P<quoted>[^"]*)"\]                 # ["first name"]
      | \['(?P<single>[^']*)'\]""",
    re.VERBOSE,
)


class _Missing:
    """What a path yields when nothing is there; distinct from null."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


class PathError(NamedTuple):
    """Where a path cannot be read, and why."""

    position: int
    message: str


def parse_path(text: str) -> Path | PathError:
    """``user.a.0`` → ``('user', 'a', '0')``, or what is wrong with it."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None or (at == 0 and text[0] == "."):
            return PathError(at, f"unexpected {text[at]!r} in a path")
        parts.append(intern(next(group for group in match.groups() if group is not None)))
        at = match.end()
    if not parts:
        return PathError(0, "a path is missing")
    return tuple(parts)


def dotted(path: Path) -> str:
    """The path as it is written."""
    text = ""
    for part in path:
        plain = part and not re.search(r"""[\s.\[\]{}|"':,]""", part)
        text += (f".{part}" if text else part) if plain else f'["{part}"]'
    return text


def look_up(value: Json, path: Path) -> Json:
    """The value at ``path``, or ``MISSING``."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part, MISSING)
        elif isinstance(value, list | tuple):
            if part.isdecimal() and len(part) < 10 and int(part) < len(value):
                value = value[int(part)]
            elif part == "length":
                value = len(value)
            else:
                return MISSING
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value


def getter(path: Path) -> Callable[[Json], Json]:
    """``look_up`` with the path built in; short paths through objects take a straight way."""
    if len(path) == 1:
        (only,) = path
        return lambda scope: scope.get(only, MISSING)
    if len(path) == 2:
        first, second = path

        def two(scope: Json) -> Json:
            try:
                return scope[first][second]
            except (KeyError, TypeError, IndexError):
                return look_up(scope, path)

        return two
    return lambda scope: look_up(scope, path)
