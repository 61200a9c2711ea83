"""Snippet tags: ``Hello {{ user.name | default:"friend" | upper }}``.

A tag is a path or a quoted literal, followed by filters. Text is parsed once into parts and
compiled to a closure; a tag
can only look values up and pass them through the filters of ``filters.py``, so a template cannot
run code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sandbox.errors import TemplateError, nearest
from sandbox.model.base import Json
from sandbox.templates.filters import FILTERS, MAX_TEXT, TooLarge, to_text
from sandbox.templates.paths import MISSING, Path, PathError, dotted, getter, parse_path

__all__ = ["MAX_TEXT", "Missing", "Tag", "TooLarge", "as_text", "parse", "tag_value"]

MAX_TAGS = 2_000
"""Tags one text may hold."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_FILTER = re.compile(r"\s*\|\s*([A-Za-z_][A-Za-z0-9_]*)?")
_CONSTANT = re.compile(r"(?:true|false|null)\b")
_SPACE = re.compile(r"\s*")
_PATH = re.compile(r"""(?:[^\s|"'{}\[\]]|\["[^"]*"\]|\['[^']*'\]|\[\d+\])+""")


class Tag(NamedTuple):
    """One tag of a text."""

    source: str
    """As written, with its braces."""
    start: int
    path: Path
    """Empty for a literal."""
    literal: Json
    filters: tuple[tuple[str, tuple[Json, ...]], ...]

    @property
    def where(self) -> str:
        """The path as written, or the literal."""
        return dotted(self.path) if self.path else repr(self.literal)


class Missing(NamedTuple):
    """A tag that found nothing."""

    tag: Tag
    at: str
    """The field it stands in: ``body.extra.variable_1``."""


def parse(text: str) -> list[str | Tag]:
    """Text → its literal pieces and tags, in order.

    Raises:
        TemplateError: with the position, when a tag cannot be read.
    """
    parts: list[str | Tag] = []
    at = 0
    tags = 0
    while True:
        start = text.find("{{", at)
        if start < 0:
            if at < len(text):
                parts.append(text[at:])
            return parts
        if start > at:
            parts.append(text[at:start])
        tag, at = _parse_tag(text, start)
        parts.append(tag)
        tags += 1
        if tags > MAX_TAGS:
            raise TemplateError(text, start, f"more than {MAX_TAGS} tags in one text")


def _parse_tag(text: str, start: int) -> tuple[Tag, int]:
    at = _skip(text, start + 2)
    path: Path = ()
    literal: Json = None
    if text.startswith("}}", at):
        raise TemplateError(text, start, "an empty tag", "write {{ user.name }}", at + 2 - start)
    if text[at : at + 1] in ('"', "'"):
        literal, at = _quoted(text, at)
    else:
        match = _PATH.match(text, at)
        if match is None:
            close = text.find("}}", at)
            if close < 0:
                raise _unclosed(text, start)
            raise TemplateError(text, at, f"unexpected {text[at]!r} in a tag", _HINT)
        found = parse_path(match.group())
        if isinstance(found, PathError):
            raise TemplateError(text, at + found.position, found.message, _HINT)
        path, at = found, match.end()
    filters: list[tuple[str, tuple[Json, ...]]] = []
    while True:
        at = _skip(text, at)
        if text.startswith("}}", at):
            source = text[start : at + 2]
            return Tag(source, start, path, literal, tuple(filters)), at + 2
        if at >= len(text) or text.startswith("{{", at):
            raise _unclosed(text, start)
        match = _FILTER.match(text, at)
        if match is None:
            raise TemplateError(text, at, f"unexpected {text[at]!r} in a tag", _HINT)
        if not match.group(1):
            raise TemplateError(text, match.end(), "a filter's name is missing after |")
        name = match.group(1)
        if name not in FILTERS:
            likely = nearest(name, FILTERS)
            hint = f"did you mean {likely[0]}?" if likely else "there is: " + ", ".join(FILTERS)
            raise TemplateError(text, match.start(1), f"unknown filter {name!r}", hint, len(name))
        named_at = match.start(1)
        arguments, at = _arguments(text, match.end(), start)
        wanted = FILTERS[name]
        if not wanted.least <= len(arguments) <= wanted.most:
            count = (
                f"{wanted.least}"
                if wanted.least == wanted.most
                else f"{wanted.least} or {wanted.most}"
            )
            message = f"the filter {name} takes {count} argument(s), not {len(arguments)}"
            raise TemplateError(text, named_at, message, wanted.says, len(name))
        filters.append((name, arguments))


_HINT = 'a tag is a path and filters: {{ user.name | default:"friend" }}'


def _unclosed(text: str, start: int) -> TemplateError:
    return TemplateError(text, start, "a tag that is not closed with }}", _HINT, 2)


def _arguments(text: str, at: int, start: int) -> tuple[tuple[Json, ...], int]:
    arguments: list[Json] = []
    value: Json
    at = _skip(text, at)
    if text[at : at + 1] != ":":
        return (), at
    while True:
        at = _skip(text, at + 1)
        if text[at : at + 1] in ('"', "'"):
            value, at = _quoted(text, at)
        elif match := _NUMBER.match(text, at):
            number = match.group()
            value, at = (float(number) if "." in number else int(number)), match.end()
        elif match := _CONSTANT.match(text, at):
            value, at = {"true": True, "false": False, "null": None}[match.group()], match.end()
        elif at >= len(text):
            raise _unclosed(text, start)
        else:
            raise TemplateError(text, at, "an argument is quoted text or a number")
        arguments.append(value)
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            return tuple(arguments), at


def _quoted(text: str, at: int) -> tuple[str, int]:
    quote = text[at]
    end = at + 1
    piece = ""
    while end < len(text) and text[end] != quote:
        if text[end] == "\\" and end + 1 < len(text):
            end += 1
        piece += text[end]
        end += 1
    if end >= len(text):
        raise TemplateError(text, at, "a quote that is not closed")
    return piece, end + 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def tag_value(tag: Tag) -> Callable[[Json], Json]:
    """The tag as a closure from scope to value (or ``MISSING``), filters applied."""
    if tag.path:
        value = getter(tag.path)
    else:
        literal = tag.literal
        value = lambda scope: literal  # noqa: E731
    for name, arguments in tag.filters:
        value = _filtered(value, FILTERS[name].apply, arguments)
    return value


def _filtered(
    value: Callable[[Json], Json], apply: Callable[..., Json], arguments: tuple[Json, ...]
) -> Callable[[Json], Json]:
    def filtered(scope: Json) -> Json:
        try:
            result = apply(value(scope), *arguments)
        except (ValueError, TypeError, OverflowError):
            return MISSING
        # Each filter of a chain can multiply its text, so each is held to the limit.
        return as_text(result) if type(result) is str else result

    return filtered


def as_text(value: Json) -> str:
    """``to_text`` with the limit applied.

    Raises:
        TooLarge: past ``MAX_TEXT`` characters.
    """
    text = to_text(value)
    if len(text) > MAX_TEXT:
        raise TooLarge(f"a value of {len(text):,} characters; at most {MAX_TEXT:,} are rendered")
    return text
