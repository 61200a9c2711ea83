"""What rendering noticed: a tag that found nothing, a text that an escape changed."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.model.trace import Level

__all__ = ["Found", "Notice", "nothing_at", "nothing_of"]


class Notice(NamedTuple):
    """One thing to tell, made when the template is compiled and appended when it happens."""

    code: str
    level: Level
    message: str


Found = list[Notice]
"""Where rendering appends what it notices."""


def nothing_at(source: str, at: str, where: str, left_out: bool = False) -> Notice:
    """A tag that found nothing; ``left_out`` when its field then goes as well (an item of a list
    stays, as null).
    """
    return nothing_of(source, at, f"nothing at {where}", left_out)


def nothing_of(source: str, at: str, why: str, left_out: bool = False, hint: str = "") -> Notice:
    """A tag that gives nothing for another reason."""
    so = ", so the field is left out" if left_out else ""
    advice = f"; {hint}" if hint else ""
    return Notice("value_missing", "warning", f"{source} in {at}: {why}{so}{advice}")
