"""The lab: every failure of a journey as a table to walk in, its coverage, and the vendors.

A screen over the workbench. It asks the bench on the bench's own thread, shows how far a sweep is,
and closes with the run that shall be opened.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual.worker import Worker, WorkerState

from sandbox.charts.cells import clean
from sandbox.errors import SandboxError
from sandbox.lab.compare import Cell, Row, VendorTable
from sandbox.lab.lines import matrix_lines
from sandbox.lab.report import SweepReport
from sandbox.tui import sheets
from sandbox.tui.ink import Ink, Line
from sandbox.tui.lab_asking import (
    BUDGETS,
    DEPTHS,
    SCOPES,
    Asked,
    Going,
    Opened,
    Swept,
    ask_sweep,
    ask_vendor_run,
    ask_vendors,
    summary,
)
from sandbox.tui.screens.lab_stage import LabStage
from sandbox.tui.widgets.lab_bars import LabFacts
from sandbox.tui.widgets.lab_details import (
    cell_lines,
    matrix_rows,
    vendor_cell_lines,
    vendor_rows,
)
from sandbox.tui.widgets.lab_grid import Grid
from sandbox.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from sandbox.tui.backstage import Backstage
    from sandbox.tui.desk import Desk

__all__ = ["Lab"]

_FRAME_S = 1 / 15


class Lab(LabStage):
    """One journey, swept."""

    def __init__(self, desk: Desk, backstage: Backstage, asked: Asked) -> None:
        """``asked``: the first question; it is asked as soon as the lab is seen."""
        super().__init__()
        self.desk, self.backstage, self.asked = desk, backstage, asked
        self.swept: Swept | None = None
        self.table: VendorTable | None = None
        self.going: Going | None = None

    def on_mount(self) -> None:
        """Ask."""
        self.panes["lab-vendors"].rename(f"Vendors, profile {clean(self.asked.person)}")
        self.set_interval(_FRAME_S, self.tell)
        self.ask()

    @property
    def report(self) -> SweepReport | None:
        """What the sweep found; None before it has, or when it could not."""
        return self.swept.report if self.swept is not None else None

    def mask(self, text: str) -> str:
        """Text without secrets."""
        return self.swept.mask(text) if self.swept is not None else text

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
        self.map.show(graph, self.report, self.mask)
        swept = await self.backstage.call(lambda: ask_sweep(bench, asked, going))
        if self.going is not going:
            return  # another question has been asked since
        self.going, self.swept = None, swept
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
            self.going, self.swept = None, None
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
        swept, report = self.swept, self.report
        if swept is None or report is None:
            return
        columns, rows = matrix_rows(swept, self.glyphs)
        if rows:
            self.matrix.show(columns, rows)
        else:
            self.matrix.say(matrix_lines(report, None, self.glyphs))
        self.map.show(self.map.graph, report, self.mask)
        self.found.show(report, self.mask)
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
        if self.swept is None or self.matrix.row is None:
            return []
        return cell_lines(self.swept, self.matrix.row.key, self.matrix.name_here, self.glyphs)

    # Opening and leaving ------------------------------------------------------------------------

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Enter: open the run, or show where a finding is."""
        event.stop()
        report = self.report
        if report is None:
            return
        if event.rows is self.matrix and self.matrix.row is not None:
            step = self.matrix.name_here
            self._open_cell(step, self.matrix.row.key)
        elif event.rows is self.vendors and self.table is not None:
            self._open_vendor(self.table)
        elif event.rows is self.found and self.found.selected is not None:
            entry = self.found.selected
            if entry.scenario is not None:
                self.dismiss(Opened(entry.scenario, ""))
            elif entry.finding is not None:
                self._show_finding(report, entry.finding.step)

    def _open_cell(self, step: str, name: str) -> None:
        scenario = self.swept.examples.get((step, name)) if self.swept is not None else None
        if scenario is None:
            self.notify("No run had this answer at this call.", severity="warning", timeout=3)
            return
        if self.going is not None:
            self.going.stop()
        self.dismiss(Opened(scenario, step))

    def _open_vendor(self, table: VendorTable) -> None:
        """The run of a cell, played as its vendor does."""
        if self.vendors.row is None:
            return
        row, name = table.rows[int(self.vendors.row.key)], self.vendors.name_here
        vendor = name if name in table.dialects else self.asked.dialect
        cell = next((one for one in row.cells if one.dialect == vendor), row.cells[0])
        if cell.outcome == "not reached":
            self.notify(f"As {cell.dialect} no run comes to {clean(row.step)}.", timeout=3)
            return
        work = partial(self._opening, table, row, cell)
        _: Worker[None] = self.run_worker(work, group="vendor", exclusive=True, exit_on_error=False)

    async def _opening(self, table: VendorTable, row: Row, cell: Cell) -> None:
        bench, asked = self.desk.bench, self.asked
        opened = await self.backstage.call(lambda: ask_vendor_run(bench, asked, table, row, cell))
        if self.going is not None:
            self.going.stop()
        self.dismiss(opened)

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
        from sandbox.tui.screens.lab_help import LabHelp

        self.app.push_screen(LabHelp())


def _next(values: list[object], value: object) -> object:
    return values[(values.index(value) + 1) % len(values)]
