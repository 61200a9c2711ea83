"""What every document model shares: frozen, strict, and refused with all its problems at once."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self, TypeVar

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
)

from sandbox.clock import duration_s
from sandbox.errors import DocumentError, Problem, nearest

__all__ = [
    "Duration",
    "Json",
    "Model",
    "Names",
    "Target",
    "Text",
    "dump_json",
    "is_text",
    "shorten",
]

Json = Any
"""Open JSON: the one place where a type is not known."""

MAX_DEPTH = 64


def shorten(value: object, most: int = 60) -> str:
    """One line of JSON for a message, cut to ``most`` characters."""
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        text = repr(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def dump_json(value: object, indent: bool = False) -> bytes:
    """JSON bytes as they are sent: compact, UTF-8, keys in the order given.

    Falls back to the standard library for what orjson refuses (integers past 64 bits, lone
    surrogates).
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0)
    except (TypeError, orjson.JSONEncodeError):
        import json

        text = json.dumps(
            value, indent=2 if indent else None, separators=None if indent else (",", ":")
        )
        return text.encode()


class Model(BaseModel):
    """A frozen document part; unknown fields are refused."""

    # Validators are built when a document is first read: starting does not pay for them.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    @classmethod
    def parse(cls, value: object, source: str = "") -> Self:
        """Validate open JSON as this document.

        Args:
            value: what was read from a file.
            source: the file's or document's name, for messages.

        Raises:
            DocumentError: with every problem: path of the field, value, what is allowed.
        """
        source = source or cls.__name__.lower()
        unfit = _not_json(value)
        if unfit:
            raise DocumentError(source, unfit)
        try:
            return cls.model_validate_json(orjson.dumps(value), strict=True, by_name=False)
        except ValidationError as wrong:
            problems = [_problem(cls, dict(error)) for error in wrong.errors(include_url=False)]
            raise DocumentError(source, _without_echoes(problems)) from None

    def document(self) -> dict[str, Json]:
        """This document as open JSON: only what was said, in the order of the fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """Drops "should have at least 1 item" where the items themselves were refused, and joins what
    the members of a union say about one value.
    """
    paths = [problem.path for problem in problems]
    kept: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        if "at least 1 item" in problem.message and any(
            path.startswith(f"{problem.path}[") for path in paths
        ):
            continue
        key = (problem.path, problem.value)
        known = kept.get(key)
        if known is None:
            kept[key] = problem
        elif problem.message not in known.message:
            kept[key] = known._replace(message=f"{known.message}, or {problem.message}")
    return list(kept.values())


def _not_json(value: object) -> list[Problem]:
    """Where a value is not JSON as this program can keep it, without recursion."""
    problems: list[Problem] = []
    level: list[tuple[str, object]] = [("", value)]
    for _ in range(MAX_DEPTH):
        inner: list[tuple[str, object]] = []
        for path, one in level:
            if isinstance(one, dict):
                for key, item in one.items():
                    if isinstance(key, str) and is_text(key):
                        inner.append((_join(path, key), item))
                    else:
                        problems.append(Problem(path, "a field's name must be text", repr(key)))
            elif isinstance(one, list | tuple):
                inner += [(f"{path}[{at}]", item) for at, item in enumerate(one)]
            elif wrong := _not_scalar(one):
                problems.append(Problem(path, wrong))
        if not inner:
            return problems
        level = inner
    return [Problem("", f"nested deeper than {MAX_DEPTH} levels")]


def is_text(value: str) -> bool:
    """Whether text is made of characters: no lone surrogates, which UTF-8 cannot write."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_scalar(value: object) -> str:
    if isinstance(value, str):
        return "" if is_text(value) else "holds lone surrogates, which are no characters"
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        fits = -(2**63) <= value < 2**64
        return "" if fits else "a whole number past the 64-bit range; write it as text"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"{value} is not a JSON number"
    return f"not JSON: a value of the type {type(value).__name__}"


