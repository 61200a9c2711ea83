"""What a call step says besides its address and body: method, access, retry, throttle, breaker."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sandbox.model.base import Duration, Model

__all__ = [
    "Auth",
    "BasicAuth",
    "BearerAuth",
    "Breaker",
    "Effect",
    "Method",
    "OAuth2ClientAuth",
    "Retry",
    "Save",
    "Throttle",
]


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.lower()}]" for letter in word)


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
Method = Annotated[
    Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
    BeforeValidator(_upper),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(_METHODS)},
                {"type": "string", "pattern": f"^({'|'.join(map(_any_case, _METHODS))})$"},
            ]
        }
    ),
]


class BasicAuth(Model):
    """``Authorization: Basic``; both parts are templates."""

    kind: Literal["basic"]
    user: str
    password: str


class BearerAuth(Model):
    """``Authorization: Bearer``; the token is a template."""

    kind: Literal["bearer"]
    token: str


class OAuth2ClientAuth(Model):
    """OAuth 2.0 client credentials (RFC 6749 §4.4): a token is fetched before the call and kept
    until it expires.
    """

    kind: Literal["oauth2_client"]
    token_url: str
    client_id: str
    client_secret: str
    scope: str = ""


Auth = Annotated[BasicAuth | BearerAuth | OAuth2ClientAuth, Field(discriminator="kind")]


class Retry(Model):
    """When and how often a call is sent again, and how long it waits before."""

    on: tuple[int | str, ...] = (429, "5xx", "timeout")
    """Statuses (``503``), classes (``5xx``), ``timeout``, or a transport error's kind
    (``refused``).
    """
    times: int = Field(default=3, ge=1, le=100)
    delay: Duration = "1m"
    """Before the first retry; ``exponential`` doubles it each time."""
    max_delay: Duration = "8h"
    """No wait is longer, whatever Retry-After asks for."""
    backoff: Literal["exponential", "fixed"] = "exponential"
    jitter: Literal["none", "full", "equal", "between"] = "none"
    """A keyed draw: ``full``, from nothing to the delay; ``equal``, from half of it; ``between``,
    from ``delay`` to ``max_delay`` whatever the backoff.
    """
    retry_after: Literal["honour", "ignore"] = "honour"
    """Whether a Retry-After of the answer takes the place of the delay."""
    methods: Literal["all", "idempotent"] = "all"
    """``idempotent``: a POST or PATCH is never sent again (RFC 9110 §9.2.2)."""
    idempotency_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]*$")] = ""
    """The header that carries one key for all attempts of a call; empty: none."""


class Save(Model):
    """A value of the response kept under a name for later templates."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    path: Annotated[str, Field(pattern=r"^\$")]
    """``$.id``, ``$.items[0].name`` or ``$.items.0.name``."""
    type: Literal["string", "number", "date"] = "string"


class Throttle(Model):
    """A limit on calls a second to one URL, counted together with all other calls to it."""

    per_s: float | None = Field(default=None, gt=0)
    """None: the limit of the journey's setting ``throttle.per_s``, if it has one."""
    bypass: bool = False
    """Whether this call is neither limited nor counted."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.per_s is None and not self.bypass:
            raise ValueError("a throttle needs per_s, or bypass: true")
        return self


class Breaker(Model):
    """A circuit breaker for one host: after so many failures in a row, nothing is sent for a while.

    A failure is a status of 500 and above, or no response.
    """

    failures: int = Field(default=5, ge=1)
    for_: Duration = Field(default="1m", alias="for")
    half_open: int = Field(default=1, ge=1)
    """How many calls are let through to try, once that time is over."""


class Effect(Model):
    """What the call does in the world, and the key under which doing it twice counts once."""

    name: str
    key: str = ""
