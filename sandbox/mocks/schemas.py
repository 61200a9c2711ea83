"""JSON Schemas of rules. The library is imported when a rule has a schema, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sandbox.errors import Problem
from sandbox.model.base import Json, shorten

__all__ = ["compile_schema"]


def compile_schema(
    schema: Json, where: str, problems: list[Problem]
) -> Callable[[Json], bool] | None:
    """Whether a value is valid, as a function; None, with problems, when the schema is no schema.

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

    return is_valid


def _references(schema: Json) -> Iterator[str]:
    level = [schema]
    while level:
        inner: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                yield from (
                    target
                    for key in ("$ref", "$dynamicRef")
                    if isinstance(target := one.get(key), str)
                )
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        level = inner
