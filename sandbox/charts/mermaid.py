"""A journey as a Mermaid flowchart, for wikis and pull requests."""

from __future__ import annotations

from sandbox.charts.glyphs import clean
from sandbox.charts.wording import KIND_WORDS
from sandbox.model.graph import Edge, Graph, Node
from sandbox.model.journey import END

__all__ = ["mermaid"]

_SHAPES = {
    "trigger": ("([", "])"),
    "call_api": ("[[", "]]"),
    "condition": ("{", "}"),
    "split": ("{", "}"),
    "wait": ("(", ")"),
    "end": ("((", "))"),
}
_WORDS = {
    "success": "✓ success",
    "failure": "✗ failure",
    "either": "✓✗ either way",
    "drop": "✗ failure",
}


def mermaid(graph: Graph) -> str:
    """A ``flowchart TD``; ends and loose ends are nodes of their own.

    Steps are numbered (``n0`` is the trigger) because a step's id may be a word of Mermaid's.
    """
    names: dict[str, str] = {}
    for node in graph.nodes:
        names.setdefault(node.id, f"n{len(names)}")
    lines = ["flowchart TD"]
    drawn: set[str] = set()
    for node in graph.nodes:
        if node.id not in drawn:
            drawn.add(node.id)
            lines.append(f"    {names[node.id]}{_box(node)}")
    loose = 0
    for source, target, words, dropped in _arrows(graph.edges):
        if source not in names:
            continue
        to = names.get(target) if target and not dropped else None
        if to is None:
            to, loose = f"x{loose}", loose + 1
            lines.append(f"    {to}{_loose_end(target, dropped)}")
        arrow = "-.->" if dropped else "-->"
        label = f'|"{_escape(words)}"|' if words else ""
        lines.append(f"    {names[source]} {arrow}{label} {to}")
    return "\n".join(lines) + "\n"


def _arrows(edges: tuple[Edge, ...]) -> list[tuple[str, str, str, bool]]:
    """Source, target, words and whether the run is dropped; edges between the same two as one."""
    grouped: dict[tuple[str, str, bool], list[Edge]] = {}
    for edge in edges:
        key = (edge.source, edge.target, edge.kind == "drop")
        grouped.setdefault(key, []).append(edge)
    arrows = []
    for (source, target, dropped), group in grouped.items():
        kinds = {edge.kind for edge in group}
        if {"success", "failure"} <= kinds or "either" in kinds:
            words = _WORDS["either"]
        else:
            words = " / ".join(dict.fromkeys(filter(None, map(_words, group))))
        arrows.append((source, target, words, dropped))
    return arrows


def _words(edge: Edge) -> str:
    if edge.kind in _WORDS and edge.label in ("", edge.kind, "dropped"):
        return _WORDS[edge.kind]
    return clean(edge.label)


def _box(node: Node) -> str:
    start, stop = _SHAPES.get(node.kind, ("[", "]"))
    kind = KIND_WORDS.get(node.kind, node.kind)
    parts = list(dict.fromkeys(filter(None, [clean(node.id), kind, clean(node.label)])))
    return f'{start}"{"<br>".join(map(_escape, parts)) or "trigger"}"{stop}'


def _loose_end(target: str, dropped: bool) -> str:
    if dropped:
        return '[/"dropped"/]'
    if target == END:
        return '(("end"))'
    return f'[/"{_escape(f"no step {target}" if target else "path ends (nothing connected)")}"/]'


def _escape(text: str) -> str:
    """Mermaid's entity codes for everything that could end a label or start a directive."""
    return "".join(
        char if char.isalnum() or char in " .,:/=-_+?!%✓✗()" else f"#{ord(char)};"
        for char in clean(text)
    )
