"""Pretty JSON by lines: on which line a path stands, and how a line is coloured."""

from __future__ import annotations

import re

from sandbox.model.base import Json
from sandbox.tui.ink import Ink, Line

__all__ = ["line_of", "lit"]

_PART = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<literal>true|false|null)\b"
)
_LONGEST = 20_000
"""Lines longer than this stay plain: nobody reads them by colour."""


def line_of(value: Json, path: str) -> int | None:
    """The line of ``path`` (``.extra.items[0]``) where the value is printed with an indent.

    None when the path is not there. Scalars and empty containers take a line, others also one for
    each bracket.
    """
    line = 0
    for key, index in _PART.findall(path):
        if key and isinstance(value, dict) and key in value:
            line += 1
            for name, item in value.items():
                if name == key:
                    break
                line += _height(item)
            value = value[key]
        elif index and isinstance(value, list) and int(index) < len(value):
            line += 1 + sum(map(_height, value[: int(index)]))
            value = value[int(index)]
        else:
            return None
    return line


def _height(value: Json) -> int:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 2 + sum(map(_height, items)) if items else 1


def lit(line: str, kind: str) -> Line:
    """A line of a body, coloured for its kind: ``json``, ``headers``, ``shell``, ``diff``."""
    if kind == "diff":
        style = {"- ": "removed", "+ ": "added"}.get(line[:2])
        return (Ink(line, style),) if style else (Ink(line, "dim"),)
    if kind == "headers":
        name, colon, rest = line.partition(": ")
        return (Ink(name + colon, "name"), Ink(rest)) if colon else (Ink(line, "strong"),)
    if kind != "json" or len(line) > _LONGEST:
        return (Ink(line),)
    spans: list[Ink] = []
    at = 0
    for match in _TOKEN.finditer(line):
        if match.start() > at:
            spans.append(Ink(line[at : match.start()], "dim"))
        style = str(match.lastgroup)
        if style == "colon":
            spans += [Ink(match["string"], "key"), Ink(match["colon"], "dim")]
        else:
            spans.append(Ink(match[0], style))
        at = match.end()
    if at < len(line):
        spans.append(Ink(line[at:], "dim" if spans else ""))
    return tuple(spans)
