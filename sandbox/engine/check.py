"""Static findings: what is wrong with a journey before anybody walks it.

The codes are stable and listed in ``docs/findings.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.dialects import dialect
from sandbox.engine.compiled import CallNode, CompiledJourney, MessageNode, WaitNode
from sandbox.engine.graph import edges_of
from sandbox.engine.unset import Read, never_set, reads_of
from sandbox.engine.vendor_checks import (
    CHECKS,
    content_type,
    json_findings,
    single_brace_findings,
)
from sandbox.model.graph import Edge
from sandbox.model.trace import Finding
from sandbox.templates.text import Text

__all__ = ["check_journey", "cyclic_steps", "reached_steps"]


def check_journey(journey: CompiledJourney, variables: frozenset[str]) -> list[Finding]:
    """Every static finding, errors first.

    Args:
        journey: the compiled journey.
        variables: the names of the declared variables.
    """
    edges = list(edges_of(journey))
    reads = reads_of(journey, _templates(journey))
    found = [
        *journey.findings,
        *_unreachable(journey, edges),
        *_loops(journey, edges),
        *_unconnected(journey, edges),
        *_variables(reads, variables),
        *never_set(journey, reads, edges),
        *_calls(journey),
        *_samples(journey),
        *_exposed(journey),
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    words = dialect(journey.dialect).words
    named = dict.fromkeys(_named(finding, words) for finding in found)
    return sorted(named, key=lambda one: order[one.level])


_FIELDS: Final = {
    "json_invalid": "body",
    "json_unquoted_tag": "body",
    "body_not_sent": "body",
    "content_type_missing": "headers",
    "url_tag_literal": "url",
}
"""Code → the field of the call that it is about."""


def _named(finding: Finding, words: Mapping[str, str]) -> Finding:
    """With the vendor's own name of the field, where that is another."""
    field = _FIELDS.get(finding.code, "")
    word = words.get(field, "")
    if word.lower() in ("", field):
        return finding
    return finding._replace(message=f"{finding.message} (the vendor calls the field {word})")


def cyclic_steps(journey: CompiledJourney) -> frozenset[str]:
    """Steps that a person can come back to."""
    ways: dict[str, set[str]] = {}
    for edge in edges_of(journey):
        if edge.target not in ("", "end"):
            ways.setdefault(edge.source, set()).add(edge.target)
    return frozenset(step for part in _cycles(ways) for step in part)


def reached_steps(edges: list[Edge], start: str = "") -> set[str]:
    """The steps (and ends) that some path leads to."""
    reached = {start}
    more = [start]
    while more:
        at = more.pop()
        for edge in edges:
            if edge.source == at and edge.target not in reached:
                reached.add(edge.target)
                more.append(edge.target)
    return reached


def _unreachable(journey: CompiledJourney, edges: list[Edge]) -> Iterator[Finding]:
    reached = reached_steps(edges)
    for node in journey.nodes:
        if node.id not in reached:
            yield Finding(
                "step_unreachable", "warning", node.id, f"no path leads to the step {node.id!r}"
            )


def _loops(journey: CompiledJourney, edges: list[Edge]) -> Iterator[Finding]:
    """Cycles that no wait slows down, each named once by its first step in document order."""
    waits = {node.id for node in journey.nodes if isinstance(node, WaitNode)}
    ways: dict[str, set[str]] = {}
    for edge in edges:
        if edge.source not in waits and edge.target not in waits and edge.target not in ("", "end"):
            ways.setdefault(edge.source, set()).add(edge.target)
    for members in _cycles(ways):
        names = [node.id for node in journey.nodes if node.id in members]
        yield Finding(
            "loop_without_wait",
            "warning",
            names[0],
            f"the steps {' → '.join([*names, names[0]])} form a loop without a wait",
        )


