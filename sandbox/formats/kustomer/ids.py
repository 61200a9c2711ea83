"""Step ids: the vendor's are readable words or numbers; a journey's are a little narrower."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

__all__ = ["TRIGGER", "journey_id", "namer", "step_ids"]

TRIGGER = "1"
"""The id under which a workflow reads its trigger's data."""

_FITS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")


def step_ids(given: Sequence[str]) -> dict[str, str]:
    """The vendor's ids → ours, each its own; ``1`` belongs to the trigger and ``end`` to us."""
    taken = {TRIGGER, "end"}
    ours: dict[str, str] = {}
    kept = [one for one in given if _FITS.fullmatch(one) and one not in taken]
    taken.update(kept)
    fresh = namer(taken)
    for one in given:
        ours[one] = one if one in kept else fresh(_fitting(one))
    return ours


def _fitting(name: str) -> str:
    letters = re.sub(r"[^A-Za-z0-9_-]", "_", name).lstrip("-")[:56]
    return f"s_{letters}" if letters in ("", TRIGGER, "end") else letters


def namer(taken: set[str]) -> Callable[[str], str]:
    """Names that are not taken yet: the wanted one, else with a number behind it."""

    def fresh(wanted: str) -> str:
        name, n = wanted[:60], 1
        while name in taken:
            n += 1
            name = f"{wanted[:56]}_{n}"
        taken.add(name)
        return name

    return fresh


def journey_id(*candidates: str) -> str:
    """The first name that can be a journey's id once its odd characters are dashes."""
    for name in candidates:
        letters = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:60]
        if letters:
            return letters
    return "workflow"
