"""Rule sets to choose from: the workspace's, then the presets, each with a key of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sandbox.charts.cells import clean
from sandbox.mocks.words import set_words
from sandbox.model.rules import RuleSet
from sandbox.tui.ink import Ink, Line
from sandbox.tui.widgets.rows import Rows

__all__ = ["LETTERS", "RuleList", "words_of"]

LETTERS: Final[Mapping[str, str]] = {
    "all-ok": "1",
    "down": "d",
    "flaky": "f",
    "rate-limited": "m",
    "slow": "s",
    "slow-tail": "l",
    "auth-expired": "a",
    "deploy-restart": "r",
    "bad-bodies": "b",
    "duplicate-delivery": "u",
}
"""Preset → its key in the window; the workspace's rule set of that name has the same."""

_DIGITS: Final = "3678"
"""Keys of the workspace's other rule sets, in order; the other digits force an answer."""


class RuleList(Rows):
    """The rule sets, the one in use marked."""

    def __init__(
        self, sets: Sequence[RuleSet], chosen: str, own: Collection[str] | None = None
    ) -> None:
        """``chosen`` is in use; ``own`` are the workspace's, None for all of them."""
        super().__init__()
        self._sets = sets
        self._chosen = chosen
        self._own = own
        digits = iter(_DIGITS)
        found = {one.id: LETTERS.get(one.id) or next(digits, "") for one in sets}
        self.keys: dict[str, str] = {key: name for name, key in found.items() if key}
        """Key → the id of the rule set that it chooses."""
        self._key_of = found
        self.set_reactive(
            Rows.cursor, next((at for at, one in enumerate(sets) if one.id == chosen), 0)
        )

    @property
    def count(self) -> int:
        """How many rule sets there are."""
        return len(self._sets)

    @property
    def selected(self) -> RuleSet | None:
        """The one under the cursor."""
        return self._sets[self.cursor] if self._sets else None

    def is_own(self, one: RuleSet) -> bool:
        """Whether it is the workspace's rather than a preset."""
        return self._own is None or one.id in self._own

    def line(self, index: int, cells: int) -> Line:
        """Mark, key, id, name; whether it is a preset, or how many rules it has."""
        one = self._sets[index]
        mark = self.sandbox.glyphs.current if one.id == self._chosen else " "
        key = self._key_of[one.id]
        count = f"{len(one.rules)} rule{'s' * (len(one.rules) != 1)}"
        return [
            Ink(f"{mark} ", "hot"),
            Ink(f" {key} " if key else "   ", "chip" if key else ""),
            Ink(f" {clean(one.id):<19} ", "step"),
            Ink(f"{clean(one.name):<35} "),
            Ink(count if self.is_own(one) else "preset", "dim"),
        ]


def words_of(one: RuleSet, most: int) -> list[str]:
    """What its rules do, a line each, with their notes where there is room for them.

    The last line says how many rules more there are.
    """
    lines = [clean(line) for line in set_words(one)] or ["no rules: nothing is answered"]
    if len(lines) > most:
        return [*lines[: most - 1], f"and {len(lines) - most + 1} more rules"]
    notes = [clean(rule.note) for rule in sorted(one.rules, key=lambda rule: rule.priority)]
    if sum(bool(note) for note in notes) + len(lines) > most:
        return lines
    return [text for line, note in zip(lines, notes or [""], strict=True)
            for text in (line, f"  {note}" if note else "") if text]  # fmt: skip
