from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sandbox.charts.flow import FlowRow
from sandbox.charts.glyphs import UNICODE
from sandbox.charts.line import plain
from sandbox.model.graph import Graph

LANE = set("│─┼├┤╮╭╯╰→←↓ ")
DROPPED = "(dropped)"


def expected(graph: Graph) -> Counter[tuple[str, str]]:
    """Every edge of a reachable step, edges between the same two steps once."""
    ids = {node.id for node in graph.nodes}
    reached, todo = {graph.nodes[0].id}, [graph.nodes[0].id]
    pairs: dict[tuple[str, str, bool], str] = {}
    while todo:
        step = todo.pop()
        for edge in graph.edges:
            if edge.source != step:
                continue
            dropped = edge.kind == "drop"
            pairs[edge.source, edge.target, dropped] = DROPPED if dropped else edge.target
            if not dropped and edge.target and edge.target in ids and edge.target not in reached:
                reached.add(edge.target)
                todo.append(edge.target)
    return Counter((source, drawn) for (source, _, _), drawn in pairs.items())


def edges_of(rows: Sequence[FlowRow], graph: Graph) -> Counter[tuple[str, str]]:
    """The edges that somebody sees who follows the lines of the picture with a finger."""
    found: Counter[tuple[str, str]] = Counter()
    lanes: dict[int, list[str]] = {}
    first = True
    for row in rows:
        text = plain(row.line)
        assert text[:2] in ("  ", "• ", "▶ "), text
        text = text[2:]
        if text == "not reachable":
            break
        is_step = bool(row.step) or first
        first = False
        if is_step:
            at = next(i for i, char in enumerate(text) if char not in LANE)
            assert_straight(text[:at], {column: lanes[column] for column in lanes if column < at})
            for source in lanes.get(at, []):
                found[source, row.step] += 1
            lanes[at] = [row.step]
            if not any(edge.source == row.step for edge in graph.edges):
                del lanes[at]
            continue
        picture = lane_part(text)
        words = text[len(picture) :].strip()
        follow(picture, words, lanes, found)
    assert not lanes, f"left open: {lanes}"
    return found


def lane_part(text: str) -> str:
    """Up to the words: words begin two cells after a lane that is followed by no other."""
    at = 0
    while at < len(text) and text[at] in LANE:
        at += 1
    if at < len(text) and text[at : at + 1] == UNICODE.end and at % 2 == 0 and "─" not in text[:at]:
        return text[: at + 1]
    lanes = text[:at].rstrip()
    # An arrow that names a target stands behind the dashes.
    if "── →" in text[: at + 1]:
        lanes = text[: text.index("── →") + 2]
    return lanes


def assert_straight(picture: str, lanes: dict[int, list[str]]) -> None:
    for column, char in enumerate(picture):
        assert char == ("│" if column in lanes else " "), (picture, lanes)


def follow(
    picture: str, words: str, lanes: dict[int, list[str]], found: Counter[tuple[str, str]]
) -> None:
    across = next((at for at, char in enumerate(picture) if char in "├╰╭"), None)
    if across is None:
        marks = [at for at, char in enumerate(picture) if char in (UNICODE.end, "↓")]
        assert len(marks) == 1, picture
        if picture[marks[0]] == UNICODE.end:
            (source,) = lanes.pop(marks[0])
            found[source, "end"] += 1
        return
    end = max(at for at, char in enumerate(picture) if char in "─╮╯┤")
    for column in range(across + 1, end):
        crossed = column in lanes and picture[column] not in "→←"
        assert (picture[column] == "┼") == crossed, (picture, lanes)
    for column in [at for at in range(len(picture)) if at < across or at > end]:
        assert picture[column] == ("│" if column in lanes else " "), (picture, lanes)
    start, stop = picture[across], picture[end]
    if start == "╭":
        lanes[across] = lanes.pop(end)
    elif stop == "╮":
        assert end not in lanes
        lanes[end] = list(one(lanes[across]))
    elif stop == "╯":
        lanes[across] = lanes[across] + lanes.pop(end)
    elif stop == "┤":
        leaving, entered = (across, end) if "→" in picture else (end, across)
        lanes[entered] = lanes[entered] + one(lanes[leaving])
    else:
        (source_id,) = one(lanes[across])
        found[source_id, told(words)] += 1
        if start == "╰":
            del lanes[across]


def one(sources: list[str]) -> list[str]:
    assert len(sources) == 1, sources
    return sources


def told(words: str) -> str:
    if words.endswith(("path ends (nothing connected)", "path ends")):
        return ""
    if words.endswith("⊘ dropped"):
        return DROPPED
    return words.split()[-1]
