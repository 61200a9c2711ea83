"""The matrix of a sweep as lines."""

from __future__ import annotations

from sandbox.charts.glyphs import ASCII
from sandbox.charts.line import plain
from sandbox.charts.matrix import matrix, verdict_span
from sandbox.lab.judge import VERDICTS
from sandbox.lab.outcomes import OUTCOMES

CELLS = {
    "call": {"2xx": "proceeded", "404": "failure path", "timeout": "sent twice"},
    "next": {"2xx": "proceeded", "5xx": "never ends"},
}


def test_every_verdict_has_a_mark_and_its_word() -> None:
    marks = set()
    for verdict in VERDICTS:
        span = verdict_span(verdict)
        mark, word = span.text.split(" ", 1)
        assert word == verdict
        assert span.style
        marks.add((mark, span.style))
        assert verdict_span(verdict, ASCII).text.isascii()
    assert len(marks) == len(VERDICTS)  # shape and role differ as well as the word
    assert verdict_span("").text == ""


def test_rows_are_the_outcomes_that_some_call_has() -> None:
    lines = [plain(line).rstrip() for line in matrix(CELLS, OUTCOMES)]
    assert lines[0].split() == ["answer", "call", "next"]
    assert [line.split()[0] for line in lines[2:]] == ["2xx", "404", "5xx", "timeout"]
    assert lines[2] == "2xx      ✓ proceeded     ✓ proceeded"
    assert lines[3] == "404      → failure path"
    assert lines[4] == "5xx                      ↺ never ends"
    assert lines[5] == "timeout  2 sent twice"


def test_names_can_be_shown_otherwise() -> None:
    lines = matrix(CELLS, ["2xx"], names={"2xx": "200 and so on"})
    assert plain(lines[2]).startswith("200 and so on  ✓ proceeded")


def test_a_narrow_matrix_keeps_to_its_width() -> None:
    assert all(len(plain(line)) <= 30 for line in matrix(CELLS, OUTCOMES, 30))
