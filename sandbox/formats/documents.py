"""Documents in and out: JSON or YAML text and the data in it."""

from __future__ import annotations

import re

from sandbox.errors import DocumentError, InputError, Problem
from sandbox.formats.json_text import read_json
from sandbox.model.base import Json, dump_json

__all__ = ["MAX_CHARS", "MAX_DEPTH", "read", "read_all", "write_json", "write_yaml"]

MAX_DEPTH = 64
"""Levels of lists and objects that a document may have."""
MAX_CHARS = 64_000_000
"""Characters that a document may have."""

_JSON_ENDINGS = (".json",)
_YAML_ENDINGS = (".yaml", ".yml")


def read(text: str, source: str) -> Json:
    """The one value in a document.

    JSON or YAML is decided by the ending of ``source``; without a known one by the text: what
    begins with ``{`` or ``[`` is JSON. A byte order mark is passed over.

    Raises:
        DocumentError: with line and column, the line itself, and what to do.
        InputError: when the document is too large.
    """
    found = read_all(text, source)
    if len(found) > 1:
        raise DocumentError(
            source,
            [Problem("", f"holds {len(found)} YAML documents, where one is expected")],
            "keep one of them, or give each its own file",
        )
    return found[0]


def read_all(text: str, source: str) -> list[Json]:
    """Every document of a text: one of JSON, one or more of YAML.

    Raises:
        DocumentError: with line and column, the line itself, and what to do.
        InputError: when the text is too large.
    """
    if len(text) > MAX_CHARS:
        raise InputError(f"{source} is larger than {MAX_CHARS // 1_000_000} MB", "split it")
    text = text.removeprefix("\ufeff")
    name = source.lower()
    if name.endswith(_JSON_ENDINGS):
        found = [read_json(text, source)]
    elif name.endswith(_YAML_ENDINGS):
        found = _yaml(text, source)
    elif text.lstrip()[:1] in ("{", "["):
        found = [read_json(text, source)]
    else:
        found = _yaml(text, source)
    for value in found:
        _check_depth(value, source)
    return found


def _yaml(text: str, source: str) -> list[Json]:
    from sandbox.formats.yaml_text import read_yaml  # PyYAML takes longer than all of the rest

    found = read_yaml(text, source, MAX_DEPTH)
    if not found or (len(found) == 1 and found[0] is None and not _says_null(text)):
        raise DocumentError(source, [Problem("", "there is nothing in it")])
    return found


def _says_null(text: str) -> bool:
    return re.search(r"^[^#\n]*(null|~)", text, re.M | re.I) is not None


def _check_depth(value: Json, source: str) -> None:
    if not isinstance(value, dict | list):
        return
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise DocumentError(source, [Problem("", f"nested deeper than {MAX_DEPTH} levels")])


def write_json(value: Json) -> str:
    """JSON with two spaces of indentation and a line break at its end."""
    return dump_json(value, indent=True).decode() + "\n"


def write_yaml(value: Json) -> str:
    """YAML that every reader, old or new, reads back as the same value.

    Text that would be taken for something else (``no``, ``0123``, ``1e3``, a date) is quoted.
    """
    from sandbox.formats.yaml_out import dump

    return dump(value)
