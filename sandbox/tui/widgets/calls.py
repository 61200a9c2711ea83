"""The table of calls: newest first, a thousand at most."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.charts.cells import clean, fit, pad
from sandbox.tui.ink import Ink, Line
from sandbox.tui.messages import CallOpened
from sandbox.tui.state import CallRow
from sandbox.tui.widgets.rows import Rows

__all__ = ["Calls"]


class Calls(Rows):
    """Every call that the filter lets through."""

    def __init__(self, id: str | None = None) -> None:
        """No call yet."""
        super().__init__(id=id)
        self._all: tuple[CallRow, ...] = ()
        self._names: Mapping[str, str] = {}
        self._filter = ""
        self.shown: list[CallRow] = []
        self.opened: CallRow | None = None

    def show(self, calls: tuple[CallRow, ...], names: Mapping[str, str]) -> None:
        """These calls; ``names`` says what to call a person. The cursor stays on its call."""
        if calls is self._all and names is self._names:
            return
        self._all, self._names = calls, names
        self._refilter()

    def filter(self, text: str) -> int:
        """Only lines that hold every word; returns how many there are."""
        self._filter = text
        self._refilter()
        return len(self.shown)

    def mark(self, row: CallRow | None) -> None:
        """This call is the one that the inspector shows."""
        self.opened = row
        self.refresh()

    @property
    def selected(self) -> CallRow | None:
        """The call under the cursor."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    def _refilter(self) -> None:
        before, at_top = self.selected, self.cursor == 0
        words = self._filter.casefold().split()
        self.shown = [row for row in self._all if not words or self._holds(row, words)]
        self.redraw()
        if before is not None and not (at_top and not self.has_focus):
            places = {row.key: place for place, row in enumerate(self.shown)}
            place = places.get(before.key)
            if place is not None and place != self.cursor:
                self.cursor = place

    def _holds(self, row: CallRow, words: list[str]) -> bool:
        name = self._names.get(row.profile, "")
        text = (
            f"{row.number} {row.journey} {row.step} {row.request} {row.profile} {name} "
            f"{row.outcome} {row.code} {row.source} {row.next}"
        ).casefold()
        return all(word in text for word in words)

    @property
    def count(self) -> int:
        """Calls that are shown."""
        return len(self.shown)

    @property
    def heading(self) -> Line:
        """The names of the columns."""
        names = ("#", "time", "journey", "step", "request", "person", "outcome", "code", "ms",
                 "answered by", "next")  # fmt: skip
        return [(text, "dim") for text, _ in self._columns([(name, "") for name in names])]

    def line(self, index: int, cells: int) -> Line:
        """One call."""
        row = self.shown[index]
        glyphs = self.sandbox.glyphs
        good = row.outcome == "success"
        style = "success" if good else "failure"
        mark = glyphs.success if good else glyphs.failure
        again = f" ({row.attempt})" if row.attempt > 1 else ""
        onward = row.next or "path ends"
        person = self._names.get(row.profile, "")
        number = str(row.number)
        opened = self.opened is not None and row.key == self.opened.key
        return self._columns(
            [
                (f"{glyphs.current} {number}" if opened else number, "hot" if opened else "dim"),
                (f"{row.at[5:10]} {row.at[11:19]}", "dim"),
                (row.journey, ""),
                (row.step + again, "step"),
                (row.request, ""),
                (f"{row.profile} {person}".strip(), ""),
                (f"{mark} {'ok' if good else 'fail'}", style),
                (row.code, style),
                (f"{row.took_ms:.0f}", ""),
                (row.source, "dim"),
                (f"{glyphs.jump} {onward}", "edge"),
            ]
        )  # fmt: skip

    def _columns(self, cells: list[tuple[str, str]]) -> Line:
        """As many columns as fit; the request gives way first, then what is said elsewhere."""
        room = self.cells
        sizes = [6, 14, 14, 14, 24, 16, 7, 13, 6, 18, 14]
        kept = list(range(len(cells)))
        for column in (2, 1, 9, 10, 5, 8, 0):
            if sum(sizes[place] + 2 for place in kept) <= room:
                break
            kept.remove(column)
        spare = room - sum(sizes[place] + 2 for place in kept)
        if spare:
            sizes[4] = max(10, sizes[4] + spare)
        line: list[tuple[str, str]] = []
        for place in kept:
            text, role = cells[place]
            shown = fit(clean(text), sizes[place], self.sandbox.glyphs.more)
            line += [Ink(pad(shown, sizes[place], right=place in (0, 8)), role), Ink("  ")]
        return line

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Open the call."""
        event.stop()
        row = self.selected
        if row is not None:
            self.post_message(CallOpened(row.number))
