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

__all__ = [
    "CLOSE",
    "MAX_TAGS",
    "MAX_TEXT",
    "OPEN",
    "Tag",
    "TooLarge",
    "as_text",
    "parse",
    "tag_value",
]

OPEN = "{{"
CLOSE = "}}"
MAX_TAGS = 2_000
"""Tags one text may hold."""
MAX_FILTERS = 100
"""Filters one tag may hold."""
MAX_DIGITS = 32
"""Characters of a number in a tag."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_FILTER = re.compile(r"\s*\|\s*([A-Za-z_][A-Za-z0-9_]*)?")
_QUOTED = re.compile(r"""\"[^"\\]*(?:\\.[^"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'""", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
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
    optional: bool = False
    """Whether it is only asked whether the value is there."""

    @property
    def where(self) -> str:
        """The path as written, or the literal."""
        return dotted(self.path) if self.path else repr(self.literal)


def parse(text: str, opens: str = OPEN, closes: str = CLOSE) -> list[str | Tag]:
    """Text → its literal pieces and tags, in order.

    Args:
        text: the text.
        opens: what begins a tag.
        closes: what ends it.

    Raises:
        TemplateError: with the position, when a tag cannot be read.
    """
    parts: list[str | Tag] = []
    at = 0
    tags = 0
    while True:
        start = text.find(opens, at)
        if start < 0:
            if at < len(text):
                parts.append(text[at:])
            return parts
        if start > at:
            parts.append(text[at:start])
        tag, at = _Reader(text, opens, closes).tag(start)
        parts.append(tag)
        tags += 1
        if tags > MAX_TAGS:
            raise TemplateError(text, start, f"more than {MAX_TAGS} tags in one text")


class _Reader:
    """Reads the tags of one text."""

    def __init__(self, text: str, opens: str, closes: str) -> None:
        self.text = text
        self.opens = opens
        self.closes = closes

    @property
    def _hint(self) -> str:
        example = f'{self.opens} user.name | default:"friend" {self.closes}'
        return f"a tag is a path and filters: {example}"

    def _unclosed(self, start: int) -> TemplateError:
        message = f"a tag that is not closed with {self.closes}"
        return TemplateError(self.text, start, message, self._hint, len(self.opens))

    def _unexpected(self, at: int) -> TemplateError:
        return TemplateError(self.text, at, f"unexpected {self.text[at]!r} in a tag", self._hint)

    def tag(self, start: int) -> tuple[Tag, int]:
        """The tag that begins at ``start``, and where it ends."""
        text, closes = self.text, self.closes
        at = _skip(text, start + len(self.opens))
        path: Path = ()
        literal: Json = None
        if text.startswith(closes, at):
            hint = f"write {self.opens} user.name {closes}"
            raise TemplateError(text, start, "an empty tag", hint, at + len(closes) - start)
        if text[at : at + 1] in ('"', "'"):
            literal, at = _quoted(text, at)
        else:
            found, at = self._path(start, at)
            if isinstance(found, PathError):
                raise TemplateError(text, at + found.position, found.message, self._hint)
            path = found
        filters: list[tuple[str, tuple[Json, ...]]] = []
        while True:
            at = _skip(text, at)
            if text.startswith(closes, at):
                end = at + len(closes)
                return Tag(text[start:end], start, path, literal, tuple(filters)), end
            if at >= len(text) or text.startswith(self.opens, at):
                raise self._unclosed(start)
            if len(filters) == MAX_FILTERS:
                raise TemplateError(text, at, f"more than {MAX_FILTERS} filters in one tag")
            one, at = self._filter(start, at)
            filters.append(one)

    def _path(self, start: int, at: int) -> tuple[Path | PathError, int]:
        text = self.text
        stop = text.find(self.closes, at)
        # A path holds no brace but in quotes; other delimiters must not be taken for a part of it.
        bound = len(text) if stop < 0 or self.closes[0] == "}" else stop
        match = _PATH.match(text, at, bound)
        if match is None:
            if stop < 0:
                raise self._unclosed(start)
            raise self._unexpected(at)
        found = parse_path(match.group())
        return found, at if isinstance(found, PathError) else match.end()

    def _filter(self, start: int, at: int) -> tuple[tuple[str, tuple[Json, ...]], int]:
        text = self.text
        match = _FILTER.match(text, at)
        if match is None:
            raise self._unexpected(at)
        if not match.group(1):
            raise TemplateError(text, match.end(), "a filter's name is missing after |")
        name = match.group(1)
        if name not in FILTERS:
            likely = nearest(name, FILTERS)
            hint = f"did you mean {likely[0]}?" if likely else "there is: " + ", ".join(FILTERS)
            raise TemplateError(text, match.start(1), f"unknown filter {name!r}", hint, len(name))
        arguments, end = self._arguments(match.end(), start)
        wanted = FILTERS[name]
        if not wanted.least <= len(arguments) <= wanted.most:
            count = (
                f"{wanted.least}"
                if wanted.least == wanted.most
                else f"{wanted.least} or {wanted.most}"
            )
            message = f"the filter {name} takes {count} argument(s), not {len(arguments)}"
            raise TemplateError(text, match.start(1), message, wanted.says, len(name))
        return (name, arguments), end

    def _arguments(self, at: int, start: int) -> tuple[tuple[Json, ...], int]:
        text = self.text
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
                if len(number) > MAX_DIGITS:
                    message = f"a number of more than {MAX_DIGITS} characters"
                    raise TemplateError(text, at, message, "", len(number))
                value, at = (float(number) if "." in number else int(number)), match.end()
            elif match := _CONSTANT.match(text, at):
                value, at = {"true": True, "false": False, "null": None}[match.group()], match.end()
            elif at >= len(text):
                raise self._unclosed(start)
            else:
                raise TemplateError(text, at, "an argument is quoted text or a number")
            arguments.append(value)
            at = _skip(text, at)
            if text[at : at + 1] != ",":
                return tuple(arguments), at


def _quoted(text: str, at: int) -> tuple[str, int]:
    match = _QUOTED.match(text, at)
    if match is None:
        raise TemplateError(text, at, "a quote that is not closed")
    return _ESCAPED.sub(r"\1", match.group()[1:-1]), match.end()


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
