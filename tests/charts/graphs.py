from __future__ import annotations

from sandbox.model.graph import Edge, Graph, Node

LABELS = {"success": "success", "failure": "failure", "else": "else", "drop": "failure"}


def graph(steps: list[str], ways: list[str]) -> Graph:
    """Steps as ``id|kind|label``, ways as ``source|target|kind|label``; the trigger comes first."""
    nodes = [Node("", "trigger", "newsletter_register")]
    for step in steps:
        name, kind, label = [*step.split("|"), ""][:3]
        nodes.append(Node(name, kind, label))
    edges = []
    for way in ways:
        source, target, kind, label = [*way.split("|"), "", ""][:4]
        kind = kind or "next"
        edges.append(Edge(source, target, label or LABELS.get(kind, ""), kind))
    return Graph("j", "A journey", tuple(nodes), tuple(edges))
