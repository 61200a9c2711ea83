"""The first frame: from the start of the process until the marker stands on a terminal's screen."""

from __future__ import annotations

import os
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bare_app import MARKER
from benchmarks.measure import Row, child_cpu_ms, child_environment, median_ratio
from benchmarks.start_up import command

__all__ = ["FRAME_TARGET", "first_frame_s", "measure"]

FRAME_TARGET = 2.2
_ESCAPES = re.compile(
    rb"\x1b(\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(\x07|\x1b\\)|[()][0-9A-B]|.)"
)
_LONGEST_S = 30.0


def first_frame_s(words: Sequence[str], marker: str, columns: int = 120, rows: int = 40) -> float:
    """Seconds until ``marker`` stands in a terminal of this size; then the process is ended.

    Raises:
        RuntimeError: when it is not drawn.
    """
    import fcntl
    import pty
    import termios

    environment = {**child_environment(), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment.pop("NO_COLOR", None)
    started = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execve(words[0], list(words), environment)
    drawn = b""
    try:
        while time.perf_counter() - started < _LONGEST_S:
            ready, _, _ = select.select([terminal], [], [], 0.5)
            if not ready:
                continue
            try:
                drawn += os.read(terminal, 65_536)
            except OSError:
                break
            if marker.encode() in _ESCAPES.sub(b"", drawn):
                return time.perf_counter() - started
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(pid, 0)
    shown = _ESCAPES.sub(b"", drawn)[-300:].decode("utf-8", "replace")
    raise RuntimeError(f"{marker!r} did not appear on the screen of {words[0]}; last: {shown!r}")


def measure(rounds: int = 7, marker: str = "newsletter") -> list[Row]:
    """The workbench on the demo against the bare application."""
    what = "first frame of the workbench ÷ bare Textual app"
    try:
        import pty  # noqa: F401
    except ImportError:
        return [Row(what, "skipped: this platform has no pseudo-terminals", "", None)]
    with tempfile.TemporaryDirectory() as folder:
        workspace = str(Path(folder) / "demo")
        child_cpu_ms([command(), "init", "--workspace", workspace])
        programs = {
            "ours": ([command(), "--workspace", workspace], marker),
            "bare": ([sys.executable, "-m", "benchmarks.bare_app"], MARKER),
        }
        taken: dict[str, list[float]] = {name: [] for name in programs}
        for number in range(rounds + 1):
            for name, (words, wanted) in programs.items():
                seconds = first_frame_s(words, wanted)
                if number:
                    taken[name].append(seconds)
    ratio = median_ratio(taken["ours"], taken["bare"])
    return [
        Row(
            what,
            f"{statistics.median(taken['ours']) * 1000:.0f} ms",
            f"{statistics.median(taken['bare']) * 1000:.0f} ms",
            ratio,
            f"<= {FRAME_TARGET}",
            ratio <= FRAME_TARGET,
        )
    ]
