"""Conditions compiled to closures.

Comparisons speak JSON, with one kindness (assumed): a number and a text that is a number compare
as numbers. A path that finds
nothing fails every operator but ``ne`` and ``exists: false``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sandbox.engine.person import label_name
from sandbox.errors import DocumentError, Problem
from sandbox.model.base import Json
from sandbox.model.condition import Condition
from sandbox.templates.filters import as_number
from sandbox.templates.paths import MISSING, Path, PathError, getter, look_up
from sandbox.templates.syntax import SNIPPET, Syntax

__all__ = [
    "Comparison",
    "Test",
    "comparisons",
    "compile_condition",
    "holds",
    "in_words",
    "paths_of",
]

Test = Callable[[Json], bool]
Operator = Callable[[Json, Json], bool]


class Comparison(NamedTuple):
    """One comparison of a condition."""

    path: Path
    op: str
    value: Json


def comparisons(condition: Condition, syntax: Syntax = SNIPPET) -> Iterator[Comparison]:
    """Every comparison in a condition, whatever joins them."""
    for one in (*(condition.all or ()), *(condition.any or ())):
        yield from comparisons(one, syntax)
    if condition.not_ is not None:
        yield from comparisons(condition.not_, syntax)
    if condition.path is not None:
        path = syntax.path(condition.path)
        if not isinstance(path, PathError):
            yield Comparison(path, condition.op or "eq", condition.value)


def holds(comparison: Comparison, scope: Json, syntax: Syntax = SNIPPET) -> bool:
    """Whether one comparison holds; a value with tags is taken as it is written."""
    found = look_up(scope, comparison.path)
    if comparison.op == "exists":
        return (found not in (MISSING, None)) is (comparison.value is not False)
    return bool(_operator(comparison.op, syntax)(found, comparison.value))


def compile_condition(
    condition: Condition, at: str, problems: list[Problem], syntax: Syntax = SNIPPET
) -> Test:
    """The condition as a closure over the scope; what cannot be read goes to ``problems``."""
    if condition.all is not None:
        parts = [
            compile_condition(one, f"{at}.all[{n}]", problems, syntax)
            for n, one in enumerate(condition.all)
        ]
        return lambda scope: all(part(scope) for part in parts)
    if condition.any is not None:
        some = [
            compile_condition(one, f"{at}.any[{n}]", problems, syntax)
            for n, one in enumerate(condition.any)
        ]
        return lambda scope: any(part(scope) for part in some)
    if condition.not_ is not None:
        inner = compile_condition(condition.not_, f"{at}.not", problems, syntax)
        return lambda scope: not inner(scope)
    path = syntax.path(condition.path or "")
    if isinstance(path, PathError):
        problems.append(Problem(f"{at}.path", path.message, repr(condition.path)))
        return lambda scope: False
    find = getter(path)
    if condition.op == "exists":
        wanted = condition.value is not False
        return lambda scope: (find(scope) not in (MISSING, None)) is wanted
    try:
        value = syntax.value(condition.value, f"{at}.value", keep_types=True, nothing=MISSING)
    except DocumentError as wrong:
        problems += wrong.problems
        return lambda scope: False
    operate = _operator(condition.op or "eq", syntax)
    if value.static:
        constant = value.render({}, [])
        return lambda scope: operate(find(scope), constant)
    return lambda scope: operate(find(scope), value.render(scope, []))


def _equal(left: Json, right: Json) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if type(left) is type(right):
        return bool(left == right)
    first, second = as_number(left), as_number(right)
    return first is not None and first == second


def _operator(op: str, syntax: Syntax) -> Operator:
    casts = syntax.name == "kustomer" and op in ("eq", "ne", "in")
    return _CASTING[op] if casts else _OPERATORS[op]


def _cast(operate: Operator) -> Operator:
    """Kustomer casts operands: a text that is written as a boolean is one next to a boolean."""

    def boolean(value: Json, other: Json) -> Json:
        if isinstance(other, bool) and value in ("true", "false"):
            return value == "true"
        return value

    return lambda left, right: operate(boolean(left, right), boolean(right, left))


def _order(compare: Callable[[Json, Json], bool]) -> Callable[[Json, Json], bool]:
    def ordered(left: Json, right: Json) -> bool:
        first, second = as_number(left), as_number(right)
        if first is not None and second is not None:
            return compare(first, second)
        return isinstance(left, str) and isinstance(right, str) and compare(left, right)

    return ordered


def _contains(left: Json, right: Json) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    if isinstance(left, list | tuple):
        return any(
            _equal(one, right)
            or (isinstance(one, dict) and "name" in one and label_name(one) == right)
            for one in left
        )
    return isinstance(left, dict) and isinstance(right, str) and right in left


_OPERATORS: dict[str, Operator] = {
    "eq": lambda left, right: left is not MISSING and _equal(left, right),
    "ne": lambda left, right: left is MISSING or not _equal(left, right),
    "gt": _order(lambda left, right: left > right),
    "gte": _order(lambda left, right: left >= right),
    "lt": _order(lambda left, right: left < right),
    "lte": _order(lambda left, right: left <= right),
    "in": lambda left, right: isinstance(right, list) and any(_equal(left, one) for one in right),
    "contains": _contains,
    "starts_with": lambda left, right: (
        isinstance(left, str) and isinstance(right, str) and left.startswith(right)
    ),
}
_CASTING: dict[str, Operator] = {
    "eq": _cast(_OPERATORS["eq"]),
    "ne": _cast(_OPERATORS["ne"]),
    "in": lambda left, right: (
        isinstance(right, list) and any(_CASTING["eq"](left, one) for one in right)
    ),
}


def paths_of(condition: Condition, syntax: Syntax = SNIPPET) -> Iterator[Path]:
    """Every path a condition reads."""
    for one in (*(condition.all or ()), *(condition.any or ())):
        yield from paths_of(one, syntax)
    if condition.not_ is not None:
        yield from paths_of(condition.not_, syntax)
    if condition.path is not None:
        path = syntax.path(condition.path)
        if not isinstance(path, PathError):
            yield path
        try:
            yield from (
                tag.path for tag in syntax.value(condition.value, "", True).tags() if tag.path
            )
        except DocumentError:
            return  # reported where the condition is compiled


_SIGNS = {
    "eq": "=",
    "ne": "≠",
    "gt": ">",
    "gte": "≥",
    "lt": "<",
    "lte": "≤",
    "starts_with": "starts with",
}


def in_words(condition: Condition) -> str:
    """One line for a map: ``steps.call.response.statusCode < 300``."""
    if condition.all is not None:
        return " and ".join(_in_group(one) for one in condition.all) or "always"
    if condition.any is not None:
        return " or ".join(_in_group(one) for one in condition.any) or "never"
    if condition.not_ is not None:
        return f"not {_in_group(condition.not_)}"
    if condition.op == "exists":
        return f"{condition.path} {'is missing' if condition.value is False else 'exists'}"
    value = condition.value if isinstance(condition.value, int | float) else repr(condition.value)
    return f"{condition.path} {_SIGNS.get(condition.op or '', condition.op)} {value}"


def _in_group(condition: Condition) -> str:
    grouped = condition.all is not None or condition.any is not None
    return f"({in_words(condition)})" if grouped else in_words(condition)
