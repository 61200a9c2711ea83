"""The mock-rule document: which calls are answered how."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sandbox.errors import DocumentError, Problem
from sandbox.model.base import Json, Model, Names, shorten
from sandbox.model.match import AttemptMatch, Match, UrlMatch
from sandbox.model.timing import Latency, LatencyStep, RateLimit, Window

__all__ = [
    "AttemptMatch",
    "CallsExpected",
    "Drip",
    "Expect",
    "Item",
    "Latency",
    "LatencyStep",
    "Match",
    "RateLimit",
    "Respond",
    "Rule",
    "RuleDefaults",
    "RuleSet",
    "Scenario",
    "Scope",
    "UrlMatch",
    "Window",
    "with_rule_ids",
]


Scope = Literal["run", "profile", "journey", "all"]
"""How far a count or a state reaches."""


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
    templates: bool = True
    """Whether tags in headers, json and text are filled in; off: they are text."""
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

    mode: Literal["single", "sequence", "weighted", "pass"] = "sequence"
    """``pass``: the call is counted here, and the next rule that fits answers."""
    per: Scope = "run"
    """How far one sequence's count reaches."""
    at_end: Literal["repeat_last", "cycle", "next_rule", "fail"] = "repeat_last"
    items: tuple[Item, ...] = Field(default=(), min_length=1)

    @model_validator(mode="after")
    def _fits_mode(self) -> Self:
        if self.mode == "pass" and self.items:
            raise ValueError("the mode pass answers nothing, so it has no items")
        if self.mode != "pass" and not self.items:
            raise ValueError("needs items, at least one")
        if self.mode == "weighted" and not sum(item.weight for item in self.items) > 0:
            raise ValueError("the weights must add up to more than 0")
        return self


class Scenario(Model):
    """A state that rules of one name share; it begins as ``started``."""

    name: Annotated[str, Field(min_length=1)]
    in_: Names | None = Field(default=None, alias="in")
    """The rule takes calls in these states only."""
    to: Annotated[str, Field(min_length=1)] | None = None
    """The state after the rule has answered."""
    scope: Literal["run", "profile", "journey"] = "run"


class CallsExpected(Model):
    """How many calls."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


def _unique_by(value: object) -> object:
    if isinstance(value, str):
        kind, _, name = value.partition(":")
        if not name or kind not in ("header", "body") or (kind == "body" and name[0] != "$"):
            raise ValueError("is header:NAME or body:$.path")
    return value


class Expect(Model):
    """What a run should have done with the rule; what does not hold becomes a finding."""

    per: Literal["run", "all"] = "run"
    """Whether each run is judged, or all calls together."""
    calls: CallsExpected | None = None
    order_after: Names | None = None
    """Ids of rules that have answered before this one does."""
    max_concurrent: int | None = Field(default=None, ge=1)
    """Calls under way at one moment of the virtual clock; always of all runs together."""
    unique_by: Annotated[str, BeforeValidator(_unique_by)] | None = None
    """``header:NAME`` or ``body:$.path``: no value comes twice."""


class Rule(Model):
    """One rule."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
    note: str = ""
    enabled: bool = True
    priority: int = Field(default=5, ge=0)
    """Lower goes first; then the order in the document."""
    match: Match = Field(default_factory=Match)
    scenario: Scenario | None = None
    respond: Respond
    latency: Latency | None = None
    rate_limit: RateLimit | None = None
    window: Window | None = None
    expect: Expect | None = None


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

    @classmethod
    def parse(cls, value: object, source: str = "") -> Self:
        """Validate open JSON as a rule set; every problem names its rule as well.

        Raises:
            DocumentError: with every problem: path of the field, value, what is allowed.
        """
        try:
            return super().parse(value, source)
        except DocumentError as wrong:
            written = value.get("rules") if isinstance(value, dict) else None
            ids = [one.get("id") if isinstance(one, dict) else None for one in written or ()]
            raise DocumentError(wrong.source, with_rule_ids(wrong.problems, ids)) from None

    @model_validator(mode="after")
    def _ids(self) -> Self:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"two rules have the id {rule.id!r}")
            seen.add(rule.id)
        return self


_RULE = re.compile(r"rules\[([0-9]+)\]")


def with_rule_ids(problems: Sequence[Problem], ids: Sequence[object]) -> list[Problem]:
    """Problems that say the id of the rule whose number is in their path."""
    found = []
    for problem in problems:
        match = _RULE.match(problem.path)
        number = int(match[1]) if match else len(ids)
        rule_id = ids[number] if number < len(ids) else None
        if isinstance(rule_id, str):
            problem = problem._replace(message=f"{problem.message} (rule {shorten(rule_id)})")
        found.append(problem)
    return found
