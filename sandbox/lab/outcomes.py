"""What can come back from a call, and which of it a journey can tell apart.

A journey knows an answer only by what it does with it: whether it is a success, whether it is
retried, whether the platform fails the
run, which comparisons hold for it, and which tags it fills. Two answers alike in all of these are
one class: the walk after them is the
same, so one of them stands for all. That is what keeps a sweep from exploding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from typing import Final, NamedTuple

from sandbox.engine.compiled import CallNode, CompiledJourney, UpdateNode
from sandbox.engine.conditions import Comparison, comparisons, holds
from sandbox.engine.response import exposed, save_values
from sandbox.model.base import Json, dump_json
from sandbox.model.condition import Condition
from sandbox.model.exchange import Answer, Fail, Request
from sandbox.model.journey import ConditionStep
from sandbox.templates.paths import MISSING, Path, look_up

__all__ = ["OUTCOMES", "Outcome", "OutcomeClass", "classes_of"]


class Outcome(NamedTuple):
    """One thing that can come back, by the name it has in a report."""

    name: str
    answer: Answer


_JSON = (("content-type", "application/json"),)
_EMPTY = b"{}"
_MOST_BODIES = 48


def _status(status: int, body: bytes = _EMPTY, *more: tuple[str, str]) -> Answer:
    return Answer(status, (*_JSON, *more), body, None, 100.0, "model")


def _error(kind: str, phase: str, message: str) -> Answer:
    return Answer(error=Fail(kind, phase, message), took_ms=100.0, source="model")  # type: ignore[arg-type]


OUTCOMES: Final = (
    "2xx",
    "204",
    "2xx unreadable",
    "2xx not JSON",
    "3xx",
    "401",
    "404",
    "409",
    "4xx",
    "429",
    "5xx",
    "timeout",
    "refused",
    "reset",
)
"""The columns of the matrix. ``2xx unreadable``: JSON without what later templates read;
``4xx`` and ``5xx`` stand for the rest of their hundred."""


class OutcomeClass(NamedTuple):
    """Answers that the journey cannot tell apart; the first one stands for all."""

    members: tuple[Outcome, ...]
    success: bool
    retried: bool

    @property
    def name(self) -> str:
        """The name of the one that stands for all."""
        return self.members[0].name

    @property
    def answer(self) -> Answer:
        """The answer of the one that stands for all."""
        return self.members[0].answer


def classes_of(journey: CompiledJourney, node: CallNode) -> tuple[OutcomeClass, ...]:
    """The classes of one call, the plain success first.

    Answers: the closed list of ``OUTCOMES``, one more status at each side of every number that a
    condition compares the status with, and one more body for every way in which the conditions
    that read it can come out.
    """
    reads = _Reads(journey, node)
    groups: dict[object, list[Outcome]] = {}
    for outcome in _candidates(reads):
        groups.setdefault(reads.signature(outcome.answer), []).append(outcome)
    found = [
        OutcomeClass(
            tuple(members),
            _is_success(journey, members[0].answer),
            _is_retried(node, members[0].answer),
        )
        for members in groups.values()
    ]
    return tuple(found)


def _is_success(journey: CompiledJourney, answer: Answer) -> bool:
    return answer.error is None and answer.status in journey.behaviour.success


def _is_retried(node: CallNode, answer: Answer) -> bool:
    retry = node.retry
    if retry is None:
        return False
    if answer.error is not None:
        return answer.error.kind in retry.kinds
    return answer.status in retry.statuses


class _Reads:
    """What a journey reads of one call's answer."""

    def __init__(self, journey: CompiledJourney, node: CallNode) -> None:
        self.journey = journey
        self.node = node
        own = ("steps", node.id)
        saved = {save.name for save in node.save}
        carried = _carried(journey, own, saved)
        self.tests: list[Comparison] = []
        self.paths: list[Path] = []
        for condition in _conditions(journey):
            for test in comparisons(condition, journey.syntax):
                path = test.path
                if path[:2] == own or path[0] in saved or path in carried:
                    source = carried.get(path, path)
                    self.tests.append(test._replace(path=source))
                    self.paths.append(source)
        self.paths += [path for path in journey.reads if path[:2] == own or path[0] in saved]
        self.paths = list(dict.fromkeys(self.paths))

    def scope(self, answer: Answer) -> dict[str, Json]:
        request = Request(self.node.plan.step.method, "", (), b"")
        scope: dict[str, Json] = {
            "steps": {self.node.id: exposed(self.node, request, None, answer)}
        }
        save_values(self.node, answer, scope, [])
        return scope

    def signature(self, answer: Answer) -> object:
        """What the journey can know of an answer."""
        scope = self.scope(answer)
        behaviour = self.journey.behaviour
        throws = answer.error is not None and behaviour.transport_error == "fail_run"
        method = self.node.plan.step.method
        follows = (
            (
                self.node.follow == "always"
                or (self.node.follow == "get" and method in ("GET", "HEAD"))
            )
            and answer.status in (301, 302, 303, 307, 308)
            and any(name.lower() == "location" for name, _ in answer.headers)
        )
        return (
            _is_success(self.journey, answer),
            _is_retried(self.node, answer),
            throws,
            follows,
            _may_have_arrived(answer) if self.node.retry else False,
            tuple(holds(test, scope) for test in self.tests),
            tuple(look_up(scope, path) is MISSING for path in self.paths),
        )

    def statuses(self) -> Iterator[int]:
        """Statuses on each side of every number that a condition compares the status with."""
        for test in self.tests:
            if test.path[2:] != ("response", "statusCode"):
                continue
            for value in test.value if isinstance(test.value, list) else [test.value]:
                try:
                    number = int(value)
                except (TypeError, ValueError):
                    continue
                yield from (n for n in (number - 1, number, number + 1) if 200 <= n <= 599)

    def bodies(self) -> list[Json]:
        """JSON bodies: one with everything that is read, then one for each way the tests can go."""
        roots = [("steps", self.node.id, "body")]
        places: dict[Path, list[Json]] = {}
        for path in self.paths:
            inner = self._inside(path, roots[0])
            if inner is not None:
                places.setdefault(inner, [])
        for test in self.tests:
            inner = self._inside(test.path, roots[0])
            if inner is not None:
                places.setdefault(inner, []).extend(_sides(test.op, test.value))
        for save in self.node.save:
            places.setdefault(save.path, [])
        for path, values in places.items():
            kind = next((save.type for save in self.node.save if save.path == path), "string")
            sample: Json = {"number": 1, "date": "2026-01-01T00:00:00+00:00"}.get(kind, "value")
            tested = list({repr(one): one for one in values}.values())
            places[path] = tested or [sample]
        if not places:
            return [{}]
        made = []
        for values_of in islice(product(*places.values()), _MOST_BODIES):
            body: Json = {}
            for path, value in zip(places, values_of, strict=True):
                if value is not MISSING:
                    body = _put(body, path, value)
            made.append(body)
        return made

    def _inside(self, path: Path, root: Path) -> Path | None:
        """The path within the body, when it leads into it."""
        if path[: len(root)] == root and len(path) > len(root):
            return path[len(root) :]
        return next((save.path for save in self.node.save if (save.name,) == path[:1]), None)


