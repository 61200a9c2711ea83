"""``render``, ``map``, ``counts``, ``runs`` and ``show``."""

from __future__ import annotations

import argparse
from dataclasses import replace

from sandbox.bench import Bench, Preview, RunOptions
from sandbox.charts.bars import by_code, stacked_bars
from sandbox.charts.flow import flow
from sandbox.charts.line import Span
from sandbox.charts.table import table
from sandbox.cli.compose import open_bench
from sandbox.cli.options import run_options
from sandbox.cli.output import Output, narrate
from sandbox.cli.report import trace_lines
from sandbox.errors import UnknownName
from sandbox.formats.diff import diff
from sandbox.formats.http import to_http
from sandbox.model.base import Json, shorten
from sandbox.model.trace import CallCounts

__all__ = ["counts", "render", "runs", "show", "show_map"]


def render(arguments: argparse.Namespace) -> int:
    """The exact request a step would send for a person."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        options = run_options(arguments, bench.repository)
        preview = bench.preview(arguments.journey, arguments.step, arguments.profile, options)
        if arguments.json or arguments.form == "json":
            output.json(_preview_document(preview))
            return 0
        if arguments.diff:
            _show_diff(output, bench, arguments, options)
        elif arguments.explain:
            _show_values(output, preview)
        elif arguments.form == "curl":
            output.line(
                bench.curl(arguments.journey, arguments.step, arguments.profile, options,
                           reveal=arguments.reveal)
            )  # fmt: skip
        else:
            output.raw(to_http(preview.request).encode())
            output.line()
    if preview.problem is not None:
        problem = preview.problem
        narrate(f"cannot be sent: {problem['kind']} @ {problem['phase']}: {problem['message']}")
    for finding in preview.findings:
        narrate(f"{finding['level']} {finding['code']}: {finding['message']}")
    return 0


def _preview_document(preview: Preview) -> dict[str, Json]:
    return {
        "request": preview.request,
        "problem": preview.problem,
        "values": [line._asdict() for line in preview.values],
        "findings": preview.findings,
    }


def _show_diff(
    output: Output, bench: Bench, arguments: argparse.Namespace, options: RunOptions
) -> None:
    bodies = []
    for with_user in (True, False):
        chosen = replace(options, include_user=with_user)
        preview = bench.preview(arguments.journey, arguments.step, arguments.profile, chosen)
        bodies.append(preview.request["body"])
    lines = diff(bodies[0], bodies[1])
    if not any(line.startswith(("+", "-")) for line in lines):
        narrate("the user info makes no difference to this call")
    for line in lines:
        style = {"-": "failure", "+": "success"}.get(line[:1], "")
        output.lines([(Span(line, style),)])  # type: ignore[arg-type]


def _show_values(output: Output, preview: Preview) -> None:
    rows = [
        [line.at, line.tag, line.path, shorten(line.rendered, 48), line.type]
        for line in preview.values
    ]
    if not rows:
        output.line("the call has no tags; it is the same for everybody")
        return
    head = ["field", "tag", "path", "value", "type"]
    output.lines(table(head, rows, max(output.width, 100), glyphs=output.glyphs))


def show_map(arguments: argparse.Namespace) -> int:
    """The journey as a graph, with the counts of the history."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        graph = bench.graph(arguments.journey, arguments.dialect)
        if arguments.mermaid:
            from sandbox.charts.mermaid import mermaid

            output.raw(mermaid(graph).encode().rstrip(b"\n") + b"\n")
            return 0
        if arguments.json:
            document = graph._asdict() | {
                "nodes": [node._asdict() for node in graph.nodes],
                "edges": [edge._asdict() for edge in graph.edges],
            }
            output.json(document)
            return 0
        counted = bench.history.counts(arguments.journey).get(arguments.journey)
        rows = flow(graph, min(output.width, 110), counted, glyphs=output.glyphs)
        output.lines(row.line for row in rows)
    return 0


def counts(arguments: argparse.Namespace) -> int:
    """Successes and failures per step, as bars. JSON: journey → step → counts."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        if arguments.journey:
            bench.repository.journey(arguments.journey)
        run_id = _run_id(bench, arguments.run) if arguments.run else None
        found = bench.history.counts(arguments.journey, run_id)
    if arguments.json:
        output.json(found)
        return 0
    if not found:
        output.line("no calls yet; fire a journey first")
    for number, (journey, steps) in enumerate(found.items()):
        output.lines([(Span(("\n" if number else "") + journey, "strong"),)])
        output.lines(stacked_bars(steps, min(output.width, 110), glyphs=output.glyphs))
        output.lines(by_code(_codes(steps), min(output.width, 110), output.glyphs))
    return 0


def _codes(steps: dict[str, CallCounts]) -> dict[str, int]:
    codes: dict[str, int] = {}
    for one in steps.values():
        for code, number in one["by_code"].items():
            codes[code] = codes.get(code, 0) + number
    return dict(sorted(codes.items()))


def runs(arguments: argparse.Namespace) -> int:
    """The history, newest first."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        found = bench.history.runs(arguments.journey, arguments.profile, arguments.limit)
    names = (
        "id", "journey", "profile", "dialect", "via", "seed", "status", "success", "failure",
        "started", "recorded",
    )  # fmt: skip
    rows = [{name: getattr(run, name) for name in names} for run in found]
    if arguments.json:
        output.json(rows)
    elif not rows:
        output.line("no runs yet; fire a journey first")
    else:
        cells = [[str(row[name]) for name in names] for row in rows]
        output.lines(table(names, cells, max(output.width, 120), glyphs=output.glyphs))
    return 0


def _run_id(bench: Bench, written: str) -> str:
    """A run's id as a person writes it: whole, or only its number.

    Raises:
        UnknownName: when there is no such run.
    """
    for candidate in (written, f"r{written:>06}".replace(" ", "0")):
        if bench.history.trace(candidate) is not None:
            return candidate
    raise UnknownName("run", written, [run.id for run in bench.history.runs(most=200)])


def show(arguments: argparse.Namespace) -> int:
    """One run with its exact requests and answers."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        trace = bench.history.trace(_run_id(bench, arguments.run))
    if trace is None:
        raise UnknownName("run", arguments.run, [])
    if arguments.json:
        output.json(trace)
    else:
        output.lines(trace_lines(trace, output.glyphs, exact=True))
    return 0
