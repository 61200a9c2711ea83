"""The mock-rule document: which calls are answered how."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sandbox.model.base import Json, Model, Names

__all__ = [
    "AttemptMatch",
    "Drip",
    "Item",
    "Latency",
    "Match",
    "Respond",
    "Rule",
    "RuleDefaults",
    "RuleSet",
    "UrlMatch",
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

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("needs host, path, prefix or regex")
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


class Match(Model):
    """All that are given must hold; an empty match takes every call. Text may be a list: any of
    them.
    """

    journey: Names | None = None
    step: Names | None = None
    profile: Names | None = None
    """Profile ids."""
    method: Names | None = None
    url: (
        Annotated[UrlMatch, BeforeValidator(_url_match, json_schema_input_type=str | UrlMatch)]
        | None
    ) = None
    attempt: NumberMatch | None = None
    visit: NumberMatch | None = None


class Latency(Model):
    """How long an answer takes, on the virtual clock; compared with the step's own time-out."""

    dist: Literal["fixed", "uniform", "normal", "lognormal"] = "fixed"
    ms: float = Field(default=0, ge=0)
    """``fixed``: the value."""
    min_ms: float = Field(default=0, ge=0)
    max_ms: float | None = Field(default=None, ge=0)
    mean_ms: float = Field(default=0, ge=0)
    stddev_ms: float = Field(default=0, ge=0)
    median_ms: float = Field(default=0, ge=0)
    sigma: float = Field(default=0.4, ge=0)


class Drip(Model):
    """A body that comes in small pieces, each after a pause."""

    bytes: int = Field(ge=1)
    every_ms: float = Field(ge=0)


class Item(Model):
    """One answer: a status with headers and body, or a fault by name; a fault that breaks an answer
    (in its body or on its way) may carry the answer that it breaks.
    """

    times: int = Field(default=1, ge=1)
    weight: float = Field(default=1, ge=0)
    status: int | None = Field(default=None, ge=200, le=999)
    headers: dict[str, str] = Field(default_factory=dict)
    json_: Json = Field(default=None, alias="json")
    text: str | None = None
    fault: str | None = None
    after_bytes: int | None = Field(default=None, ge=0)
    """A fault in the body: how many of its bytes come first."""
    drip: Drip | None = None
    """A fault of a slow body: its pieces."""
    bytes_per_s: float | None = Field(default=None, gt=0)
    """A fault of a slow body: its speed."""
    latency: Latency | None = None

    @model_validator(mode="after")
    def _one_answer(self) -> Self:
        if self.status is None and self.fault is None:
            raise ValueError("an item has a status, or a fault, or a fault that breaks a status")
        if self.text is not None and "json_" in self.model_fields_set:
            raise ValueError("an item has at most one of json and text")
        return self

    @property
    def parameters(self) -> tuple[str, ...]:
        """The fields that were written and that only a fault takes."""
        names = ("after_bytes", "drip", "bytes_per_s")
        return tuple(name for name in names if getattr(self, name) is not None)

    @property
    def has_json(self) -> bool:
        """Whether a JSON body was written (null counts)."""
        return "json_" in self.model_fields_set


class Respond(Model):
    """Which of the items answers."""

    mode: Literal["single", "sequence", "weighted"] = "sequence"
    per: Literal["run", "profile", "journey", "all"] = "run"
    """How far one sequence's count reaches."""
    at_end: Literal["repeat_last", "cycle", "next_rule", "fail"] = "repeat_last"
    items: tuple[Item, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if self.mode == "weighted" and not sum(item.weight for item in self.items) > 0:
            raise ValueError("the weights must add up to more than 0")
        return self


class Rule(Model):
    """One rule."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
    note: str = ""
    enabled: bool = True
    priority: int = Field(default=5, ge=0)
    """Lower goes first; then the order in the document."""
    match: Match = Field(default_factory=Match)
    respond: Respond
    latency: Latency | None = None


class RuleDefaults(Model):
    """What holds for rules that do not say."""

    unmatched: Literal["error"] = "error"
    latency: Latency | None = None


class RuleSet(Model):
    """A rule set: the whole document."""

    version: Literal[1] = 1
    id: str = ""
    name: str = ""
    seed: int | None = None
    defaults: RuleDefaults = Field(default_factory=RuleDefaults)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _ids(self) -> Self:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"two rules have the id {rule.id!r}")
            seen.add(rule.id)
        return self
