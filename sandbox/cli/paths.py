"""What a run's answers left for later steps, as a table."""

from __future__ import annotations

from sandbox.bench.left_values import LeftValue
from sandbox.charts.line import Line, Span
from sandbox.charts.table import table
from sandbox.cli.output import Output
from sandbox.model.base import shorten

__all__ = ["path_lines"]


def path_lines(values: list[LeftValue], output: Output) -> list[Line]:
    """A table of them; the paths are never cut."""
    if not values:
        return [(Span("no answer left anything to read", "dim"),)]
    longest = max(len(one.path) for one in values)
    room = max(12, output.width - longest - 14) if output.terminal else 200
    rows = [[one.path, one.type, shorten(one.value, room)] for one in values]
    return table(["path for later steps", "type", "value"], rows, glyphs=output.glyphs)
