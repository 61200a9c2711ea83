"""Which characters the single steps of a regular expression read, told by a few that stand for all.

Between two characters that an expression names nothing changes, so its ends, their neighbours and
one of each category are enough to see whether two steps can read the same character.
"""

from __future__ import annotations

import re

from sandbox.model.base import Json

__all__ = ["Alphabet"]

_COMMON = "\x00\t\n aZ5_-é٣\u2003\u4e2d\U0001f98a"


class Alphabet:
    """The characters that matter to one expression."""

    def __init__(self, flags: int) -> None:
        """``flags``: of the whole expression; those of a group count for all of it."""
        self._flags = flags
        self._chars = set(_COMMON)

    def learn(self, node: Json) -> None:
        """A step, as the parser of ``re`` gives it."""
        for name, value in _items(node):
            if name in ("LITERAL", "NOT_LITERAL"):
                self._add(value)
            elif name == "RANGE":
                self._add(value[0])
                self._add(value[1])

    def _add(self, code: int) -> None:
        for near in (code - 1, code, code + 1):
            if 0 <= near < 0x110000:
                char = chr(near)
                self._chars |= {char, char.lower()[:1], char.upper()[:1]}

    def mask(self, node: Json, at: int) -> int:
        """The characters that a step reads, as bits; one of its own where nobody can tell."""
        chars = sorted(self._chars)
        if node is None:
            return 1 << (len(chars) + at)
        found = 0
        for bit, char in enumerate(chars):
            tried = {char}
            if self._flags & re.IGNORECASE:
                tried |= {char.lower(), char.upper()}
            if any(len(one) == 1 and self._reads(node, one) for one in tried):
                found |= 1 << bit
        return found

    def _reads(self, node: Json, char: str) -> bool:
        name, value = str(node[0]), node[1]
        if name == "ANY":
            return char != "\n" or bool(self._flags & re.DOTALL)
        if name == "NOT_LITERAL":
            return bool(ord(char) != value)
        items = list(_items(node))
        negated = any(one == "NEGATE" for one, _ in items)
        return negated != any(_is_one_of(one, value, char) for one, value in items)


def _items(node: Json) -> list[tuple[str, Json]]:
    name, value = node
    if str(name) == "IN":
        return [(str(one), what) for one, what in value]
    return [(str(name), value)]


def _is_one_of(name: str, value: Json, char: str) -> bool:
    if name == "LITERAL":
        return bool(ord(char) == value)
    if name == "RANGE":
        return bool(value[0] <= ord(char) <= value[1])
    if name == "CATEGORY":
        kind = str(value).removeprefix("CATEGORY_")
        return _is_of(kind.removeprefix("NOT_"), char) != kind.startswith("NOT_")
    return False


def _is_of(kind: str, char: str) -> bool:
    if kind == "DIGIT":
        return char.isdecimal()
    return char.isspace() if kind == "SPACE" else char.isalnum() or char == "_"
