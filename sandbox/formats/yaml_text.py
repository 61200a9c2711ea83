"""YAML text → data with the core types of YAML 1.2 and nothing else.

``yes``, ``no``, ``on``, ``off`` and dates stay text; keys are text; tags that would make other
things are refused. Built from the parser's events, so that a refusal knows its place, a key that
stands twice is found, and a reference cannot make a small file huge.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from sandbox.errors import DocumentError, InputError
from sandbox.formats.places import refused
from sandbox.model.base import Json, shorten

__all__ = ["read_yaml"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_NULL = re.compile(r"null|Null|NULL|~|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MOST_DIGITS = 4000
_MOST_REPEATED = 20_000
"""Values that references may repeat in one document."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    made: list[Json] | dict[str, Json]
    anchor: str | None
    key: str | None = None
    wants_key: bool = True
    size: int = 1
    keys: dict[str, int] = field(default_factory=dict)


def read_yaml(text: str, source: str, deepest: int) -> list[Json]:
    """Every document of the text.

    Raises:
        DocumentError: with file, line and column, the line itself, and what to do.
    """
    try:
        return list(_documents(text, source, deepest))
    except yaml.YAMLError as wrong:
        raise _explained(text, source, wrong) from None
    except UnicodeEncodeError as wrong:
        raise refused(source, text, wrong.start, "half of a character (a lone surrogate)") from None
    except RecursionError:
        raise InputError(f"{source}: nested deeper than {deepest} levels") from None


def _documents(text: str, source: str, deepest: int) -> Iterator[Json]:
    builder = _Builder(text, source, deepest)
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.DocumentStartEvent):
            builder = _Builder(text, source, deepest)
        elif isinstance(event, yaml.DocumentEndEvent):
            yield builder.result
        else:
            builder.take(event)


