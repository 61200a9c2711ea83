"""Which panes are seen at which size, worked out as a plain function.

    narrow   below 100 columns   one pane, a row of tabs, and a card for the step under the map
    normal   from 100            map and inspector; from 32 rows also lists, bars and calls
    wide     from 160            lists, map and bars, inspector and answer, calls

A pane that is not seen takes its place when it gets the focus, so every pane is reachable at every
size. Below 60 columns or 16 rows there is only a notice.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LISTS", "NARROWEST", "PANES", "SHORTEST", "TABBED", "Arrangement", "arrange"]

PANES = ("journeys", "profiles", "triggers", "map", "bars", "inspector", "answer", "calls")
"""Every pane, in the order of the tab key."""

TABBED = tuple(pane for pane in PANES if pane != "answer")
"""Those that need a tab where not all are seen: the answer is also a tab of the inspector."""

LISTS = ("journeys", "profiles", "triggers")
NARROWEST, SHORTEST = 60, 16
_NORMAL, _WIDE, _TALL, _CARD = 100, 160, 32, 20


class Arrangement(NamedTuple):
    """What is seen."""

    name: str
    """``notice``, ``narrow``, ``normal`` or ``wide``; a class of the screen."""
    panes: frozenset[str]
    tabs: bool
    """Whether a row of tabs says which panes there are."""
    card: bool
    """Whether the step's card stands under the map."""
    tall: bool = True


def arrange(width: int, height: int, focused: str, zoomed: bool = False) -> Arrangement:
    """The arrangement for a window in which ``focused`` has the focus."""
    if width < NARROWEST or height < SHORTEST:
        return Arrangement("notice", frozenset(), False, False)
    tall = height >= _TALL
    if width < _NORMAL:
        card = focused == "map" and height >= _CARD and not zoomed
        return Arrangement("narrow", frozenset({focused}), True, card, tall)
    name = "wide" if width >= _WIDE else "normal"
    if zoomed:
        return Arrangement(name, frozenset({focused}), True, False, tall)
    if tall:
        return Arrangement(name, frozenset(PANES if name == "wide" else TABBED), False, False)
    left = "map" if focused == "inspector" or (name == "wide" and focused in LISTS) else focused
    panes = {left, "inspector"} | (set(LISTS) if name == "wide" else set())
    return Arrangement(name, frozenset(panes), True, False, False)
