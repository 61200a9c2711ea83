"""The compiled journey as a graph, with the edges its dialect really has."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from sandbox.engine.compiled import (
    END_AT,
    CallNode,
    CompiledJourney,
    ConditionNode,
    Node,
    SplitNode,
    Way,
)
from sandbox.engine.conditions import in_words
from sandbox.model.base import shorten
from sandbox.model.graph import Edge, Graph
from sandbox.model.graph import Node as GraphNode
from sandbox.templates.snippet import Tag
from sandbox.templates.text import Text

__all__ = ["edges_of", "graph_of"]


def graph_of(journey: CompiledJourney) -> Graph:
    """Nodes in document order behind the trigger, and every edge a person can take."""
    trigger = journey.journey.trigger
    label = trigger.name or {"api": "POST trigger", "manual": "by hand"}.get(
        trigger.kind, trigger.kind
    )
    if trigger.count > 1:
        label += f" (time number {trigger.count})"
    if trigger.when is not None:
        label += f" when {in_words(trigger.when)}"
    nodes = [GraphNode("", "trigger", label)]
    nodes += [GraphNode(node.id, node.kind, _label(journey, node)) for node in journey.nodes]
    return Graph(journey.id, journey.journey.title, tuple(nodes), tuple(edges_of(journey)))


def edges_of(journey: CompiledJourney) -> Iterator[Edge]:
    """Every edge, in the order of choice; the same edge comes once."""
    seen: set[Edge] = set()
    for source, way, label, kind in _ways(journey):
        at = source
        first = True
        for target in _targets(journey, way):
            edge = Edge(at, target, label if first else "then", kind if first else "next")
            if edge not in seen:
                seen.add(edge)
                yield edge
            at, first = target, False


def _targets(journey: CompiledJourney, way: Way) -> list[str]:
    if not way:
        return [""]
    return ["end" if index == END_AT else journey.nodes[index].id for index in way]


def _inner(journey: CompiledJourney) -> set[int]:
    """Nodes that are only ever reached inside a list, before its last: their own way on is not
    used.
    """
    inner: set[int] = set()
    outer: set[int] = set(journey.start)
    for _, way, _, _ in _ways(journey, everything=True):
        if way:
            inner.update(way[:-1])
            outer.add(way[-1])
    return inner - outer


def _ways(
    journey: CompiledJourney, everything: bool = False
) -> Iterator[tuple[str, Way, str, str]]:
    yield "", journey.start, "", "next"
    skip = set() if everything else _inner(journey)
    for node in journey.nodes:
        if node.index in skip:
            continue
        if isinstance(node, CallNode):
            yield from _call_ways(journey, node)
        elif isinstance(node, ConditionNode):
            for _, way, label in node.branches:
                yield node.id, way, label, "branch"
            yield node.id, node.otherwise, "else", "else"
        elif isinstance(node, SplitNode):
            for _, way, label in node.arms:
                yield node.id, way, label, "arm"
        elif node.kind != "end":
            yield node.id, node.next, "", "next"


def _call_ways(journey: CompiledJourney, node: CallNode) -> Iterator[tuple[str, Way, str, str]]:
    behaviour = journey.behaviour
    if behaviour.exits and node.on_failure is not None:
        failing: Way | None = node.on_failure
    elif behaviour.failure == "drop":
        failing = None
    elif behaviour.failure == "branch":
        failing = node.next if behaviour.unconnected == "next" else ()
    else:
        failing = node.forward
    if failing == node.forward:
        yield node.id, node.forward, "either way", "either"
        return
    yield node.id, node.forward, "success", "success"
    if failing is None:
        yield node.id, (), "dropped", "drop"
    else:
        yield node.id, failing, "failure", "failure"


def _label(journey: CompiledJourney, node: Node) -> str:
    step = journey.journey.steps[node.index]
    if step.name:
        return step.name
    if isinstance(node, CallNode):
        return f"{node.plan.step.method} {_path(node.plan.step.url, node.plan.url)}"
    if step.kind == "update_attribute":
        return f"{step.attribute} = {shorten(step.value, 40)}"
    if step.kind in ("add_tag", "remove_tag"):
        return step.tag
    if step.kind == "condition":
        return " / ".join(branch.name or in_words(branch.when) for branch in step.branches)
    if step.kind == "wait":
        return step.for_ or f"until {step.until}"
    if step.kind == "notify":
        return step.text
    if step.kind == "message":
        return f"{step.channel} to {step.to}"
    if step.kind == "split":
        return " / ".join(label for _, _, label in node.arms) if isinstance(node, SplitNode) else ""
    return "end of the journey"


def _path(written: str, url: Text) -> str:
    """What stands after the base URL, which may be a tag in any syntax."""
    pieces = url.pieces()
    if pieces is None and written.startswith("{"):
        return written  # a block decides where it begins
    first = pieces[0] if pieces else ""
    if isinstance(first, Tag):
        return written.removeprefix(first.source) or written
    parts = urlsplit(written)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
