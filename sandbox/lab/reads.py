"""What a journey reads of one call's answer, and what it does with it.

Two ways of reading are told apart. A *comparison* reads a value against a constant; a constant
with tags is rendered with what is known at the start, and where it depends on the run itself the
value counts exactly. A *text* is rendered to see what it makes of the answer (``texts``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.engine.compiled import AddTagNode, CallNode, CompiledJourney, RemoveTagNode, UpdateNode
from sandbox.engine.conditions import Comparison, comparisons
from sandbox.errors import DocumentError
from sandbox.lab.texts import Written, constants_in, sample_for, written_by
from sandbox.model.base import Json
from sandbox.model.condition import Condition
from sandbox.model.journey import ConditionStep
from sandbox.templates.paths import MISSING, Path, look_up
from sandbox.templates.snippet import Tag
from sandbox.templates.values import Value

__all__ = ["Reads", "conditions_of", "is_answer"]

_KNOWN = ("event", "trigger", "env", "journey", "run")
_KUSTOMERS = (("variables",), ("steps", "1"))
"""Kustomer's names for the declared variables and for the event."""
_MIXED = (
    "flows on through filters or among other tags; only the constants of the conditions were tried "
    "for it"
)
_DECIDES = (
    "is read by blocks or helpers; only the constants in the text and a few usual values were "
    "tried for it"
)


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
        """Paths whose very value matters, whatever is made of it."""
        self.flowing: set[Path] = set()
        """Paths whose value is put where it is read again."""
        self.linked: set[Path] = set()
        """Paths whose value can break a text, or decide in it by blocks or helpers."""
        self.computed: set[Path] = set()
        """Paths that go through filters, functions or helpers."""
        self.blurred: dict[Path, str] = {}
        """Paths of which more could be tried than is known to matter → why."""
        self.pool: list[Json] = []
        """Constants that a value which flows on may meet."""
        self.constants: dict[Path, list[Json]] = {}
        """Paths → constants that stand beside them in a text."""
        self.samples: dict[Path, Json] = {}
        """Paths that texts read → a value that suits them."""
        self.texts: list[Written] = []
        """The texts that read the answer."""
        self.others: dict[Path, Json] = {}
        """What these texts read of other answers → a value that suits them."""
        self._conditions(scope)
        self._templates(scope)
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
        if path[:1] == ("error",) and self.journey.syntax.name == "kustomer":
            return True  # the newest call without a response, which may be this one
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
                known = all(self._known(tag) for tag in tags)
                if value is MISSING and (known or not mine):
                    continue  # a reference that finds nothing; no value equals it
                if not mine:
                    self.pool += value if test.op == "in" and isinstance(value, list) else [value]
                elif known:
                    self.tests.append(test._replace(value=value))
                else:
                    self.exact.add(test.path)
                    self.pool += [] if value is MISSING else [value]

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

    def _templates(self, scope: Json) -> None:
        inputs = {path[1] for path in self.journey.reads if path[2:3] == ("input",)}
        for written in written_by(self.journey, inputs):
            mine = [tag for tag in written.tags if tag.path and self.mine(tag.path)]
            if mine:
                self.texts.append(written)
                self._read_by(written, mine, scope)

    def _read_by(self, written: Written, mine: list[Tag], scope: Json) -> None:
        paths = [tag.path for tag in mine]
        others = [tag.path for tag in written.tags if tag not in mine and not self._known(tag)]
        answered = [path for path in (*paths, *others) if path]
        for path in others:
            if path and look_up(scope, path) is MISSING:
                self.others.setdefault(path, sample_for(written, path, answered, scope))
        if written.flows:
            self.flowing.update(paths)
            if written.simple:
                self.pool += self._unwrapped(written.text.pieces() or [])
        if written.check is not None or not written.simple:
            self.linked.update(paths)
        if written.computes:
            self.computed.update(paths)
        if not written.simple and others:
            self.exact.update(paths)  # what it makes of them depends on another answer
        constants = list(constants_in(written)) if written.computes else []
        for tag in mine:
            self.constants.setdefault(tag.path, []).extend(constants)
            self.samples.setdefault(tag.path, sample_for(written, tag.path, answered, scope))
            if written.flows and (written.computes or len(written.tags) > 1):
                self.blurred.setdefault(tag.path, _MIXED)
            elif not written.simple:
                self.blurred.setdefault(tag.path, _DECIDES)

    def _unwrapped(self, parts: Sequence[str | Tag]) -> Iterator[Json]:
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
