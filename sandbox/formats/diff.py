"""What differs between two JSON values, as lines."""

from __future__ import annotations

import difflib

from sandbox.formats.pretty import pretty
from sandbox.model.base import Json

__all__ = ["diff"]


def diff(before: Json, after: Json, context: int | None = None) -> list[str]:
    """Both values as indented JSON: lines only in ``before`` with ``-``, only in ``after`` with
    ``+``, all others with a space.

    A comma that only appears because a line follows is no difference.

    Args:
        before: JSON, or text that is shown as it is.
        after: JSON, or text that is shown as it is.
        context: how many equal lines stay around a difference, ``…`` for the others; None: all.
    """
    old, new = pretty(before), pretty(after)
    matcher = difflib.SequenceMatcher(None, _bare(old), _bare(new), autojunk=False)
    lines: list[str] = []
    blocks = matcher.get_opcodes()
    for at, (tag, old_from, old_to, new_from, new_to) in enumerate(blocks):
        if tag == "equal":
            same = [f"  {line}" for line in new[new_from:new_to]]
            lines += _trimmed(same, context, at == 0, at == len(blocks) - 1)
            continue
        lines += [f"- {line}" for line in old[old_from:old_to]]
        lines += [f"+ {line}" for line in new[new_from:new_to]]
    return lines


def _bare(lines: list[str]) -> list[str]:
    return [line.removesuffix(",") for line in lines]


def _trimmed(lines: list[str], context: int | None, first: bool, last: bool) -> list[str]:
    if context is None:
        return lines
    head = [] if first else lines[:context]
    tail = [] if last or not context else lines[-context:]
    left_out = len(lines) - len(head) - len(tail)
    if left_out <= 1:
        return lines
    return [*head, "  …", *tail]
