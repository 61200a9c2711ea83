"""How a secret may be written: in another case, escaped, percent-encoded or in base64.

Covered is what a template can make of a value and what an endpoint can send back: the case of its
letters, percent-encoding (also of what is percent-encoded already), the escapes of JSON, HTML and
regular expressions, each inside the other, and base64 of a text that holds it (RFC 4648).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Final

__all__ = ["Spelling", "spelling_of"]

_LONG: Final = 6
"""From so many characters on, a secret is found in any case and inside base64."""
_ALONE: Final = 4
"""From so many on, it is found where its base64 stands alone."""

_LITERAL = re.compile(r"[A-Za-z0-9]+")
_LONGEST: Final = 64
"""Characters that one sign may take in any usual mix of escapes."""
_NUMERIC = re.compile(r"[\s0-9.eE+-]+")
_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}
_ENTITIES = {
    "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "=": "equals", "`": "grave",
}  # fmt: skip
_HASH, _END = "(?:#|%(?:25)*23)", "(?:;|%(?:25)*3b)"
_AND = rf"(?:&|\\u0026|%(?:25)*26)(?:amp{_END})*"
_ESCAPE = r"(?:\\|%(?:25)*5c)"
_SLASH = rf"(?:\\(?:u005c)?|%(?:25)*5c|{_AND}{_HASH}(?:0*92|x0*5c){_END})"
_SIX_BITS = r"[A-Za-z0-9+/_-]"


class Spelling:
    """One secret, in all of its spellings."""

    def __init__(self, secret: str) -> None:
        """``secret`` is not empty."""
        self._secret = secret
        self._folds = len(secret) >= _LONG
        self.trace: Final = _longest(secret).lower()
        """Part of every spelling but base64, when the text's letters are small."""
        self.numeric: Final = _NUMERIC.fullmatch(secret) is not None
        """Whether a JSON number can be the secret, written differently."""
        self._cores = _cores(secret.strip().encode("utf-8", "replace"))
        self.traces64: Final = tuple(_longest(core) for core in self._cores)
        """One of them is part of every base64."""

    @cached_property
    def plain(self) -> re.Pattern[str]:
        """The secret as it is, in another case, escaped or percent-encoded.

        White space around it may be missing. The forms are mixed freely, because percent-encoding
        has as many dialects as there are clients.
        """
        core = self._secret.strip()
        if not core:
            return re.compile(_written(self._secret, False))
        before, _, after = self._secret.partition(core)
        around = ["".join(f"(?:{_sign(one)})?" for one in edge) for edge in (before, after)]
        return re.compile(_written(core, self._folds).join(around))

    def hide(self, text: str, mask: Callable[[re.Match[str]], str]) -> str:
        """The text with a mask for every ``plain``: looked for near the traces only."""
        small = text.lower()
        if not self.trace or len(small) != len(text):
            return self.plain.sub(mask, text)
        reach = len(self._secret) + _LONGEST * len(_LITERAL.sub("", self._secret))
        pieces: list[str] = []
        done = 0
        at = small.find(self.trace)
        while at >= 0:
            begin, end = max(done, at - reach), at + reach
            # A place that reaches into this one is looked at together with it.
            while 0 <= (at := small.find(self.trace, at + 1)) <= end + reach:
                end = at + reach
            pieces += [text[done:begin], self.plain.sub(mask, text[begin:end])]
            done = end
        return "".join(pieces) + text[done:]

    @cached_property
    def base64(self) -> re.Pattern[str]:
        """Base64 that holds the secret, in both alphabets; its neighbours keep their bits."""
        padding = f"(?:{_sign('=')}){{0,2}}"
        if len(self._cores) == 1:
            return re.compile(rf"(?<![\w+/-]){_in_64(self._cores[0])}{padding}(?![\w+/=-])")
        found = [
            ("" if shift == 0 else f"{_SIX_BITS}?") + _in_64(core) + f"{_SIX_BITS}?"
            for shift, core in enumerate(self._cores)
        ]
        return re.compile(f"(?:{'|'.join(found)}){padding}")


@lru_cache(256)
def spelling_of(secret: str) -> Spelling:
    """The spellings of a secret, worked out once."""
    return Spelling(secret)


def _longest(text: str) -> str:
    """The longest run of signs that nothing escapes."""
    return max(_LITERAL.findall(text), key=len, default="")


def _written(text: str, folds: bool) -> str:
    """A pattern: each character in any of its forms."""
    return "".join(
        _slashes(len(run)) if run[0] == "\\" else "".join(_character(one, folds) for one in run)
        for run in re.findall(r"\\+|[^\\]+", text)
    )


def _slashes(count: int) -> str:
    """So many backslashes, each escaped twice at the most."""
    return f"(?i:{_SLASH}){{{count},{4 * count}}}"


def _character(char: str, folds: bool) -> str:
    if char.isascii() and char.isalpha():
        return f"[{char.lower()}{char.upper()}]" if folds else char
    cased = dict.fromkeys((char, char.lower(), char.upper()) if folds else (char,))
    forms = ["".join(map(_sign, one)) for one in cased]
    return forms[0] if len(forms) == 1 else f"(?:{'|'.join(forms)})"


def _sign(char: str) -> str:
    if _LITERAL.fullmatch(char):
        return char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    parts = [f"u{units[at : at + 4]}" for at in range(0, len(units), 4)]
    code = rf"{_ESCAPE}{{1,3}}".join(parts)  # the sign before the first one is for all the forms
    octets = "".join(f"%(?:25)*{octet:02x}" for octet in char.encode("utf-8", "surrogatepass"))
    name = f"|{_ENTITIES[char]}" if char in _ENTITIES else ""
    entity = f"{_AND}(?:{_HASH}(?:x0*{ord(char):x}|0*{ord(char)}){name}){_END}"
    plus = r"|\+|%(?:25)*2b" if char == " " else ""
    forms = f"{_ESCAPE}{{0,3}}(?:{re.escape(char)}|{octets}|{entity}|{code}{plus})"
    if char in _LETTERS:
        forms += f"|{_ESCAPE}{{1,3}}{_LETTERS[char]}"
    return f"(?i:{forms})"


def _cores(octets: bytes) -> tuple[str, ...]:
    """What base64 always has of the octets, for each of the three places they can begin at.

    A short secret has one only: its base64, whole.
    """
    if len(octets) < _LONG:
        return (b64encode(octets).decode().rstrip("="),) if len(octets) >= _ALONE else ()
    cores = []
    for shift, first in enumerate((0, 2, 3)):
        code = b64encode(bytes(shift) + octets).decode()
        cores.append(code[first : 8 * (shift + len(octets)) // 6])
    return tuple(cores)


def _in_64(code: str) -> str:
    url_safe = {"+": "-", "/": "_"}
    return "".join(f"(?:{_sign(one)}|{url_safe[one]})" if one in url_safe else one for one in code)
