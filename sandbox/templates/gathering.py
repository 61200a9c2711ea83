"""Values that are nothing but what stands at a path, gathered in one go.

The fields of an object, or the tags of a text, are slots of a frame: a dict by key, a list by
index. Neighbours that are read straight from a path are not rendered one after the other: what
their paths have in common is looked up once, each value is put into its slot of a copy of the
frame, and the whole run is looked at together. When anything is out of the ordinary (a value that
is not there, a text that is long), the run is rendered slot by slot after all, which says what it
found; so a payload is the same either way, and so are its findings, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from sandbox.model.base import Json
from sandbox.templates.filters import MAX_TEXT, TooLarge
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING, Path, getter
from sandbox.templates.text import Printing, Render, Straight

__all__ = ["MAX_OBJECT", "Slot", "gathered", "joined", "lone"]

MAX_OBJECT: Final = 16 * MAX_TEXT
"""Characters that the texts of one object may have together."""
_RUN: Final = MAX_TEXT // 6
"""Characters of a run that is still looked at together; an escape makes one character six."""
_FEW: Final = 4
"""Runs of one text that may each grow up to its limit before the whole is measured."""
_CONSTANT: Final = 1_000
"""Characters around the one value of a text that still goes with its neighbours."""
_EXACT: Final = 2**53
"""Whole numbers up to here are printed as they are by every syntax."""
_SHORT: Final = frozenset({int, float, bool, type(None)})
"""Types that print as a few signs; an object or a list may print as a great many."""
_CAREFUL: Final = (KeyError, TypeError, IndexError)
"""What a look-up raises that has to be looked at more closely."""

Fill = Callable[[Json, Json, Found], None]
"""Puts values into a frame: the frame, the scope, and what finds nothing."""
Groups = list[tuple[Callable[[Json], Json], tuple[tuple[Json, str], ...]]]
"""For each object that is read: how to get there, and (place, name) of what is taken from it."""


class Slot(NamedTuple):
    """One place of a frame, and what fills it."""

    place: Json
    """A key or an index."""
    straight: Straight | None
    """Where its value stands; None: it has to be rendered."""
    render: Render


def gathered(frame: dict[str, Json], slots: Sequence[Slot], at: str) -> Render:
    """An object whose ``slots`` are filled for a scope; one that renders ``MISSING`` is left out.

    Args:
        frame: every key in order, with the value of those that never change.
        slots: the others, in order.
        at: the field it stands in, for the message when it is too large.
    """
    wide = f"{at or 'an object'} holds more than {MAX_OBJECT:,} characters"
    steps = _fills(slots, MAX_OBJECT, wide)
    groups, careful = _groups(slots), _one_by_one(slots, MAX_OBJECT, wide)
    copy = frame.copy
    if len(groups) != 1 or not all(_is_typed(slot) for slot in slots):

        def several(scope: Json, found: Found) -> Json:
            made = copy()
            for fill in steps:
                fill(made, scope, found)
            return made

        return several
    ((parent_of, pairs),) = groups
    # The most usual payload, and the quickest: ``_typed`` without a further call.
    if all(place == name for place, name in pairs):
        names = tuple(place for place, _ in pairs)

        def same(scope: Json, found: Found) -> Json:
            made: dict[Json, Json] = copy()
            try:
                parent = parent_of(scope)
                for name in names:
                    made[name] = parent[name]
            except _CAREFUL:
                careful(made, scope, found)
            return made

        return same

    def typed(scope: Json, found: Found) -> Json:
        made: dict[Json, Json] = copy()
        try:
            parent = parent_of(scope)
            for place, name in pairs:
                made[place] = parent[name]
        except _CAREFUL:
            careful(made, scope, found)
        return made

    return typed


def joined(frame: list[str], slots: Sequence[Slot], at: str) -> Callable[[Json, Found], str]:
    """A text whose ``slots`` are filled for a scope; it raises ``TooLarge`` past ``MAX_TEXT``.

    Args:
        frame: its pieces, empty where a slot is.
        slots: the others, in order; each renders a text.
        at: the field it stands in, for the message.
    """
    wide = f"{at or 'a text'} grew past {MAX_TEXT:,} characters"
    if len(slots) == 1:
        (slot,) = slots
        before, after = "".join(frame[: slot.place]), "".join(frame[slot.place :])
        value, room = slot.render, MAX_TEXT - len(before) - len(after)

        def single(scope: Json, found: Found) -> str:
            text: str = value(scope, found)
            if len(text) > room:
                raise TooLarge(wide)
            return before + text + after

        return single
    steps = _fills(slots, MAX_TEXT, wide)
    if len(steps) > _FEW:
        steps = [_one_by_one(slots, MAX_TEXT, wide)]
    copy = frame.copy

    def several(scope: Json, found: Found) -> str:
        made = copy()
        for fill in steps:
            fill(made, scope, found)
        text = "".join(made)
        if len(text) > MAX_TEXT:
            raise TooLarge(wide)
        return text

    return several


def lone(frame: list[str], slots: Sequence[Slot]) -> Straight | None:
    """A text with one straight slot, as a straight text itself; None for any other."""
    if len(slots) != 1:
        return None
    place, straight, _ = slots[0]
    if straight is None:
        return None
    before, after = "".join(frame[:place]), "".join(frame[place:])
    if len(before) + len(after) > _CONSTANT:
        return None
    return straight._replace(before=before, after=after)


def _fills(slots: Sequence[Slot], most: int, wide: str) -> list[Fill]:
    """What fills all the slots, in order: neighbours that are read alike are filled together."""
    made: list[Fill] = []
    for alike, run in groupby(slots, key=_alike):
        members = list(run)
        careful = _one_by_one(members, most, wide)
        if alike is None or len(members) == 1:
            made.append(careful)
        elif isinstance(alike, Printing):
            made.append(_printed(members, alike, careful))
        else:
            made.append(_typed(members, careful))
    return made


def _alike(slot: Slot) -> Printing | str | None:
    """What neighbours must have in common; None: nothing can be done together."""
    if slot.straight is None:
        return None
    return slot.straight.printing or "typed"


def _is_typed(slot: Slot) -> bool:
    return slot.straight is not None and slot.straight.printing is None


def _groups(slots: Sequence[Slot]) -> Groups:
    """The slots by the object they are read from."""
    by_parent: dict[Path, list[tuple[Json, str]]] = {}
    for slot in slots:
        if slot.straight is not None:
            *parent, name = slot.straight.path
            by_parent.setdefault(tuple(parent), []).append((slot.place, name))
    return [(_parent(path), tuple(pairs)) for path, pairs in by_parent.items()]


def _parent(path: Path) -> Callable[[Json], Json]:
    """From the scope to an object of it; what is not there raises, or gives ``MISSING``."""
    if not path:
        return lambda scope: scope
    return itemgetter(path[0]) if len(path) == 1 else getter(path)


def _one_by_one(slots: Sequence[Slot], most: int, wide: str) -> Fill:
    """Every slot rendered; ``TooLarge`` with ``wide`` once their texts have ``most`` characters."""
    pairs = [(slot.place, slot.render) for slot in slots]

    def fill(made: Json, scope: Json, found: Found) -> None:
        size = 0
        for place, render in pairs:
            value = render(scope, found)
            if type(value) is str:
                size += len(value)
                if size > most:
                    raise TooLarge(wide)
            if value is MISSING:
                del made[place]
            else:
                made[place] = value

    return fill


def _typed(slots: Sequence[Slot], careful: Fill) -> Fill:
    """Values as they are."""
    groups = _groups(slots)

    def fill(made: Json, scope: Json, found: Found) -> None:
        try:
            for parent_of, pairs in groups:
                parent = parent_of(scope)
                for place, name in pairs:
                    made[place] = parent[name]
        except _CAREFUL:
            careful(made, scope, found)

    return fill


def _printed(slots: Sequence[Slot], printing: Printing, careful: Fill) -> Fill:
    """Values as text; escaped, when the syntax does that."""
    groups = _groups(slots)
    pick = itemgetter(*(slot.place for slot in slots))
    changed = [(slot.place, slot.straight.changed) for slot in slots if slot.straight is not None]
    between = [
        (place, straight.before, straight.after)
        for place, straight, _ in slots
        if straight is not None and (straight.before or straight.after)
    ]
    text_of, harmless, escape = printing

    def fill(made: Json, scope: Json, found: Found) -> None:
        try:
            for parent_of, pairs in groups:
                parent = parent_of(scope)
                for place, name in pairs:
                    value = parent[name]
                    kind = type(value)
                    if kind is str:
                        made[place] = value
                    elif kind is int and -_EXACT < value < _EXACT:
                        made[place] = str(value)
                    elif kind in _SHORT:
                        made[place] = text_of(value)
                    else:
                        careful(made, scope, found)
                        return
        except _CAREFUL:
            careful(made, scope, found)
            return
        texts = pick(made)
        if sum(map(len, texts)) > _RUN:
            careful(made, scope, found)
            return
        if not harmless("".join(texts)):
            for place, notice in changed:
                text = made[place]
                escaped = escape(text)
                if escaped is not text:
                    if notice is not None:
                        found.append(notice)
                    made[place] = escaped
        for place, before, after in between:
            made[place] = before + made[place] + after

    return fill
