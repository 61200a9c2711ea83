"""A sweep and a vendor table as lines: the command line and the workbench print the same ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sandbox.charts.glyphs import UNICODE, Glyphs
from sandbox.charts.line import Line, Span, Style
from sandbox.charts.matrix import matrix
from sandbox.charts.table import table
from sandbox.lab.compare import Cell, VendorTable
from sandbox.lab.origins import Rule
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.report import SweepReport

__all__ = ["coverage_lines", "matrix_lines", "outcome_order", "vendor_legend", "vendor_lines"]

_LONGEST_NAME = 44

_Numbered = dict[tuple[str, str], tuple[Rule, int]]
"""Dialect and name of an assumed rule → the rule and its number in the legend."""


def outcome_order(report: SweepReport) -> list[str]:
    """The rows of the matrix: the usual outcomes, then what only this journey tells apart."""
    more = (name for row in report.matrix.values() for name in row)
    return list(dict.fromkeys((*OUTCOMES, *more)))


def matrix_lines(
    report: SweepReport,
    width: int | None = None,
    glyphs: Glyphs = UNICODE,
    mask: Callable[[str], str] = str,
) -> list[Line]:
    """The matrix, or why there is none; below it, what passes when it does not last.

    Args:
        report: of the sweep.
        width: of a line; None: as wide as it gets.
        glyphs: the table of characters.
        mask: takes secrets out of the names of outcomes, which may quote bodies.
    """
    if report.nobody_entered:
        return [(Span("Nobody enters, so there is nothing to show.", "warning"),)]
    if not report.classes:
        return [(Span("The journey makes no calls, so nothing can misbehave.", "dim"),)]
    if not report.matrix:
        return [(Span("No call was reached.", "warning"),)]
    names = {name: _short(mask(name)) for name in outcome_order(report)}
    lines = matrix(report.matrix, list(names), width, glyphs, names)
    for step, row in report.passing.items():
        words: dict[str, list[str]] = {}
        for name, verdict in row.items():
            if verdict != report.matrix[step].get(name):
                words.setdefault(verdict, []).append(names[name])
        for verdict, these in words.items():
            text = f"{step}: {', '.join(these)} shown as lasting; {verdict} when it passes"
            lines.append((Span(text, "dim"),))
    return lines


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def coverage_lines(report: SweepReport, glyphs: Glyphs = UNICODE) -> list[Line]:
    """How much of the journey was walked, and every edge that was not, with the reason."""
    reachable = report.reachable
    share = 100 * report.edges_covered // reachable if reachable else 100
    text = f"{report.edges_covered} of {reachable} reachable edges covered ({share} %)"
    style: Style = "success" if share == 100 else "warning"
    more = f"; {report.unreachable} can never be taken" if report.unreachable else ""
    lines: list[Line] = [(Span(text, style), Span(more, "warning"))]
    for edge in report.uncovered:
        way = f"{edge.source or 'start'} {glyphs.jump} {edge.target or 'nowhere'}"
        label = f" [{edge.label}]" if edge.label else ""
        lines.append((Span(f"  not covered: {way}{label}: {edge.why}"),))
    return lines


def vendor_lines(
    found: VendorTable, width: int | None = None, glyphs: Glyphs = UNICODE
) -> list[Line]:
    """The vendor table; a number after a cell points into the legend of what is assumed."""
    if found.not_entered:
        why = f"profile {found.profile} does not enter: {found.not_entered}"
        return [(Span(why, "warning"),)]
    if not found.rows:
        return [(Span("The journey reaches no call, so there is nothing to compare.", "dim"),)]
    numbered = _numbered(found)
    rows: list[list[str | Span]] = []
    for row in found.rows:
        where = f"differ at {row.diverges_at}" if row.diverges_at else "agree"
        words = [_cell_span(cell, numbered, glyphs) for cell in row.cells]
        rows.append([row.step, row.answer, *words, where])
    head: Sequence[str] = ["call", "answer", *found.dialects, ""]
    return table(head, rows, width, glyphs=glyphs)


def vendor_legend(found: VendorTable) -> list[Line]:
    """What the numbers mean: every rule that no document says, with what stands in its place."""
    if not found.rows:
        return []
    numbered = _numbered(found)
    if not numbered:
        return [(Span("Every cell rests on documents or on the journey itself.", "dim"),)]
    lines: list[Line] = [
        (Span("Numbers: assumed, because no document says it. Cells without one rest on"),),
        (Span("documents, public reports or the journey itself."),),
    ]
    wide = len(str(len(numbered)))
    for (name, _), (rule, number) in numbered.items():
        lines.append(
            (
                Span(f"  {number:>{wide}}  {name}: ", "strong"),
                Span(f"{rule.name} = {_value(rule.value)}"),
                Span(f"  ({rule.source})", "dim"),
            )
        )
    return lines


def _cell_span(cell: Cell, numbered: _Numbered, glyphs: Glyphs) -> Span:
    if cell.outcome == "not reached":
        return Span("not reached", "dim")
    mark = glyphs.success if cell.outcome == "success" else glyphs.failure
    ends = {"dropped": "dropped", "failed": "run fails"}.get(cell.status, "path ends")
    numbers = sorted(numbered[cell.dialect, rule.name][1] for rule in cell.assumed)
    foot = f" [{','.join(map(str, numbers))}]" if numbers else ""
    style: Style = "success" if cell.outcome == "success" else "failure"
    return Span(f"{mark} {glyphs.jump} {cell.next or ends}{foot}", style)


def _numbered(found: VendorTable) -> _Numbered:
    """The assumed rules, numbered vendor by vendor."""
    numbered: _Numbered = {}
    for place in range(len(found.dialects)):
        for row in found.rows:
            cell = row.cells[place]
            for rule in cell.assumed:
                key = (cell.dialect, rule.name)
                numbered.setdefault(key, (rule, len(numbered) + 1))
    return numbered


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
