from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.charts.flow import FlowRow, flow
from sandbox.charts.glyphs import ASCII, UNICODE
from sandbox.charts.line import line_width, plain
from sandbox.model.graph import Edge, Graph, Node
from sandbox.model.trace import CallCounts
from tests.charts.graphs import graph
from tests.charts.picture import edges_of, expected

NEWSLETTER = graph(
    [
        "consent|update_attribute|newsletter_consent = true",
        "call|call_api|POST /hook",
        "tag_ok|add_tag|synced",
        "tag_failed|add_tag|sync_failed",
    ],
    [
        "|consent",
        "consent|call",
        "call|tag_ok|success",
        "call|tag_failed|failure",
        "tag_ok|end",
        "tag_failed|end",
    ],
)


def drawn(rows: list[FlowRow]) -> str:
    return "\n".join(plain(row.line) for row in rows) + "\n"


def counts(success: int, failure: int) -> CallCounts:
    sent = success + failure
    return {
        "success": success,
        "failure": failure,
        "attempts": sent,
        "retried": 0,
        "by_code": {"200": success, "503": failure},
    }


GOLDEN = {
    "newsletter": (
        NEWSLETTER,
        """
          ◆ newsletter_register
          ● consent  Update attribute  newsletter_consent = true
          ▣ call  Call an API  POST /hook
          ├─╮ ✗ failure
          │ ● tag_failed  Add tag  sync_failed
          │ ■ end
          ↓ ✓ success
          ● tag_ok  Add tag  synced
          ■ end
        """,
    ),
    "join, and both ways to one step": (
        graph(
            [
                "call|call_api|POST /hook",
                "tag|add_tag|sync_failed",
                "mail|message|email",
                "crm|call_api|PUT /crm/{{user.id}}",
                "done|end|end of the journey",
            ],
            [
                "|call",
                "call|mail|success",
                "call|tag|failure",
                "tag|mail",
                "mail|crm",
                "crm|done|success",
                "crm|done|failure",
            ],
        ),
        """
          ◆ newsletter_register
          ▣ call  Call an API  POST /hook
          ├─╮ ✗ failure
          │ ● tag  Add tag  sync_failed
          ├─╯
          ✉ mail  Message  email
          ▣ crm  Call an API  PUT /crm/{{user.id}}
          ↓ ✓✗ either way
          ■ done  end of the journey
        """,
    ),
    "a failure that skips a step": (
        graph(
            ["call|call_api|POST /hook", "tag|add_tag|ok", "mail|message|email"],
            ["|call", "call|tag|success", "call|mail|failure", "tag|mail", "mail|"],
        ),
        """
          ◆ newsletter_register
          ▣ call  Call an API  POST /hook
          ├─╮ ✗ failure
          ↓ │ ✓ success
          ● │ tag  Add tag  ok
          ├─╯
          ✉ mail  Message  email
          ╰── ✗ path ends (nothing connected)
        """,
    ),
    "a second try that rejoins, a loose end, a drop": (
        graph(
            [
                "call|call_api|POST /consents",
                "pause|wait|15m",
                "again|call_api|POST /consents",
                "tell|notify|the owner",
                "mail|message|email",
                "crm|call_api|PUT /crm",
            ],
            [
                "|call",
                "call|mail|success",
                "call|pause|failure",
                "pause|again",
                "again|mail|success",
                "again|tell|failure",
                "tell|",
                "mail|crm",
                "crm|end|success",
                "crm||drop|dropped",
            ],
        ),
        """
          ◆ newsletter_register
          ▣ call  Call an API  POST /consents
          ├─╮ ✗ failure
          │ ◷ pause  Wait  15m
          │ ▣ again  Call an API  POST /consents
          │ ├─╮ ✗ failure
          │ │ ◎ tell  Notify  the owner
          │ │ ╰── ✗ path ends (nothing connected)
          ├─╯ ✓ success
          ✉ mail  Message  email
          ▣ crm  Call an API  PUT /crm
          ├── ✗ failure  ⊘ dropped
          ╰── ✓ success  ■ end
        """,
    ),
    "a loop behind a condition with else, a step nobody reaches": (
        graph(
            [
                "ask|call_api|GET /jobs",
                "ready|condition",
                "pause|wait|15m",
                "thanks|message|email",
                "old|add_tag|a",
            ],
            [
                "|ask",
                "ask|ready|either",
                "ready|thanks|branch|statusCode < 300",
                "ready|pause|else",
                "pause|ask",
                "thanks|end",
                "old|thanks",
            ],
        ),
        """
          ◆ newsletter_register
          ▣ ask  Call an API  GET /jobs
          ↓ ✓✗ either way
          ◇ ready  Condition
          ├─╮ statusCode < 300
          │ ✉ thanks  Message  email
          │ ■ end
          ↓ else
          ◷ pause  Wait  15m
          ╰── ↺ ask
          not reachable
          ● old  Add tag  a
        """,
    ),
    "a failure that tries again": (
        graph(["call|call_api|GET /"], ["|call", "call|end|success", "call|call|failure"]),
        """
          ◆ newsletter_register
          ▣ call  Call an API  GET /
          ├── ✗ failure  ↺ call
          ╰── ✓ success  ■ end
        """,
    ),
    "a split whose arms meet": (
        graph(
            ["ab|split", "a|message|A", "b|message|B", "c|add_tag|control", "later|wait|3d"],
            [
                "|ab",
                "ab|a|arm|20 %",
                "ab|b|arm|30 %",
                "ab|c|arm|50 %",
                "a|later",
                "b|later",
                "c|later",
                "later|end",
            ],
        ),
        """
          ◆ newsletter_register
          ◈ ab  Split
          ├─╮ 20 %
          │ ✉ a  Message  A
          ├─┼─╮ 30 %
          │ │ ✉ b  Message  B
          │ ├─╯
          ↓ │ 50 %
          ● │ c  Add tag  control
          ├─╯
          ◷ later  Wait  3d
          ■ end
        """,
    ),
    "a condition whose else is not connected": (
        graph(
            ["tier|condition|gold / silver", "a|add_tag|gold", "b|add_tag|silver"],
            ["|tier", "tier|a|branch|gold", "tier|b|branch|silver", "tier||else", "a|end", "b|end"],
        ),
        """
          ◆ newsletter_register
          ◇ tier  Condition
          ├── else  ✗ path ends (nothing connected)
          ├─╮ gold
          │ ● a  Add tag  gold
          │ ■ end
          ↓ silver
          ● b  Add tag  silver
          ■ end
        """,
    ),
    "three failures with one end": (
        graph(
            ["c1|call_api|GET /1", "c2|call_api|GET /2", "c3|call_api|GET /3", "ops|notify|us"],
            [
                "|c1",
                "c1|c2|success",
                "c1|ops|failure",
                "c2|c3|success",
                "c2|ops|failure",
                "c3|end|success",
                "c3|ops|failure",
                "ops|end",
            ],
        ),
        """
          ◆ newsletter_register
          ▣ c1  Call an API  GET /1
          ├─╮ ✗ failure
          ↓ │ ✓ success
          ▣ │ c2  Call an API  GET /2
          ├→┤ ✗ failure
          ↓ │ ✓ success
          ▣ │ c3  Call an API  GET /3
          ├─┼── ✓ success  ■ end
          ↓ │ ✗ failure
          ├─╯
          ◎ ops  Notify  us
          ■ end
        """,
    ),
    "a target that is not there": (
        graph(["a|call_api|GET /"], ["|a", "a|nope|success", "a||failure"]),
        """
          ◆ newsletter_register
          ▣ a  Call an API  GET /
          ├── ✗ failure  path ends (nothing connected)
          ╰── ✓ success  ✗ no step nope
        """,
    ),
    "no steps at all": (
        graph([], ["|"]),
        """
          ◆ newsletter_register
          ╰── ✗ path ends (nothing connected)
        """,
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_map_as_it_is_seen(name: str) -> None:
    shape, picture = GOLDEN[name]
    want = textwrap.indent(textwrap.dedent(picture).strip("\n"), "  ")
    assert drawn(flow(shape, 80)).strip("\n") == want.strip("\n")


def test_the_map_in_ascii() -> None:
    rows = flow(NEWSLETTER, 60, {"call": counts(128, 17)}, current="call", glyphs=ASCII)
    assert drawn(rows) == textwrap.dedent("""\
          * newsletter_register
          o consent  Update attribute  newsletter_consent = true
        > @ call  Call an API  POST /hook                + 128  x 17
          |-\\ x failure
          | o tag_failed  Add tag  sync_failed
          | # end
          v + success
          o tag_ok  Add tag  synced
          # end
        """)
    assert drawn(rows).isascii()


def test_counts_stand_at_the_right_edge_and_are_aligned() -> None:
    shape = graph(["a|call_api|GET /a", "b|call_api|GET /b"], ["|a", "a|b|either", "b|end"])
    rows = flow(shape, 60, {"a": counts(128, 7), "b": counts(3, 17)})
    lines = {row.step: plain(row.line) for row in rows if row.step}
    assert lines["a"].endswith("✓ 128  ✗  7")
    assert lines["b"].endswith("✓   3  ✗ 17")
    assert {len(line) for line in lines.values()} == {60}
    styles = {span.text: span.style for row in rows for span in row.line}
    assert styles["✓ 128"] == "success"
    assert styles["✗ 17"] == "failure"


def test_a_call_that_was_never_made_counts_nothing() -> None:
    lines = [plain(row.line) for row in flow(NEWSLETTER, 60, {})]
    assert next(line for line in lines if "POST /hook" in line).endswith("✓ 0  ✗ 0")


def test_the_run_is_marked_by_shape_and_by_role() -> None:
    passed = {("", "consent"), ("consent", "call"), ("call", "tag_failed")}
    rows = flow(NEWSLETTER, 80, current="tag_failed", passed=passed)
    marks = {row.step: plain(row.line)[0] for row in rows if row.step}
    assert marks == {"consent": "•", "call": "•", "tag_failed": "▶", "tag_ok": " "}
    fork = next(row for row in rows if "failure" in plain(row.line))
    assert any("╮" in span.text and span.style == "passed" for span in fork.line)


def test_rows_name_their_steps() -> None:
    steps = [row.step for row in flow(NEWSLETTER, 80) if row.step]
    assert steps == ["consent", "call", "tag_failed", "tag_ok"]


def test_many_arms_name_their_targets_once_the_lanes_are_used_up() -> None:
    steps = [f"n{i}|call_api|GET /{i}" for i in range(14)] + ["m|end"]
    ways = ["|s", *(f"s|n{i}|arm|{i} %" for i in range(14))]
    ways += [f"n{i}|m|success" for i in range(14)]
    ways += [f"n{i}|n{(i + 5) % 14}|failure" for i in range(14)]
    shape = graph(["s|split", *steps], ways)
    rows = flow(shape, 100)
    assert "→ n9" in drawn(rows)
    assert edges_of(rows, shape) == expected(shape)


@pytest.mark.slow
def test_a_long_journey_does_not_overflow_the_stack() -> None:
    steps = [f"n{i}|add_tag|x" for i in range(3000)]
    ways = ["|n0", *(f"n{i}|n{i + 1}" for i in range(2999)), "n2999|end"]
    assert len(flow(graph(steps, ways), 60)) == 3002


def test_words_of_others_cannot_break_a_row() -> None:
    shape = graph(
        ["a|notify|two\nlines\x1b[31m \u202egnp.exe", "b|message|日本語" + "語" * 60],
        ["|a", "a|b", "b|end"],
    )
    for row in flow(shape, 40):
        text = plain(row.line)
        assert text.isprintable()
        assert line_width(row.line) <= 40


def test_an_empty_graph_has_no_rows() -> None:
    assert flow(Graph("j", "", (), ()), 80) == []


KINDS = ["call_api", "add_tag", "condition", "split", "wait"]
EDGE_KINDS = ["next", "success", "failure", "either", "branch", "else", "arm", "drop"]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(0, 14))
    ids = [f"s{i}" for i in range(size)]
    nodes = [Node("", "trigger", "go")]
    nodes += [Node(name, draw(st.sampled_from(KINDS)), "label") for name in ids]
    targets = st.sampled_from([*ids * 4, "end", "", "gone"])
    edges = [Edge("", draw(targets), "", "next")]
    for name in ids:
        for _ in range(draw(st.integers(0, 4))):
            kind = draw(st.sampled_from(EDGE_KINDS))
            label = draw(st.sampled_from(["", "one", "two"]))
            edges.append(Edge(name, draw(targets), label, kind))
    return Graph("j", "", tuple(nodes), tuple(edges))


@given(shape=graphs(), cells=st.integers(40, 120))
def test_any_graph_shows_every_step_and_every_edge_exactly_once(shape: Graph, cells: int) -> None:
    rows = flow(shape, cells)
    steps = [row.step for row in rows if row.step]
    assert sorted(steps) == sorted(node.id for node in shape.nodes if node.id)
    assert edges_of(rows, shape) == expected(shape)
    assert all(line_width(row.line) <= cells for row in rows)


@given(
    shape=graphs(),
    cells=st.integers(-3, 60),
    current=st.sampled_from([None, "", "s0", "s3", "gone"]),
)
def test_nothing_makes_the_map_raise(shape: Graph, cells: int, current: str | None) -> None:
    passed = {(edge.source, edge.target) for edge in shape.edges[::2]}
    for glyphs in (ASCII, UNICODE):
        rows = flow(shape, cells, {"s0": counts(10**9, 3)}, current, passed, glyphs)
        assert all(line_width(row.line) <= max(0, cells) for row in rows)
