"""What rendering noticed: a tag that found nothing, a text that an escape changed."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.model.trace import Level

__all__ = ["Found", "Notice", "nothing_at"]


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
    so = ", so the field is left out" if left_out else ""
    return Notice("value_missing", "warning", f"{source} in {at}: nothing at {where}{so}")
