"""``render``, ``map``, ``counts``, ``runs`` and ``show``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from sandbox.bench.bench import Bench
from sandbox.bench.left_values import LeftValue, left_values, marks_of
from sandbox.bench.options import Preview, RunOptions
from sandbox.bench.vendors import counter_words, field_at
from sandbox.charts.bars import CounterWords, by_code, named_counters, stacked_bars
from sandbox.charts.flow import flow
from sandbox.charts.line import Line, Span, Style, plain
from sandbox.charts.spans_of_time import local_minute
from sandbox.charts.table import Align, table
from sandbox.cli.compose import open_bench
from sandbox.cli.history import run_named
from sandbox.cli.options import run_options
from sandbox.cli.output import Output, narrate
from sandbox.cli.paths import path_lines
from sandbox.cli.report import Report, finding_lines
from sandbox.errors import InputError, UnknownName
from sandbox.formats.diff import diff
from sandbox.formats.http import to_http_bytes
from sandbox.model.base import Json, shorten
from sandbox.model.trace import CallCounts, RequestDocument, TraceDocument
from sandbox.seams import RunRow
from sandbox.templates.text import LEFT_OUT, Provenance

__all__ = ["counts", "render", "runs", "show", "show_map"]


def render(arguments: argparse.Namespace) -> int:
    """The exact request a step would send for a person."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        names = (arguments.journey, arguments.step, arguments.profile)
        journey = bench.repository.journey(arguments.journey)
        options = run_options(arguments, bench.repository, [journey])
        preview = bench.preview(*names, options)
        if arguments.json or arguments.form == "json":
            document = _preview_document(preview)
            if arguments.diff:
                document["diff"] = _difference(bench, arguments, options)
            output.json(document)
            return 0
        if arguments.diff:
            _show_diff(output, _difference(bench, arguments, options))
        elif arguments.explain:
            _show_values(output, preview, journey.dialect)
        elif arguments.form == "curl":
            curl = bench.curl(*names, options, reveal=arguments.reveal)
            output.raw(curl.encode() + b"\n")
        else:
            _show_http(output, preview)
    if preview.problem is not None:
        problem = preview.problem
        narrate(f"cannot be sent: {problem['kind']} @ {problem['phase']}: {problem['message']}")
    for line in finding_lines(preview.findings, output.width):
        narrate(plain(line))
    return 0


def _preview_document(preview: Preview) -> dict[str, Json]:
    return {
        "request": preview.request,
        "problem": preview.problem,
        "values": [line._asdict() for line in preview.values],
        "findings": preview.findings,
    }


def _show_http(output: Output, preview: Preview) -> None:
    """Byte for byte what is sent, into a pipe; a terminal gets a line end after it."""
    request = preview.request
    try:
        data = to_http_bytes(_with_length(request, len(preview.raw.body)))
    except InputError:  # the URL is none, as narrated: there is no request line to show
        head = [f"{request['method']} {request['url']}"]
        head += [f"{name}: {value}" for name, value in request["headers"].items()]
        data = "\r\n".join([*head, "", request["text"]]).encode()
    output.raw(data + b"\n" if output.terminal else data)


def _with_length(request: RequestDocument, length: int) -> RequestDocument:
    """A masked body is not as long as the one that is sent; the header tells the truth."""
    if length == len(request["text"].encode("utf-8", "surrogateescape")):
        return request
    headers = {**request["headers"], "Content-Length": str(length)}
    return {**request, "headers": headers}


def _difference(bench: Bench, arguments: argparse.Namespace, options: RunOptions) -> list[str]:
    bodies = []
    for with_user in (True, False):
        chosen = replace(options, include_user=with_user)
        preview = bench.preview(arguments.journey, arguments.step, arguments.profile, chosen)
        bodies.append(preview.request["body"])
    return diff(bodies[0], bodies[1])


def _show_diff(output: Output, lines: list[str]) -> None:
    if not any(line.startswith(("+", "-")) for line in lines):
        narrate("the user info makes no difference to this call")
    styles: dict[str, Style] = {"-": "failure", "+": "success"}
    output.lines([(Span(line, styles.get(line[:1], "")),) for line in lines])


def _show_values(output: Output, preview: Preview, vendor: str) -> None:
    rows = [
        [
            line.at, line.tag, line.path,
            "" if line.sent == LEFT_OUT else shorten(line.rendered, 48), _type_sent(line),
            field_at(vendor, line.at, line.tag),
        ]
        for line in preview.values
    ]  # fmt: skip
    if not rows:
        output.line("the call has no tags; it is the same for everybody")
        return
    head = ["field", "tag", "path", "value", "type", f"at {vendor}"]
    output.lines(table(head, rows, output.width if output.terminal else None, glyphs=output.glyphs))


