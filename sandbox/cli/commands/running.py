"""``fire``, ``trigger`` and ``send``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import threading
from collections.abc import Coroutine, Iterator
from types import FrameType
from typing import TypeVar

from sandbox.bench.bench import Bench
from sandbox.bench.refusing import LIVE_REFUSED
from sandbox.charts.line import Span, plain
from sandbox.cli.compose import open_bench
from sandbox.cli.options import run_options
from sandbox.cli.output import Output, narrate
from sandbox.cli.recording import Recording
from sandbox.cli.report import Report, finding_lines
from sandbox.errors import LiveRefused
from sandbox.model.base import Json
from sandbox.model.trace import FindingDocument, TraceDocument

__all__ = ["fire", "send", "trigger"]

Result = TypeVar("Result")


def _await(bench: Bench, work: Coroutine[object, object, Result]) -> Result:
    async def whole() -> Result:
        try:
            return await work
        finally:
            await bench.close()

    with _interrupted_at_once():
        return asyncio.run(whole())


@contextlib.contextmanager
def _interrupted_at_once() -> Iterator[None]:
    """The first Ctrl-C ends the run, also in the middle of work that waits for nothing.

    The handler of asyncio cancels what waits, and only a second Ctrl-C ends the rest.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _failed(traces: list[TraceDocument]) -> bool:
    """Whether a call failed, or an expectation did not hold."""
    return any(one["failure"] for trace in traces for one in trace["counts"].values()) or any(
        one["code"].startswith("expected_") for trace in traces for one in trace["findings"]
    )


def _with_differences(document: Json, recording: Recording, journey: str) -> Json:
    """The document, with what is not as recorded where that was asked for."""
    if recording.compared_with is None:
        return document
    found = [one for one in recording.differences if one["journey"] == journey]
    return {**document, "differences": found}


def _refused(traces: list[TraceDocument]) -> bool:
    """Whether a run was held back on its way; says so, since the run itself went on."""
    held = [(one, trace) for trace in traces for one in trace["findings"]
            if one["code"] == LIVE_REFUSED]  # fmt: skip
    for one, trace in held:
        narrate(f"sandbox: {one['step']}: {one['message']}; the run is {trace['run']['id']}")
    if held:
        narrate("  allow a host with --allow-host, or for good in the workspace's allowed_hosts")
    return bool(held)


def _code(
    arguments: argparse.Namespace,
    failed: bool,
    recording: Recording,
    traces: list[TraceDocument] | None = None,
) -> int:
    if _refused(traces or []):
        return LiveRefused.exit_code
    if recording.differences:
        return 1
    return 1 if arguments.fail_on == "any" and failed else 0


def fire(arguments: argparse.Namespace) -> int:
    """One run of one journey."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        journey = bench.repository.journey(arguments.journey)
        recording = Recording(arguments, bench)
        options = recording.listen(run_options(arguments, bench.repository, [journey]))
        trace = _await(bench, bench.fire(arguments.journey, arguments.profile, options))
        recording.keep([journey.id])
    if arguments.json:
        output.json(_with_differences(trace, recording, journey.id))
    else:
        output.lines(Report(output.glyphs, output.width).run(trace))
        recording.show(output)
    return _code(arguments, _failed([trace]), recording, [trace])


def trigger(arguments: argparse.Namespace) -> int:
    """An event happens; every journey that listens to it runs. JSON: the list of their traces.

    What does not hold over all of them is told at the end, and is among the findings of the last.
    """
    if arguments.form is not None or arguments.to is not None or arguments.new_profile:
        from sandbox.cli.commands.outside import trigger_from_outside

        return trigger_from_outside(arguments)
    output = Output(arguments)
    with open_bench(arguments) as bench:
        event = arguments.event_name
        listening = [
            journey
            for journey in bench.repository.journeys()
            if event in (journey.id, journey.trigger.name)
        ]
        recording = Recording(arguments, bench)
        options = recording.listen(run_options(arguments, bench.repository, listening))
        found: list[FindingDocument] = []
        traces = _await(bench, bench.trigger(event, arguments.profile, options, found.extend))
        recording.keep([trace["run"]["journey"] for trace in traces])
    if arguments.json:
        if found:
            traces[-1] = {**traces[-1], "findings": [*traces[-1]["findings"], *found]}
        output.json([_with_differences(one, recording, one["run"]["journey"]) for one in traces])
    else:
        report = Report(output.glyphs, output.width)
        for number, trace in enumerate(traces):
            if number:
                output.line()
            output.lines(report.run(trace))
        recording.show(output)
    output.flush()
    for line in finding_lines(found, output.width):
        narrate(plain(line))
    return _code(arguments, _failed(traces), recording, traces)


def send(arguments: argparse.Namespace) -> int:
    """One call outside any run; touches no counter and no profile."""
    output = Output(arguments)
    with open_bench(arguments) as bench:
        journey = bench.repository.journey(arguments.journey)
        recording = Recording(arguments, bench)
        options = recording.listen(run_options(arguments, bench.repository, [journey]))
        names = (arguments.journey, arguments.step, arguments.profile)
        findings = bench.preview(*names, options).findings
        step = _await(bench, bench.send(*names, options))
        recording.keep([journey.id])
    if arguments.json:
        document = {**step, "findings": findings}
        output.json(_with_differences(document, recording, journey.id))
    else:
        title = f"{arguments.journey} for profile {arguments.profile}, one call outside any run"
        output.lines([(Span(title, "strong"),)])
        output.lines(Report(output.glyphs, output.width, exact=True).step(step))
        for line in finding_lines(findings, output.width):
            narrate(plain(line))
        recording.show(output)
    return _code(arguments, step["outcome"] == "failure", recording)
