"""The lab: every failure of a journey as a table to walk in, its coverage, and the vendors.

A screen over the workbench. It asks the bench on the bench's own thread, shows how far a sweep is,
and closes with the run that shall be opened.
"""

from __future__ import annotations

import textwrap
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen
from textual.worker import Worker, WorkerState

from sandbox.charts.glyphs import Glyphs
from sandbox.errors import SandboxError
from sandbox.lab.compare import Row, VendorTable
from sandbox.lab.lines import matrix_lines
from sandbox.lab.sweep import SweepReport
from sandbox.tui import sheets
from sandbox.tui.ink import Ink, Line
from sandbox.tui.lab_actions import LAB_ACTIONS, LAB_HELP, lab_bindings
from sandbox.tui.lab_asking import (
    BUDGETS,
    DEPTHS,
    SCOPES,
    Asked,
    Going,
    Opened,
    ask_sweep,
    ask_vendors,
    summary,
)
from sandbox.tui.messages import KeyAsked, PaneAsked
from sandbox.tui.widgets.lab_bars import LabFacts, LabHeader, LabKeys, LabResult, LabTabs
from sandbox.tui.widgets.lab_details import (
    Detail,
    cell_lines,
    matrix_rows,
    vendor_cell_lines,
    vendor_rows,
)
from sandbox.tui.widgets.lab_grid import Grid
from sandbox.tui.widgets.lab_lists import Coverage, Found
from sandbox.tui.widgets.pane import Pane
from sandbox.tui.widgets.reading import Reading
from sandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from sandbox.tui.app import SandboxApp
    from sandbox.tui.backstage import Backstage
    from sandbox.tui.desk import Desk

__all__ = ["Lab"]

_FRAME_S = 1 / 15
_NORMAL, _WIDE = (100, 30), (160, 44)
_TITLES = {
    "lab-matrix": "Matrix",
    "lab-map": "Coverage",
    "lab-found": "Findings",
    "lab-vendors": "Vendors",
}


