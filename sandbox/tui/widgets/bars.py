"""Success and failure of each call as stacked bars, every send by code, and how long they took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.charts.bars import (
    CounterWords,
    by_code,
    named_counters,
    sparkline,
    stacked_bars,
)
from sandbox.model.trace import CallCounts
from sandbox.tui.ink import Ink, Line
from sandbox.tui.widgets.rows import Rows

__all__ = ["Bars"]

_NONE: CallCounts = {"success": 0, "failure": 0, "attempts": 0, "retried": 0, "by_code": {}}


class Bars(Rows):
    """The bars of one journey."""

    def __init__(self, id: str | None = None) -> None:
        """No counts yet."""
        super().__init__(id=id)
        self._counts: dict[str, CallCounts] = {}
        self._labels: Mapping[str, str] = {}
        self._took: Sequence[float] = ()
        self._words: CounterWords | None = None
        self._under_way = False
        self._lines: list[Line] = []

    def show(
        self,
        steps: Mapping[str, str],
        counts: Mapping[str, CallCounts],
        took_ms: Sequence[float],
        words: CounterWords | None = None,
        under_way: bool = False,
    ) -> None:
        """Draw these.

        Args:
            steps: call → what it calls.
            counts: call → counts of the runs that have ended.
            took_ms: the last calls, oldest first.
            words: what the vendor calls its counters.
            under_way: whether a run has begun whose calls are not counted yet.
        """
        shown = {step: counts.get(step, _NONE) for step in steps}
        new = (steps, shown, took_ms, words, under_way)
        old = (self._labels, self._counts, self._took, self._words, self._under_way)
        if new != old or not self._lines:
            self._labels, self._counts, self._took, self._words, self._under_way = new
            self.redraw()

    def lay_out(self, cells: int) -> None:
        """Draw the bars for a width."""
        glyphs = self.sandbox.glyphs
        lines: list[Line] = list(stacked_bars(self._counts, cells, self._labels, glyphs))
        if self._counts and self._words is not None:
            lines.append(named_counters(self._counts, self._words, cells, glyphs))
        codes: dict[str, int] = {}
        for one in self._counts.values():
            for code, sends in one["by_code"].items():
                codes[code] = codes.get(code, 0) + sends
        if codes:
            lines += [[], *by_code(codes, cells, glyphs)]
        elif not self._counts:
            lines = [[Ink("this journey calls no API", "dim")]]
        elif not self._under_way:
            lines += [[], [Ink("no call yet: f fires the journey", "dim")]]
        if self._counts and self._under_way:
            lines += [[], [Ink("a run is under way: it counts when it has ended", "dim")]]
        if self._took:
            room = max(0, min(60, cells - 29))
            drawn = sparkline(self._took, room, glyphs).strip()
            words = f"  up to {max(self._took[-room:] or [0]):.0f} ms"
            lines += [[Ink("last calls ", "dim"), Ink(drawn, "kind"), Ink(words, "dim")]]
        self._lines = lines

    @property
    def has_cursor(self) -> bool:
        """Keys scroll."""
        return False

    @property
    def count(self) -> int:
        """Lines."""
        return len(self._lines)

    def line(self, index: int, cells: int) -> Line:
        """A line."""
        return self._lines[index]
