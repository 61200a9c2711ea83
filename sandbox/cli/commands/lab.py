"""``sweep`` and ``compare``."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from types import FrameType

from sandbox.bench import Bench
from sandbox.bench.questions import confirm, sweep, vendor_table
from sandbox.charts.line import Line, Span, Style
from sandbox.charts.matrix import matrix
from sandbox.charts.table import table
from sandbox.cli.compose import open_bench
from sandbox.cli.options import run_options
from sandbox.cli.output import Output, narrate
from sandbox.cli.report import finding_lines
from sandbox.engine.fold import finding_document
from sandbox.errors import InputError, UnknownName
from sandbox.lab.compare import Cell, VendorTable
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.sweep import SweepReport
from sandbox.masking import Masker
from sandbox.model.base import Json

__all__ = ["show_comparison", "show_sweep"]

_QUIET_S = 0.5


class _Stop:
    """Ctrl-C asks the sweep to stop; what is known is printed all the same."""

    def __init__(self) -> None:
        self.asked = False
        self._since = time.monotonic()
        self._shown = False

    def __enter__(self) -> _Stop:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *wrong: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def told(self, report: SweepReport) -> bool:
        """Progress, on a terminal and only when it takes a while."""
        if sys.stderr.isatty() and time.monotonic() - self._since > _QUIET_S:
            self._shown = True
            covered = f"{len(report.covered)} of {report.edges_total} edges"
            sys.stderr.write(f"\r{report.runs:,} runs, {covered}; Ctrl-C stops and prints\x1b[K")
            sys.stderr.flush()
        return not self.asked


def show_sweep(arguments: argparse.Namespace) -> int:
    """Every failure of a journey. Exit 1 when something was found."""
    output = Output(arguments)
    with open_bench(arguments) as bench, _Stop() as stop:
        journey = bench.repository.journey(arguments.journey)
        options = run_options(arguments, bench.repository, [journey])
        report = sweep(
            bench,
            arguments.journey,
            _profiles(bench, arguments.profiles),
            options,
            arguments.depth,
            arguments.budget,
            stop.told,
        )
        differences = asyncio.run(confirm(bench, arguments.journey, report.suite, options))
    if arguments.json:
        output.json(_sweep_document(report, differences))
    else:
        _print_sweep(output, report)
    if not report.complete:
        covered = f"{report.edges_covered} of {report.edges_total} edges"
        narrate(f"sandbox: stopped after {report.runs:,} runs with {covered}: {report.stopped}")
    for difference in differences:
        narrate(f"sandbox: a mistake of ours, please report it: {difference}")
    if stop.asked:
        return 130
    serious = any(finding.level != "info" for finding in report.findings)
    return 1 if serious or differences else 0


def _profiles(bench: Bench, names: list[str] | None) -> list[str] | None:
    if names is None:
        return None
    wanted = [one for name in names for one in name.split(",") if one]
    known = [profile.id for profile in bench.repository.profiles()]
    if wanted == ["all"]:
        return known
    for one in wanted:
        if one not in known:
            raise UnknownName("profile", one, known)
    if not wanted:
        raise InputError("--profiles names nobody", "give ids, or all")
    return wanted


def _sweep_document(report: SweepReport, differences: list[str]) -> dict[str, Json]:
    masker = Masker()
    return {
        "journey": report.journey,
        "dialect": report.dialect,
        "depth": report.depth,
        "seed": report.seed,
        "budget": report.budget,
        "complete": report.complete,
        "stopped": report.stopped,
        "profiles": report.profiles,
        "runs": report.runs,
        "coverage": {
            "edges_total": report.edges_total,
            "edges_covered": report.edges_covered,
            "edges_unreachable": report.unreachable,
            "uncovered": [edge._asdict() for edge in report.uncovered],
        },
        "matrix": report.matrix,
        "classes": report.classes,
        "suite": [
            {
                "profile": one.profile,
                "title": one.title,
                "answers": one.answers,
                "status": one.status,
                "path": list(one.path),
            }
            for one in report.suite
        ],
        "findings": [finding_document(one, masker) for one in report.findings],
        "differences": differences,
    }


def _print_sweep(output: Output, report: SweepReport) -> None:
    about = f"  {report.dialect}, {report.depth}, seed {report.seed}, {report.runs:,} runs"
    people = f", {len(report.profiles)} of the people" if len(report.profiles) > 1 else ""
    output.lines([(Span(report.journey, "strong"), Span(about + people, "dim"))])
    output.line()
    output.lines(matrix(report.matrix, OUTCOMES, None, output.glyphs))
    output.line()
    reachable = report.edges_total - report.unreachable
    share = 100 * report.edges_covered // reachable if reachable else 100
    text = f"{report.edges_covered} of {reachable} reachable edges covered ({share} %)"
    output.lines([(Span(text, "success" if share == 100 else "warning"),)])
    for edge in report.uncovered:
        way = f"{edge.source or 'start'} {output.glyphs.jump} {edge.target or 'nowhere'}"
        label = f" [{edge.label}]" if edge.label else ""
        output.line(f"  not covered: {way}{label}: {edge.why}")
    if report.findings:
        output.line()
        output.lines(
            finding_lines(
                (finding_document(one, Masker()) for one in report.findings), output.width
            )
        )
    output.line()
    output.lines(
        [(Span(f"{len(report.suite)} scenarios reach everything that was reached:", "strong"),)]
    )
    for one in report.suite:
        answers = " ".join(f"--answer '{step}={','.join(a)}'" for step, a in one.answers.items())
        output.line(f"  {one.title}: {one.status}")
        output.lines(
            [(Span(f"    sandbox fire {report.journey} --profile {one.profile} {answers}", "dim"),)]
        )


def show_comparison(arguments: argparse.Namespace) -> int:
    """Vendors side by side. Exit 1 when they differ."""
    output = Output(arguments)
    dialects = [name for name in arguments.dialects.split(",") if name]
    if len(dialects) < 2:
        raise InputError("--dialects needs at least two names", "such as usercom,insider")
    with open_bench(arguments) as bench:
        journey = bench.repository.journey(arguments.journey)
        options = run_options(arguments, bench.repository, [journey])
        profile = arguments.profile or bench.repository.profiles()[0].id
        answers = arguments.compared.split(",") if arguments.compared else None
        extra = {"answers": answers} if answers else {}
        found = vendor_table(bench, arguments.journey, dialects, profile, options, **extra)
    if arguments.json:
        output.json(comparison_document(found))
    else:
        _print_comparison(output, found)
    return 1 if found.differs else 0


def comparison_document(found: VendorTable) -> dict[str, Json]:
    """The vendor table as JSON."""
    return {
        "journey": found.journey,
        "profile": found.profile,
        "dialects": list(found.dialects),
        "differs": found.differs,
        "rows": [
            {
                "step": row.step,
                "answer": row.answer,
                "diverges_at": row.diverges_at,
                "cells": {
                    cell.dialect: {
                        "outcome": cell.outcome,
                        "next": cell.next,
                        "decided_by": cell.decided_by,
                        "policy": cell.policy,
                        "status": cell.status,
                        "counts": cell.counts,
                        "origin": cell.origin,
                        "rests_on": [rule._asdict() for rule in cell.rests_on],
                    }
                    for cell in row.cells
                },
            }
            for row in found.rows
        ],
    }


def _print_comparison(output: Output, found: VendorTable) -> None:
    title = f"{found.journey} / profile {found.profile}"
    output.lines([(Span(title, "strong"), Span("  * rests on something assumed", "dim"))])
    rows: list[list[str | Span]] = []
    for row in found.rows:
        cells = {cell.dialect: cell for cell in row.cells}
        words = [_cell(output, cells.get(name)) for name in found.dialects]
        where = f"differ at {row.diverges_at}" if row.diverges_at else "agree"
        rows.append([row.step, row.answer, *words, where])
    lines: list[Line] = table(["call", "answer", *found.dialects, ""], rows, glyphs=output.glyphs)
    output.lines(lines)


def _cell(output: Output, cell: Cell | None) -> Span:
    if cell is None:
        return Span("not reached", "dim")
    mark = output.glyphs.success if cell.outcome == "success" else output.glyphs.failure
    onward = cell.next or {"dropped": "dropped", "failed": "run fails"}.get(cell.status, "ends")
    star = "*" if cell.origin == "assumed" else ""
    style: Style = "success" if cell.outcome == "success" else "failure"
    return Span(f"{mark} {output.glyphs.jump} {onward}{star}", style)
