"""The journey document: a trigger and steps, as a person writes it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sandbox.clock import parse_at
from sandbox.errors import InputError
from sandbox.model.base import Duration, Json, Model, Target
from sandbox.model.calling import (
    Auth,
    BasicAuth,
    BearerAuth,
    Breaker,
    Effect,
    Method,
    OAuth2ClientAuth,
    Retry,
    Save,
    Throttle,
)
from sandbox.model.condition import Condition

__all__ = [
    "END",
    "AddTag",
    "Arm",
    "Auth",
    "BasicAuth",
    "BearerAuth",
    "Branch",
    "Breaker",
    "CallApi",
    "ConditionStep",
    "Effect",
    "EndStep",
    "Journey",
    "Message",
    "Method",
    "Notify",
    "OAuth2ClientAuth",
    "RemoveTag",
    "Retry",
    "Save",
    "Split",
    "Step",
    "Throttle",
    "Trigger",
    "UpdateAttribute",
    "Wait",
]

END = "end"
"""The target that ends a path."""

_ID = r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$"
JourneyId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")]
StepId = Annotated[str, Field(pattern=_ID)]


class Trigger(Model):
    """What lets a person in."""

    kind: Literal["event", "api", "attribute_changed", "manual"]
    name: str = ""
    """The event's or attribute's name; an api trigger is known by its journey's id."""
    sample: dict[str, Json] = Field(default_factory=dict)
    """The event to use when none is given."""
    when: Condition | None = None
    count: int = Field(default=1, ge=1)
    """Enters on the n-th time the event happens to the person."""
    reentry: Literal["each_time", "once"] = "each_time"

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.kind in ("event", "attribute_changed") and not self.name:
            raise ValueError(f"a trigger of kind {self.kind} needs a name")
        return self


class _Step(Model):
    id: StepId
    name: str = ""
    """What to show instead of the id."""
    notes: str = ""
    """For the presenter."""


class _Flowing(_Step):
    next: Target | None = None


class CallApi(_Flowing):
    """Call an API: the step the product is about."""

    kind: Literal["call_api"]
    method: Method = "POST"
    url: str = Field(min_length=1)
    query: dict[str, Json] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: Json = None
    body_kind: Literal["json", "text", "form"] = "json"
    include_user: bool = True
    parse_json: bool = True
    on_success: Target | None = None
    on_failure: Target | None = None
    timeout_s: float | None = Field(default=None, gt=0)
    follow_redirects: bool | None = None
    retry: Retry | None = None
    auth: Auth | None = None
    save: tuple[Save, ...] = ()
    throttle: Throttle | None = None
    breaker: Breaker | None = None
    effect: Effect | None = None
    contract: str | None = None

    @model_validator(mode="after")
    def _body_fits(self) -> Self:
        if self.body_kind == "text" and not isinstance(self.body, str | None):
            raise ValueError("a body of kind text must be a string")
        if self.body_kind == "form" and not isinstance(self.body, dict | None):
            raise ValueError("a body of kind form must be an object")
        return self


class UpdateAttribute(_Flowing):
    """Sets an attribute of the profile; the value may hold tags."""

    kind: Literal["update_attribute"]
    attribute: str = Field(min_length=1)
    value: Json = None


class AddTag(_Flowing):
    """Adds a tag to the profile."""

    kind: Literal["add_tag"]
    tag: str = Field(min_length=1)


class RemoveTag(_Flowing):
    """Takes a tag from the profile."""

    kind: Literal["remove_tag"]
    tag: str = Field(min_length=1)


class Branch(Model):
    """One way out of a condition."""

    when: Condition
    next: Target
    name: str = ""


class ConditionStep(_Step):
    """Branches in order, the first match wins; ``else`` when none does, or the path ends."""

    kind: Literal["condition"]
    branches: tuple[Branch, ...] = Field(min_length=1)
    else_: Target | None = Field(default=None, alias="else")


_NO_TAG = re.compile(r"[\w\s:+.,-]*")


def _moment(value: str) -> str:
    """A moment; what may hold a tag, in whatever syntax, is looked at when it is compiled."""
    if not _NO_TAG.fullmatch(value):
        return value
    try:
        parse_at(value)
    except InputError as wrong:
        raise ValueError(f"{wrong.message}; {wrong.hint}") from None
    return value


class Wait(_Flowing):
    """Lets virtual time pass: ``for`` a duration or ``until`` a moment."""

    kind: Literal["wait"]
    for_: Duration | None = Field(default=None, alias="for")
    until: Annotated[str, AfterValidator(_moment)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.for_ is None) == (self.until is None):
            raise ValueError("a wait has exactly one of for and until")
        return self


class Notify(_Flowing):
    """Tells somebody in the team; shown, never sent."""

    kind: Literal["notify"]
    text: str


class Message(_Flowing):
    """A message to the person; shown, never sent."""

    kind: Literal["message"]
    channel: str = "email"
    to: str
    text: str = ""
    subject: str = ""


class Arm(Model):
    """One arm of a split."""

    weight: float = Field(ge=0)
    next: Target
    name: str = ""


class Split(_Step):
    """Sends people down its arms by weight; the draw is keyed, so a person always takes the same
    arm under one seed.
    """

    kind: Literal["split"]
    arms: tuple[Arm, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not sum(arm.weight for arm in self.arms) > 0:
            raise ValueError("the weights of a split must add up to more than 0")
        return self


class EndStep(_Step):
    """Ends the path."""

    kind: Literal["end"]


Step = Annotated[
    CallApi
    | UpdateAttribute
    | AddTag
    | RemoveTag
    | ConditionStep
    | Wait
    | Notify
    | Message
    | Split
    | EndStep,
    Field(discriminator="kind"),
]


class Journey(Model):
    """A journey as it is written: the first step is the start."""

    id: JourneyId
    name: str = ""
    dialect: str = "usercom"
    trigger: Trigger
    settings: dict[str, Json] = Field(default_factory=dict)
    """Overrides of the dialect's values, by their names."""
    steps: tuple[Step, ...] = ()
    notes: str = ""

    @model_validator(mode="after")
    def _ids(self) -> Self:
        wrong: list[str] = []
        seen: dict[str, int] = {}
        for at, step in enumerate(self.steps):
            if step.id in seen:
                wrong.append(f"steps[{seen[step.id]}] and steps[{at}] have the same id {step.id!r}")
            elif step.id == END and not isinstance(step, EndStep):
                wrong.append(f"steps[{at}]: a step with the id 'end' must be of kind end")
            seen.setdefault(step.id, at)
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def step(self, step_id: str) -> Any:
        """The step with this id, or None."""
        return next((step for step in self.steps if step.id == step_id), None)

    @property
    def title(self) -> str:
        """The name, else the id."""
        return self.name or self.id

    @property
    def events(self) -> tuple[str, ...]:
        """The events that start it; one that an API call starts also listens to its own id."""
        if self.trigger.kind == "manual":
            return ()
        if self.trigger.kind == "api":
            return (self.id, self.trigger.name) if self.trigger.name else (self.id,)
        return (self.trigger.name,)
