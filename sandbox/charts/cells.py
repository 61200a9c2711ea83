"""How wide text is in a terminal, and how it is cut.

Terminals count cells, not characters: an ideograph or an emoji takes two, a combining mark none.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["clean", "escaped", "fit", "pad", "width"]

_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
_KEYCAPS = frozenset("#*0123456789‼⁉〰")
_DIRECTION = {
    ord(char): None
    for char in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"
}
_ESCAPED = {
    code: f"\\u{code:04x}"
    for code in (*range(32), *range(127, 160), 0x2028, 0x2029, *_DIRECTION)
    if chr(code) not in "\t\n"
}
_VISIBLE = dict.fromkeys((*range(32), *range(127, 160)), "\ufffd") | {
    ord(char): " " for char in "\t\n\r\v\f\x85\u2028\u2029"
}


def clean(text: str) -> str:
    """Text that is safe on one line: no control characters, nothing that turns direction round."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_VISIBLE).translate(_DIRECTION)


def escaped(text: str) -> str:
    """Text of many lines that is safe to show; line ends and tabs stay.

    What would steer a terminal is written as JSON would: four hexadecimal digits.
    """
    return "\r\n".join(part.translate(_ESCAPED) for part in text.split("\r\n"))


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    code = ord(char)
    if code < 32 or 127 <= code < 160:
        return 0
    if code == 0xAD or 0xD800 <= code < 0xE000:
        return 1
    if 0x1160 <= code < 0x1200 or 0x1F3FB <= code <= 0x1F3FF:
        return 0
    if unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _clusters(text: str) -> list[tuple[str, int]]:
    """What may not be torn apart, each with its cells: marks, joined emoji and flags stay whole."""
    found: list[tuple[str, int]] = []
    joined = flag = False
    for char in text:
        cells = _cells(char)
        regional = 0x1F1E6 <= ord(char) <= 0x1F1FF
        if found and (joined or cells == 0 or (regional and flag)):
            before, wide = found[-1]
            if char == _EMOJI_STYLE and wide == 1 and _turns_wide(before):
                wide = 2
            elif regional and flag and not joined:
                wide += cells
            found[-1] = (before + char, wide)
            flag = False
        else:
            found.append((char, cells))
            flag = regional
        joined = char == _JOINER
    return found


def _turns_wide(char: str) -> bool:
    return len(char) == 1 and (char in _KEYCAPS or unicodedata.category(char) in ("So", "Sm"))


def width(text: str) -> int:
    """How many cells the text takes in a terminal."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(cells for _, cells in _clusters(text))


def fit(text: str, cells: int, more: str = "…") -> str:
    """The text in at most so many cells, ending in ``more`` when something was cut off."""
    if cells <= 0:
        return ""
    if width(text) <= cells:
        return text
    room = cells - width(more)
    if room < 0:
        return ""
    kept: list[str] = []
    for cluster, wide in _clusters(text):
        if wide > room:
            break
        kept.append(cluster)
        room -= wide
    return "".join(kept) + more


def pad(text: str, cells: int, right: bool = False) -> str:
    """The text filled up with spaces; ``right`` puts it at the right edge."""
    gap = " " * max(0, cells - width(text))
    return gap + text if right else text + gap
