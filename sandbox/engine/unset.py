"""Tags that can never be set: what they read is left by no step on any path before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sandbox.engine.compiled import CallNode, CompiledJourney, Node
from sandbox.engine.conditions import paths_of
from sandbox.model.condition import Condition
from sandbox.model.graph import Edge
from sandbox.model.journey import ConditionStep
from sandbox.model.trace import Finding
from sandbox.templates.paths import Path, dotted
from sandbox.templates.syntax import Syntax
from sandbox.templates.text import Text

__all__ = ["Read", "never_set", "reads_of"]

_LEFT = ("input", "response", "body", "error")
_KNOWN = {"journey": ("id", "name", "dialect"), "run": ("id", "seed", "started")}


class Read(NamedTuple):
    """One path that one step reads."""

    step: str
    """Empty for the trigger."""
    path: Path
    shown: str
    """The tag and its field, or the condition's path."""


def reads_of(journey: CompiledJourney, templates: Iterable[tuple[str, Text]]) -> list[Read]:
    """Every path that a template or condition of the journey reads."""
    reads = [
        Read(step, tag.path, f"{tag.source} in {template.at}")
        for step, template in templates
        for tag in template.tags()
        if tag.path
    ]
    trigger = journey.journey.trigger
    if trigger.when is not None:
        reads += _tested("", trigger.when, journey.syntax)
    for step in journey.journey.steps:
        if isinstance(step, ConditionStep):
            for branch in step.branches:
                reads += _tested(step.id, branch.when, journey.syntax)
    return reads


def _tested(step: str, condition: Condition, syntax: Syntax) -> Iterator[Read]:
    return (
        Read(step, path, f"the condition on {dotted(path)}") for path in paths_of(condition, syntax)
    )


def never_set(
    journey: CompiledJourney, reads: Iterable[Read], edges: Iterable[Edge]
) -> Iterator[Finding]:
    """What is read and can never be there (an unknown root or step is the compiler's finding)."""
    nodes = {node.id: node for node in journey.nodes}
    before = _before(edges)
    keepers: dict[str, set[str]] = {}
    for node in journey.nodes:
        if isinstance(node, CallNode):
            for saving in node.save:
                keepers.setdefault(saving.name, set()).add(node.id)
    for read in reads:
        if read.step and read.step not in before:
            continue  # no path leads there, which is a finding of its own
        why = _why(read, nodes, before.get(read.step, set()), keepers)
        if why:
            message = f"{read.shown} can never be set: {why}"
            yield Finding("tag_never_set", "error", read.step, message)


def _why(read: Read, nodes: dict[str, Node], before: set[str], keepers: dict[str, set[str]]) -> str:
    root, *rest = read.path
    if root in _KNOWN and rest and rest[0] not in _KNOWN[root]:
        return f"{root} has {', '.join(_KNOWN[root])}"
    if root in keepers and not keepers[root] & before:
        return f"no call before it saves {root}"
    if root != "steps" or not rest or rest[0] not in nodes:
        return ""
    step = nodes[rest[0]]
    if not isinstance(step, CallNode):
        return f"the step {step.id!r} is of kind {step.kind}, and only calls leave values"
    if len(rest) > 1 and rest[1] not in _LEFT:
        return f"a call leaves {', '.join(_LEFT)}"
    if step.id not in before:
        return f"no path leads from {step.id!r} to it"
    return ""


def _before(edges: Iterable[Edge]) -> dict[str, set[str]]:
    """Step → the steps that some path from the start has passed when it comes there."""
    ways: dict[str, set[str]] = {}
    for edge in edges:
        if edge.target:  # nothing connected, which is not the way back to the trigger
            ways.setdefault(edge.source, set()).add(edge.target)
    before: dict[str, set[str]] = {"": set()}
    more = [""]
    while more:
        at = more.pop()
        passed = before[at] | {at}
        for target in ways.get(at, ()):
            known = before.get(target)
            if known is None or not passed <= known:
                before[target] = passed | (known or set())
                more.append(target)
    return before
