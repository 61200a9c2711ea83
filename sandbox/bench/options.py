"""How to run a journey, and a call as it would be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Request, Send
from sandbox.model.rules import Item, RuleSet
from sandbox.model.trace import ErrorDocument, FindingDocument, RequestDocument
from sandbox.templates.text import Provenance

__all__ = ["DEFAULT_SEED", "Preview", "RunOptions"]

DEFAULT_SEED = 42


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a journey. The defaults are a mocked run of the trigger's sample."""

    event: Mapping[str, Json] | None = None
    """None: the trigger's sample."""
    set_event: Mapping[str, Json] = field(default_factory=dict)
    set_user: Mapping[str, Json] = field(default_factory=dict)
    occurrence: int | None = None
    rules: RuleSet | None = None
    """None: the workspace's active rule set."""
    answers: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    """Step id → answers in order; the last repeats."""
    include_user: bool | None = None
    """None: as the step says."""
    dialect: str | None = None
    seed: int | None = None
    """None: the rules' seed, else 42."""
    at_us: int | None = None
    """None: 2026-01-01T00:00:00Z; the wall clock for a live run."""
    live: bool = False
    allow_hosts: tuple[str, ...] = ()
    keep: bool = False
    """Write the profile's changes back."""
    heard: Callable[[Send, Answer], None] | None = None
    """Told of every request and its answer, with their secrets."""


class Preview(NamedTuple):
    """A call as it would be sent."""

    request: RequestDocument
    problem: ErrorDocument | None
    """Why it cannot be sent."""
    values: list[Provenance]
    findings: list[FindingDocument]
    raw: Request
    """Not masked: for sending and for curl with its own masks."""
