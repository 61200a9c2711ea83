"""Journey document + dialect → compiled journey, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.engine.compiled import CallNode, CompiledJourney, Node
from sandbox.engine.conditions import compile_condition, paths_of
from sandbox.engine.making import NodeMaking
from sandbox.errors import DocumentError, Problem, nearest
from sandbox.model.journey import Journey
from sandbox.model.trace import Finding
from sandbox.templates.paths import Path, dotted

__all__ = ["ROOTS", "compile_journey"]

ROOTS = frozenset({"user", "profile", "event", "trigger", "steps", "env", "journey", "run", "now"})
"""The template roots; saved names come beside them."""

KUSTOMER_ROOTS = frozenset({"variables", "error"})
"""The vendor's own besides: declared variables, and the newest call's error, if it had one."""


def compile_journey(
    journey: Journey, dialect_name: str | None = None, source: str = ""
) -> CompiledJourney:
    """Compile a journey, under its own dialect or another one.

    Under another dialect the template syntax (how tags are written, whether values keep their
    type, where the URL takes tags and whether its values are encoded) stays the journey's own.

    Raises:
        DocumentError: with every problem.
        UnknownName: when there is no such dialect.
    """
    compiler = _Compiler(journey, dialect_name or journey.dialect)
    compiled = compiler.compile()
    if compiler.problems:
        raise DocumentError(source or f"journey {journey.id}", compiler.problems)
    return compiled


class _Compiler(NodeMaking):
    """The whole of it."""

    def compile(self) -> CompiledJourney:
        """Every step, then what only the whole journey can tell."""
        if not self.journey.steps:
            self.problems.append(Problem("steps", "a journey needs at least one step"))
        nodes = tuple(
            self._node(step, at, f"steps[{at}]") for at, step in enumerate(self.journey.steps)
        )
        when = None
        if self.journey.trigger.when is not None:
            when = compile_condition(
                self.journey.trigger.when, "trigger.when", self.problems, self.syntax
            )
            self._read("", paths_of(self.journey.trigger.when, self.syntax))
        self._check_roots(nodes)
        read_steps = {path[1] for path in self.reads if path[0] == "steps" and len(path) > 1}
        whole = any(path == ("steps",) or path[0] == "error" for path in self.reads)
        for node in nodes:
            if isinstance(node, CallNode):
                node.exposed = node.plan.shows_payload = whole or node.id in read_steps
        roots = {path[0] for path in self.reads}
        return CompiledJourney(
            self.journey,
            self.dialect.name,
            self.behaviour,
            nodes,
            when,
            "now" in roots,
            "run" in roots,
            (0,) if nodes else (),
            {path: tuple(steps) for path, steps in self.reads.items()},
            self.syntax,
            tuple(self.findings),
        )

    def _check_roots(self, nodes: Iterable[Node]) -> None:
        """Saved names, so that a misspelt root is refused and not silently empty."""
        saved = {save.name for node in nodes if isinstance(node, CallNode) for save in node.save}
        known, first = ROOTS, frozenset[str]()
        if self.syntax.name == "kustomer":
            known, first = known | KUSTOMER_ROOTS, frozenset({"1"})
        for name in saved & known:
            self.problems.append(Problem("save", f"the name {name!r} is taken by a template root"))
        known |= saved
        for path, steps in self.reads.items():
            step_id = next(iter(steps))
            if path[0] not in known:
                close = nearest(path[0], known)
                hint = (
                    f"did you mean {close[0]}?" if close else "known: " + ", ".join(sorted(known))
                )
                self._never_set(step_id, path, f"nothing is known as {path[0]!r}; {hint}")
            elif path[0] == "steps" and len(path) > 1 and path[1] not in self.index.keys() | first:
                close = nearest(path[1], self.index)
                hint = f"did you mean {close[0]}?" if close else "see the journey's step ids"
                self._never_set(step_id, path, f"there is no step {path[1]!r}; {hint}")

    def _never_set(self, step_id: str, path: Path, why: str) -> None:
        message = f"{dotted(path)} can never be set: {why}"
        self.findings.append(Finding("tag_never_set", "error", step_id, message))
