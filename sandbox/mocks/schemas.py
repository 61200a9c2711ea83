"""JSON Schemas of rules. The library is imported when a rule has a schema, and only then."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sandbox.errors import Problem
from sandbox.mocks.ambiguity import EXPONENTIAL, ambiguity
from sandbox.model.base import Json, shorten

__all__ = ["Schema", "Unfit", "compile_schema"]


class Unfit(NamedTuple):
    """The first thing in which a value is not as a schema asks."""

    path: tuple[str | int, ...]
    """Where in the value."""
    keyword: str
    """What of the schema does not hold there: ``type``, ``required`` …"""
    wanted: Json
    """What the schema says under that keyword."""
    found: Json
    """The value at that place."""


class Schema(NamedTuple):
    """A compiled JSON Schema."""

    is_valid: Callable[[Json], bool]
    first_unfit: Callable[[Json], Unfit | None]
    """In the order of the schema; None when the value is valid, or no keyword says why not."""


def compile_schema(schema: Json, where: str, problems: list[Problem]) -> Schema | None:
    """The schema, ready to be asked; None, with problems, when it is no schema.

    Nothing is ever fetched: a ``$ref`` leads to another place of the same schema.
    """
    if isinstance(schema, str):
        message = "names a file, which is read when rules come from a file; here write the schema"
        problems.append(Problem(where, message, shorten(schema)))
        return None
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry, Resource
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    targets = list(_references(schema))
    outside = [target for target in targets if not target.startswith("#")]
    if outside:
        message = 'a $ref stays in the schema, as in "#/$defs/name"; nothing is fetched'
        problems += [Problem(where, message, shorten(target)) for target in outside]
        return None
    slow = [one for one in _patterns(schema) if ambiguity(one) == "exponential"]
    if slow:
        problems += [Problem(where, EXPONENTIAL, shorten(one)) for one in slow]
        return None
    kind = validator_for(schema, default=Draft202012Validator)
    registry: Registry[Json] = Registry()
    validator = kind(schema, registry=registry)
    try:
        kind.check_schema(schema)
        root = Resource.from_contents(schema, default_specification=DRAFT202012)
        resolver = registry.resolver_with_root(root)
        for target in targets:
            resolver.lookup(target)
        trials: tuple[Json, ...] = ({}, [], "", 0, None)
        for trial in trials:
            validator.is_valid(trial)
    except SchemaError as wrong:
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in wrong.absolute_path)
        problems.append(Problem(where + path, f"is not a JSON Schema: {wrong.message}"))
        return None
    except Unresolvable as wrong:
        problems.append(Problem(where, "a $ref leads nowhere", shorten(f"#{wrong.ref}")))
        return None
    except RecursionError:
        problems.append(Problem(where, "refers to itself without an end"))
        return None

    def is_valid(value: Json) -> bool:
        try:
            return bool(validator.is_valid(value))
        except RecursionError:
            return False

    def first_unfit(value: Json) -> Unfit | None:
        try:
            wrong = next(validator.iter_errors(value), None)
        except RecursionError:
            return None
        if wrong is None or wrong.validator is None:  # the library does not say where false stands
            return None
        path = tuple(wrong.absolute_path)
        return Unfit(path, str(wrong.validator), wrong.validator_value, wrong.instance)

    return Schema(is_valid, first_unfit)


def _references(schema: Json) -> Iterator[str]:
    for one in _objects(schema):
        for key in ("$ref", "$dynamicRef"):
            if isinstance(target := one.get(key), str):
                yield target


def _patterns(schema: Json) -> Iterator[str]:
    """The regular expressions of a schema that can be read; the library refuses the others."""
    for one in _objects(schema):
        named = one.get("patternProperties")
        for regex in (one.get("pattern"), *(named if isinstance(named, dict) else ())):
            if isinstance(regex, str):
                with contextlib.suppress(re.error, OverflowError, RecursionError):
                    re.compile(regex)
                    yield regex


def _objects(schema: Json) -> Iterator[dict[str, Json]]:
    level = [schema]
    while level:
        inner: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                yield one
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = inner