def _may_have_arrived(answer: Answer) -> bool:
    """Whether a failed call may have been carried out all the same."""
    return answer.error is not None and answer.error.phase in ("send", "head", "body")


def _candidates(reads: _Reads) -> Iterator[Outcome]:
    bodies = [dump_json(body) for body in reads.bodies()]
    good = bodies[0]
    yield Outcome("2xx", _status(200, good))
    for number, body in enumerate(bodies[1:], 2):
        yield Outcome(f"2xx body {number}", _status(200, body))
    yield Outcome("204", Answer(204, (), b"", None, 100.0, "model"))
    yield Outcome("2xx unreadable", _status(200, _EMPTY))
    yield Outcome(
        "2xx not JSON",
        Answer(200, (("content-type", "text/html"),), b"<html>", None, 100.0, "model"),
    )
    yield Outcome("3xx", Answer(302, (("location", "/elsewhere"),), b"", None, 100.0, "model"))
    named = ((401, "401"), (404, "404"), (409, "409"), (400, "4xx"), (429, "429"), (503, "5xx"))
    for status, name in named:
        more = (("retry-after", "30"),) if status in (429, 503) else ()
        yield Outcome(name, _status(status, _EMPTY, *more))
    yield Outcome("timeout", _error("read_timeout", "head", "no answer in time"))
    yield Outcome("refused", _error("refused", "connect", "nobody listens"))
    yield Outcome("reset", _error("reset", "head", "the connection was cut"))
    seen = {200, 204, 302, *(status for status, _ in named)}
    for status in dict.fromkeys(reads.statuses()):
        if status not in seen:
            seen.add(status)
            body = b"" if status in (204, 205, 304) else good if status < 300 else _EMPTY
            yield Outcome(str(status), _status(status, body))
    for number, body in enumerate(bodies, 1):
        if len(bodies) > 1 or body != _EMPTY:
            yield Outcome(f"4xx body {number}", _status(400, body))
            yield Outcome(f"5xx body {number}", _status(503, body))


def _sides(op: str, value: Json) -> Iterator[Json]:
    """Values for which a comparison holds and for which it does not."""
    if op == "exists":
        yield from ("value", MISSING)
    elif op == "in" and isinstance(value, list):
        yield from [*value[:1], "something else"]
    elif op in ("contains", "starts_with"):
        yield from (value, "")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from (value, value - 1, value + 1)
    elif isinstance(value, bool):
        yield from (value, not value)
    elif isinstance(value, str):
        try:
            number = float(value)
            yield from (number, number - 1, number + 1)
        except ValueError:
            yield from (value, f"{value} not", "")
    else:
        yield from (value, "value")


def _put(body: Json, path: Path, value: Json) -> Json:
    """A copy of ``body`` with a value at a path; numbers in the path make lists."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if head.isdecimal():
        items = list(body) if isinstance(body, list) else []
        items += [None] * (int(head) + 1 - len(items))
        items[int(head)] = _put(items[int(head)], rest, value)
        return items
    fields = dict(body) if isinstance(body, dict) else {}
    fields[head] = _put(fields.get(head), rest, value)
    return fields


def _conditions(journey: CompiledJourney) -> Iterator[Condition]:
    for step in journey.journey.steps:
        if isinstance(step, ConditionStep):
            yield from (branch.when for branch in step.branches)


def _carried(journey: CompiledJourney, own: Path, saved: Iterable[str]) -> dict[Path, Path]:
    """Attributes set from the answer as a whole value: the attribute's path → the source."""
    names = set(saved)
    carried: dict[Path, Path] = {}
    for node in journey.nodes:
        if isinstance(node, UpdateNode):
            for tag in node.value.tags():
                if tag.path[:2] == own or (tag.path[:1] and tag.path[0] in names):
                    for root in ("user", "profile"):
                        carried[(root, node.attribute)] = tag.path
    return carried
