"""What a journey reads of one call's answer, and what it does with it.

Three ways of reading are told apart. A *comparison* reads a value against a constant; a constant
with tags is rendered with what is known at the start, and where it depends on the run itself the
value counts exactly. A value that *flows on* (into an attribute, a tag, a wait, another call's
input that is read) counts exactly as well. Any *other template* only minds whether there is a
value, and where text can break it (a JSON text, a URL, a header) what kind of text it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sandbox.engine.compiled import (
    AddTagNode,
    CallNode,
    CompiledJourney,
    RemoveTagNode,
    UpdateNode,
    WaitNode,
)
from sandbox.engine.conditions import Comparison, comparisons
from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.condition import Condition
from sandbox.model.journey import ConditionStep
from sandbox.templates.paths import MISSING, Path, look_up
from sandbox.templates.references import Reference
from sandbox.templates.snippet import Tag, tag_value
from sandbox.templates.text import Text
from sandbox.templates.values import Value

__all__ = ["Reads", "conditions_of", "is_answer"]

_KNOWN = ("event", "trigger", "env", "journey", "run")
_KUSTOMERS = (("variables",), ("steps", "1"))
"""Kustomer's names for the declared variables and for the event."""
_SAMPLES: tuple[Json, ...] = (
    "value", 1, "2026-01-01T00:00:00+00:00", "http://api.test/value", ["value"], {"value": 1},
)  # fmt: skip


def conditions_of(journey: CompiledJourney) -> Iterator[Condition]:
    """Every condition behind the trigger."""
    for step in journey.journey.steps:
        if isinstance(step, ConditionStep):
            yield from (branch.when for branch in step.branches)


def is_answer(path: Path) -> bool:
    """Whether a path leads into an answer, and not into what was sent."""
    return path[:1] == ("steps",) and path[2:3] in (("response",), ("body",), ("error",))


