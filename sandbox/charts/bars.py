"""Counts as bars: success and failure per call, answers by code, and a sparkline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sandbox.charts.glyphs import UNICODE, Glyphs, clean, fit, pad, width
from sandbox.charts.line import Line, Span, cut, line_width
from sandbox.model.trace import CallCounts

__all__ = ["CounterWords", "by_code", "named_counters", "sparkline", "stacked_bars"]

_LONGEST_NAME = 32
_SHORTEST_BAR = 6


class CounterWords(NamedTuple):
    """How a vendor calls the counters."""

    vendor: str
    success: str
    failure: str
    retried: str
    origin: str
    """Where the words are from."""


def named_counters(
    counts: Mapping[str, CallCounts], words: CounterWords, cells: int, glyphs: Glyphs = UNICODE
) -> Line:
    """The sums of all calls under the vendor's names: ``Success 3  Failed 2  Retried 1``."""
    success, failure, retried = (
        sum(one[key] for one in counts.values()) for key in ("success", "failure", "retried")
    )
    spans = [
        Span(f"{clean(words.vendor)}: ", "dim"),
        Span(f"{glyphs.success} {clean(words.success)} {success}", "success" if success else "dim"),
        Span("  "),
        Span(f"{glyphs.failure} {clean(words.failure)} {failure}", "failure" if failure else "dim"),
        Span(f"  {clean(words.retried)} {retried}", "" if retried else "dim"),
        Span(f"  ({words.origin})", "dim"),
    ]
    return cut(spans, cells, glyphs.more)


def stacked_bars(
    counts: Mapping[str, CallCounts],
    cells: int,
    labels: Mapping[str, str] | None = None,
    glyphs: Glyphs = UNICODE,
) -> list[Line]:
    """One line for each call: its name, a bar of successes and failures, the numbers, the rate.

    All bars share one scale; a count that is not zero shows at least one cell.

    Args:
        counts: call step → counts, in the order of the lines.
        cells: the width of a line.
        labels: step → what it calls, shown beside the id.
        glyphs: the table of characters.
    """
    if not counts:
        return []
    names = {step: clean(step) for step in counts}
    notes = {step: clean((labels or {}).get(step, "")) for step in counts}
    tails = _numbers(counts, glyphs)
    tail = max(map(line_width, tails.values()))
    room = cells - tail - 2
    name = min(max(map(width, names.values())), _LONGEST_NAME, max(4, room - _SHORTEST_BAR - 2))
    note = max(map(width, notes.values()))
    note = min(note, _LONGEST_NAME, max(0, (room - name) // 2 - 4))
    note = 0 if note < 6 else note
    length = max(0, room - name - 2 - (note + 2 if note else 0))
    most = max((one["success"] + one["failure"] for one in counts.values()), default=0)
    lines = []
    for step, one in counts.items():
        good, bad = _parts(one["success"], one["failure"], most, length)
        spans = [Span(pad(fit(names[step], name, glyphs.more), name), "step"), Span("  ")]
        if note:
            spans += [Span(pad(fit(notes[step], note, glyphs.more), note), "dim"), Span("  ")]
        spans += [
            Span(glyphs.solid * good, "success"),
            Span(glyphs.shaded * bad, "failure"),
            Span(" " * (length - good - bad + 2)),
            *tails[step],
        ]
        lines.append(cut(spans, cells, glyphs.more))
    return lines


def _parts(success: int, failure: int, most: int, length: int) -> tuple[int, int]:
    """Cells of success and of failure: to scale, rounded so that neither part disappears."""
    total = success + failure
    if not total or not length:
        return 0, 0
    whole = max(1, round(length * total / most))
    if success and failure:
        whole = min(length, max(2, whole))
        bad = min(max(1, round(whole * failure / total)), max(1, whole - 1))
        return whole - bad, bad
    return (whole, 0) if success else (0, whole)


def _numbers(counts: Mapping[str, CallCounts], glyphs: Glyphs) -> dict[str, list[Span]]:
    good = max(len(str(one["success"])) for one in counts.values())
    bad = max(len(str(one["failure"])) for one in counts.values())
    tails = {}
    for step, one in counts.items():
        success, failure = one["success"], one["failure"]
        tails[step] = [
            Span(f"{glyphs.success} {success:>{good}}", "success" if success else "dim"),
            Span("  "),
            Span(f"{glyphs.failure} {failure:>{bad}}", "failure" if failure else "dim"),
            Span("  "),
            Span(f"{_percent(success, failure):>5}", "dim"),
        ]
    return tails


def _percent(success: int, failure: int) -> str:
    """How many of a hundred succeeded; 100 % and 0 % only when it is all or none."""
    total = success + failure
    if not total:
        return ""
    share = success * 100 // total
    if success and not share:
        return "<1 %"
    return f"{share} %"


def by_code(counts: Mapping[str, int], cells: int, glyphs: Glyphs = UNICODE) -> list[Line]:
    """``200 ███ 7  503 █ 2  timeout █ 1``: sends by status or error, on as many lines as needed."""
    most = max(counts.values(), default=0)
    longest = max(1, min(12, cells // 8))
    lines: list[Line] = []
    row: list[Span] = []
    for code in sorted(counts, key=lambda code: (not code.isdigit(), code)):
        number = counts[code]
        if not number:
            continue
        good = code.isdigit() and code.startswith("2")
        mark = glyphs.solid if good else glyphs.shaded
        item = [
            Span(clean(code), "strong"),
            Span(" "),
            Span(mark * max(1, round(longest * number / most)), "success" if good else "failure"),
            Span(f" {number}"),
        ]
        if row and line_width(row) + 2 + line_width(item) > cells:
            lines.append(cut(row, cells, glyphs.more))
            row = []
        row += [Span("  "), *item] if row else item
    return [*lines, cut(row, cells, glyphs.more)] if row else lines


def sparkline(values: Sequence[float], cells: int, glyphs: Glyphs = UNICODE) -> str:
    """The values as heights, the newest at the right; older ones than fit are left out.

    Nothing is a space, and the highest value is the highest mark.
    """
    shown = [max(0.0, value) for value in values[-cells:]] if cells > 0 else []
    most = max(shown, default=0.0)
    levels = glyphs.levels
    return "".join(
        levels[min(len(levels) - 1, int(value / most * len(levels)))] if value else " "
        for value in shown
    )
