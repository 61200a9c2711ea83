"""What a mock rule asks of a call: who asks, and what the request says."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from sandbox.model.base import Json, Model, Names, Text

__all__ = ["AttemptMatch", "BodyMatch", "Match", "TextMatch", "UrlMatch", "ValueMatch"]

Ordered = int | float | str


class _Comparison(Model):
    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            names = [field.alias or name for name, field in type(self).model_fields.items()]
            raise ValueError(f"needs at least one of {', '.join(names)}")
        return self


class TextMatch(_Comparison):
    """A text compared; all that are given must hold. A text that is not there fits ``not`` and
    ``exists: false`` only.
    """

    eq: Text | None = None
    not_: Text | None = Field(default=None, alias="not")
    in_: Names | None = Field(default=None, alias="in")
    contains: str | None = None
    starts_with: str | None = None
    regex: str | None = None
    """Found anywhere in the text (Python syntax)."""
    exists: bool | None = None


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class ValueMatch(_Comparison):
    """A JSON value compared; all that are given must hold. A value that is not there fits ``not``
    and ``exists: false`` only; null is there.
    """

    eq: Json = None
    not_: Json = Field(default=None, alias="not")
    gt: Ordered | None = None
    gte: Ordered | None = None
    lt: Ordered | None = None
    lte: Ordered | None = None
    in_: (
        Annotated[
            tuple[Json, ...],
            BeforeValidator(_as_tuple, json_schema_input_type=list[Json]),
            Field(min_length=1),
        ]
        | None
    ) = Field(default=None, alias="in")
    contains: Json = None
    """A part of a text, an item of a list or a key of an object."""
    starts_with: str | None = None
    regex: str | None = None
    """Found anywhere in a text (Python syntax)."""
    exists: bool | None = None


def _equal_unless_test(value: object) -> object:
    """A value that is no object stands for ``{eq: value}``."""
    return value if isinstance(value, dict | TextMatch | ValueMatch) else {"eq": value}


OneText = Annotated[
    TextMatch, BeforeValidator(_equal_unless_test, json_schema_input_type=str | int | TextMatch)
]
OneValue = Annotated[
    ValueMatch,
    BeforeValidator(
        _equal_unless_test,
        json_schema_input_type=str | int | float | bool | None | list[Json] | ValueMatch,
    ),
]


class UrlMatch(Model):
    """Parts of a URL; all that are given must hold."""

    host: str | None = None
    path: str | None = None
    """Whole path; ``{name}`` stands for one segment and ``*`` for the rest."""
    prefix: str | None = None
    """The whole URL starts with this."""
    regex: str | None = None
    """Found anywhere in the whole URL (Python syntax)."""
    query: dict[str, OneText] | None = None
    """Parameters by name, their escapes undone."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("needs host, path, prefix, regex or query")
        return self


class BodyMatch(Model):
    """What the body says; all that are given must hold."""

    json_path: dict[str, OneValue] | None = None
    """``$.user.email``, ``$.items[0].sku``, ``$.items[*].sku`` (any of them) → value or test."""
    schema_: dict[str, Json] | bool | str | None = Field(default=None, alias="schema")
    """A JSON Schema; a file's name is read when the document comes in."""
    text: OneText | None = None
    """The whole body as text."""
    form: dict[str, OneText] | None = None
    """Fields of a form by name."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("needs json_path, schema, text or form")
        return self


class AttemptMatch(Model):
    """A whole number compared."""

    eq: int | None = None
    gte: int | None = None
    lte: int | None = None


def _number_match(value: object) -> object:
    return {"eq": value} if isinstance(value, int) and not isinstance(value, bool) else value


def _url_match(value: object) -> object:
    if not isinstance(value, str):
        return value
    return {"prefix": value} if "://" in value else {"path": value}


NumberMatch = Annotated[
    AttemptMatch,
    BeforeValidator(_number_match),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {
                    "type": "object",
                    "properties": {name: {"type": "integer"} for name in ("eq", "gte", "lte")},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _ids_or_attributes(value: object) -> str:
    # Spelled as pydantic names a validator, which the path of a problem leaves out.
    return "function-attributes" if isinstance(value, dict) else "function-ids"


Attributes = Annotated[dict[str, OneValue], Field(min_length=1)]
Profiles = Annotated[
    Annotated[Names, Tag("function-ids")] | Annotated[Attributes, Tag("function-attributes")],
    Discriminator(_ids_or_attributes),
]


class Match(Model):
    """All that are given must hold; an empty match takes every call. Text may be a list: any of
    them.
    """

    journey: Names | None = None
    step: Names | None = None
    profile: Profiles | None = None
    """Ids, or attributes by their paths as templates see them (``country``, ``address.city``)."""
    trigger: Names | None = None
    """What started the run: the event's name, or the trigger's kind."""
    method: Names | None = None
    url: (
        Annotated[UrlMatch, BeforeValidator(_url_match, json_schema_input_type=str | UrlMatch)]
        | None
    ) = None
    headers: dict[str, OneText] | None = None
    body: BodyMatch | None = None
    attempt: NumberMatch | None = None
    visit: NumberMatch | None = None
    any: Annotated[tuple[Match, ...], Field(min_length=1)] | None = None
    """At least one of these holds as well."""
    not_: Match | None = Field(default=None, alias="not")
    """This does not hold."""
