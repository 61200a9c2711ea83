"""Printing: data to standard output, narration to standard error."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterable

from sandbox.charts.glyphs import ASCII, UNICODE, Glyphs
from sandbox.charts.line import Line, plain
from sandbox.model.base import Json, dump_json

__all__ = ["Output", "narrate"]

_COLOURS = {
    "success": "34;1",
    "failure": "33;1",
    "warning": "33",
    "dim": "2",
    "edge": "2",
    "strong": "1",
    "step": "1",
    "kind": "36",
    "current": "7",
    "passed": "34;1",
}


def narrate(text: str) -> None:
    """A line for the person, on standard error."""
    print(text, file=sys.stderr)  # noqa: T201


class Output:
    """Where a command prints its result."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Colours only on a terminal and without ``NO_COLOR``; ASCII where nothing else can be
        shown.
        """
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        asked = arguments.ascii or bool(os.environ.get("SANDBOX_ASCII"))
        self.glyphs: Glyphs = ASCII if asked or encoding != "utf8" else UNICODE
        self.ascii = self.glyphs is ASCII
        self._colour = (
            sys.stdout.isatty()
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM") != "dumb"
        )
        self.width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100

    def line(self, text: str = "") -> None:
        """One line of text."""
        if self.ascii:
            text = text.encode("ascii", "backslashreplace").decode()
        print(text)  # noqa: T201

    def lines(self, lines: Iterable[Line]) -> None:
        """Chart lines, in colour where that is possible."""
        for line in lines:
            if not self._colour:
                self.line(plain(line))
                continue
            painted = "".join(
                f"\x1b[{_COLOURS[span.style]}m{span.text}\x1b[0m"
                if span.style in _COLOURS
                else span.text
                for span in line
            )
            self.line(painted.rstrip())

    def json(self, value: Json) -> None:
        """A value as indented JSON, in UTF-8 whatever the terminal speaks."""
        sys.stdout.flush()
        sys.stdout.buffer.write(dump_json(value, indent=True) + b"\n")
        sys.stdout.buffer.flush()

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