class Reads:
    """What is read of one call's answer."""

    def __init__(self, journey: CompiledJourney, node: CallNode, scope: Json) -> None:
        """``scope``: the template roots at the start of a run."""
        self.journey = journey
        self.node = node
        self._own = ("steps", node.id)
        self._saved = {save.name: save for save in node.save}
        self._changed = {one.attribute for one in journey.nodes if isinstance(one, UpdateNode)}
        if any(isinstance(one, AddTagNode | RemoveTagNode) for one in journey.nodes):
            self._changed.add("tags")
        self.tests: list[Comparison] = []
        """Comparisons of the answer with constants."""
        self.exact: set[Path] = set()
        """Paths whose very value matters."""
        self.fragile: set[Path] = set()
        """Paths whose text can break what it is put into."""
        self.blurred: set[Path] = set()
        """Paths that flow on through filters or among other tags."""
        self.pool: list[Json] = []
        """Constants that a value which flows on may meet."""
        self.samples: dict[Path, Json] = {}
        """Paths that templates read → a value that suits their filters."""
        self._conditions(scope)
        self._templates()
        mine = [path for path in journey.reads if self.mine(path)]
        self.paths: list[Path] = list(
            dict.fromkeys([*(test.path for test in self.tests), *self.exact_in_order(), *mine])
        )

    def exact_in_order(self) -> list[Path]:
        """``exact``, in an order that does not depend on hashes."""
        return sorted(self.exact)

    def mine(self, path: Path) -> bool:
        """Whether a path reads this call's answer."""
        if path[:1] == ("steps",) and len(path) == 1:
            return True
        own = path[:2] == self._own and path[2:3] != ("input",)
        return own or (path[:1] != () and path[0] in self._saved)

    def inside(self, path: Path) -> Path | None:
        """The path within the body, when it leads into it."""
        if path[:3] == (*self._own, "body"):
            return path[3:]
        saving = self._saved.get(path[0])
        return None if saving is None else (*saving.path, *path[1:])

    # Conditions --------------------------------------------------------------------------------

    def _conditions(self, scope: Json) -> None:
        for condition in conditions_of(self.journey):
            for test in comparisons(condition, self.journey.syntax):
                constant = self._constant(test.value)
                tags = [] if constant is None else list(constant.tags())
                mine = self.mine(test.path)
                flowing = [tag.path for tag in tags if self.mine(tag.path)]
                self.exact.update(flowing)
                if flowing:
                    found = look_up(scope, test.path)
                    self.pool += [] if found is MISSING else [found]
                value = test.value
                if constant is not None and (tags or not constant.static):
                    value = constant.render(scope, [])
                if value is MISSING:  # a reference that finds nothing; only absence equals it
                    continue
                if not mine:
                    self.pool += value if test.op == "in" and isinstance(value, list) else [value]
                elif all(self._known(tag) for tag in tags):
                    self.tests.append(test._replace(value=value))
                else:
                    self.exact.add(test.path)
                    self.pool.append(value)

    def _constant(self, value: Json) -> Value | None:
        """What a comparison compares with; None when it cannot be read, which is told elsewhere."""
        try:
            return self.journey.syntax.value(value, "", keep_types=True, nothing=MISSING)
        except DocumentError:
            return None

    def _known(self, tag: Tag) -> bool:
        """Whether a tag's value is the same all through a run."""
        path = tag.path
        if not path or path[0] in _KNOWN:
            return True
        if self.journey.syntax.name == "kustomer" and (
            path[:1] in _KUSTOMERS or path[:2] in _KUSTOMERS
        ):
            return self.journey.node("1") is None or path[0] == "variables"
        return path[0] in ("user", "profile") and path[1:2] != () and path[1] not in self._changed

    # Templates ---------------------------------------------------------------------------------

    def _templates(self) -> None:
        inputs = {path[1] for path in self.journey.reads if path[2:3] == ("input",)}
        for node in self.journey.nodes:
            if isinstance(node, CallNode):
                step = node.plan.step
                json_text = step.body_kind == "json" and isinstance(step.body, str)
                for template in node.plan.templates():
                    part = template.at.partition(".")[0]
                    breaks = part in ("url", "headers", "auth") or (json_text and part == "body")
                    self._template(template, node.id in inputs, breaks, part == "url")
            elif isinstance(node, UpdateNode):
                for template in node.value.templates:
                    self._template(template, True)
            elif isinstance(node, AddTagNode | RemoveTagNode):
                self._template(node.tag, True)
            elif isinstance(node, WaitNode):
                if node.until is not None:
                    self._template(node.until, True, moment=True)
            else:
                for name in ("text", "to", "subject"):
                    text = getattr(node, name, None)
                    if isinstance(text, Text):
                        self._template(text, False, name == "to")

    def _template(
        self,
        template: Text,
        flows: bool,
        breaks: bool = False,
        url: bool = False,
        moment: bool = False,
    ) -> None:
        pieces = template.pieces()
        blocks = pieces is None  # then a value may decide what is written, not only stand in it
        parts: list[str | Tag] = list(template.tags()) if pieces is None else pieces
        for index, part in enumerate(parts):
            if not isinstance(part, Tag) or not part.path or not self.mine(part.path):
                continue
            path = part.path
            if flows or (blocks and breaks):
                self.exact.add(path)
                changed = isinstance(template, Reference) and not template.path
                several = sum(isinstance(one, Tag) for one in parts) > 1
                if part.filters or changed or several or blocks:
                    self.blurred.add(path)
                self.pool += [] if blocks else self._unwrapped(parts)
            if breaks:
                self.fragile.add(path)
            first = 3 if url and index == 0 else 2 if moment else 0
            order = (*_SAMPLES[first:], *_SAMPLES[:first])
            body = breaks and template.at.startswith("body")
            if body and not blocks and not _quoted(parts, index):
                order = (1, *order)
            self.samples.setdefault(path, _suiting(template, part, order))

    def _unwrapped(self, parts: list[str | Tag]) -> Iterator[Json]:
        """Constants without the text around the only tag of a template."""
        if len([part for part in parts if isinstance(part, Tag)]) != 1:
            return
        at = next(n for n, part in enumerate(parts) if isinstance(part, Tag))
        before = "".join(str(part) for part in parts[:at])
        after = "".join(str(part) for part in parts[at + 1 :])
        for condition in conditions_of(self.journey):
            for test in comparisons(condition, self.journey.syntax):
                for one in test.value if isinstance(test.value, list) else [test.value]:
                    whole = isinstance(one, str) and one.startswith(before) and one.endswith(after)
                    if whole and (before or after):
                        yield one[len(before) : len(one) - len(after)]


def _quoted(parts: list[str | Tag], index: int) -> bool:
    before = parts[index - 1] if index else ""
    return isinstance(before, str) and before.endswith('"')


def _suiting(template: Text, tag: Tag, samples: Iterable[Json]) -> Json:
    """The first sample that the tag's filters, or the reference's function, make something of."""
    value = tag_value(tag)
    if isinstance(template, Reference):
        value = lambda scope: template.render(scope, []) or MISSING  # noqa: E731
    for sample in samples:
        scope: Json = sample
        for part in reversed(tag.path):
            scope = {part: scope}
        if value(scope) is not MISSING:
            return sample
    return "value"