def _type_sent(line: Provenance) -> str:
    """``string (from number)``: the type that is sent, and the value's own where it differs."""
    if line.sent == line.type:
        return line.sent
    return f"{line.sent} ({'' if line.type == 'missing' else 'from '}{line.type})"


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
        cells = min(output.width, 110)
        output.lines(row.line for row in flow(graph, cells, counted, glyphs=output.glyphs))
        words = _counter_words(bench, arguments.journey)
        if counted and words is not None:
            output.lines([(), named_counters(counted, words, cells, output.glyphs)])
    return 0


def _counter_words(bench: Bench, journey: str) -> CounterWords | None:
    """None: the journey is gone, and nobody knows its vendor."""
    try:
        return counter_words(bench.repository.journey(journey))
    except UnknownName:
        return None


def counts(arguments: argparse.Namespace) -> int:
    """Successes and failures per step, as bars. JSON: journey → step → counts."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        if arguments.journey:
            bench.repository.journey(arguments.journey)
        run_id = None
        if arguments.run is not None:
            run = run_named(bench.history, arguments.run)["run"]
            run_id = run["id"]
            if arguments.journey not in (None, run["journey"]):
                raise InputError(
                    f"the run {run_id} is of {run['journey']}, not of {arguments.journey}",
                    f"sandbox counts --run {arguments.run}",
                )
        found = bench.history.counts(arguments.journey, run_id)
        words = {journey: _counter_words(bench, journey) for journey in found}
    if arguments.json:
        output.json(found)
        return 0
    if not found:
        narrate("no calls yet; fire a journey first")
    for number, (journey, steps) in enumerate(found.items()):
        if number:
            output.line()
        cells = min(output.width, 110)
        output.lines([(Span(journey, "strong"),)])
        output.lines(stacked_bars(steps, cells, glyphs=output.glyphs))
        named = words[journey]
        if named is not None:
            output.lines([named_counters(steps, named, cells, output.glyphs)])
        output.lines(by_code(_codes(steps), cells, output.glyphs))
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
        if not found:  # a name that was never there is a slip of the keyboard
            if arguments.journey is not None:
                bench.repository.journey(arguments.journey)
            if arguments.profile is not None:
                bench.repository.profile(arguments.profile)
    if arguments.json:
        output.json([{name: getattr(run, name) for name in _RUN} for run in found])
    elif not found:
        chosen = arguments.journey is not None or arguments.profile is not None
        narrate("no such runs yet" if chosen else "no runs yet; fire a journey first")
    else:
        output.lines(_run_table(found, output))
    return 0


_RUN = (
    "id", "journey", "profile", "dialect", "via", "seed", "status", "success", "failure",
    "started", "recorded",
)  # fmt: skip


def _run_table(found: Sequence[RunRow], output: Output) -> list[Line]:
    marks = (output.glyphs.success, output.glyphs.failure)
    head = ["run", "journey", "profile", "dialect", "via", "status", *marks, "when"]
    rows = [
        [
            run.id, run.journey, run.profile, run.dialect, run.via, run.status.replace("_", " "),
            str(run.success), str(run.failure), local_minute(run.recorded),
        ]
        for run in found
    ]  # fmt: skip
    sides: list[Align] = ["left", "left", "left", "left", "left", "left", "right", "right"]
    return table(head, rows, output.width, sides, output.glyphs)


def show(arguments: argparse.Namespace) -> int:
    """One run with its exact requests and answers."""
    output = Output(arguments)
    left: list[LeftValue] | None = None
    with open_bench(arguments) as bench:
        trace = run_named(bench.history, arguments.run)
        if arguments.paths:
            left = _left(bench, trace)
    if arguments.json:
        more = {} if left is None else {"paths": [one._asdict() for one in left]}
        output.json({**trace, **more})
        return 0
    output.lines(Report(output.glyphs, output.width, exact=True).run(trace))
    if left is not None:
        output.line()
        output.lines(path_lines(left, output))
    return 0


def _left(bench: Bench, trace: TraceDocument) -> list[LeftValue]:
    """What the run left, in the syntax of the journey's own templates."""
    marks, text_only = marks_of(trace["run"]["dialect"], {}), frozenset[str]()
    try:
        journey = bench.repository.journey(trace["run"]["journey"])
    except UnknownName:
        pass  # the journey is gone; the run's own dialect has to do
    else:
        marks = marks_of(journey.dialect, journey.settings)
        text_only = frozenset(
            step.id for step in journey.steps if step.kind == "call_api" and not step.parse_json
        )
    return left_values(trace, marks, text_only)
