"""Printing: data to standard output, narration to standard error."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sandbox.charts.cells import clean, escaped
from sandbox.charts.glyphs import ASCII, UNICODE, Glyphs
from sandbox.charts.line import Line, Span
from sandbox.cli.ascii import NARRATION, ascii_only, wants_ascii
from sandbox.errors import StoreError
from sandbox.masking import MASK
from sandbox.model.base import Json, dump_json

__all__ = ["Output", "narrate"]

_NO_TERMINAL = 100
_NARROWEST = 40

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
    """Lines for the person, on standard error."""
    shown = "\n".join(map(clean, text.split("\n")))
    print(ascii_only(shown) if NARRATION.get() else shown, file=sys.stderr)  # noqa: T201


class Output:
    """Where a command prints its result."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        """Colours only on a terminal and without ``NO_COLOR``; ASCII where nothing else can be
        shown.
        """
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        self.ascii = wants_ascii(arguments.ascii) or encoding != "utf8"
        self.glyphs: Glyphs = ASCII if self.ascii else UNICODE
        self.terminal = sys.stdout.isatty()
        self._colour = (
            self.terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        )
        columns = shutil.get_terminal_size((_NO_TERMINAL, 24)).columns
        self.width = max(_NARROWEST, columns)
        """Cells of a line: the terminal's, ``$COLUMNS``, or 100 into a pipe."""

    def line(self, text: str = "") -> None:
        """One line of text; control characters in it are made visible."""
        self._print(clean(text))

    def lines(self, lines: Iterable[Line]) -> None:
        """Chart lines, in colour where that is possible."""
        for line in lines:
            self._print("".join(self._painted(span) for span in line).rstrip())

    def text(self, text: str) -> str:
        """The text as it will be drawn, so that columns can be measured."""
        return ascii_only(clean(text)) if self.ascii else clean(text)

    def json(self, value: Json) -> None:
        """A value as indented JSON, in UTF-8 whatever the terminal speaks."""
        if self.ascii:
            self.raw(json.dumps(value, indent=2).encode() + b"\n")
        else:
            self.raw(dump_json(value, indent=True) + b"\n")

    def raw(self, data: bytes) -> None:
        """Bytes as they are into a pipe or a file; a terminal is shown what would steer it.

        Only masks are drawn in ASCII where that was asked for.
        """
        if self.terminal:
            data = escaped(data.decode("utf-8", "backslashreplace")).encode()
        if self.ascii:
            data = data.replace(MASK.encode(), ascii_only(MASK).encode())
        with _writing():
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def flush(self) -> None:
        """Show now what was printed, also into a pipe."""
        sys.stdout.flush()

    def _painted(self, span: Span) -> str:
        text = clean(span.text)
        if not self._colour or span.style not in _COLOURS:
            return text
        return f"\x1b[{_COLOURS[span.style]}m{text}\x1b[0m"

    def _print(self, text: str) -> None:
        with _writing():
            print(ascii_only(text) if self.ascii else text)  # noqa: T201


@contextmanager
def _writing() -> Iterator[None]:
    """A full disk is the machine's matter, and said in one sentence.

    Raises:
        StoreError: when the output cannot be written.
        BrokenPipeError: when its reader has gone.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as wrong:
        reason = wrong.strerror or str(wrong)
        raise StoreError(f"the output could not be written: {reason}") from None
