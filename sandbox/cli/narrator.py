"""Narration that never waits: for a server, whose standard error may be a pipe that nobody reads.

Lines go to a thread through a short queue. What does not fit is counted, and the count is told.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque

from sandbox.charts.cells import clean
from sandbox.cli.ascii import NARRATION, ascii_only

__all__ = ["Narrator"]

_MOST = 500
_GOODBYE_S = 0.5


class Narrator:
    """Writes lines to standard error from a thread of its own, between ``start`` and ``stop``."""

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._ascii = NARRATION.get()
        self._lines: deque[str] = deque()
        self._left_out = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_all, name="narrator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def say(self, text: str) -> None:
        """One or more lines, sooner or later; control characters in them are made visible."""
        with self._changed:
            if len(self._lines) >= _MOST:
                self._left_out += 1
                return
            self._lines.append(text)
            self._changed.notify()

    def stop(self) -> None:
        """Write what is left, unless nobody reads it."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(_GOODBYE_S)

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._stopping)
                if not self._lines:
                    return
                lines = list(self._lines)
                self._lines.clear()
                left_out, self._left_out = self._left_out, 0
            if left_out:
                lines.append(f"… {left_out:,} more lines were left out")
            text = "\n".join(clean(line) for one in lines for line in one.split("\n"))
            text = ascii_only(text) if self._ascii else text
            try:
                # Not print: a daemon thread that dies inside it can take the interpreter along.
                _write(sys.stderr.fileno(), f"{text}\n".encode("utf-8", "backslashreplace"))
            except (OSError, ValueError):
                return


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]
