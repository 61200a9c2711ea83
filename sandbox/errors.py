"""Our exceptions. Each says whose fault it is; the exit code follows from that.

    SandboxError
    ├── InputError        the person's: an argument, a file, a document          exit 2
    │   ├── UnknownName   a journey, profile, step … that is not there
    │   ├── DocumentError a document with one or more problems
    │   └── TemplateError a tag that cannot be parsed, with its position
    ├── StoreError        the workspace's: it cannot be read, locked or written  exit 3
    └── LiveRefused       the guard's: a live call that was not allowed          exit 4

An endpoint that fails is not here: that is an ``Answer``. Any other exception is a bug of ours
and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = [
    "DocumentError",
    "InputError",
    "LiveRefused",
    "Problem",
    "SandboxError",
    "StoreError",
    "TemplateError",
    "UnknownName",
    "nearest",
]


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names in ``known`` that look most like ``word``, best first."""
    import difflib  # only when something went wrong

    names = list(known)
    by_fold = {name.casefold(): name for name in names}
    hits = difflib.get_close_matches(word.casefold(), list(by_fold), n=most, cutoff=0.5)
    return [by_fold[hit] for hit in hits]


class SandboxError(Exception):
    """The base: a message for a person, and a hint at what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        """Keep ``message`` (what is wrong, and where) and ``hint`` (what to do)."""
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message, and the hint on a line of its own."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class InputError(SandboxError):
    """What the person gave is wrong."""


class UnknownName(InputError):
    """A name that is not there; lists the nearest ones."""

    def __init__(self, what: str, name: str, known: Iterable[str], where: str = "") -> None:
        """``what`` is the kind of thing (journey, profile, step …)."""
        names = sorted(known)
        close = nearest(name, names)
        if close:
            hint = "did you mean " + " or ".join(close) + "?"
        elif names:
            shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
            hint = f"there is: {shown}"
        else:
            hint = f"there is no {what} at all yet"
        super().__init__(f"unknown {what} {name!r}{where}", hint)
        self.name = name
        self.close = close


class Problem(NamedTuple):
    """One thing that is wrong in a document."""

    path: str
    """Where: ``steps[1].url``; empty for the whole document."""
    message: str
    """What is wrong and what is allowed."""
    value: str = ""
    """The value as it stands there, shortened."""

    def __str__(self) -> str:
        """``path: message (got value)``."""
        got = f" (got {self.value})" if self.value else ""
        return f"{self.path}: {self.message}{got}" if self.path else f"{self.message}{got}"


class DocumentError(InputError):
    """A document that is refused, with every problem found in it at once."""

    def __init__(self, source: str, problems: Sequence[Problem], hint: str = "") -> None:
        """``source`` names the file or document."""
        self.source = source
        self.problems = tuple(problems)
        count = len(self.problems)
        if count == 1:
            message = f"{source}: {self.problems[0]}"
        else:
            message = f"{source}: {count} problems" + "".join(
                f"\n  {problem}" for problem in self.problems
            )
        super().__init__(message, hint)


class TemplateError(InputError):
    """A template that cannot be parsed; shows the text with the position underlined."""

    def __init__(
        self, text: str, position: int, message: str, hint: str = "", length: int = 1
    ) -> None:
        """``position`` counts characters of ``text`` from 0; ``length`` of them are underlined."""
        self.text = text
        self.position = position
        self.reason = message
        start = max(text.rfind("\n", 0, position) + 1, position - 50)
        stop = text.find("\n", position)
        line = text[start : stop if stop >= 0 else len(text)][:100]
        mark = " " * (position - start) + "^" * max(1, min(length, len(line) - (position - start)))
        super().__init__(f"{message} at character {position + 1}\n    {line}\n    {mark}", hint)


class StoreError(SandboxError):
    """The workspace could not be read, locked or written; nothing was changed."""

    exit_code = 3


class LiveRefused(SandboxError):
    """A live call that the guard did not let out; nothing was sent for it."""

    exit_code = 4
