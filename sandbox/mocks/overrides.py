"""Answers forced from the command line: ``--answer call=503,201:{"id":1},timeout``.

An answer is a status (``503``), a status with a JSON body (``201:{"id":1}``) or the name of a fault
(``reset``, ``timeout``). Commas separate answers; a comma inside JSON does not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from sandbox.errors import InputError, UnknownName
from sandbox.mocks.faults import find_fault
from sandbox.model.base import MAX_DEPTH, Json
from sandbox.model.rules import Item, Match, Respond, Rule, RuleSet

__all__ = ["override_rule", "parse_answer", "parse_answers", "with_overrides"]

_WORD = re.compile(r"[^,:]*")
_SPACE = re.compile(r"\s*")
_HINT = 'write a status (503), a status with JSON (201:{"id":1}) or the name of a fault (timeout)'


def parse_answer(text: str) -> Item:
    """One answer.

    Raises:
        InputError: with the position, when it is none, or more than one.
    """
    item, at = _parse_one(text, 0)
    if at < len(text):
        raise _wrong(text, at, "there is more than one answer")
    return item


def parse_answers(text: str) -> tuple[Item, ...]:
    """Answers separated by commas, in order.

    Raises:
        InputError: with the position, when one of them is none.
    """
    items = []
    at = 0
    while True:
        item, at = _parse_one(text, at)
        items.append(item)
        if at >= len(text):
            return tuple(items)
        at += 1


def override_rule(step: str, items: Sequence[Item], rule_id: str = "") -> Rule:
    """A rule that answers one step with these items before any other rule; the last repeats."""
    return Rule(
        id=rule_id or f"answer-{step}"[:64],
        priority=0,
        match=Match(step=(step,)),
        respond=Respond(items=tuple(items)),
    )


def with_overrides(rule_set: RuleSet, overrides: Mapping[str, Sequence[Item]]) -> RuleSet:
    """The rule set with an ``override_rule`` for each step put in front of its rules."""
    taken = {rule.id for rule in rule_set.rules}
    first = []
    for step, items in overrides.items():
        rule_id = f"answer-{step}"[:64]
        count = 1
        while rule_id in taken:
            count += 1
            rule_id = f"answer-{step}"[: 63 - len(str(count))] + f".{count}"
        taken.add(rule_id)
        first.append(override_rule(step, items, rule_id))
    return rule_set.model_copy(update={"rules": (*first, *rule_set.rules)})


def _parse_one(text: str, start: int) -> tuple[Item, int]:
    """The answer that begins at ``start``, and where it ends (a comma or the end of the text)."""
    match = _WORD.match(text, start)
    assert match is not None, "the pattern takes every text"
    word, at = match[0].strip(), match.end()
    start += len(match[0]) - len(match[0].lstrip())
    if not word:
        raise _wrong(text, start, "an answer is missing")
    has_body = text[at : at + 1] == ":"
    if not (word.isascii() and word.isdigit()):
        if has_body:
            raise _wrong(text, start, f"{word!r} is not a status, so no body can follow")
        try:
            find_fault(word)
        except UnknownName as unknown:
            raise _wrong(
                text, start, f"{word!r} is neither a status nor a fault; {unknown.hint}"
            ) from None
        return Item(fault=word), at
    status = int(word[:4])
    if len(word) != 3 or not 200 <= status <= 999:
        raise _wrong(text, start, f"{word!r} is not a status between 200 and 999")
    if not has_body:
        return Item(status=status), at
    body, at = _parse_json(text, at + 1)
    return Item(status=status, json=body), at


def _parse_json(text: str, start: int) -> tuple[Json, int]:
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    start = _after_space(text, start)
    try:
        body, at = decoder.raw_decode(text, start)
    except json.JSONDecodeError as wrong:
        raise _wrong(text, wrong.pos, f"the body is not JSON: {wrong.msg}") from None
    except RecursionError:
        raise _wrong(text, start, f"the body nests deeper than {MAX_DEPTH} levels") from None
    except ValueError as wrong:
        raise _wrong(text, start, f"the body is not JSON: {wrong}") from None
    if _deeper_than(body, MAX_DEPTH):
        raise _wrong(text, start, f"the body nests deeper than {MAX_DEPTH} levels")
    at = _after_space(text, at)
    if at < len(text) and text[at] != ",":
        raise _wrong(text, at, "a comma is missing after the body")
    return body, at


def _deeper_than(value: Json, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    assert match is not None, "the pattern takes every text"
    return match.end()


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a JSON value")


def _wrong(text: str, at: int, message: str) -> InputError:
    start = max(0, at - 50)
    line = text[start : start + 100].replace("\n", " ")
    return InputError(
        f"{message} at character {at + 1}\n    {line}\n    {' ' * (at - start)}^", _HINT
    )
