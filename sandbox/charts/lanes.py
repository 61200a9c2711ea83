"""The lanes of a map: columns of edges that are still on their way down.

Rules: a lane is two cells wide. There is at most one lane for each step that is still to come: a
second edge to it joins the first. A lane that ends always joins to the left (``├─╯``). A way
that leaves its step for a lane that is there already is drawn with an arrow (``├→┤``). A way over
other lanes crosses them (``┼``). When no lane is left, the caller names the target in words.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.charts.glyphs import Glyphs
from sandbox.charts.line import Style

__all__ = ["Cell", "Lane", "Lanes"]


@dataclass(slots=True)
class Lane:
    """An edge on its way to ``target``; of a step whose ways are still to leave it, ``stem``."""

    target: str
    stem: str | None = None
    passed: bool = False

    @property
    def style(self) -> Style:
        """A lane that the run has taken is shown as such."""
        return "passed" if self.passed else "edge"


Cell = tuple[str, Style]


class Lanes:
    """The open lanes, and the pictures of what happens between two rows of steps."""

    def __init__(self, glyphs: Glyphs, most: int) -> None:
        """``most`` is how many lanes may be open side by side."""
        self._glyphs = glyphs
        self._most = most
        self._lanes: list[Lane | None] = []

    def __len__(self) -> int:
        return len(self._lanes)

    def stems(self) -> list[tuple[int, str]]:
        """The steps whose ways are still to leave them, from left to right."""
        return [
            (at, lane.stem)
            for at, lane in enumerate(self._lanes)
            if lane is not None and lane.stem is not None
        ]

    def heading_to(self, target: str) -> int | None:
        """The lane that leads to this step."""
        for at, lane in enumerate(self._lanes):
            if lane is not None and lane.stem is None and lane.target == target:
                return at
        return None

    def free(self, after: int = -1) -> int | None:
        """The first free lane right of ``after``."""
        for at in range(after + 1, self._most):
            if at >= len(self._lanes) or self._lanes[at] is None:
                return at
        return None

    def put(self, at: int, lane: Lane | None) -> None:
        """Open, change or close a lane."""
        self._lanes.extend([None] * (at + 1 - len(self._lanes)))
        self._lanes[at] = lane
        while self._lanes and self._lanes[-1] is None:
            self._lanes.pop()

    def left_free(self, at: int) -> bool:
        """Whether every lane left of this one is free."""
        return at > 0 and all(lane is None for lane in self._lanes[:at])

    def plain(self) -> list[Cell]:
        """Every lane going straight down."""
        cells: list[Cell] = []
        for lane in self._lanes:
            cells.append((self._glyphs.vertical, lane.style) if lane else (" ", ""))
            cells.append((" ", ""))
        return cells[:-1]

    def marked(self, at: int, mark: str, style: Style) -> list[Cell]:
        """Straight down, with a mark in one lane."""
        cells = self._wide(at)
        cells[2 * at] = (mark, style)
        return cells

    def opened(self, stem: int, at: int, lane: Lane) -> list[Cell]:
        """A way leaves the stem and opens a lane on its right."""
        self.put(at, lane)
        return self._across(stem, at, self._glyphs.fork, self._glyphs.opens, lane.style)

    def entered(self, stem: int, at: int, passed: bool) -> list[Cell]:
        """A way leaves the stem for a lane that is there already."""
        lane = self._lanes[at]
        assert lane is not None
        lane.passed = lane.passed or passed
        style: Style = "passed" if passed else "edge"
        left, right = min(stem, at), max(stem, at)
        cells = self._across(left, right, self._glyphs.fork, self._glyphs.fork_left, style)
        arrow = self._glyphs.to_right if at > stem else self._glyphs.to_left
        cells[2 * at - 1 if at > stem else 2 * at + 1] = (arrow, style)
        return cells

    def joined(self, left: int, right: int) -> list[Cell]:
        """The right lane ends in the left one."""
        into, ending = self._lanes[left], self._lanes[right]
        assert into is not None and ending is not None
        cells = self._across(left, right, self._glyphs.fork, self._glyphs.joins, ending.style)
        into.passed = into.passed or ending.passed
        self.put(right, None)
        return cells

    def moved(self, at: int) -> list[Cell]:
        """The lane goes over to the free left edge."""
        lane = self._lanes[at]
        assert lane is not None
        self._lanes[0] = lane
        cells = self._across(0, at, self._glyphs.opens_left, self._glyphs.joins, lane.style)
        self.put(at, None)
        return cells

    def told(self, at: int, last: bool, style: Style) -> list[Cell]:
        """A way leaves the lane for words at the right of all lanes; the last one ends it."""
        right = max(len(self._lanes), at + 1)
        corner = self._glyphs.last if last else self._glyphs.fork
        cells = self._across(at, right, corner, self._glyphs.across, style)
        if last:
            self.put(at, None)
        return cells

    def _across(self, left: int, right: int, start: str, stop: str, style: Style) -> list[Cell]:
        cells = self._wide(right)
        for column in range(2 * left + 1, 2 * right):
            crossed = column % 2 == 0 and cells[column][0] != " "
            cells[column] = (self._glyphs.cross if crossed else self._glyphs.across, style)
        cells[2 * left] = (start, style if cells[2 * left][1] != "passed" else "passed")
        cells[2 * right] = (stop, style)
        return cells

    def _wide(self, at: int) -> list[Cell]:
        cells = self.plain()
        return cells + [(" ", "")] * (2 * at + 1 - len(cells))
