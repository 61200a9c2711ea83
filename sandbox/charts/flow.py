"""The map of a journey, drawn like ``git log --graph``: one row for each step, read from the top.

A side way (a failure, a branch) opens a lane to the right and its steps stand directly below; the
main way goes straight down. Each row is a line, so a cursor is a step, and read aloud in order the
rows tell the journey.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sandbox.charts.glyphs import UNICODE, Glyphs
from sandbox.charts.lanes import Cell, Lane, Lanes
from sandbox.charts.line import Line, Span, Style, cut, line_width
from sandbox.charts.ways import Stop, Way, plan
from sandbox.charts.wording import CountsColumn, step_words, way_ending, way_label
from sandbox.model.graph import Graph, Node
from sandbox.model.trace import CallCounts

__all__ = ["FlowRow", "flow"]

_MOST_LANES = 8


class FlowRow(NamedTuple):
    """One row of the map."""

    line: Line
    step: str
    """The id of the step that stands here; empty on rows between steps and for the trigger."""


def flow(
    graph: Graph,
    width: int,
    counts: Mapping[str, CallCounts] | None = None,
    current: str | None = None,
    passed: Collection[tuple[str, str]] = (),
    glyphs: Glyphs = UNICODE,
) -> list[FlowRow]:
    """The map of any graph, no line wider than ``width`` cells.

    Args:
        graph: the journey.
        width: cells to draw in; from 40 on nothing essential is lost.
        counts: successes and failures, shown at the right of every call.
        current: the id of the step where a run stands.
        passed: the edges (source, target) that a run has taken.
        glyphs: the table of characters.
    """
    return _Map(graph, width, counts, current, frozenset(passed), glyphs).rows()


class _Map:
    """One drawing in the making."""

    def __init__(
        self,
        graph: Graph,
        cells: int,
        counts: Mapping[str, CallCounts] | None,
        current: str | None,
        passed: frozenset[tuple[str, str]],
        glyphs: Glyphs,
    ) -> None:
        self._plan = plan(graph)
        self._width = cells
        self._current = current
        self._passed = passed
        self._visited = {step for edge in passed for step in edge}
        self._glyphs = glyphs
        self._lanes = Lanes(glyphs, max(2, min(_MOST_LANES, (cells - 24) // 4)))
        self._way_words = {(edge.source, edge.label) for edge in graph.edges}
        self._counts = CountsColumn(graph, counts, glyphs)
        self._stems: dict[str, Stop] = {}
        self._told: set[tuple[str, str]] = set()
        self._rows: list[FlowRow] = []
        self._downs: tuple[int, int, list[Span]] | None = None

    def rows(self) -> list[FlowRow]:
        due: dict[int, list[Stop]] = {}
        for at, stop in enumerate(self._plan.stops):
            for stem in reversed(due.pop(at, [])):
                self._go_on(stem)
            lane = self._arrive(stop.node.id)
            self._step(stop, lane)
            if stop.node.id in self._stems:
                due.setdefault(stop.boundary, []).append(stop)
        if self._plan.unreachable:
            self._between([], [Span("not reachable", "warning")])
            for node in self._plan.unreachable:
                self._row([(self._glyphs.kind(node.kind), "dim")], step_words(node, dim=True), node)
        return self._rows

    def _arrive(self, step: str) -> int | None:
        """Bring every open edge to this step into one lane; None when no edge is open to it."""
        for at, source in self._lanes.stems():
            for way in self._stems[source].near:
                if way.target == step and (source, step) not in self._told:
                    self._leave(at, way)
        at_lane = self._lanes.heading_to(step)
        if at_lane is not None and self._lanes.left_free(at_lane):
            self._between(self._lanes.moved(at_lane), [])
            return 0
        return at_lane

    def _step(self, stop: Stop, lane: int | None) -> None:
        """The row of a step, then the ways that end on their own line."""
        step = stop.node.id
        overflow = False
        if lane is None:
            lane = self._lanes.free()
            overflow = lane is None
            lane = len(self._lanes) if lane is None else lane
        ways = [way for way in (*stop.near, *stop.far, stop.main) if way is not None]
        passed = any((way.source, way.target) in self._passed for way in ways)
        self._lanes.put(lane, Lane("", step, passed))
        mark = self._glyphs.kind(stop.node.kind)
        style: Style = "current" if self._is_current(step) else "kind"
        cells = self._lanes.marked(lane, mark, style)
        self._row(cells, step_words(self._brief(stop.node)), stop.node)
        short = [*stop.short, *ways] if overflow else list(stop.short)
        for way in short:
            self._tell(lane, way, last=way is short[-1] and (overflow or not ways))
        if not short and not ways:
            self._lanes.put(lane, None)
        elif ways and not overflow:
            self._stems[step] = stop

    def _leave(self, stem: int, way: Way) -> None:
        """A side way leaves its step: into the lane that leads there, a new one, or words."""
        passed = (way.source, way.target) in self._passed
        self._told.add((way.source, way.target))
        there = self._lanes.heading_to(way.target)
        if there is not None:
            self._between(self._lanes.entered(stem, there, passed), way_label(way, self._glyphs))
            return
        free = self._lanes.free(after=stem)
        if free is None:
            self._tell(stem, way, last=False)
            return
        cells = self._lanes.opened(stem, free, Lane(way.target, None, passed))
        self._between(cells, way_label(way, self._glyphs))

    def _go_on(self, stop: Stop) -> None:
        """The side steps are done: the last side ways leave, and the main way goes on."""
        source, main = stop.node.id, stop.main
        assert main is not None
        at = next(at for at, stem in self._lanes.stems() if stem == source)
        for way in stop.far:
            self._leave(at, way)
        del self._stems[source]
        passed = (source, main.target) in self._passed
        label = way_label(main, self._glyphs)
        there = self._lanes.heading_to(main.target)
        self._lanes.put(at, Lane(main.target, None, passed))
        if there is None:
            if label:
                self._down(at, passed, label)
        elif there > at:
            # Beside a failure that joins it, a straight way needs no word to be the success.
            if label and main.kind != "success":
                self._down(at, passed, label)
            self._between(self._lanes.joined(at, there), self._take_down(there))
        else:
            self._between(self._lanes.joined(there, at), label)

    def _down(self, at: int, passed: bool, label: list[Span]) -> None:
        cells = self._lanes.marked(at, self._glyphs.down, "passed" if passed else "edge")
        self._between(cells, label)
        self._downs = (len(self._rows), at, label)

    def _take_down(self, lane: int) -> list[Span]:
        """The label on the row just drawn, when it is this lane's: it fits where the lane ends."""
        if self._downs is None or self._downs[:2] != (len(self._rows), lane):
            return []
        self._rows.pop()
        return self._downs[2]

    def _tell(self, at: int, way: Way, last: bool) -> None:
        """A way that is told in words on its own line."""
        taken = (way.source, way.target) in self._passed
        ending = way_ending(way, self._glyphs)
        if last and way.form == "end" and not way_label(way, self._glyphs):
            cells = self._lanes.marked(at, self._glyphs.end, "passed" if taken else "kind")
            self._lanes.put(at, None)
            self._between(cells, [Span("end", "dim")])
            return
        cells = self._lanes.told(at, last, "passed" if taken else "edge")
        room = self._width - len(cells) - 3
        label = way_label(way, self._glyphs)
        if line_width(label) + 2 + line_width([ending]) > room:
            ending = way_ending(way, self._glyphs, short=True)
        if label:
            # Where the path goes matters more than what the way is called.
            label = [*cut(label, room - 2 - line_width([ending]), self._glyphs.more), Span("  ")]
        self._between(cells, [*label, ending])

    def _brief(self, node: Node) -> Node:
        """A choice whose label only lists its ways says nothing new: the ways are there to see."""
        parts = node.label.split(" / ")
        if node.kind in ("condition", "split") and all(
            (node.id, part) in self._way_words for part in parts
        ):
            return node._replace(label="")
        return node

    def _is_current(self, step: str) -> bool:
        return self._current is not None and step == self._current

    def _row(self, cells: list[Cell], words: list[Span], node: Node) -> None:
        """A step's row: gutter, lanes, words, and the counts at the right edge."""
        if self._is_current(node.id):
            gutter = Span(f"{self._glyphs.current} ", "current")
            words = [Span(words[0].text, "current"), *words[1:]]
        elif node.id in self._visited:
            gutter = Span(f"{self._glyphs.passed} ", "passed")
        else:
            gutter = Span("  ")
        left = [gutter, *(Span(*cell) for cell in cells), Span(" "), *words]
        counts = self._counts.of(node)
        room = self._width - (line_width(counts) + 2 if counts else 0)
        line = _shorter(left, room, self._glyphs)
        if counts:
            line = (*line, Span(" " * (room + 2 - line_width(line))), *counts)
        self._rows.append(FlowRow(cut(line, self._width, self._glyphs.more), node.id))

    def _between(self, cells: list[Cell], words: list[Span]) -> None:
        lead = [Span("  "), *(Span(*cell) for cell in cells)]
        if words and cells:
            lead.append(Span(" "))
        line = cut([*lead, *words], self._width, self._glyphs.more)
        self._rows.append(FlowRow(line, ""))


def _shorter(spans: list[Span], room: int, glyphs: Glyphs) -> Line:
    """Where a row is too long, the words for its kind go first: the mark says them already."""
    if line_width(spans) > room and len(spans) >= 4 and spans[-1].style == "dim":
        kind = spans[-3]
        if kind.style == "" and spans[-4].text == "  ":
            spans = [*spans[:-4], *spans[-2:]]
    return cut(spans, room, glyphs.more)
