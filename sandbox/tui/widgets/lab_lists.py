"""The lab's lists: coverage drawn on the map, findings with the kept scenarios, and details."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.charts.cells import clean
from sandbox.charts.flow import flow
from sandbox.lab.lines import coverage_lines
from sandbox.lab.report import SweepReport
from sandbox.lab.suite import Scenario
from sandbox.model.graph import Graph
from sandbox.model.trace import Finding
from sandbox.tui.ink import Ink, Line, plain
from sandbox.tui.widgets.rows import Rows

__all__ = ["Coverage", "Entry", "Found", "LabLines", "wrapped"]

_ROLES = {"error": "failure", "warning": "warning", "info": "dim"}


def wrapped(line: Line, cells: int, indent: int = 2) -> list[Line]:
    """A line on as many rows as it needs, torn between words; a part keeps its role."""
    text = plain(line)
    if len(text) <= cells and text.isascii():
        return [line]
    roles = [role for words, role in line for _ in words]
    pieces = textwrap.wrap(
        text, max(12, cells), subsequent_indent=" " * indent, drop_whitespace=True
    )
    made: list[Line] = []
    at = 0
    for number, piece in enumerate(pieces):
        body = piece[indent:] if number else piece
        at = max(text.find(body, at), 0)
        parts: list[Ink] = [Ink(" " * indent)] if number else []
        for place, char in enumerate(body, at):
            role = roles[place] if place < len(roles) else ""
            if parts and parts[-1].role == role:
                parts[-1] = Ink(parts[-1].text + char, role)
            else:
                parts.append(Ink(char, role))
        made.append(parts)
        at += len(body)
    return made or [line]


class LabLines(Rows):
    """Lines that are laid out for their width."""

    def __init__(self, id: str | None = None) -> None:
        """Nothing yet."""
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._mask: Callable[[str], str] = str

    def layout_lines(self, cells: int) -> list[Line]:
        """The lines for a width."""
        raise NotImplementedError

    def lay_out(self, cells: int) -> None:
        """The lines for the width that is there."""
        self._lines = self.layout_lines(cells) if cells else []

    @property
    def count(self) -> int:
        """Lines."""
        return len(self._lines)

    def line(self, index: int, cells: int) -> Line:
        """A line."""
        return self._lines[index]


class Coverage(LabLines):
    """The journey's map with every edge that was taken; the others below, with the reason."""

    graph: Graph | None = None
    report: SweepReport | None = None

    def show(
        self, graph: Graph | None, report: SweepReport | None, mask: Callable[[str], str] = str
    ) -> None:
        """What this sweep has covered."""
        self.graph, self.report, self._mask = graph, report, mask
        self.redraw()

    @property
    def has_cursor(self) -> bool:
        """Keys scroll."""
        return False

    def layout_lines(self, cells: int) -> list[Line]:
        """The map first, because one looks for shapes before words."""
        if self.graph is None:
            return []
        glyphs, report = self.sandbox.glyphs, self.report
        covered = report.covered_edges if report is not None else ()
        made: list[Line] = [
            row.line for row in flow(self.graph, cells, None, None, covered, glyphs)
        ]
        if report is not None and not report.nobody_entered:
            made.append([])
            for line in coverage_lines(report, glyphs):
                shown = [(clean(self._mask(text)), role) for text, role in line]
                made += wrapped(shown, cells, 4)
        return made


class Entry(NamedTuple):
    """Something in the list that enter does something with."""

    scenario: Scenario | None = None
    finding: Finding | None = None


class Found(LabLines):
    """Findings, then the scenarios that were kept."""

    report: SweepReport | None = None

    def __init__(self, id: str | None = None) -> None:
        """Nothing was found yet."""
        super().__init__(id=id)
        self._entries: dict[int, Entry] = {}

    def show(self, report: SweepReport | None, mask: Callable[[str], str] = str) -> None:
        """What this sweep has found."""
        self.report, self._mask = report, mask
        self.redraw()
        self.cursor = min(self._entries, default=0)
        self.scroll_to(y=0, animate=False)

    @property
    def has_cursor(self) -> bool:
        """Only with something to choose."""
        return bool(self._entries)

    def choosable(self, index: int) -> bool:
        """The first row of a finding or scenario."""
        return index in self._entries

    @property
    def selected(self) -> Entry | None:
        """What the cursor is on."""
        return self._entries.get(self.cursor)

    def layout_lines(self, cells: int) -> list[Line]:
        """A heading and the entries of each kind."""
        self._entries = {}
        report = self.report
        if report is None:
            return []
        glyphs = self.sandbox.glyphs
        made: list[Line] = []
        if report.stopped:
            made += wrapped([Ink("stopped  ", "warning"), Ink(report.stopped)], cells)
            made.append([])
        if not report.findings:
            made.append([Ink(f"{glyphs.success} no findings", "success")])
        for finding in report.findings:
            self._entries[len(made)] = Entry(finding=finding)
            mark = glyphs.failure if finding.level == "error" else "!"
            mark = "i" if finding.level == "info" else mark
            made += wrapped(
                [
                    Ink(f"{mark} {finding.code} ", _ROLES[finding.level]),
                    Ink(f"{finding.step}: " if finding.step else "", "strong"),
                    Ink(clean(self._mask(finding.message))),
                ],
                cells,
            )
        if report.suite:
            many = len(report.suite)
            words = f"{many} scenarios reach" if many > 1 else "1 scenario reaches"
            made += [[], *wrapped([Ink(f"{words} everything; enter opens one", "hot")], cells)]
        for one in report.suite:
            self._entries[len(made)] = Entry(scenario=one)
            made += wrapped(_scenario(one, self._mask(one.title), glyphs.jump), cells, 4)
        return made


def _scenario(one: Scenario, title: str, jump: str) -> Sequence[tuple[str, str]]:
    return [
        Ink(f"{jump} ", "kind"),
        Ink(clean(title), "strong"),
        Ink(f"  profile {clean(one.profile)}, {one.status.replace('_', ' ')}", "dim"),
    ]