def _cycles(ways: dict[str, set[str]]) -> list[set[str]]:
    """Strongly connected parts with a cycle (Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    parts: list[set[str]] = []
    for root in ways:
        if root in index:
            continue
        work = [(root, iter(sorted(ways.get(root, ()))))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            at, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == index[at]:
                    part: set[str] = set()
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        part.add(member)
                        if member == at:
                            break
                    if len(part) > 1 or at in ways.get(at, ()):
                        parts.append(part)
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(sorted(ways.get(target, ())))))
            elif target in on_stack:
                low[at] = min(low[at], index[target])
    return parts


def _unconnected(journey: CompiledJourney, edges: list[Edge]) -> Iterator[Finding]:
    """Ways that lead nowhere; not for a call of which the author connected neither exit."""
    plain = {
        node.id
        for node in journey.nodes
        if isinstance(node, CallNode) and node.on_success is None and node.on_failure is None
    }
    for edge in edges:
        if edge.target or edge.kind == "drop" or edge.source in plain:
            continue
        way = f"the way {edge.label!r}" if edge.label else "the way on"
        yield Finding(
            "path_unconnected", "info", edge.source, f"{way} leads nowhere: the path ends there"
        )


def _templates(journey: CompiledJourney) -> Iterator[tuple[str, Text]]:
    for node in journey.nodes:
        if isinstance(node, CallNode):
            for template in node.plan.templates():
                yield node.id, template
        for name in ("tag", "until", "text", "to", "subject"):
            text = getattr(node, name, None)
            if isinstance(text, Text):
                yield node.id, text
        value = getattr(node, "value", None)
        for template in getattr(value, "templates", ()):
            yield node.id, template


def _variables(reads: list[Read], declared: frozenset[str]) -> Iterator[Finding]:
    for read in reads:
        of_env = read.path[0] in ("env", "variables")
        if of_env and (len(read.path) < 2 or read.path[1] not in declared):
            name = ".".join(read.path[1:]) or "(all)"
            message = f"{read.shown}: the workspace declares no variable {name!r}"
            yield Finding("env_undeclared", "error", read.step, message)


def _calls(journey: CompiledJourney) -> Iterator[Finding]:
    behaviour = journey.behaviour
    for node in journey.nodes:
        if isinstance(node, MessageNode) and not node.to.source.strip():
            yield Finding("message_no_address", "warning", node.id, "the message has no address")
        if not isinstance(node, CallNode):
            continue
        step = node.plan.step
        if step.method not in behaviour.methods:
            offered = ", ".join(behaviour.methods)
            yield Finding(
                "method_not_offered",
                "warning",
                node.id,
                f"{journey.dialect} offers {offered}, not {step.method}",
            )
        if not behaviour.exits and (step.on_success is not None or step.on_failure is not None):
            yield Finding(
                "edge_ignored",
                "warning",
                node.id,
                f"{journey.dialect} has no exits for success and failure: on_success is where the "
                f"journey goes on, and on_failure is ignored, as the policy {behaviour.failure} "
                "decides",
            )
        if step.body is not None and step.method in behaviour.no_body_methods:
            yield Finding(
                "body_not_sent", "warning", node.id, f"a {step.method} is sent without its body"
            )
        for name in behaviour.checks:
            yield from CHECKS[name](journey, node)
        asked = "json_post" in behaviour.checks  # which then says it
        if (
            step.body_kind == "json"
            and step.body is not None
            and not content_type(step)
            and not asked
        ):
            yield Finding(
                "content_type_missing",
                "info",
                node.id,
                "no Content-Type header; many endpoints then do not read the body as JSON",
            )
        yield from json_findings(node.plan)
        yield from single_brace_findings(journey, node)


def _exposed(journey: CompiledJourney) -> Iterator[Finding]:
    """Responses that are read although the vendor is not known to show them to later steps."""
    seen = journey.behaviour.exposed
    for path, steps in journey.reads.items():
        if (
            seen == "full"
            or path[0] != "steps"
            or len(path) < 3
            or path[2] not in ("body", "response")
        ):
            continue
        if seen == "status" and path[2:4] == ("response", "statusCode"):
            continue
        yield Finding(
            "response_not_exposed",
            "info",
            steps[0],
            f"{'.'.join(path)} is read, and {journey.dialect} is not known to show it to later "
            "steps (assumed); the sandbox does",
        )


def _samples(journey: CompiledJourney) -> Iterator[Finding]:
    """Event fields that are read but are not in the trigger's sample."""
    sample = journey.journey.trigger.sample
    for step, template in _templates(journey):
        for tag in template.tags():
            path = tag.path
            if path[:2] == ("steps", "1") and journey.syntax.name == "kustomer":
                path = ("event", *path[2:])
            if path[:1] not in (("event",), ("trigger",)) or len(path) < 2:
                continue
            fallback = tag.optional or any(name == "default" for name, _ in tag.filters)
            if path[1] not in sample and not fallback:
                yield Finding(
                    "event_field_not_in_sample",
                    "info",
                    step,
                    f"{tag.source} in {template.at}: the trigger's sample has no {path[1]!r}",
                )
