"""What rules do with the virtual clock: latencies, rate limits, windows."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sandbox.clock import duration_s, parse_at
from sandbox.errors import InputError
from sandbox.model.base import Duration, Model

__all__ = ["Latency", "LatencyStep", "RateLimit", "Window"]


class LatencyStep(Model):
    """Up to this percentile of the calls, so long."""

    p: float = Field(gt=0, le=100)
    ms: float = Field(ge=0)


class Latency(Model):
    """How long an answer takes, on the virtual clock; compared with the step's own time-out."""

    dist: Literal["fixed", "uniform", "normal", "lognormal", "steps"] = "fixed"
    ms: float = Field(default=0, ge=0)
    """``fixed``: the value."""
    min_ms: float = Field(default=0, ge=0)
    max_ms: float | None = Field(default=None, ge=0)
    mean_ms: float = Field(default=0, ge=0)
    stddev_ms: float = Field(default=0, ge=0)
    median_ms: float = Field(default=0, ge=0)
    sigma: float = Field(default=0.4, ge=0)
    steps: tuple[LatencyStep, ...] = ()
    """``steps``: percentiles as a monitor reports them, the smallest first."""


def _retry_after(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if not number and value not in ("auto", "none"):
        raise ValueError("is auto, none or a number of seconds")
    return value


RetryAfter = Annotated[
    str | int | float,
    BeforeValidator(_retry_after),
    WithJsonSchema({"anyOf": [{"enum": ["auto", "none"]}, {"type": "number", "minimum": 0}]}),
]


class RateLimit(Model):
    """So many answers in each window of the virtual clock, then this refusal until the next one."""

    limit: int = Field(ge=1)
    per_s: float = Field(default=1, ge=0.001)
    by: Literal["host", "url", "rule", "profile"] = "host"
    """What is counted apart: each host, each URL without its query, each person, or nothing."""
    status: int = Field(default=429, ge=200, le=999)
    retry_after: RetryAfter = "auto"
    """``auto``: the seconds until the window ends, at least 1."""


def _moment(value: object) -> object:
    if isinstance(value, str):
        try:
            duration_s(value)
        except ValueError:
            try:
                parse_at(value)
            except InputError:
                raise ValueError(
                    "is a time since the start (90s, 15m, 8h, 3d) or a moment "
                    "(2026-01-01T09:00:00+01:00)"
                ) from None
    return value


Moment = Annotated[str, BeforeValidator(_moment, json_schema_input_type=str)]


class Window(Model):
    """When a rule takes calls, on the virtual clock: since the start of the run, or absolute."""

    from_: Moment = Field(default="0s", alias="from")
    to: Moment | None = None
    """None: for ever."""
    ramp: Duration | None = None
    """How long it takes until everybody is taken; before that the share rises evenly."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("needs from, to or ramp")
        return self
