"""Chart lines that are longer than the terminal go on below, indented; nothing is cut off."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sandbox.charts.cells import clean, fit, width
from sandbox.charts.line import Line, Span

__all__ = ["wrap"]

_TOKEN = re.compile(r"\s+|\S+")


def wrap(line: Iterable[Span], cells: int, hang: int = 0) -> list[Line]:
    """The line in pieces of at most ``cells``, broken at spaces; a longer word is torn.

    Args:
        line: spans of text; control characters are made visible.
        cells: the width of the terminal.
        hang: how far what follows the first piece is indented.
    """
    hang = min(hang, max(0, cells - 20))
    done: list[Line] = []
    row: list[Span] = []
    room = cells
    for span in line:
        for match in _TOKEN.finditer(clean(span.text)):
            token = match.group()
            wide = width(token)
            fresh = room == cells - (hang if done else 0)
            if wide > room and not fresh and (token.isspace() or wide <= cells - hang):
                done.append(tuple(row))
                row, room = [Span(" " * hang)], cells - hang
                if token.isspace():
                    continue
            elif token.isspace() and fresh and done:
                continue
            while wide > room:
                part = fit(token, room, "")
                if not part and room == cells - hang:
                    break  # not one character fits a whole line
                done.append((*row, Span(part, span.style)) if part else tuple(row))
                row, room = [Span(" " * hang)], cells - hang
                token = token[len(part) :]
                wide = width(token)
            row.append(Span(token, span.style))
            room -= wide
    return [*done, tuple(row)]
