"""The lab's lines at the top and the bottom: what is asked and what came of it, panes, keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sandbox.charts.cells import clean, fit, width
from sandbox.tui.lab_actions import LAB_ACTIONS
from sandbox.tui.messages import KeyAsked, PaneAsked
from sandbox.tui.widgets.click_line import ClickLine, Part

__all__ = ["LabFacts", "LabHeader", "LabKeys", "LabResult", "LabTabs"]


class LabFacts(NamedTuple):
    """What the lab's first two lines say."""

    journey: str = ""
    dialect: str = ""
    depth: str = ""
    people: str = ""
    budget: int = 0
    result: str = ""
    role: str = ""
    busy: bool = False


class LabHeader(ClickLine):
    """The question: journey, depth, people, budget; each can be clicked."""

    facts = LabFacts()

    def show(self, facts: LabFacts) -> None:
        """These facts."""
        if facts != self.facts:
            self.facts = facts
            self.refresh()

    def parts(self, cells: int) -> list[Part]:
        """The budget goes first when it is narrow, then the people."""
        facts = self.facts
        brand = Part(" LAB ", "brand")
        vendor = f" ({facts.dialect})" if cells >= 100 else ""
        right = [
            Part(f"depth: {facts.depth}", "strong", KeyAsked("depth")),
            Part(f"people: {facts.people}", "", KeyAsked("people")),
            Part(f"at most {facts.budget:,} runs", "dim", KeyAsked("budget")),
        ]
        while len(right) > 1 and sum(width(one.text) + 2 for one in right) > cells - 34:
            right.pop()
        room = cells - width(brand.text) - sum(width(one.text) + 2 for one in right) - 1
        left = fit(f" {clean(facts.journey)}{vendor}", max(0, room), self.sandbox.glyphs.more)
        line = [brand, Part(left, "strong"), Part(" " * max(1, room - width(left)))]
        for part in right:
            line += [Part("  "), part]
        return line


class LabResult(LabHeader):
    """The answer in one line: coverage, runs, findings; or how far the sweep is."""

    def parts(self, cells: int) -> list[Part]:
        """One sentence."""
        facts, glyphs = self.facts, self.sandbox.glyphs
        if facts.busy:
            return [
                Part(f" {glyphs.current} {facts.result}", "hot"),
                Part("   esc stops it and shows what is known", "dim", KeyAsked("leave")),
            ]
        mark = {"success": glyphs.success, "warning": "!", "failure": glyphs.failure}
        text = fit(f" {mark.get(facts.role, ' ')} {facts.result}", cells, glyphs.more)
        return [Part(text, facts.role)]


class LabTabs(ClickLine):
    """Which panes there are, when not all are in sight."""

    titles: Mapping[str, str] = {}
    focused = ""
    seen: frozenset[str] = frozenset()

    def show(self, titles: Mapping[str, str], focused: str, seen: frozenset[str]) -> None:
        """These panes, of which some are in sight."""
        self.titles, self.focused, self.seen = titles, focused, seen
        self.refresh()

    def parts(self, cells: int) -> list[Part]:
        """Their names."""
        line = [Part(" ")]
        for pane, title in self.titles.items():
            here = pane == self.focused
            role = "tab_on" if here else "strong" if pane in self.seen else "tab"
            mark = self.sandbox.glyphs.current if here else " "
            line.append(Part(f"{mark}{title} ", role, PaneAsked(pane)))
            line.append(Part(" "))
        hint = "tab: next  v: vendors"
        taken = sum(width(part.text) for part in line)
        if taken + len(hint) < cells:
            line += [Part(" " * (cells - taken - len(hint) - 1)), Part(hint, "dim")]
        return line


class LabKeys(ClickLine):
    """The keys, as many as there is room for."""

    def parts(self, cells: int) -> list[Part]:
        """By rank."""
        line: list[Part] = []
        room = cells - 1
        for action in sorted((one for one in LAB_ACTIONS if one.rank), key=lambda one: one.rank):
            taken = width(action.shown) + width(action.verb) + 3
            if taken > room:
                break
            room -= taken
            line += [
                Part(f" {action.shown}", "hot", KeyAsked(action.call)),
                Part(f" {action.verb} ", "dim", KeyAsked(action.call)),
            ]
        return line
