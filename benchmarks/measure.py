"""Measuring on a machine that others use too: CPU time, interleaved rounds, medians."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["Row", "child_cpu_ms", "child_environment", "interleaved", "median_ratio", "table"]


class Row(NamedTuple):
    """One line of the report."""

    what: str
    ours: str
    yardstick: str
    ratio: float | None
    target: str = ""
    met: bool | None = None
    """None: there is no target, or nothing was measured."""


def interleaved(
    rounds: int, work: Mapping[str, Callable[[], None]], clock: Callable[[], float] | None = None
) -> dict[str, list[float]]:
    """Seconds per round of each piece of work, all of them in every round, in turns.

    Args:
        rounds: how often; one more round goes before them and does not count.
        work: each is called once a round.
        clock: CPU time of this process unless said.
    """
    clock = clock or time.process_time
    taken: dict[str, list[float]] = {name: [] for name in work}
    names = list(work)
    for number in range(rounds + 1):
        for name in names if number % 2 else reversed(names):
            gc.collect()
            started = clock()
            work[name]()
            if number:
                taken[name].append(clock() - started)
    return taken


def median_ratio(ours: Sequence[float], yardstick: Sequence[float]) -> float:
    """The median of the rounds' own ratios, so that a slow spell of the machine cancels out."""
    return statistics.median(a / b for a, b in zip(ours, yardstick, strict=True))


def child_environment() -> dict[str, str]:
    """The environment of a measured process: byte code is kept, as in an installation."""
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "COVERAGE_PROCESS_START")
    return {name: value for name, value in os.environ.items() if name not in left_out}


def child_cpu_ms(command: Sequence[str]) -> float:
    """CPU milliseconds (user and system) of one process, from its start to its end.

    Raises:
        RuntimeError: when it fails.
    """
    with open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(
            command, stdout=nowhere, stderr=nowhere, stdin=nowhere, env=child_environment()
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return (used.ru_utime + used.ru_stime) * 1000.0


def table(rows: Sequence[Row]) -> str:
    """The report as aligned columns."""
    head = ("what", "ours", "yardstick", "ratio", "target", "verdict")
    cells = [head]
    for row in rows:
        verdict = {None: "", True: "met", False: "MISSED"}[row.met]
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        cells.append((row.what, row.ours, row.yardstick, ratio, row.target, verdict))
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.rjust(width) if column == 3 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)
