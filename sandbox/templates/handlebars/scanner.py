"""Text → pieces: content, and tags with what stands inside them as tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sandbox.errors import TemplateError
from sandbox.templates.handlebars.nodes import Strip

__all__ = ["HINT", "NO_FILTERS", "Piece", "Token", "pieces"]

HINT: Final = "Handlebars: {{path}}, {{{path}}}, {{helper value}}, {{#if path}}…{{else}}…{{/if}}"
NO_FILTERS: Final = "Handlebars has no filters; a helper stands first: {{toLower steps.1.name}}"
MAX_TAGS: Final = 2_000
"""Tags one text may hold."""

_UNSUPPORTED = {
    ">": "partials ({{> name}})",
    "#>": "partial blocks ({{#> name}})",
    "*": "decorators ({{* name}})",
    "#*": "decorator blocks ({{#* name}})",
}
_OPEN = re.compile(
    r"\{\{(?P<strip>~?)(?:"
    r"(?P<else>(?:\^\s*|\s*else\s*)(?=~?\}\}))"
    r"|(?P<chain>\s*else(?=\s))"
    r"|(?P<kind>#>|\#\*|>|\*|\#|/|\^|\{|&)?)"
)
_CLOSE = re.compile(r"(?P<strip>~?)\}\}")
_CLOSE_THREE = re.compile(r"\}(?P<strip>~?)\}\}")
_AHEAD = r"(?=[=~}\s/.)\]|])"
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<string>\"(?:\\\"|[^\"])*\"|'(?:\\'|[^'])*')"
    r"|(?P<params>as\s+\|)|(?P<bar>\|)"
    r"|(?P<paren>[()])|(?P<equals>=)|(?P<data>@)"
    rf"|(?P<up>\.\.)|(?P<dot>\.){_AHEAD}|(?P<sep>[/.])"
    r"|(?P<literal>(?:true|false|null|undefined|-?[0-9]+(?:\.[0-9]+)?)(?=[~}\s)\]]))"
    rf"|(?P<id>[^\s!\"#%-,./;->@\[-^`{{-~]+){_AHEAD}"
    r"|(?P<segment>\[(?:\\\]|[^\]])*\])"
)


class Token(NamedTuple):
    """One word of a tag."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it stops."""
        return self.start + len(self.text)


class Piece(NamedTuple):
    """Content (``kind`` is ``text``), or a tag."""

    kind: str
    """``text comment else chain # / ^ { &`` or empty for a plain tag."""
    text: str
    """The content, or the whole tag."""
    start: int
    tokens: tuple[Token, ...] = ()
    strip: Strip = Strip()


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a template, in order.

    Raises:
        TemplateError: with the position of a tag that cannot be read or is not supported.
    """
    at = 0
    tags = 0
    while at < len(text):
        start = text.find("{{", at)
        if start < 0:
            yield Piece("text", text[at:], at)
            return
        before = text[at:start]
        if before.endswith("\\") and not before.endswith("\\\\"):
            if before[:-1]:
                yield Piece("text", before[:-1], at)
            stop = _escaped_end(text, start)
            yield Piece("text", text[start:stop], start)
            at = stop
            continue
        if before.endswith("\\\\"):
            before = before[:-1]
        if before:
            yield Piece("text", before, at)
        piece, at = _tag(text, start)
        yield piece
        tags += 1
        if tags > MAX_TAGS:
            raise TemplateError(text, start, f"more than {MAX_TAGS} tags in one text")


def _escaped_end(text: str, start: int) -> int:
    r"""Where the text after ``\{{`` ends: before the next tag, escaped or not."""
    stop = text.find("{{", start + 2)
    if stop < 0:
        return len(text)
    for _ in range(2):
        if stop > start + 2 and text[stop - 1] == "\\":
            stop -= 1
    return stop


def _tag(text: str, start: int) -> tuple[Piece, int]:
    if text.startswith("{{{{", start):
        raise TemplateError(text, start, "raw blocks ({{{{name}}}}) are not supported", HINT, 4)
    if text.startswith("!", start + 2) or text.startswith("~!", start + 2):
        return _comment(text, start)
    match = _OPEN.match(text, start)
    assert match is not None
    kind = match["kind"] or ""
    if kind in _UNSUPPORTED:
        message = f"{_UNSUPPORTED[kind]} are not supported"
        raise TemplateError(text, start, message, HINT, match.end() - start)
    if match["else"] is not None:
        kind = "else"
    elif match["chain"] is not None:
        kind = "chain"
    tokens, close = _tokens(text, start, match.end(), kind)
    whole = text[start : close.end()]
    strip = Strip(match["strip"] == "~", close["strip"] == "~")
    return Piece(kind, whole, start, tokens, strip), close.end()


def _comment(text: str, start: int) -> tuple[Piece, int]:
    dashes = text.startswith("--", start + (4 if text[start + 2] == "~" else 3))
    pattern = re.compile(r"--(~?)\}\}" if dashes else r"(~?)\}\}")
    close = pattern.search(text, start + (5 if dashes else 3))
    if close is None:
        what = "--}}" if dashes else "}}"
        raise TemplateError(text, start, f"a comment that is not closed with {what}", "", 3)
    strip = Strip(text[start + 2] == "~", bool(close[1]))
    return Piece("comment", text[start : close.end()], start, (), strip), close.end()


def _tokens(text: str, start: int, at: int, kind: str) -> tuple[tuple[Token, ...], re.Match[str]]:
    tokens: list[Token] = []
    three = kind == "{"
    wanted = _CLOSE_THREE if three else _CLOSE
    while True:
        close = wanted.match(text, at)
        if close is not None:
            more = text.startswith("}", close.end()) and not close["strip"]
            if more and kind not in ("{", "else"):
                message = "a tag that is opened with {{ and closed with }}}"
                raise TemplateError(text, at, message, "write {{…}} or {{{…}}}", 3)
            return tuple(tokens), close
        match = _TOKEN.match(text, at)
        if match is None:
            if at >= len(text) or text.startswith("{{", at) or text.find("}}", at) < 0:
                ending = "}}}" if three else "}}"
                message = f"a tag that is not closed with {ending}"
                raise TemplateError(text, start, message, HINT, 3 if three else 2)
            if three and _CLOSE.match(text, at):
                message = "a tag that is opened with {{{ and closed with }}"
                raise TemplateError(text, at, message, "write {{…}} or {{{…}}}", 2)
            raise TemplateError(text, at, f"unexpected {text[at]!r} in a tag", _advice(text, at))
        kind = match.lastgroup or ""
        if kind != "space":
            tokens.append(Token(kind, match.group(), at))
        at = match.end()


def _advice(text: str, at: int) -> str:
    if text[at] == "|":
        return NO_FILTERS
    if text[at] == "#":
        return "a reference (/#steps.1.id) is a whole value by itself; in a tag write steps.1.id"
    return HINT
