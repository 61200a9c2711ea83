"""How long a command takes to start, as CPU time of the whole process."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, child_cpu_ms, median_ratio

__all__ = ["HELP_TARGET", "command", "measure"]

HELP_TARGET = 3.0


def command() -> str:
    """The installed ``sandbox`` beside the interpreter that runs this.

    Raises:
        RuntimeError: when it is not installed there.
    """
    found = Path(sys.executable).with_name("sandbox")
    if not found.exists():
        raise RuntimeError(f"no sandbox command beside {sys.executable}; pip install -e . first")
    return str(found)


def measure(rounds: int = 9) -> list[Row]:
    """Rows for help, a rendered request and a fired journey, against ``python -c pass``."""
    with tempfile.TemporaryDirectory() as folder:
        place = ["--workspace", str(Path(folder) / "demo")]
        child_cpu_ms([command(), "init", *place])
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "sandbox --help": [command(), "--help"],
            "sandbox render": [command(), "render", "newsletter", "call", "--profile", "7", *place],
            "sandbox fire": [command(), "fire", "newsletter", "--profile", "7", *place],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, words in commands.items():
                cpu_ms = child_cpu_ms(words)
                if number:
                    taken[name].append(cpu_ms)
    bare = taken.pop("python -c pass")
    rows = []
    for name, times in taken.items():
        ratio = median_ratio(times, bare)
        asked = name == "sandbox --help"
        rows.append(
            Row(
                f"{name} ÷ python -c pass",
                f"{statistics.median(times):.0f} ms",
                f"{statistics.median(bare):.0f} ms",
                ratio,
                f"<= {HELP_TARGET:g}" if asked else "",
                ratio <= HELP_TARGET if asked else None,
            )
        )
    return rows