class Lab(Screen[Opened | None]):
    """One journey, swept."""

    CSS = """
    Lab #lab-top { height: 1fr; }
    Lab Rows { scrollbar-gutter: stable; }
    Lab #lab-bottom { height: 8; layout: vertical; }
    Lab #lab-right { width: 1fr; height: 1fr; }
    Lab #lab-found { height: 2fr; }
    Lab #lab-map { height: 3fr; }
    Lab #lab-detail { height: 8; border: round $rim; border-title-color: $foreground; }
    Lab.-vendors #lab-bottom { height: 1fr; }
    Lab.-vendors #lab-detail { height: 12; }
    Lab.-alone.-vendors #lab-detail { height: 8; }
    Lab.-wide #lab-right { width: 2fr; layout: horizontal; }
    Lab.-wide #lab-found, Lab.-wide #lab-map { height: 1fr; }
    Lab.-wide #lab-bottom { height: 17; layout: horizontal; }
    Lab.-wide #lab-vendors { width: 3fr; height: 1fr; }
    Lab.-wide #lab-detail { width: 2fr; height: 1fr; }
    Lab LabHeader, Lab LabResult, Lab LabKeys { background: $surface; }
    """
    AUTO_FOCUS: ClassVar[str | None] = "#lab-matrix Grid"
    BINDINGS: ClassVar[list[BindingType]] = [*lab_bindings("lab")]

    actions = tuple(one for one in LAB_ACTIONS if one.where == "lab")
    """What the palette offers here."""

    def __init__(self, desk: Desk, backstage: Backstage, asked: Asked) -> None:
        """``asked``: the first question; it is asked as soon as the lab is seen."""
        super().__init__()
        self.desk, self.backstage, self.asked = desk, backstage, asked
        self.header, self.result = LabHeader(), LabResult()
        self.tabs, self.keys = LabTabs(), LabKeys()
        self.matrix, self.vendors = Grid("answer"), Grid("answer")
        self.map, self.found, self.detail = Coverage(), Found(), Detail()
        self.panes = {
            "lab-matrix": Pane("lab-matrix", "Matrix", self.matrix),
            "lab-map": Pane("lab-map", "Coverage", self.map),
            "lab-found": Pane("lab-found", "Findings and scenarios", self.found),
            "lab-vendors": Pane("lab-vendors", "Vendors", self.vendors),
        }
        self.detail_pane = Pane("lab-detail", "", self.detail)
        self.pane = "lab-matrix"
        self.report: SweepReport | None = None
        self.table: VendorTable | None = None
        self.going: Going | None = None

    def compose(self) -> ComposeResult:
        """Everything, once; sizes only hide and show."""
        yield self.header
        yield self.result
        yield self.tabs
        with Horizontal(id="lab-top"):
            yield self.panes["lab-matrix"]
            with Vertical(id="lab-right"):
                yield self.panes["lab-map"]
                yield self.panes["lab-found"]
        with Vertical(id="lab-bottom"):
            yield self.panes["lab-vendors"]
            yield self.detail_pane
        yield self.keys

    @property
    def glyphs(self) -> Glyphs:
        """The table of characters."""
        app: SandboxApp = self.matrix.sandbox
        return app.glyphs

    # Sizes and focus ----------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Ask."""
        self.place_panes()
        self.panes["lab-vendors"].rename(f"Vendors, profile {self.asked.person}")
        self.set_interval(_FRAME_S, self.tell)
        self.ask()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange for the new size."""
        self.place_panes()

    def place_panes(self) -> None:
        """Show the panes that there is room for."""
        width, height = self.app.size
        wide = width >= _WIDE[0] and height >= _WIDE[1]
        alone = width < _NORMAL[0] or height < _NORMAL[1]
        vendors = self.pane == "lab-vendors"
        if wide:
            seen = frozenset(self.panes)
        elif alone or vendors:
            seen = frozenset({self.pane})
        else:
            seen = frozenset(self.panes) - {"lab-vendors"}
        self.set_class(wide, "-wide")
        self.set_class(alone, "-alone")
        self.set_class(vendors and not wide, "-vendors")
        for name, pane in self.panes.items():
            pane.display = name in seen
        self.query_one("#lab-right").display = bool({"lab-map", "lab-found"} & seen)
        self.query_one("#lab-top").display = seen != {"lab-vendors"}
        detail = not alone or (self.pane in ("lab-matrix", "lab-vendors") and height >= 22)
        self.detail_pane.display = detail
        self.query_one("#lab-bottom").display = detail or "lab-vendors" in seen
        self.tabs.display = not wide
        self.tabs.show(_TITLES, self.pane, seen)

    def go_to(self, pane: str) -> None:
        """The focus to a pane."""
        self.pane = pane
        self.place_panes()
        self.panes[pane].rows.focus()
        self.explain()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Whoever has the focus says which pane is in hand."""
        for node in event.widget.ancestors_with_self:
            if isinstance(node, Pane) and node.id in self.panes and node.id != self.pane:
                self.pane = node.id
                self.place_panes()
                self.explain()

    def action_pane(self, by: int) -> None:
        """The next pane."""
        names = list(self.panes)
        self.go_to(names[(names.index(self.pane) + by) % len(names)])

    def action_vendors(self) -> None:
        """The vendors, and back."""
        self.go_to("lab-matrix" if self.pane == "lab-vendors" else "lab-vendors")

    def on_pane_asked(self, event: PaneAsked) -> None:
        """A tab was clicked."""
        self.go_to(event.pane)

    async def on_key_asked(self, event: KeyAsked) -> None:
        """A key of the header or footer was clicked."""
        await self.run_action(event.call)

    # Asking -------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Sweep; one that is under way is stopped first."""
        if self.going is not None:
            self.going.stop()
        self.going = Going()
        work = partial(self._ask, self.asked, self.going)
        _: Worker[None] = self.run_worker(work, group="sweep", exclusive=True, exit_on_error=False)
        self.tell()

    async def _ask(self, asked: Asked, going: Going) -> None:
        bench = self.desk.bench
        graph = await self.backstage.call(lambda: self.desk.graph(asked.journey))
        self.map.show(graph, self.report)
        report = await self.backstage.call(lambda: ask_sweep(bench, asked, going))
        self.going = None
        self.report = report
        self.show()
        self.table = await self.backstage.call(lambda: ask_vendors(bench, asked))
        self.show_vendors()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a person can mend is shown in the pane; anything else is a bug."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        if not isinstance(error, SandboxError):
            raise error
        lines = sheets.error_sheet(error).head
        if self.going is not None:
            self.going, self.report = None, None
            self.matrix.say(lines)
            self.found.show(None)
            self.map.show(self.map.graph, None)
        self.table = None
        self.vendors.say(lines)
        self.tell()

    def on_unmount(self) -> None:
        """The bench's thread is wanted for other things."""
        if self.going is not None:
            self.going.stop()

    def action_depth(self) -> None:
        """The next depth."""
        self._change(depth=_next(list(DEPTHS), self.asked.depth))

    def action_people(self) -> None:
        """The next scope."""
        self._change(scope=_next(list(SCOPES), self.asked.scope))

    def action_budget(self) -> None:
        """The next budget."""
        self._change(budget=_next(list(BUDGETS), self.asked.budget))

    def action_again(self) -> None:
        """The same question."""
        self.ask()

    def _change(self, **values: object) -> None:
        self.asked = replace(self.asked, **values)  # type: ignore[arg-type]
        self.ask()

    # Showing ------------------------------------------------------------------------------------

    def tell(self) -> None:
        """The two lines at the top."""
        asked, report = self.asked, self.report
        people = SCOPES[asked.scope]
        if asked.scope == "selected":
            people = asked.person
        elif asked.scope == "everybody":
            people = f"all {len(asked.everybody):,}"
        result, role = "", ""
        if self.going is not None:
            runs, covered, total = self.going.so_far
            result = f"sweeping: {runs:,} runs, {covered} of {total} edges"
        elif report is None:
            result, role = "not swept", "failure"
        elif report.nobody_entered:
            result, role = "nobody enters this journey, so nothing was swept", "warning"
        else:
            result = summary(report)
            whole = report.complete and report.edges_covered == report.reachable
            serious = any(one.level != "info" for one in report.findings)
            role = "success" if whole and not serious else "warning"
            if not report.complete:
                result = f"stopped early: {result}"
        facts = LabFacts(
            asked.journey, asked.dialect, asked.depth, people, asked.budget, result, role,
            self.going is not None,
        )  # fmt: skip
        self.header.show(facts)
        self.result.show(facts)

    def show(self) -> None:
        """The report in every pane."""
        report = self.report
        if report is None:
            return
        columns, rows = matrix_rows(report, self.glyphs)
        if rows:
            self.matrix.show(columns, rows)
        else:
            self.matrix.say(matrix_lines(report, None, self.glyphs))
        self.map.show(self.map.graph, report)
        self.found.show(report)
        serious = sum(one.level != "info" for one in report.findings)
        self.panes["lab-found"].tell(f"{serious} to mend, {len(report.suite)} kept")
        self.panes["lab-map"].tell(f"{report.edges_covered} of {report.reachable} edges")
        self.panes["lab-matrix"].tell(DEPTHS[report.depth])
        self.tell()

    def show_vendors(self) -> None:
        """The vendor table."""
        table = self.table
        if table is None:
            return
        if table.rows:
            self.vendors.show(*vendor_rows(table, self.glyphs))
            self.panes["lab-vendors"].tell("doc documented  rep reported  ASM assumed  own journey")
        else:
            why = f"profile {table.profile} does not enter: {table.not_entered}"
            none = "The journey reaches no call, so there is nothing to compare."
            self.vendors.say([[Ink(why if table.not_entered else none, "warning")]])

    def on_grid_at(self, event: Grid.At) -> None:
        """Another cell."""
        self.explain()

    def explain(self) -> None:
        """What the cell in hand means; on lists, still the one of the matrix."""
        title, lines = "", self._explained()
        if lines:
            title = "This cell; enter opens its run"
        if self.pane == "lab-vendors":
            title = "This cell, and the rules it rests on"
        self.detail_pane.rename(title)
        self.detail.say(lines)

    def _explained(self) -> list[Line]:
        if self.pane == "lab-vendors":
            if self.table is None or self.vendors.row is None:
                return []
            row: Row = self.table.rows[int(self.vendors.row.key)]
            return vendor_cell_lines(self.table, row, self.vendors.name_here, self.glyphs)
        if self.report is None or self.matrix.row is None:
            return []
        return cell_lines(self.report, self.matrix.row.key, self.matrix.name_here, self.glyphs)

    # Opening and leaving ------------------------------------------------------------------------

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Enter: open the run, or show where a finding is."""
        event.stop()
        report = self.report
        if report is None:
            return
        if event.rows is self.matrix and self.matrix.row is not None:
            step = self.matrix.name_here
            self._open_cell(report, step, self.matrix.row.key)
        elif event.rows is self.vendors and self.table is not None:
            self._open_vendor(report, self.table)
        elif event.rows is self.found and self.found.selected is not None:
            entry = self.found.selected
            if entry.scenario is not None:
                self.dismiss(Opened(entry.scenario, ""))
            elif entry.finding is not None:
                self._show_finding(report, entry.finding.step)

    def _open_cell(self, report: SweepReport, step: str, name: str) -> None:
        scenario = report.example.get((step, name))
        if scenario is None:
            self.notify("No run had this answer at this call.", severity="warning", timeout=3)
            return
        if self.going is not None:
            self.going.stop()
        self.dismiss(Opened(scenario, step))

    def _open_vendor(self, report: SweepReport, table: VendorTable) -> None:
        self.notify(
            f"The workbench runs the journey as {report.dialect}; in the shell: "
            f"sandbox fire {table.journey} --dialect {self.vendors.name_here}",
            timeout=5,
            markup=False,
        )

    def _show_finding(self, report: SweepReport, step: str) -> None:
        """The worst cell of the finding's call."""
        row = report.matrix.get(step)
        if row:
            from sandbox.lab.judge import VERDICTS

            worst = max(row, key=lambda name: VERDICTS.index(row[name]))
            self.matrix.go_to(worst, step)
            self.go_to("lab-matrix")

    def action_leave(self) -> None:
        """Stop the sweep; else back."""
        if self.going is not None:
            self.going.stop()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """Back."""
        if self.going is not None:
            self.going.stop()
        self.dismiss(None)

    def action_help(self) -> None:
        """What the lab shows."""
        self.app.push_screen(_LabHelp())


class _LabHelp(ModalScreen[None]):
    """One page, to be scrolled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "Close", show=False)
    ]

    def compose(self) -> ComposeResult:
        """The page."""
        lines: list[Line] = []
        for paragraph in LAB_HELP:
            lines += [*([Ink(line)] for line in textwrap.wrap(paragraph, 64)), []]
        for action in LAB_ACTIONS:
            first, *rest = textwrap.wrap(action.help, 51)
            lines.append([Ink(f"  {action.shown:<11}", "strong"), Ink(first)])
            lines += [[Ink(" " * 13), Ink(line)] for line in rest]
        with Vertical(classes="window tall") as window:
            window.border_title = "Help: Lab"
            window.border_subtitle = "esc closes"
            yield Reading(lines)

    def on_mount(self) -> None:
        """To be scrolled at once."""
        self.query_one(Reading).focus()


def _next(values: list[object], value: object) -> object:
    return values[(values.index(value) + 1) % len(values)]
