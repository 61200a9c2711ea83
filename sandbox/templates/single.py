"""Insider's tags: ``{attribute}``, ``{event.parameter}``, in single braces.

The spelling is reported from a public test document, not documented; how a fallback is written is
assumed: ``{name | default:"friend"}``. A brace that begins no tag is a brace, so that JSON can
stand around the tags.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sandbox.errors import TemplateError
from sandbox.templates.noticing import Notice
from sandbox.templates.paths import Path
from sandbox.templates.snippet import MAX_TAGS, Tag, parse

__all__ = ["Known", "doubled", "parse_single"]

_TAG = re.compile(r"\{(?=\s*[^\W\d][\w-]*(?:\s*\.\s*[\w-]+|\[\d+\])*\s*(?:\||\}))", re.UNICODE)
_DOUBLE = re.compile(r"\{\{[^{}]*\}\}")
_ROOTS = frozenset({"user", "profile", "event", "trigger", "steps", "env", "journey", "run"})


class Known(NamedTuple):
    """What a name in braces may be besides an attribute."""

    event: str = ""
    """The trigger's event, whose parameters are ``{event_name.parameter}``."""
    saved: frozenset[str] = frozenset()
    """Names of saved response values."""

    def path(self, written: Path) -> Path:
        """The vendor's spelling → a path from the template roots."""
        first = written[0]
        if len(written) == 1:
            return written if first in self.saved or first == "now" else ("user", first)
        if first == self.event:
            return ("event", *written[1:])
        return written if first in _ROOTS or first in self.saved else ("user", *written)


def parse_single(known: Known) -> Callable[[str], list[str | Tag]]:
    """The reader of such texts. The sandbox's own ``{{tags}}`` are read as well (``doubled`` says
    so), so that a document that was written for another vendor can be played.
    """

    def read(text: str) -> list[str | Tag]:
        parts: list[str | Tag] = []
        at = tags = 0
        while (match := _TAG.search(text, at)) is not None:
            start = match.start()
            if start > at and text[start - 1] == "{" and _DOUBLE.match(text, start - 1):
                start -= 1
                tag, end = _one(text, start, "{{", "}}")
            else:
                tag, end = _one(text, start, "{", "}")
                tag = tag._replace(path=known.path(tag.path))
            if start > at:
                parts.append(text[at:start])
            parts.append(tag)
            at = end
            tags += 1
            if tags > MAX_TAGS:
                raise TemplateError(text, start, f"more than {MAX_TAGS} tags in one text")
        if at < len(text):
            parts.append(text[at:])
        return parts

    return read


def doubled(tag: Tag, at: str, known: Known) -> Notice | None:
    """What to tell of a tag in two braces; None for one in one."""
    if not tag.source.startswith("{{"):
        return None
    words = list(tag.path)
    if words[0] in ("user", "profile"):
        words = words[1:] or ["attribute"]
    elif words[0] in ("event", "trigger") and known.event:
        words[0] = known.event
    message = (
        f"{tag.source} in {at}, character {tag.start + 1}: Insider writes one brace: "
        f"{{{'.'.join(words)}}}; the sandbox fills its own tag, the vendor would not"
    )
    return Notice("insider.double_braces", "warning", message)


def _one(text: str, start: int, opens: str, closes: str) -> tuple[Tag, int]:
    """The tag at ``start``; the rest of the text is not read yet."""
    end = _end(text, start, closes)
    try:
        (tag,) = parse(text[start:end], opens, closes)
    except TemplateError as wrong:
        raise TemplateError(text, start + wrong.position, wrong.reason, wrong.hint) from None
    assert isinstance(tag, Tag)
    return tag._replace(start=start), end


def _end(text: str, start: int, closes: str) -> int:
    """Where the tag ends; quotes may hold a brace."""
    quote = ""
    for at in range(start, len(text)):
        sign = text[at]
        if quote:
            quote = "" if sign == quote and text[at - 1] != "\\" else quote
        elif sign in "\"'":
            quote = sign
        elif text.startswith(closes, at):
            return at + len(closes)
    return len(text)