class _Builder:
    """One document from its events."""

    def __init__(self, text: str, source: str, deepest: int) -> None:
        self.result: Json = None
        self._text = text
        self._source = source
        self._deepest = deepest
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Json, int] | None] = {}
        self._repeated = 0

    def take(self, event: Any) -> None:
        """The next event; those of the stream mean nothing here."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._start(event)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            done = self._open.pop()
            if done.anchor:
                self._anchors[done.anchor] = (done.made, done.size)
            self._put(done.made, done.size)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _refused(self, event: Any, message: str, hint: str = "") -> DocumentError:
        at = _position(self._text, event.start_mark)
        return refused(self._source, self._text, at, message, hint)

    def _wants_key(self) -> bool:
        return (
            bool(self._open) and isinstance(self._open[-1].made, dict) and self._open[-1].wants_key
        )

    def _scalar(self, event: Any) -> None:
        if self._wants_key():
            self._key(event)
            return
        value = self._value(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._put(value, 1)

    def _key(self, event: Any) -> None:
        value = self._value(event)
        if not isinstance(value, str):
            raise self._refused(
                event, f"the key {event.value or 'null'} is not text", f'write "{event.value}":'
            )
        holder = self._open[-1]
        if value == "<<" and event.implicit[0]:
            raise self._refused(
                event, "merge keys (<<) are not part of YAML 1.2", "write the fields out"
            )
        line = event.start_mark.line + 1
        if value in holder.keys:
            raise self._refused(
                event, f"the key {value} stands twice (first on line {holder.keys[value]})",
                "keep one of the two",
            )  # fmt: skip
        holder.keys[value] = line
        holder.key, holder.wants_key = value, False

    def _value(self, event: Any) -> Json:
        text: str = event.value
        if event.tag is not None and event.tag != "!":
            return self._tagged(event, text)
        if not event.implicit[0]:
            return text
        return self._plain(event, text)

    def _plain(self, event: Any, text: str) -> Json:
        if _NULL.fullmatch(text):
            return None
        if _BOOL.fullmatch(text):
            return text.lower() == "true"
        if _INT.fullmatch(text):
            if len(text) > _MOST_DIGITS:
                raise self._refused(event, "the number is too large to be held", "quote it as text")
            base = {"0o": 8, "0x": 16}.get(text[:2], 10)
            return int(text, base) if base != 10 else int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if math.isinf(number):
                raise self._refused(event, "the number is too large to be held", "quote it as text")
            return number
        if _NOT_JSON.fullmatch(text):
            raise self._refused(event, f"{text} is not a value of JSON", "write null, or a number")
        return text

    def _tagged(self, event: Any, text: str) -> Json:
        name = event.tag.removeprefix(_CORE)
        if name == "str":
            return text
        value = self._plain(event, text)
        fits = {
            "int": isinstance(value, int) and not isinstance(value, bool),
            "float": isinstance(value, int | float) and not isinstance(value, bool),
            "bool": isinstance(value, bool),
            "null": value is None,
        }.get(name)
        if fits is None:
            raise self._tag_refused(event)
        if not fits:
            raise self._refused(event, f"{shorten(text, 30)} is not a value of !!{name}")
        return float(value) if name == "float" else value

    def _tag_refused(self, event: Any) -> DocumentError:
        return self._refused(
            event, f"the tag {event.tag.replace(_CORE, '!!')} is not read", "take the tag out"
        )

    def _start(self, event: Any) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", _CORE + ("map" if mapping else "seq")):
            raise self._tag_refused(event)
        if self._wants_key():
            raise self._refused(
                event, "a list or mapping cannot be a key",
                "text that begins with { or [ (a tag, too) must be quoted",
            )  # fmt: skip
        if len(self._open) >= self._deepest:
            raise self._refused(event, f"nested deeper than {self._deepest} levels")
        if event.anchor:
            self._anchors[event.anchor] = None
        self._open.append(_Open({} if mapping else [], event.anchor))

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if self._wants_key():
            raise self._refused(event, "a reference cannot be a key", "write the key out")
        if name not in self._anchors:
            raise self._refused(
                event, f"*{name} refers to nothing above it",
                "text that begins with * must be quoted",
            )  # fmt: skip
        found = self._anchors[name]
        if found is None:
            raise self._refused(event, f"*{name} stands inside the thing it refers to")
        value, size = found
        self._repeated += size
        if self._repeated > _MOST_REPEATED:
            raise self._refused(
                event, f"references repeat more than {_MOST_REPEATED} values", "write them out"
            )
        self._put(value, size)

    def _put(self, value: Json, size: int) -> None:
        if not self._open:
            self.result = value
            return
        holder = self._open[-1]
        holder.size += size
        if isinstance(holder.made, list):
            holder.made.append(value)
        elif holder.key is not None:
            holder.made[holder.key] = value
            holder.key, holder.wants_key = None, True


def _position(text: str, mark: Any) -> int:
    """Characters from the start, from the line and column of a mark."""
    at = 0
    for _ in range(mark.line):
        following = text.find("\n", at)
        if following < 0:
            break
        at = following + 1
    return at + int(mark.column)


_HINTS = (
    ("cannot start any token", "\t", "indent with spaces, not with a tab"),
    ("cannot start any token", "@", "text that begins with @ must be quoted"),
    ("cannot start any token", "`", "text that begins with ` must be quoted"),
    ("cannot start any token", "%", "text that begins with % must be quoted"),
    ("mapping values are not allowed", "", "a text with a colon and a space must be quoted"),
    ("could not find expected ':'", "", "is the colon missing, or the space after it?"),
    ("did not find expected key", "", "check the indentation, and quotes or braces not closed"),
    ("expected <block end>", "", "check the indentation, and quotes or braces not closed"),
    ("did not find expected '-' indicator", "", "check the indentation of the list"),
    ("while scanning a quoted scalar", "", "a quote is opened and never closed"),
    ("while parsing a flow", "", "a brace or bracket is not closed, or a comma is missing"),
    ("alphabetic or numeric", "", "text that begins with * or & must be quoted"),
    ("escape character", "", "in double quotes a backslash is written \\\\; or use single quotes"),
)


def _explained(text: str, source: str, wrong: yaml.YAMLError) -> DocumentError:
    if not isinstance(wrong, yaml.MarkedYAMLError):
        position = getattr(wrong, "position", 0)
        code = getattr(wrong, "character", 0)
        name = f"U+{ord(code) if isinstance(code, str) else code:04X}"
        return refused(
            source, text, position, f"a character that YAML forbids ({name})", "delete it"
        )
    mark = wrong.problem_mark or wrong.context_mark
    at = _position(text, mark) if mark is not None else 0
    said = f"{wrong.context or ''} {wrong.problem or ''}"
    here = text[at : at + 1]
    line = text[text.rfind("\n", 0, at) + 1 : at + 1]
    if "\t" in line and not line.strip():
        return refused(source, text, at, "a tab in the indentation", "indent with spaces")
    hint = next((h for part, char, h in _HINTS if part in said and char in ("", here)), "")
    return refused(source, text, at, f"not YAML: {(wrong.problem or 'cannot be read')}", hint)
