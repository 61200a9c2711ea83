"""A command line as its words, for the shells that people copy from: POSIX shells and Windows cmd.

POSIX quoting follows POSIX.1-2017 XCU §2.2, with ``$'…'`` as bash has it. A variable becomes the
template tag ``{{{env.NAME}}}``. What a shell would run or read (``$(…)``, backticks) is refused.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sandbox.errors import InputError

__all__ = ["Words", "split"]

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_ANSI = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t",
    "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_SLASHES = re.compile(r'(\\*)(")?')
_ANSI_CODE = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})")


class Words(NamedTuple):
    """The words of one command, the variables in them, and what stood behind the command."""

    words: list[str]
    variables: list[str]
    rest: str


def split(text: str) -> Words:
    """The first command of the text.

    Raises:
        InputError: for a quote that is not closed, and for what only a shell could work out.
    """
    text = text.replace("\r\n", "\n").strip()
    if _is_cmd(text):
        return Words(_arguments(_without_carets(text)), [], "")
    return _Posix(text).split()


def _is_cmd(text: str) -> bool:
    """Whether carets are Windows' quoting, not text: cmd knows no single quote and no backslash."""
    first = re.search(r"""['"]""", text)
    if first is not None and first[0] == "'":
        return False
    return re.search(r'\^(\n|")', text) is not None and "\\\n" not in text


class _Posix:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._words: list[str] = []
        self._variables: list[str] = []
        self._word: list[str] | None = None

    def split(self) -> Words:
        text = self._text
        while self._at < len(text):
            char = text[self._at]
            if char in " \t\n":
                self._finish()
                if char == "\n" and self._words:
                    break
                self._at += 1
            elif text.startswith("\\\n", self._at):
                self._at += 2
            elif char == "#" and self._word is None:
                self._at = (text + "\n").index("\n", self._at)
            elif char in "|;<>" or self._ends_command(char):
                break
            else:
                self._piece(char)
        self._finish()
        return Words(self._words, list(dict.fromkeys(self._variables)), text[self._at :].strip())

    def _ends_command(self, char: str) -> bool:
        """An ampersand inside a word is one that somebody forgot to quote in a URL."""
        if char != "&":
            return False
        after = self._text[self._at + 1 : self._at + 2]
        return self._word is None or after in ("", " ", "\t", "\n", "&")

    def _finish(self) -> None:
        if self._word is not None:
            self._words.append("".join(self._word))
            self._word = None

    def _piece(self, char: str) -> None:
        self._word = self._word if self._word is not None else []
        text, at = self._text, self._at
        if char == "\\":
            self._word.append(text[at + 1 : at + 2])
            self._at += 2
        elif char == "'":
            stop = text.find("'", at + 1)
            if stop < 0:
                raise _unclosed(text, at)
            self._word.append(text[at + 1 : stop])
            self._at = stop + 1
        elif char == '"':
            self._double(self._word)
        elif text.startswith("$'", at):
            self._ansi(self._word)
        elif text.startswith('$"', at):
            self._at += 1
        elif char in "$`":
            self._expand(self._word)
        else:
            self._word.append(char)
            self._at += 1

    def _double(self, word: list[str]) -> None:
        text, start = self._text, self._at
        self._at += 1
        while self._at < len(text):
            char = text[self._at]
            if char == '"':
                self._at += 1
                return
            if char == "\\" and text[self._at + 1 : self._at + 2] in ("$", "`", '"', "\\", "\n"):
                word.append(text[self._at + 1].replace("\n", ""))
                self._at += 2
            elif char in "$`":
                self._expand(word)
            else:
                word.append(char)
                self._at += 1
        raise _unclosed(text, start)

    def _ansi(self, word: list[str]) -> None:
        text, start = self._text, self._at
        self._at += 2
        while self._at < len(text):
            char = text[self._at]
            self._at += 1
            if char == "'":
                return
            if char != "\\":
                word.append(char)
                continue
            code = _ANSI_CODE.match(text, self._at)
            if code:
                hexadecimal = code[1] or code[2] or code[3]
                number = int(hexadecimal, 16) if hexadecimal else int(code[4], 8)
                # bash makes bytes of \x.. and \ooo; below 128 that is the character.
                word.append(chr(number) if number <= 0x10FFFF else "\ufffd")
                self._at = code.end()
            else:
                escaped = text[self._at : self._at + 1]
                word.append(_ANSI.get(escaped, "\\" + escaped))
                self._at += 1
        raise _unclosed(text, start)

    def _expand(self, word: list[str]) -> None:
        found = _VARIABLE.match(self._text, self._at)
        if found:
            name = found[1] or found[2]
            self._variables.append(name)
            word.append(f"{{{{{{env.{name}}}}}}}")
            self._at = found.end()
            return
        if self._text.startswith(("`", "$(", "${"), self._at):
            raise InputError(
                "the command holds something that only a shell can work out: "
                f"{self._text[self._at : self._at + 30]}",
                "put its value there by hand",
            )
        word.append("$")
        self._at += 1


def _unclosed(text: str, at: int) -> InputError:
    line = text.count("\n", 0, at) + 1
    shown = re.split("[:=]", text[at : at + 40])[0]  # what follows may be a secret
    return InputError(
        f"the quote that opens on line {line} is never closed: {shown}",
        "was the whole command copied?",
    )


def _without_carets(text: str) -> str:
    """What cmd hands to the program: outside quotes a caret makes the next character plain."""
    kept: list[str] = []
    quoted = False
    at = 0
    while at < len(text):
        char = text[at]
        if char == "^" and not quoted:
            if text[at + 1 : at + 2] == "\n":
                # The line goes on; a second line break is one that belongs to the value.
                at += 2
                if text[at : at + 1] == "\n":
                    kept.append("\n")
                    at += 1
            else:
                kept.append(text[at + 1 : at + 2])
                at += 2
            continue
        if char == '"':
            quoted = not quoted
        kept.append(char)
        at += 1
    return "".join(kept)


def _arguments(text: str) -> list[str]:
    """How a program on Windows splits its command line: backslashes count before a quote only."""
    words: list[str] = []
    word: list[str] | None = None
    quoted = False
    at = 0
    while at < len(text):
        slashes = _SLASHES.match(text, at)
        assert slashes is not None
        if slashes[2]:
            word = word if word is not None else []
            count = len(slashes[1])
            word.append("\\" * (count // 2))
            at = slashes.end()
            if count % 2:
                word.append('"')
            elif quoted and text[at : at + 1] == '"':
                word.append('"')
                at += 1
            else:
                quoted = not quoted
            continue
        if slashes[1]:
            word = word if word is not None else []
            word.append(slashes[1])
            at = slashes.end()
            continue
        char = text[at]
        at += 1
        if char in " \t\n" and not quoted:
            if word is not None:
                words.append("".join(word))
            word = None
        else:
            word = word if word is not None else []
            word.append(char)
    if quoted:
        raise InputError("a double quote is never closed", "was the whole command copied?")
    if word is not None:
        words.append("".join(word))
    return words
