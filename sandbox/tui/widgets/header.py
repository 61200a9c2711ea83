"""The line at the top: where one is, and everything that a run depends on, as words."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.charts.cells import clean, fit, width
from sandbox.tui.messages import KeyAsked
from sandbox.tui.widgets.click_line import ClickLine, Part

__all__ = ["Facts", "Header"]


_SHORT_RULES = 17
"""Cells that the rules take at least, before they are left out."""


class Facts(NamedTuple):
    """What the header says."""

    journey: str = ""
    person: str = ""
    live: bool = False
    hosts: tuple[str, ...] = ()
    rules: str = ""
    user_info: bool = True
    forced: str = ""
    success: int = 0
    failure: int = 0
    seed: int = 0
    progress: str = ""
    """How far runs are that are under way; ``step 3`` when a run goes step by step."""


class Header(ClickLine):
    """Mode, person, switches and totals; the least important parts go first when it is narrow."""

    facts = Facts()

    def show(self, facts: Facts) -> None:
        """These facts."""
        if facts != self.facts:
            self.facts = facts
            self.refresh()

    def parts(self, cells: int) -> list[Part]:
        """The line; MOCK or LIVE is always in it."""
        facts, glyphs = self.facts, self.sandbox.glyphs
        mode = Part(" LIVE " if facts.live else " MOCK ", "live" if facts.live else "mock",
                    KeyAsked("mode"))  # fmt: skip
        user = Part(f"[user info {'ON' if facts.user_info else 'OFF'}]",
                    "strong" if facts.user_info else "warning", KeyAsked("user_info"))  # fmt: skip
        total = facts.success + facts.failure
        good = Part(f"{glyphs.success} {facts.success}", "success" if facts.success else "dim")
        bad = Part(f"{glyphs.failure} {facts.failure}", "failure" if facts.failure else "dim")
        middle: list[tuple[int, Part]] = [(9, mode)]
        if facts.live and facts.hosts:
            middle.append((3, Part(" ".join(facts.hosts), "live")))
        elif facts.rules:
            middle.append((4, Part(f"rules: {clean(facts.rules)}", "", KeyAsked("rules"))))
        if facts.forced:
            middle.append((8, Part(f" next: {facts.forced} ", "forced", KeyAsked("force('')"))))
        middle.append((7, user))
        if facts.progress:
            middle.append((6, Part(facts.progress, "hot", KeyAsked("cancel"))))
        right = [(5, good), (5, bad)]
        if total:
            right.append((2, Part(f"{facts.success * 100 // total} %", "dim")))
        right.append((1, Part(f"seed {facts.seed}", "dim")))
        brand = Part(" SANDBOX ", "brand")
        where = f" {facts.journey} {glyphs.jump} {clean(facts.person)}" if facts.journey else " "
        least = min(width(where), 34)
        while True:
            tail = [part for _, part in (*middle, *right)]
            taken = sum(width(part.text) + 2 for part in tail) + 1
            room = cells - taken - (width(brand.text) if cells >= 100 else 0)
            weakest = min((rank for rank, _ in (*middle, *right)), default=9)
            if room >= least or weakest >= 7:
                break
            short = fit(f"rules: {clean(facts.rules)}", _SHORT_RULES, glyphs.more)
            whole = next((one for one in middle if one[0] == weakest == 4), None)
            if whole is not None and width(whole[1].text) > _SHORT_RULES:
                place = middle.index(whole)
                middle[place] = (4, whole[1]._replace(text=short))
                continue
            middle = [one for one in middle if one[0] != weakest]
            right = [one for one in right if one[0] != weakest]
        left = Part(fit(where, max(0, room), glyphs.more), "strong")
        gap = " " * max(1, room - width(left.text))
        line = [brand] if cells >= 100 else []
        line += [left, Part(gap)]
        for part in tail:
            line += [Part("  "), part]
        return line
