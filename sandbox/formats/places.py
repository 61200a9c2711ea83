"""A place in a text, shown the way a person looks for it: line, column and the line itself."""

from __future__ import annotations

from sandbox.errors import DocumentError, Problem

__all__ = ["refused"]

_SHOWN = 76


def refused(source: str, text: str, position: int, message: str, hint: str = "") -> DocumentError:
    """The refusal of a text at a place; ``position`` counts characters from 0."""
    position = min(max(position, 0), len(text))
    start = text.rfind("\n", 0, position) + 1
    stop = text.find("\n", position)
    line = text[start : stop if stop >= 0 else len(text)].rstrip("\r")
    number = text.count("\n", 0, start) + 1
    column = position - start
    first = max(0, column - _SHOWN + 16)
    shown = "".join(char if char.isprintable() else " " for char in line[first : first + _SHOWN])
    lead = "…" if first else ""
    mark = " " * (len(lead) + column - first) + "^"
    picture = f"\n    {lead}{shown}\n    {mark}" if shown.strip() else ""
    where = f"line {number}, column {column + 1}"
    return DocumentError(source, [Problem(where, message + picture)], hint)
