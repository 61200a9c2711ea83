"""Text for terminals that show ASCII only."""

from __future__ import annotations

import os
from contextvars import ContextVar

__all__ = ["NARRATION", "ascii_only", "wants_ascii"]

NARRATION: ContextVar[bool] = ContextVar("narration", default=False)
"""Whether what goes to standard error is drawn in ASCII, for the command that is running."""

_LIKENESS = {
    "•": "*", "…": "~", "×": "x", "→": ">", "·": "-", "✓": "+", "✗": "x", "–": "-", "÷": "/",
}  # fmt: skip


def wants_ascii(asked: bool) -> bool:
    """Whether a person asked for ASCII, by ``--ascii`` or ``$SANDBOX_ASCII``."""
    return asked or bool(os.environ.get("SANDBOX_ASCII"))


def ascii_only(text: str) -> str:
    """The text in ASCII: ``•`` becomes ``*``; what has no likeness becomes its escaped number."""
    if text.isascii():
        return text
    drawn = "".join(_LIKENESS.get(char, char) for char in text)
    return drawn.encode("ascii", "backslashreplace").decode()
