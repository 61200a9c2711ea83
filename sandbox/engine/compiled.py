"""The compiled journey: made once by ``compile_journey``, then walked many times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.engine.behaviour import Behaviour
from sandbox.engine.call import CallPlan
from sandbox.engine.conditions import Test
from sandbox.engine.retrying import Retrying
from sandbox.model.base import Json
from sandbox.model.exchange import Terms
from sandbox.model.journey import END, Journey
from sandbox.model.trace import Finding
from sandbox.templates.paths import Path
from sandbox.templates.syntax import SNIPPET, Syntax
from sandbox.templates.text import Text
from sandbox.templates.values import Value

__all__ = [
    "END_AT",
    "AddTagNode",
    "CallNode",
    "CompiledJourney",
    "ConditionNode",
    "EndNode",
    "MessageNode",
    "Node",
    "NotifyNode",
    "RemoveTagNode",
    "Saving",
    "SplitNode",
    "UpdateNode",
    "WaitNode",
    "Way",
]

Way = tuple[int, ...]
"""Where a path goes on: indexes of nodes that run one after the other; ``END_AT`` alone ends it;
empty: nothing is connected."""

END_AT = -1


@dataclass(slots=True)
class Node:
    """One step."""

    id: str
    kind: str
    index: int
    next: Way = ()


@dataclass(slots=True)
class Saving:
    """A value of the response kept under a name."""

    name: str
    path: Path
    type: str


@dataclass(slots=True)
class CallNode(Node):
    """Call an API."""

    plan: CallPlan = field(kw_only=True)
    on_success: Way | None = None
    on_failure: Way | None = None
    timeout_s: float = 30.0
    follow: str = "never"
    retry: Retrying | None = None
    held_back: Retrying | None = None
    """How it tries again when a limit that is shared held it back."""
    terms: Terms | None = None
    """What it shares with other calls: a limit on calls a second, a breaker."""
    save: tuple[Saving, ...] = ()
    parse_json: bool = True
    include_user: bool = True
    exposed: bool = False
    """Whether any template or condition reads this step."""

    plain: bool = field(init=False)
    """Whether one request is all there is to an attempt: no token before it, no redirect after."""
    key_header: str = field(init=False)
    """The header for the idempotency key; empty: none."""
    forward: Way = field(init=False)
    """The way on after a success."""

    def __post_init__(self) -> None:
        """Decide once what every attempt would ask again."""
        self.forward = self.on_success if self.on_success is not None else self.next
        self.plain = self.follow == "never" and not self.plan.oauth
        self.key_header = self.retry.key_header if self.retry is not None else ""

    @property
    def follows(self) -> bool:
        """Whether its redirects are followed."""
        get = self.follow == "get" and self.plan.step.method in ("GET", "HEAD")
        return get or self.follow == "always"


@dataclass(slots=True)
class UpdateNode(Node):
    """Set an attribute."""

    attribute: str = ""
    value: Value = field(kw_only=True)


@dataclass(slots=True)
class AddTagNode(Node):
    """Add a tag."""

    tag: Text = field(kw_only=True)


@dataclass(slots=True)
class RemoveTagNode(Node):
    """Take a tag away."""

    tag: Text = field(kw_only=True)


@dataclass(slots=True)
class ConditionNode(Node):
    """Branches in order."""

    branches: tuple[tuple[Test, Way, str], ...] = ()
    otherwise: Way = ()


@dataclass(slots=True)
class WaitNode(Node):
    """Let virtual time pass."""

    for_us: int = 0
    until: Text | None = None
    says: str = field(init=False)
    """The length for the trace: ``90s``."""

    def __post_init__(self) -> None:
        """Write the length once."""
        self.says = f"{self.for_us / 1_000_000:g}s"


@dataclass(slots=True)
class NotifyNode(Node):
    """Tell the team."""

    text: Text = field(kw_only=True)


@dataclass(slots=True)
class MessageNode(Node):
    """A message to the person."""

    channel: str = ""
    to: Text = field(kw_only=True)
    text: Text = field(kw_only=True)
    subject: Text = field(kw_only=True)


@dataclass(slots=True)
class SplitNode(Node):
    """Arms by weight."""

    arms: tuple[tuple[float, Way, str], ...] = ()
    """Cumulated share, way, name."""


@dataclass(slots=True)
class EndNode(Node):
    """The end of a path."""


@dataclass(slots=True)
class CompiledJourney:
    """A journey ready to be walked."""

    journey: Journey
    dialect: str
    behaviour: Behaviour
    nodes: tuple[Node, ...]
    when: Test | None
    uses_now: bool
    uses_run: bool
    start: Way
    reads: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    """Every path that a template or condition reads → the steps that read it (empty: the trigger).
    """
    syntax: Syntax = SNIPPET
    findings: tuple[Finding, ...] = ()
    """What the compiler noticed and did not refuse."""

    id: str = field(init=False)
    """The journey's id."""
    about: dict[str, Json] = field(init=False)
    """What ``journey`` means in a template."""
    limited: bool = field(init=False)
    """Whether a call is held to limits that people share, or has a breaker."""
    names: tuple[str, ...] = field(init=False)
    """The steps' ids by index; ``END_AT`` finds ``end``."""
    event: str = field(init=False)
    """What starts the journey: the event's name, else the trigger's kind."""

    def __post_init__(self) -> None:
        """Read the journey once, not at every walk."""
        self.id = self.journey.id
        self.names = (*(node.id for node in self.nodes), END)
        self.event = self.journey.trigger.name or self.journey.trigger.kind
        self.limited = any(isinstance(one, CallNode) and one.terms for one in self.nodes)
        self.about = {"id": self.id, "name": self.journey.title, "dialect": self.dialect}

    def node(self, step_id: str) -> Node | None:
        """The node of a step."""
        return next((node for node in self.nodes if node.id == step_id), None)

    def call(self, step_id: str) -> CallNode | None:
        """The node of a call step."""
        node = self.node(step_id)
        return node if isinstance(node, CallNode) else None

    def scope(
        self, user: Json, event: Json, env: Json, steps: dict[str, Json], now: str, run: Json
    ) -> dict[str, Json]:
        """The template roots."""
        roots = {
            "user": user,
            "profile": user,
            "event": event,
            "trigger": event,
            "steps": steps,
            "env": env,
            "journey": self.about,
            "run": run,
            "now": now,
        }
        if self.behaviour.syntax == "kustomer":
            # The trigger is the workflow's first step, and its variables are ours.
            steps["1"] = event
            roots["variables"] = env
        return roots
