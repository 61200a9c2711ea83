"""What is asked of the world and what it answers, at the speed of a walk: named tuples, not
pydantic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from sandbox.model.base import Json

__all__ = [
    "KINDS",
    "PHASES_OF",
    "Answer",
    "BreakerTerms",
    "Difference",
    "Fail",
    "Kind",
    "Near",
    "Phase",
    "Request",
    "Send",
    "Terms",
]

Phase = Literal["build", "connect", "send", "head", "body", "redirect", "sandbox"]
Kind = str

PHASES_OF: Final[Mapping[str, tuple[Phase, ...]]] = {
    "unsendable": ("build",),
    "invalid_url": ("build",),
    "unsupported_scheme": ("build",),
    "dns": ("connect",),
    "refused": ("connect",),
    "connect_timeout": ("connect",),
    "tls": ("connect",),
    "proxy": ("connect",),
    "pool_timeout": ("connect",),
    "write_timeout": ("send",),
    "reset": ("send", "head", "body"),
    "read_timeout": ("head", "body"),
    "disconnected": ("head",),
    "protocol": ("head", "body"),
    "truncated": ("body",),
    "decoding": ("body",),
    "too_large": ("body",),
    "too_many_redirects": ("redirect",),
    "bad_redirect": ("redirect",),
    "unmatched": ("sandbox",),
    "breaker_open": ("sandbox",),
    "throttled": ("sandbox",),
}
"""The closed list of transport errors: kind → the phases it can happen in."""

KINDS: Final = tuple(PHASES_OF)


class Request(NamedTuple):
    """What goes out: exactly these headers and bytes, plus Host and Content-Length, which the
    protocol adds.
    """

    method: str
    url: str
    """Absolute, percent-encoded ASCII."""
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Difference(NamedTuple):
    """One thing in which a call is not what a rule asks for."""

    field: str
    """``step``, ``path``, ``attempt`` … as the rule names it."""
    expected: str
    """What the rule asks for."""
    actual: str
    """What the call has; empty where it may hold a secret, or there is nothing to show."""
    message: str
    """Both in a few words."""


class Near(NamedTuple):
    """A rule that did not answer a call, and why."""

    rule: str
    differences: tuple[Difference, ...]


class Fail(NamedTuple):
    """A transport error as data: from the closed list, with a message for a person."""

    kind: Kind
    phase: Phase
    message: str
    near: tuple[Near, ...] = ()
    """Of ``unmatched``: the rules that came nearest, best first."""


class Answer(NamedTuple):
    """What came back. Either a status, or an error; never both, never neither."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """Decoded from its content-encoding."""
    error: Fail | None = None
    took_ms: float = 0.0
    source: str = "mock"
    """``mock``, ``live``, ``model`` or ``replay``."""
    rule: str | None = None
    """The mock rule that answered."""
    received: int = 0
    """With an error: bytes of body, still encoded, that had come before it; 0 where the sandbox
    stopped reading by itself.
    """


class BreakerTerms(NamedTuple):
    """When a circuit breaker opens, for how long, and how many calls then try."""

    failures: int
    open_us: int
    half_open: int


class Terms(NamedTuple):
    """What the platform asks of a call before it is sent, and shares with all calls like it."""

    per_s: float | None
    """Calls a second to the call's URL; None: as many as come."""
    breaker: BreakerTerms | None


class Send(NamedTuple):
    """A walk asks for this request to be sent, and says who asks and what it will wait for."""

    request: Request
    journey: str
    profile: str
    step: str
    visit: int
    attempt: int
    seed: int
    at_us: int
    """The virtual clock when the request leaves."""
    timeout_s: float
    """For each of connecting, sending and each read."""
    max_received: int
    """Bytes of body that are accepted; more is ``too_large``."""
    user: Mapping[str, Json]
    """The profile as templates see it."""
    hop: int = 0
    """0 for the call itself, then 1, 2 … for redirects that are followed."""
    trigger: str = ""
    """What started the run: the event's name, else the trigger's kind."""
    start_us: int = 0
    """The virtual clock when the run began."""
    terms: Terms | None = None
    """What ``Limits`` holds the call to; None: nothing."""
