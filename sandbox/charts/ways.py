"""The order in which a map shows the steps of a graph, and which way out of a step is which.

Reverse postorder of a depth-first walk: every step stands below all that lead to it, loops apart,
and what only one way out of a step reaches stands directly below that step. The main way (success,
the plain next, the last branch) comes last, so that side ways are read first and are out of the
way before the path goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sandbox.model.graph import Edge, Graph, Node
from sandbox.model.journey import END

__all__ = ["Form", "Plan", "Stop", "Way", "plan"]

Form = Literal["on", "end", "nothing", "dropped", "loop", "missing"]
_MAIN_KINDS = ("success", "either", "next")


class Way(NamedTuple):
    """One or more edges between the same two steps, drawn once."""

    source: str
    target: str
    label: str
    kind: str
    """The edge's kind; ``either`` when success and failure go the same way."""
    form: Form
    """``on`` goes to a step further down; every other form ends on the line that names it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step at its place in the order, with its ways out."""

    node: Node
    short: tuple[Way, ...]
    """Ways that are told on one line: ends, loops, nothing connected."""
    near: tuple[Way, ...]
    """Side ways to steps that stand before the main way goes on."""
    far: tuple[Way, ...]
    """Side ways to steps further down than where the main way goes on."""
    main: Way | None
    boundary: int
    """The place in the order from which on the main way goes on."""


class Plan(NamedTuple):
    """Reachable steps in the order they are shown, and the others."""

    stops: tuple[Stop, ...]
    unreachable: tuple[Node, ...]


def plan(graph: Graph) -> Plan:
    """Any graph will do: cycles, joins, self loops, edges to steps that are not there."""
    nodes: dict[str, Node] = {}
    for node in graph.nodes:
        nodes.setdefault(node.id, node)
    if not nodes:
        return Plan((), ())
    ways = _ways(graph.edges, nodes)
    place, found = _order(next(iter(nodes)), ways)
    stops = []
    for step in sorted(place, key=place.__getitem__):
        out = [
            way._replace(form="loop")
            if way.form == "on" and place[way.target] <= place[step]
            else way
            for way in ways.get(step, [])
        ]
        on = [way for way in out if way.form == "on"]
        side = on[:-1]
        boundary = place[step] + 1 + sum(found[step, way.target] for way in side)
        stops.append(
            Stop(
                nodes[step],
                tuple(way for way in out if way.form != "on"),
                tuple(way for way in side if place[way.target] < boundary),
                tuple(way for way in side if place[way.target] >= boundary),
                on[-1] if on else None,
                boundary,
            )
        )
    return Plan(tuple(stops), tuple(node for step, node in nodes.items() if step not in place))


def _ways(edges: Iterable[Edge], nodes: dict[str, Node]) -> dict[str, list[Way]]:
    """Per step the ways out, side ways first in the order of choice, the main way last."""
    grouped: dict[str, dict[tuple[str, bool], list[Edge]]] = {}
    for edge in edges:
        if edge.source in nodes:
            key = (edge.target, edge.kind == "drop")
            grouped.setdefault(edge.source, {}).setdefault(key, []).append(edge)
    ways: dict[str, list[Way]] = {}
    for source, groups in grouped.items():
        out = [_merged(group, nodes) for group in groups.values()]
        main = next((at for at, way in enumerate(out) if way.kind in _MAIN_KINDS), len(out) - 1)
        ways[source] = [*out[:main], *out[main + 1 :], out[main]]
    return ways


def _merged(edges: list[Edge], nodes: dict[str, Node]) -> Way:
    first = edges[0]
    kinds = {edge.kind for edge in edges}
    labels = list(dict.fromkeys(edge.label for edge in edges if edge.label))
    kind, label = first.kind, " / ".join(labels)
    if "either" in kinds or {"success", "failure"} <= kinds:
        kind, label = "either", ""
    return Way(first.source, first.target, label, kind, _form(first, nodes))


def _form(edge: Edge, nodes: dict[str, Node]) -> Form:
    if edge.kind == "drop":
        return "dropped"
    if edge.target and edge.target in nodes:
        return "on"
    if edge.target == END:
        return "end"
    return "missing" if edge.target else "nothing"


def _order(
    root: str, ways: dict[str, list[Way]]
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Each reachable step's place, and how many steps each way was the first to find."""
    seen = {root}
    done: list[str] = []
    found: dict[tuple[str, str], int] = {}
    stack = [(root, [way.target for way in ways.get(root, []) if way.form == "on"])]
    began = [0]
    while stack:
        step, targets = stack[-1]
        if targets:
            target = targets.pop()
            found.setdefault((step, target), 0)
            if target not in seen:
                began.append(len(seen))
                seen.add(target)
                stack.append(
                    (target, [way.target for way in ways.get(target, []) if way.form == "on"])
                )
            continue
        stack.pop()
        before = began.pop()
        done.append(step)
        if stack:
            found[stack[-1][0], step] = len(seen) - before
    return {step: at for at, step in enumerate(reversed(done))}, found
