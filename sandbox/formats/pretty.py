"""JSON as lines for a screen, quickly even at megabytes."""

from __future__ import annotations

import json
import re

import orjson

from sandbox.model.base import Json, dump_json

__all__ = ["pretty"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def pretty(value: Json) -> list[str]:
    """A JSON value, indented by two spaces, as lines; keys keep their order.

    Text is read as JSON when it is an object or a list, and its numbers and keys are shown exactly
    as they were sent; any other text is shown line by line as it stands.
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        text = value.lstrip("\ufeff \t\r\n")
        if text.startswith(("{", "[")) and _is_json(text):
            return _indented(text)
        return value.replace("\r\n", "\n").split("\n")
    try:
        return dump_json(value, indent=True).decode().split("\n")
    except RecursionError:
        return ["(nested too deeply to be shown)"]


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            json.loads(text)  # halves of characters, which orjson refuses
        except (ValueError, RecursionError):
            return False
    return True


def _indented(text: str) -> list[str]:
    lines: list[str] = []
    line = ""
    indent = ""
    before = ""
    for token in _TOKEN.findall(text):
        if token == ",":
            lines.append(f"{line},")
            line = indent
        elif token == ":":
            line += ": "
        elif token in "}]":
            indent = indent[:-2]
            if before in ("{", "["):
                line = lines.pop() + token
            else:
                lines.append(line)
                line = indent + token
        elif token in "{[":
            lines.append(line + token)
            indent += "  "
            line = indent
        else:
            line += _readable(token) if "\\u" in token else token
        before = token
    lines.append(line)
    return lines


def _readable(text: str) -> str:
    """Letters that were sent as escapes, as letters; what cannot be shown stays escaped."""
    found: str = json.loads(text)
    if found.isprintable():
        return json.dumps(found, ensure_ascii=False)
    return text
