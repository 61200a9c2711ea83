"""What a map says in words: a step, a way out of it, how a way ends, what a call counted."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.charts.glyphs import Glyphs, clean
from sandbox.charts.line import Span
from sandbox.charts.ways import Way
from sandbox.model.graph import Graph, Node
from sandbox.model.trace import CallCounts

__all__ = ["KIND_WORDS", "CountsColumn", "step_words", "way_ending", "way_label"]

KIND_WORDS: Mapping[str, str] = {
    "trigger": "",
    "call_api": "Call an API",
    "update_attribute": "Update attribute",
    "add_tag": "Add tag",
    "remove_tag": "Remove tag",
    "condition": "Condition",
    "wait": "Wait",
    "notify": "Notify",
    "message": "Message",
    "split": "Split",
    "end": "End",
}
"""What a person calls a step of this kind."""

_NO_COUNTS: CallCounts = {"success": 0, "failure": 0, "attempts": 0, "retried": 0, "by_code": {}}


def step_words(node: Node, dim: bool = False) -> list[Span]:
    """The id, what kind of step it is, and what it does; ``dim`` for a step nobody reaches."""
    kind = KIND_WORDS.get(node.kind, clean(node.kind).replace("_", " "))
    label = clean(node.label)
    if not node.id:
        return [Span(label or clean(node.kind), "strong")]
    words = [Span(clean(node.id), "dim" if dim else "step")]
    said = kind.casefold() in (node.id.casefold(), "") or (node.kind == "end" and label)
    if not said:
        words += [Span("  "), Span(kind, "dim" if dim else "")]
    if label and label != node.id:
        words += [Span("  "), Span(label, "dim")]
    return words


def way_label(way: Way, glyphs: Glyphs) -> list[Span]:
    """The words beside the edge; nothing for the plain way on."""
    words = clean(way.label)
    match way.kind:
        case "success":
            return [Span(f"{glyphs.success} {words or 'success'}", "success")]
        case "failure":
            return [Span(f"{glyphs.failure} {words or 'failure'}", "failure")]
        case "either":
            return [
                Span(glyphs.success, "success"),
                Span(glyphs.failure, "failure"),
                Span(f" {words or 'either way'}"),
            ]
        case "drop":
            told = words if words != "dropped" else ""
            return [Span(f"{glyphs.failure} {told or 'failure'}", "failure")]
        case _:
            return [Span(words)] if words else []


def way_ending(way: Way, glyphs: Glyphs, short: bool = False) -> Span:
    """How a way ends that is told on one line; ``short`` where there is little room."""
    target = clean(way.target)
    match way.form:
        case "end":
            return Span(f"{glyphs.end} end", "dim")
        case "nothing":
            mark = "" if way.kind == "failure" else f"{glyphs.failure} "
            words = "path ends" if short else "path ends (nothing connected)"
            return Span(f"{mark}{words}", "warning")
        case "dropped":
            return Span(f"{glyphs.dropped} dropped", "failure")
        case "missing":
            return Span(f"{glyphs.failure} no step {target}", "warning")
        case "loop":
            return Span(f"{glyphs.loop} {target}", "step")
        case _:
            return Span(f"{glyphs.jump} {target}", "step")


class CountsColumn:
    """What the call steps counted, the numbers of all rows aligned."""

    def __init__(
        self, graph: Graph, counts: Mapping[str, CallCounts] | None, glyphs: Glyphs
    ) -> None:
        """Without ``counts`` the column is empty."""
        self._counts = counts
        self._glyphs = glyphs
        shown = [(counts or {}).get(node.id, _NO_COUNTS) for node in graph.nodes]
        self._success = max((len(str(one["success"])) for one in shown), default=1)
        self._failure = max((len(str(one["failure"])) for one in shown), default=1)

    def of(self, node: Node) -> list[Span]:
        """``✓ 128  ✗ 17`` for a call, nothing for any other step."""
        if self._counts is None or node.kind != "call_api":
            return []
        one = self._counts.get(node.id, _NO_COUNTS)
        success = f"{self._glyphs.success} {one['success']:>{self._success}}"
        failure = f"{self._glyphs.failure} {one['failure']:>{self._failure}}"
        return [
            Span(success, "success" if one["success"] else "dim"),
            Span("  "),
            Span(failure, "failure" if one["failure"] else "dim"),
        ]