def _problem(root: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    loc = error["loc"]
    kind = error["type"]
    path, holder = _path(root, loc)
    message = str(error["msg"]).removeprefix("Value error, ")
    value = shorten(error.get("input"))
    if kind == "missing":
        return Problem(path, "is required")
    if kind == "extra_forbidden":
        known = (
            [field.alias or name for name, field in holder.model_fields.items()] if holder else []
        )
        close = nearest(str(loc[-1]), known)
        hint = f"did you mean {' or '.join(close)}?" if close else "allowed: " + ", ".join(known)
        return Problem(path, f"unknown field; {hint}", value)
    if kind == "union_tag_invalid":
        context = error.get("ctx", {})
        given, allowed = str(context.get("tag", "")), str(context.get("expected_tags", ""))
        close = nearest(given, [tag.strip().strip("'") for tag in allowed.split(",")])
        extra = f"; did you mean {close[0]}?" if close else ""
        return Problem(
            _join(path, "kind"), f"unknown kind{extra} allowed: {allowed}", shorten(given)
        )
    if kind == "union_tag_not_found":
        return Problem(_join(path, "kind"), "is required")
    return Problem(path, message[:1].lower() + message[1:], value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _path(root: type[BaseModel], loc: tuple[int | str, ...]) -> tuple[str, type[BaseModel] | None]:
    """``('steps', 1, 'call_api', 'url')`` → ``steps[1].url`` and the model that holds the field."""
    path = ""
    holder: type[BaseModel] | None = root
    options: list[type[BaseModel]] = [root]
    keyed = False
    for at, part in enumerate(loc):
        if isinstance(part, int):
            path += f"[{part}]"
            continue
        tagged = [one for one in options if _tag(one) == part]
        if tagged and len(options) > 1:
            options, holder = tagged, tagged[0]
            continue
        holder = options[0] if options else None
        fields = {}
        if holder is not None:
            fields = {
                field.alias or name: field for name, field in holder.model_fields.items()
            } | dict(holder.model_fields)
        if part in fields:
            path = _join(path, part)
            options = _models_in(fields[part].annotation)
            keyed = _is_keyed(fields[part].annotation)
        elif at and isinstance(loc[at - 1], int) and part in ("int", "str"):
            continue  # which of ``int | str`` was tried; no object stands in such a list
        elif not part.startswith("function-"):
            path = _join(path, part)
            options, keyed = options if keyed else [], False
    return path, holder


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    if field is None:
        return None
    values = typing.get_args(field.annotation)
    return values[0] if values else None


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The document models a field's annotation can hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if isinstance(annotation, types.UnionType) or typing.get_args(annotation):
        return [model for inner in typing.get_args(annotation) for model in _models_in(inner)]
    return []


def _is_keyed(annotation: object) -> bool:
    """Whether a field may hold an object whose keys are open."""
    if typing.get_origin(annotation) is dict:
        return True
    return any(_is_keyed(inner) for inner in typing.get_args(annotation))


T = TypeVar("T")


def _as_tuple(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _one_or_many(value: tuple[str, ...]) -> str | list[str]:
    return value[0] if len(value) == 1 else list(value)


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise ValueError("an empty list names nothing; leave the field out")
    return value


_names_schema = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_tuple),
    AfterValidator(_some),
    PlainSerializer(_one_or_many, when_used="json"),
    WithJsonSchema(_names_schema),
]
"""One name or a list of names; kept as a tuple."""

Target = Names
"""Where a path goes on: a step's id, ``end``, or a list of ids that run one after the other."""


def _check(convert: Callable[[str], object]) -> Callable[[object], object]:
    def check(value: object) -> object:
        if isinstance(value, str):
            convert(value)
        return value

    return check


Duration = Annotated[
    str,
    BeforeValidator(_check(duration_s)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d|w)( ?[0-9]+(\.[0-9]+)?(ms|s|m|h|d|w))*$",
            "examples": ["90s", "15m", "8h", "3d"],
        }
    ),
]
"""A length of time as text: ``90s 15m 8h 3d``."""


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[
    str,
    BeforeValidator(_as_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
]
"""Text that may be written as a whole number (an id in YAML or CSV)."""
