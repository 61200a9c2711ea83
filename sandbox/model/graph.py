"""A journey as a graph: what maps, Mermaid and coverage are drawn from."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Edge", "Graph", "Node"]


class Node(NamedTuple):
    """A step (or the trigger, whose id is empty)."""

    id: str
    kind: str
    """A step's kind, or ``trigger``."""
    label: str
    """One line for a person: ``POST /hook``, ``newsletter_consent = true``, ``3d``."""


class Edge(NamedTuple):
    """A way from one step to the next."""

    source: str
    target: str
    """A step's id, ``end`` (the path ends as meant) or empty (nothing is connected: the path
    ends).
    """
    label: str
    """``success``, ``failure``, a branch's or arm's words; empty for the plain way on."""
    kind: str
    """``next``, ``success``, ``failure``, ``either`` (success and failure alike), ``branch``,
    ``else``, ``arm`` or ``drop``.
    """


class Graph(NamedTuple):
    """Nodes in the order of the document (the trigger first) and their edges in the order of
    choice.
    """

    journey: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
