from __future__ import annotations

import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.charts.bars import by_code, sparkline, stacked_bars
from sandbox.charts.glyphs import ASCII
from sandbox.charts.line import Line, Span, line_width, plain
from sandbox.charts.mermaid import mermaid
from sandbox.charts.table import table
from sandbox.model.trace import CallCounts
from tests.charts.graphs import graph


def counts(success: int, failure: int) -> CallCounts:
    return {
        "success": success,
        "failure": failure,
        "attempts": success + failure,
        "retried": 0,
        "by_code": {},
    }


def drawn(lines: list[Line]) -> str:
    return "".join(plain(line) + "\n" for line in lines)


SOME = {"call": counts(30, 10), "crm": counts(20, 0), "never": counts(0, 0), "down": counts(0, 1)}


def test_bars_share_one_scale_and_say_their_numbers() -> None:
    labels = {"call": "POST /hook", "crm": "PUT /crm"}
    assert drawn(stacked_bars(SOME, 70, labels)) == textwrap.dedent("""\
        call   POST /hook  ████████████████████████▒▒▒▒▒▒▒▒  ✓ 30  ✗ 10   75 %
        crm    PUT /crm    ████████████████                  ✓ 20  ✗  0  100 %
        never                                                ✓  0  ✗  0
        down               ▒                                 ✓  0  ✗  1    0 %
    """)


def test_bars_in_ascii() -> None:
    shown = drawn(stacked_bars({"call": counts(3, 1)}, 40, glyphs=ASCII))
    assert shown == "call  #############xxxx  + 3  x 1   75 %\n"


def test_no_calls_no_bars() -> None:
    assert stacked_bars({}, 80) == []


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1, max_size=40),
        st.builds(counts, st.integers(0, 10**7), st.integers(0, 10**7)),
        max_size=6,
    ),
    st.integers(40, 160),
)
def test_a_bar_shows_a_cell_of_whatever_happened(shown: dict[str, CallCounts], cells: int) -> None:
    for line, one in zip(stacked_bars(shown, cells), shown.values(), strict=True):
        assert line_width(line) <= cells
        bars = "".join(span.text for span in line if set(span.text) <= set("█▒"))
        assert ("█" in bars) == bool(one["success"])
        assert ("▒" in bars) == bool(one["failure"])


def test_answers_by_code_in_order_and_wrapped() -> None:
    codes = {"timeout": 1, "503": 2, "200": 7, "429": 3, "404": 0}
    assert drawn(by_code(codes, 80)) == "200 ██████████ 7  429 ▒▒▒▒ 3  503 ▒▒▒ 2  timeout ▒ 1\n"
    assert drawn(by_code(codes, 30)) == "200 ███ 7  429 ▒ 3  503 ▒ 2\ntimeout ▒ 1\n"
    assert by_code({}, 80) == []


def test_a_sparkline_ends_with_the_newest() -> None:
    assert sparkline([0, 1, 4, 8], 20) == " ▂▅█"
    assert sparkline([9, 9, 0, 1, 4, 8], 4) == " ▂▅█"
    assert sparkline([], 4) == ""
    assert sparkline([0, 0], 4) == "  "


def test_a_table_is_aligned_by_cells() -> None:
    rows: list[list[str | Span]] = [["7", "John Doe", Span("✓", "success")], ["10", "李伟"]]
    assert drawn(table(["id", "name", ""], rows, align=["right"])) == textwrap.dedent("""\
        id  name
        ───────────────
         7  John Doe  ✓
        10  李伟
    """)


def test_a_table_cuts_its_widest_column_and_keeps_one_line_per_row() -> None:
    lines = table(["id", "text"], [["7", "word " * 30], ["8", "two\nlines"]], 30)
    assert len(lines) == 4
    assert all(line_width(line) <= 30 for line in lines)
    assert plain(lines[2]).endswith("…")


def test_a_table_without_a_head() -> None:
    assert drawn(table(["", ""], [["a", "b"]])) == "a  b\n"
    assert table([], []) == []


def test_mermaid() -> None:
    shape = graph(
        ["call|call_api|POST /hook", 'end|add_tag|it\'s "#1" |x|', "crm|call_api|GET /"],
        [
            "|call",
            "call|end|success",
            "call||drop|dropped",
            "end|crm",
            "crm|end|either|either way",
            "crm|gone",
        ],
    )
    text = mermaid(shape)
    assert text == textwrap.dedent("""\
        flowchart TD
            n0(["newsletter_register"])
            n1[["call<br>Call an API<br>POST /hook"]]
            n2["end<br>Add tag<br>it#39;s #34;#35;1#34; "]
            n3[["crm<br>Call an API<br>GET /"]]
            n0 --> n1
            n1 -->|"✓ success"| n2
            x0[/"dropped"/]
            n1 -.->|"✗ failure"| x0
            n2 --> n3
            n3 -->|"✓✗ either way"| n2
            x1[/"no step gone"/]
            n3 --> x1
    """)
