"""Headers that can be sent: one rule for what is written, rendered, mocked and live.

The rule is h11 0.16's (a request that it refuses would fail before its first byte) and RFC 9110
§5.5 without its obsolete text: header values are visible ASCII, spaces and tabs.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["header_problem"]

_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_VALUE = re.compile(r"(?:[\x21-\x7e]+(?:[ \t]+[\x21-\x7e]+)*)?")
_ODD = re.compile(r"[^\x20-\x7e\t]")
_NAMES = {"\n": "a line break", "\r": "a carriage return", "\x00": "a zero byte"}


@lru_cache(maxsize=8192)
def header_problem(name: str, value: str) -> str:
    """Why this header cannot be sent, else empty. Never tells the value: it may be a secret."""
    if not _TOKEN.fullmatch(name):
        return f"{name!r} is not a header name" if name else "a header has no name"
    if _VALUE.fullmatch(value):
        return ""
    odd = _ODD.search(value)
    if odd is None:
        return f"the value of header {name!r} starts or ends with a space"
    what = _NAMES.get(odd[0], f"the character U+{ord(odd[0]):04X}, which is not ASCII")
    if odd[0].isascii() and odd[0] not in _NAMES:
        what = f"the control character U+{ord(odd[0]):04X}"
    return f"the value of header {name!r} has {what} at character {odd.start() + 1}"
