"""What a journey's texts make of an answer: seen by rendering them, whatever their syntax.

A text is rendered twice, with nothing and with something in the place of what other calls will
answer. What counts is which of its tags find nothing; where it can break what it is put into (a
URL, a header, a JSON text, an address), whether it does; and where it is read again later (an
attribute, a tag, a wait, another call's input), the very value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import orjson

from sandbox.clock import parse_at
from sandbox.engine.call import is_json_text
from sandbox.engine.compiled import (
    AddTagNode,
    CallNode,
    CompiledJourney,
    MessageNode,
    Node,
    NotifyNode,
    RemoveTagNode,
    UpdateNode,
    WaitNode,
)
from sandbox.engine.urls import normalise
from sandbox.errors import InputError
from sandbox.lab.values import put
from sandbox.model.base import Json, dump_json
from sandbox.sendable import header_problem
from sandbox.templates.filters import TooLarge, as_number, to_text
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING, Path, look_up
from sandbox.templates.snippet import Tag
from sandbox.templates.text import Render, Text

__all__ = ["Written", "constants_in", "sample_for", "written_by"]

Check = Callable[[Json], str]
"""What a value breaks; empty when it breaks nothing."""

_SAMPLES: Final[tuple[Json, ...]] = (
    "value", 1, "2026-01-01T00:00:00+00:00", "http://api.test/value", ["value"], {"value": 1},
)  # fmt: skip
_CONSTANT = re.compile(r""""([^"]*)"|'([^']*)'|(?<![\w.\]])(-?\d+(?:\.\d+)?)(?![\w.])""")
_TAG = re.compile(r"\{[^{}]*\}")


class Written(NamedTuple):
    """One text, and where it is put."""

    step: str
    text: Text
    render: Render
    tags: tuple[Tag, ...]
    flows: bool = False
    """Whether its value is read again later."""
    check: Check | None = None
    """What tells whether it breaks what it is put into; None: nothing can break there."""

    @property
    def paths(self) -> Iterator[Path]:
        """What it reads."""
        return (tag.path for tag in self.tags if tag.path)

    @property
    def simple(self) -> bool:
        """Whether each of its tags only puts a value in, so that none minds another."""
        return self.text.pieces() is not None and self.text.plain

    @property
    def computes(self) -> bool:
        """Whether filters, functions or helpers decide what becomes of a value."""
        function = self.text.omits and not getattr(self.text, "path", ())
        return not self.simple or function or any(tag.filters for tag in self.tags)

    def seen(self, scope: Json) -> tuple[object, object]:
        """What becomes of it in a scope: roughly, and exactly where that matters."""
        found: Found = []
        try:
            value = self.render(scope, found)
        except TooLarge:
            return "too large", None
        missing = frozenset(one.message for one in found if one.code == "value_missing")
        broken = self.check(value) if self.check is not None else None
        exactly = (value is MISSING or dump_json(value)) if self.flows else None
        return (missing, broken), exactly


def written_by(journey: CompiledJourney, inputs: set[str]) -> Iterator[Written]:
    """Every text of a journey's steps.

    Args:
        journey: the compiled journey.
        inputs: calls whose input is read later.
    """
    for node in journey.nodes:
        if isinstance(node, CallNode):
            yield from _of_call(node, node.id in inputs)
        else:
            yield from _of_step(node)


def _of_call(node: CallNode, flows: bool) -> Iterator[Written]:
    json_text = node.plan.step.body_kind == "json" and is_json_text(node.plan.body)
    for text in node.plan.templates():
        part, _, rest = text.at.partition(".")
        check: Check | None = None
        if part == "url" or text.at == "auth.token_url":
            check = _is_url
        elif part in ("headers", "auth"):
            check = _header(rest if part == "headers" else "Authorization")
        elif json_text and part == "body":
            check = _is_json
        render = text.text if part in ("url", "headers", "auth") else text.render
        yield Written(node.id, text, render, tuple(text.tags()), flows, check)


def _of_step(node: Node) -> Iterator[Written]:
    if isinstance(node, UpdateNode):
        for text in node.value.templates:
            yield Written(node.id, text, text.render, tuple(text.tags()), True)
    elif isinstance(node, AddTagNode | RemoveTagNode):
        yield Written(node.id, node.tag, node.tag.text, tuple(node.tag.tags()), True)
    elif isinstance(node, WaitNode):
        if node.until is not None:
            tags = tuple(node.until.tags())
            yield Written(node.id, node.until, node.until.text, tags, True, _is_moment)
    elif isinstance(node, NotifyNode):
        yield Written(node.id, node.text, node.text.text, tuple(node.text.tags()))
    elif isinstance(node, MessageNode):
        for text in (node.text, node.subject):
            yield Written(node.id, text, text.text, tuple(text.tags()))
        yield Written(node.id, node.to, node.to.text, tuple(node.to.tags()), False, _is_there)


# What can break -----------------------------------------------------------------------------------


def _is_url(value: Json) -> str:
    failed = normalise(to_text(value))[1]
    return failed.kind if failed is not None else ""


def _header(name: str) -> Check:
    return lambda value: "not a header" if header_problem(name, to_text(value)) else ""


def _is_json(value: Json) -> str:
    try:
        orjson.loads(to_text(value))
    except orjson.JSONDecodeError:
        return "not JSON"
    return ""


def _is_moment(value: Json) -> str:
    try:
        parse_at(value)
    except InputError:
        return "not a moment"
    return ""


def _is_there(value: Json) -> str:
    return "" if to_text(value).strip() else "nobody"


# Values for it ------------------------------------------------------------------------------------


def sample_for(written: Written, path: Path, answered: Iterable[Path], scope: Json) -> Json:
    """The first usual value for a path with which a text finds all it needs and breaks nothing.

    Args:
        written: the text.
        path: one that it reads.
        answered: all that it reads of answers.
        scope: what is known at the start of a run.
    """
    around = scope
    for other in answered:
        if look_up(scope, other) is MISSING:
            around = put(around, other, 1)
    best: tuple[int, Json] = (len(written.tags) + 2, "value")
    named = [{one: "value"} for one in constants_in(written) if isinstance(one, str)]
    for sample in (*_SAMPLES, *named):
        found: Found = []
        try:
            value = written.render(put(around, path, sample), found)
        except TooLarge:
            continue
        faults = sum(one.code == "value_missing" for one in found)
        faults += bool(written.check is not None and written.check(value))
        if faults < best[0]:
            best = (faults, sample)
    return best[1]


def constants_in(written: Written) -> Iterator[Json]:
    """The constants inside a text's tags, and numbers beside them: what filters and helpers may
    compare a value with.
    """
    found: list[Json] = [
        one for tag in written.tags for _, arguments in tag.filters for one in arguments
    ]
    for tag in _TAG.findall(written.text.source):
        for match in _CONSTANT.finditer(tag):
            found.append(match[3] or (match[1] if match[1] is not None else match[2]))
    for one in found:
        number = as_number(one)
        yield from [one] if number is None else [number, number - 1, number + 1]
