"""``sweep`` and ``compare``."""

from __future__ import annotations

import argparse
import asyncio
import shlex
import signal
import sys
import time
from types import FrameType

from sandbox.bench.bench import Bench
from sandbox.bench.questions import confirm, sweep, vendor_table
from sandbox.charts.line import Span
from sandbox.cli.compose import open_bench
from sandbox.cli.options import run_options
from sandbox.cli.output import Output, narrate
from sandbox.cli.report import finding_lines
from sandbox.cli.wrapping import wrap
from sandbox.engine.fold import finding_document
from sandbox.errors import InputError, UnknownName
from sandbox.lab.answers import rules_of
from sandbox.lab.compare import VendorTable
from sandbox.lab.lines import coverage_lines, matrix_lines, vendor_legend, vendor_lines
from sandbox.lab.report import SweepReport
from sandbox.lab.suite import Scenario
from sandbox.masking import Masker
from sandbox.model.base import Json

__all__ = ["comparison_document", "show_comparison", "show_sweep", "sweep_document"]

_QUIET_S = 0.5


class _Stop:
    """Ctrl-C asks the sweep to stop, and what is known is printed; a second one ends it at once."""

    def __init__(self) -> None:
        self.asked = False
        self._since = time.monotonic()
        self._shown = False

    def __enter__(self) -> _Stop:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *wrong: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        self.clear()

    def clear(self) -> None:
        """Take the line of progress away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
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
        people = _profiles(bench, arguments.profiles)
        report = sweep(
            bench,
            arguments.journey,
            people,
            options,
            arguments.depth,
            arguments.budget,
            stop.told,
        )
        stop.clear()
        differences = asyncio.run(confirm(bench, arguments.journey, report.suite, options))
        masker = bench.masker()
    if arguments.json:
        output.json(sweep_document(report, differences, masker))
    else:
        _print_sweep(output, report, masker, _repeated(arguments))
    if not report.complete:
        covered = f"{report.edges_covered} of {report.reachable} edges"
        narrate(f"sandbox: stopped after {_runs(report.runs)} with {covered}: {report.stopped}")
    for difference in differences:
        narrate(f"sandbox: a mistake of ours, please report it: {masker.text(difference)}")
    if stop.asked:
        return 130
    serious = any(finding.level != "info" for finding in report.findings)
    return 1 if serious or differences else 0


def _profiles(bench: Bench, names: list[str] | None) -> list[str] | None:
    if names is None:
        return None
    wanted = list(dict.fromkeys(one for name in names for one in name.split(",") if one))
    known = [profile.id for profile in bench.repository.profiles()]
    if wanted == ["all"]:
        return known
    for one in wanted:
        if one not in known:
            raise UnknownName("profile", one, known)
    if not wanted:
        raise InputError("--profiles names nobody", "give ids, or all")
    return wanted


def _repeated(arguments: argparse.Namespace) -> list[str]:
    """The options that a run of one scenario needs as well."""
    words: list[str] = []
    for text in arguments.sets:
        words += ["--set", text]
    for name in ("dialect", "event", "occurrence", "seed", "at", "env_file"):
        value = getattr(arguments, name, None)
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return words


def sweep_document(report: SweepReport, differences: list[str], masker: Masker) -> dict[str, Json]:
    """A sweep as JSON."""
    return {
        "journey": report.journey,
        "dialect": report.dialect,
        "depth": report.depth,
        "seed": report.seed,
        "budget": report.budget,
        "complete": report.complete,
        "stopped": report.stopped,
        "profiles": report.profiles,
        "not_entered": report.not_entered,
        "runs": report.runs,
        "coverage": {
            "edges_total": report.edges_total,
            "edges_covered": report.edges_covered,
            "edges_unreachable": report.unreachable,
            "uncovered": [masker.json(edge._asdict()) for edge in report.uncovered],
        },
        "matrix": masker.json(report.matrix),
        "passing": masker.json(report.passing),
        "classes": masker.json(report.classes),
        "suite": [_scenario_document(one, masker) for one in report.suite],
        "findings": [finding_document(one, masker) for one in report.findings],
        "differences": [masker.text(one) for one in differences],
    }


def _scenario_document(scenario: Scenario, masker: Masker) -> dict[str, Json]:
    """``rules`` is null where ``answers`` says it all."""
    rules = None
    if not scenario.sayable:
        made = rules_of(scenario.items).model_dump(
            mode="json", by_alias=True, exclude_defaults=True, exclude_unset=True
        )
        rules = masker.json({"version": 1, **made})
    return {
        "profile": scenario.profile,
        "title": masker.text(scenario.title),
        "answers": masker.json(scenario.answers),
        "rules": rules,
        "status": scenario.status,
        "path": list(scenario.path),
    }


def _print_sweep(output: Output, report: SweepReport, masker: Masker, repeated: list[str]) -> None:
    about = f"  {report.dialect}, {report.depth}, seed {report.seed}, {_runs(report.runs)}"
    people = f", {len(report.profiles)} people" if len(report.profiles) > 1 else ""
    outside = len(report.not_entered)
    entered = f", {outside} of them not let in by the trigger" if outside and people else ""
    output.lines([(Span(report.journey, "strong"), Span(about + people + entered, "dim"))])
    output.line()
    output.lines(matrix_lines(report, None, output.glyphs, masker.text))
    if not report.nobody_entered:
        output.line()
        for line in coverage_lines(report, output.glyphs):
            masked = [Span(masker.text(span.text), span.style) for span in line]
            output.lines(wrap(masked, output.width, 6))
    if report.findings:
        output.line()
        documents = (finding_document(one, masker) for one in report.findings)
        output.lines(finding_lines(documents, output.width))
    if not report.suite:
        return
    output.line()
    many = len(report.suite)
    head = f"{many} scenarios reach" if many > 1 else "1 scenario reaches"
    output.lines([(Span(f"{head} everything that was reached:", "strong"),)])
    for one in report.suite:
        output.line(masker.text(f"  {one.title}: {one.status}"))
        output.lines([(Span(f"    {masker.text(_command(report, one, repeated))}", "dim"),)])


def _runs(number: int) -> str:
    return f"{number:,} run" + ("s" if number != 1 else "")


def _command(report: SweepReport, scenario: Scenario, repeated: list[str]) -> str:
    if not scenario.sayable:
        return "needs mock rules: see rules in --json"
    words = ["sandbox", "fire", report.journey, "--profile", scenario.profile, *repeated]
    for step, answers in scenario.answers.items():
        words += ["--answer", f"{step}={','.join(answers)}"]
    return shlex.join(words)


def show_comparison(arguments: argparse.Namespace) -> int:
    """Vendors side by side. Exit 1 when they differ."""
    output = Output(arguments)
    dialects = list(dict.fromkeys(name for name in arguments.dialects.split(",") if name))
    if len(dialects) < 2:
        raise InputError("--dialects needs at least two names", "such as usercom,insider")
    with open_bench(arguments) as bench:
        journey = bench.repository.journey(arguments.journey)
        options = run_options(arguments, bench.repository, [journey])
        profiles = bench.repository.profiles()
        if not profiles:
            raise InputError(
                "the workspace has no profiles, so nobody can be walked",
                "import some: sandbox import FILE --as profiles",
            )
        profile = arguments.profile or profiles[0].id
        answers = _names(arguments.compared)
        extra = {"answers": answers} if answers else {}
        found = vendor_table(bench, arguments.journey, dialects, profile, options, **extra)
    if arguments.json:
        output.json(comparison_document(found))
        return 1 if found.differs else 0
    title = f"{found.journey} for profile {found.profile}"
    output.lines([(Span(title, "strong"),)])
    output.line()
    output.lines(vendor_lines(found, None, output.glyphs))
    legend = vendor_legend(found)
    if legend:
        output.line()
    for line in legend:
        output.lines(wrap(line, output.width, 6))
    return 1 if found.differs else 0


def _names(text: str | None) -> list[str]:
    """Answers separated by commas, each as it is written; one with a JSON body may hold commas."""
    names: list[str] = []
    for part in (text or "").split(","):
        if names and names[-1].count("{") > names[-1].count("}"):
            names[-1] += f",{part}"
        elif part:
            names.append(part)
    return names


def comparison_document(found: VendorTable) -> dict[str, Json]:
    """The vendor table as JSON: every cell with the rules it rests on and their origins."""
    return {
        "journey": found.journey,
        "profile": found.profile,
        "dialects": list(found.dialects),
        "not_entered": found.not_entered,
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
                        "origin": cell.origin if cell.rests_on else "",
                        "assumed": [rule.name for rule in cell.assumed],
                        "rests_on": [rule._asdict() for rule in cell.rests_on],
                    }
                    for cell in row.cells
                },
            }
            for row in found.rows
        ],
    }
