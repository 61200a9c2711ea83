"""What the lab's tables say, as rows of a grid, and what stands below the cell in hand."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.charts.cells import clean
from sandbox.charts.glyphs import Glyphs
from sandbox.charts.matrix import verdict_span
from sandbox.lab.compare import Cell, Row, VendorTable
from sandbox.lab.lines import outcome_order
from sandbox.lab.sweep import SweepReport
from sandbox.tui.ink import Ink, Line
from sandbox.tui.widgets.lab_grid import GridRow
from sandbox.tui.widgets.lab_lists import LabLines, wrapped

__all__ = ["Detail", "cell_lines", "matrix_rows", "vendor_cell_lines", "vendor_rows"]

DIFFERS = "differs at"
"""The vendor table's first column."""

_MEANING = {
    "proceeded": "the person goes the same way as after a success",
    "other path": "a success that leads another way",
    "failure path": "the journey handles it: the person takes the way of a failure",
    "ended nowhere": "nothing is connected: the person silently stops there",
    "dropped": "the platform takes the person out of the journey",
    "run failed": "the platform ends the whole run",
    "sent twice": "the call is sent again although the first may have been carried out",
    "never ends": "the person goes round and round",
}

_ORIGIN = {"documented": "doc", "reported": "rep", "assumed": "ASM", "journey": "own"}


class Detail(LabLines, can_focus=False):
    """What the cell under the cursor means."""

    _said: Sequence[Line] = ()

    def say(self, lines: Sequence[Line]) -> None:
        """These lines."""
        self._said = lines
        self.scroll_to(y=0, animate=False)
        self.relayout()

    @property
    def has_cursor(self) -> bool:
        """It is only read."""
        return False

    def layout_lines(self, cells: int) -> list[Line]:
        """Wrapped."""
        return [row for line in self._said for row in wrapped(line, cells, 9)]


def matrix_rows(report: SweepReport, glyphs: Glyphs) -> tuple[list[str], list[GridRow]]:
    """Calls across, answers down."""
    steps = list(report.matrix)
    rows = []
    for name in outcome_order(report):
        verdicts = [report.matrix[step].get(name, "") for step in steps]
        if any(verdicts):
            spans = [verdict_span(verdict, glyphs) for verdict in verdicts]
            rows.append(GridRow(name, name, [(span.text, span.style) for span in spans]))
    return steps, rows


def cell_lines(report: SweepReport, name: str, step: str, glyphs: Glyphs) -> list[Line]:
    """A cell of the matrix: what happens, to whom, with which answers, on which path."""
    verdict = report.matrix.get(step, {}).get(name, "")
    if not verdict:
        return [[Ink("No run had this answer at this call.", "dim")]]
    span = verdict_span(verdict, glyphs)
    lines: list[Line] = [
        [
            Ink(f"{clean(step)} answers {clean(name)}  ", "strong"),
            Ink(f"{span.text}: ", span.style),
            Ink(_MEANING.get(verdict, "")),
        ]
    ]
    passing = report.passing.get(step, {}).get(name, "")
    if passing and passing != verdict:
        lines.append([Ink("passing  ", "dim"), Ink(f"when it does not last: {passing}")])
    same = next((group for group in report.classes.get(step, []) if name in group), [])
    alike = [other for other in same if other != name]
    if alike:
        lines.append([Ink("alike    ", "dim"), Ink(clean(", ".join(alike)))])
    example = report.example.get((step, name))
    if example is not None:
        said = "; ".join(
            f"{call}: {', '.join(one or 'a rule' for one in answers)}"
            for call, answers in example.answers.items()
        )
        status = example.status.replace("_", " ")
        lines += [
            [Ink("run      ", "dim"), Ink(clean(f"profile {example.profile}, {status}"))],
            [Ink("answers  ", "dim"), Ink(clean(said))],
            [Ink("path     ", "dim"), Ink(clean(f" {glyphs.jump} ".join(example.path)))],
        ]
    return lines


def vendor_rows(found: VendorTable, glyphs: Glyphs) -> tuple[list[str], list[GridRow]]:
    """Vendors across, calls and answers down; first the step at which they part."""
    calls = {row.step for row in found.rows}
    rows = []
    for place, row in enumerate(found.rows):
        label = f"{row.step} {row.answer}" if len(calls) > 1 else row.answer
        parts = (row.diverges_at, "warning") if row.diverges_at else ("agree", "dim")
        cells = [parts, *(_vendor_cell(cell, glyphs) for cell in row.cells)]
        rows.append(GridRow(str(place), label, cells))
    return [DIFFERS, *found.dialects], rows


def _vendor_cell(cell: Cell, glyphs: Glyphs) -> tuple[str, str]:
    if cell.outcome == "not reached":
        return "not reached", "dim"
    good = cell.outcome == "success"
    mark = glyphs.success if good else glyphs.failure
    role = "success" if good else "failure"
    onward = cell.next or _ends(cell)
    if not good and cell.next:
        role = "warning"
    return f"{mark} {onward} {_ORIGIN[cell.origin]}", role


def _ends(cell: Cell) -> str:
    return {"dropped": "dropped", "failed": "run fails"}.get(cell.status, "path ends")


def vendor_cell_lines(
    found: VendorTable, row: Row | None, vendor: str, glyphs: Glyphs
) -> list[Line]:
    """A cell of the vendor table: what happens, and every rule it rests on with its origin."""
    if row is None:
        return []
    head = Ink(f"{clean(row.step)} answers {row.answer}  ", "strong")
    if vendor == DIFFERS:
        words = f"the vendors part after {row.diverges_at}" if row.diverges_at else "all agree"
        lines: list[Line] = [[head, Ink(words, "warning" if row.diverges_at else "success")]]
        for cell in row.cells:
            text, role = _vendor_cell(cell, glyphs)
            lines.append([Ink(f"{cell.dialect:<17} ", "dim"), Ink(clean(text), role)])
        return lines
    cell = next(one for one in row.cells if one.dialect == vendor)
    if cell.outcome == "not reached":
        return [[head, Ink(f"{vendor}: the call is not reached", "dim")]]
    role = "success" if cell.outcome == "success" else "failure"
    onward = cell.next or _ends(cell)
    policy = f", policy: {cell.policy}" if cell.policy else ""
    status = cell.status.replace("_", " ")
    lines = [
        [head, Ink(f"{vendor}: {cell.outcome} ", role), Ink(clean(f"{glyphs.jump} {onward}"))],
        [Ink("decided  ", "dim"), Ink(f"by {cell.decided_by or 'the dialect'}{policy}; "
                                     f"the run is {status}")],
    ]  # fmt: skip
    counts = cell.counts
    if counts is not None:
        sends = f"{counts['success']} success, {counts['failure']} failure, "
        lines.append([Ink("counted  ", "dim"), Ink(f"{sends}{counts['attempts']} sent")])
    lines += [
        [
            Ink(f"{rule.origin:<11}", "warning" if rule.origin == "assumed" else "success"),
            Ink(f"{rule.name} = {_value(rule.value)}", "strong"),
            Ink(f"  {clean(rule.source)}", "dim"),
        ]
        for rule in cell.rests_on
    ]
    return lines


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
