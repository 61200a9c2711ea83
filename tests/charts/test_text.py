from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from sandbox.charts.glyphs import ASCII, UNICODE, clean, fit, pad, width
from sandbox.charts.line import Span, cut, line_width, plain

FAMILY = "👩‍👩‍👧"
TEXTS = [
    "plain",
    "é",
    "e\u0301",
    "日本",
    FAMILY,
    "🇩🇪🇫🇷",
    "❤️",
    "❤",
    "👍🏽",
    "שלום",
    "한글",
    "\u1100\u1161",
    "⚠️",
    "1️⃣",
    "\u200b",
    "คำ",
    "नमस्ते",
    "©️",
    "✓ ✗ ▣ ◷ ⊘ ✉",
]


@pytest.mark.parametrize("text", TEXTS)
def test_width_agrees_with_what_the_terminal_application_paints(text: str) -> None:
    assert width(text) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "cells", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
        ("日本語", 4, "日…"),
        ("日本語", 5, "日本…"),
        (FAMILY + "abc", 3, FAMILY + "…"),
        (FAMILY * 2, 3, FAMILY + "…"),
        ("🇩🇪🇫🇷", 3, "🇩🇪…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("שלום עולם", 5, "שלום…"),
    ],
)
def test_text_is_cut_by_cells_and_never_inside_a_character(
    text: str, cells: int, shown: str
) -> None:
    assert fit(text, cells) == shown


@given(st.text(), st.integers(0, 30))
def test_what_is_cut_always_fits(text: str, cells: int) -> None:
    assert width(fit(text, cells)) <= cells
    assert width(pad(fit(text, cells), cells)) == cells


@given(st.text())
def test_clean_text_stays_on_its_line(text: str) -> None:
    safe = clean(text)
    assert not set(safe) & set("\n\r\x1b\u202e\u2066")
    assert safe.splitlines() in ([], [safe])


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_glyph_is_one_cell(glyphs: object) -> None:
    table = UNICODE if glyphs is UNICODE else ASCII
    marks = [*table.kinds.values(), *table.levels]
    marks += [getattr(table, name) for name in table.__slots__ if name not in ("kinds", "levels")]
    assert {width(mark) for mark in marks} == {1}
    assert table is UNICODE or "".join(marks).isascii()


def test_a_line_is_cut_with_its_roles_kept() -> None:
    line = (Span("call", "step"), Span("  "), Span("POST /hook", "dim"))
    assert cut(line, 40) == line
    assert plain(cut(line, 9)) == "call  PO…"
    assert plain(cut(line, 4)) == "cal…"
    assert line_width(cut(line, 0)) == 0


@given(st.lists(st.text(max_size=6), max_size=6), st.integers(0, 20))
def test_a_cut_line_fits(texts: list[str], cells: int) -> None:
    assert line_width(cut([Span(clean(text), "step") for text in texts], cells)) <= cells
