"""Why a text is not JSON: reads it again, token by token, up to the first that cannot stand there.

What is expected next is one of: a value, a value or the end of the list, a key, a key or the end of
the object, a colon, a comma (or the end), nothing.
"""

from __future__ import annotations

import json
import math
import re
from typing import Literal

from sandbox.errors import DocumentError
from sandbox.formats.places import refused

__all__ = ["explained"]

Expected = Literal["value", "value or end", "key", "key or end", "colon", "comma", "nothing"]

_TOKEN = re.compile(
    r'[ \t\r\n]+|"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_.])"
    r"|(?:true|false|null)(?!\w)|[{}\[\]:,]"
)
_WORD = re.compile(r"[+-]?[\w$.][\w$.-]*")
_CURLY = "“”„‟‘’‚‛«»"
_PYTHON = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_NOT_NUMBERS = ("NaN", "Infinity", "-Infinity")
_DEEPEST = 500
"""Far below the parser's own limit; documents are held to less when they are read."""
_CLOSER = {"{": "}", "[": "]"}


def explained(text: str, source: str, fallback: str) -> DocumentError:
    """The refusal of a text that the parser did not take; ``fallback`` is what the parser said."""
    return _Reader(text, source).fault() or refused(source, text, 0, f"not JSON: {fallback}")


class _Reader:
    """The state between two tokens."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._expected: Expected = "value"
        self._open: list[tuple[str, int]] = []
        self._keys: list[set[str]] = []
        self._before = 0

    def fault(self) -> DocumentError | None:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                return _no_token(self._text, self._source, at)
            token = found.group()
            if not token.isspace():
                wrong = self._take(token, at)
                if wrong is not None:
                    return wrong
                self._before = at
            at = found.end()
        return self._end()

    def _refused(self, at: int, message: str, hint: str = "") -> DocumentError:
        return refused(self._source, self._text, at, message, hint)

    def _take(self, token: str, at: int) -> DocumentError | None:
        if token in "}]" and self._expected in ("key", "value") and self._text[self._before] == ",":
            return self._refused(
                self._before, f"a comma with nothing after it before {token}", "take the comma out"
            )
        match self._expected:
            case "value" | "value or end":
                return self._value(token, at)
            case "key" | "key or end":
                return self._key(token, at)
            case "colon":
                self._expected = "value"
                said = f"a colon is expected after the key, not {token}"
                return None if token == ":" else self._refused(at, said, 'write "key": value')
            case "comma":
                return self._comma(token, at)
            case _:
                return self._refused(
                    at, "the document is complete, but more text follows",
                    "put several values into one list: [ …, … ]",
                )  # fmt: skip

    def _value(self, token: str, at: int) -> DocumentError | None:
        if token in "{[":
            self._open.append((token, at))
            self._keys.append(set())
            self._expected = "key or end" if token == "{" else "value or end"
            if len(self._open) > _DEEPEST:
                return self._refused(at, f"nested deeper than {_DEEPEST} levels")
        elif token == "]" and self._expected == "value or end":
            self._close()
        elif token in "}]:,":
            hint = "take the extra comma out" if token == "," else "write a value, or null"
            return self._refused(at, f"a value is expected, not {token}", hint)
        elif _too_large(token):
            return self._refused(at, "the number is too large to be held", "quote it as text")
        else:
            self._expected = "comma" if self._open else "nothing"
        return None

    def _key(self, token: str, at: int) -> DocumentError | None:
        if token == "}" and self._expected == "key or end":
            self._close()
            return None
        if token[0] != '"':
            return self._refused(
                at, f"a key in double quotes is expected, not {token}", 'write "key": value'
            )
        key = json.loads(token)
        if key in self._keys[-1]:
            return self._refused(
                at, f"the key {token} stands twice in this object", "keep one of the two"
            )
        self._keys[-1].add(key)
        self._expected = "colon"
        return None

    def _comma(self, token: str, at: int) -> DocumentError | None:
        inside = self._open[-1][0]
        closer = _CLOSER[inside]
        if token == ",":
            self._expected = "key" if inside == "{" else "value"
        elif token == closer:
            self._close()
        elif token in "}]":
            return self._refused(
                at, f"{token} does not close the {inside} that is open", f"close it with {closer}"
            )
        else:
            return self._refused(
                self._before, f"a comma or {closer} is missing after this",
                "put a comma between two entries",
            )  # fmt: skip
        return None

    def _close(self) -> None:
        self._open.pop()
        self._keys.pop()
        self._expected = "comma" if self._open else "nothing"

    def _end(self) -> DocumentError | None:
        if self._open:
            opener, at = self._open[-1]
            return self._refused(
                at, f"the {opener} that opens here is never closed",
                f"add {_CLOSER[opener]} where it ends",
            )  # fmt: skip
        if self._expected == "value":
            return self._refused(0, "there is nothing in it", "an empty object is {}")
        return None


def _too_large(token: str) -> bool:
    if token[0] not in "-0123456789":
        return False
    try:
        return math.isinf(json.loads(token))
    except (ValueError, OverflowError):
        return len(token) > 4000


def _value_hint(kind: str) -> str:
    return "take the extra comma out" if kind == "," else "write a value, or null"


def _no_token(text: str, source: str, at: int) -> DocumentError:
    """Names the usual ways in which text is not JSON."""
    char = text[at]
    if char == '"':
        return _bad_text(text, source, at)
    if char == "'":
        return refused(
            source, text, at, "text stands in single quotes", 'JSON wants double quotes: "text"'
        )
    if char in _CURLY:
        return refused(
            source, text, at, f"a curly quote ({char}) instead of a straight one",
            'a word processor does that; type " by hand',
        )  # fmt: skip
    if text.startswith(("//", "/*", "#"), at):
        return refused(source, text, at, "JSON has no comments", "take it out, or use YAML")
    word = _WORD.match(text, at)
    name = word.group() if word else char
    if name in _PYTHON:
        return refused(source, text, at, f"{name} is not JSON", f"write {_PYTHON[name]}")
    if name in _NOT_NUMBERS:
        return refused(source, text, at, f"{name} is not JSON", "write null, or a number")
    if word and name.lstrip("+-")[:1].isdigit():
        return refused(
            source, text, at, f"{name} is not a number as JSON writes it",
            "no leading zeros or plus sign; text belongs in double quotes",
        )  # fmt: skip
    if word:
        return refused(source, text, at, f"{name} stands without quotes", f'write "{name}"')
    if not char.isprintable() or char.isspace():
        return refused(source, text, at, f"an invisible character (U+{ord(char):04X})", "delete it")
    return refused(source, text, at, f"{char} cannot stand here", "text belongs in double quotes")


def _bad_text(text: str, source: str, at: int) -> DocumentError:
    """Why a text in double quotes is not one."""
    here = at + 1
    while here < len(text) and text[here] != '"':
        if text[here] == "\n":
            return refused(
                source, text, at, "the text that begins here is not closed on its line",
                'end it with "; a line break inside a text is written \\n',
            )  # fmt: skip
        if text[here] < " ":
            return refused(
                source, text, here, f"a control character (U+{ord(text[here]):04X}) in a text",
                "a tab is written \\t",
            )  # fmt: skip
        if text[here] == "\\":
            if not re.match(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})', text[here : here + 6]):
                return refused(
                    source, text, here, f"{text[here : here + 2]} means nothing in JSON",
                    "a backslash itself is written \\\\",
                )  # fmt: skip
            here += 1
        here += 1
    return refused(source, text, at, "the text that begins here is never closed", 'end it with "')
