"""The map of the journey, with live counts on every call; the cursor is a step."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events

from sandbox.charts.flow import FlowRow, flow
from sandbox.model.graph import Graph
from sandbox.model.trace import CallCounts, TraceDocument
from sandbox.tui.ink import Line
from sandbox.tui.messages import StepPicked
from sandbox.tui.widgets.rows import Rows

__all__ = ["JourneyMap", "passed_edges"]


def passed_edges(trace: TraceDocument | None, graph: Graph) -> frozenset[tuple[str, str]]:
    """The edges that a run has taken; a run that was not let in took none."""
    if trace is None or not trace["steps"]:
        return frozenset()
    first = next((edge.target for edge in graph.edges if not edge.source), "")
    taken = {(fact["step"], fact["next"]) for fact in trace["steps"]}
    return frozenset({("", first), *taken})


class JourneyMap(Rows):
    """One journey."""

    def __init__(self, id: str | None = None) -> None:
        """Nothing to show yet."""
        super().__init__(id=id)
        self._graph: Graph | None = None
        self._counts: Mapping[str, CallCounts] = {}
        self._current: str | None = None
        self._passed: frozenset[tuple[str, str]] = frozenset()
        self._rows: list[FlowRow] = []
        self._drawn: object = None

    def show(
        self,
        graph: Graph | None,
        counts: Mapping[str, CallCounts],
        current: str | None,
        trace: TraceDocument | None,
    ) -> None:
        """Draw this journey; ``current`` is where a run stands that goes step by step."""
        passed = passed_edges(trace, graph) if graph is not None else frozenset()
        wanted = (graph, dict(counts), current, passed)
        if wanted == (self._graph, dict(self._counts), self._current, self._passed):
            return
        other = graph is None or self._graph is None or graph.journey != self._graph.journey
        self._graph, self._counts, self._current, self._passed = graph, counts, current, passed
        step = self.step
        self.redraw()
        if other:
            self.scroll_to(y=0, animate=False)
            self.go_to(self._first())
        elif self.step != step:
            self.go_to(step)
        if current:
            self.go_to(current)

    @property
    def step(self) -> str:
        """The step under the cursor; empty for the trigger."""
        return self._rows[self.cursor].step if self.cursor < len(self._rows) else ""

    def go_to(self, step: str) -> None:
        """The cursor to a step."""
        for index, row in enumerate(self._rows):
            if row.step == step:
                self.cursor = index
                return

    def _first(self) -> str:
        """The first call, because it is what one came for; else the first step."""
        nodes = self._graph.nodes if self._graph is not None else ()
        calls = [node.id for node in nodes if node.kind == "call_api"]
        return calls[0] if calls else next((node.id for node in nodes if node.id), "")

    def lay_out(self, cells: int) -> None:
        """Draw the map for a width."""
        drawn = (
            self._graph,
            dict(self._counts),
            self._current,
            self._passed,
            cells,
            self.sandbox.glyphs,
        )
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._rows = []
        if self._graph is not None and cells:
            self._rows = flow(
                self._graph, cells, self._counts, self._current, self._passed, self.sandbox.glyphs
            )

    def on_resize(self, event: events.Resize) -> None:
        """The map is drawn for its width."""
        step = self.step
        before = len(self._rows)
        self.redraw()
        if not before:
            self.go_to(self._first())
        elif self.step != step:
            self.go_to(step)
        self.reveal(self.cursor)

    @property
    def count(self) -> int:
        """Rows."""
        return len(self._rows)

    def line(self, index: int, cells: int) -> Line:
        """A row of the map."""
        return self._rows[index].line

    def choosable(self, index: int) -> bool:
        """Only steps, and the trigger at the top."""
        return bool(self._rows[index].step) or index == 0

    def watch_cursor(self, before: int, after: int) -> None:
        """Tell which step it is."""
        super().watch_cursor(before, after)
        if self.is_attached:
            self.post_message(StepPicked(self.step))
