"""What a workspace declares besides profiles, journeys and rule sets."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sandbox.model.base import Model

__all__ = ["Settings", "Variable"]


class Variable(Model):
    """A variable that templates may read as ``env.NAME``.

    The process environment's ``from`` wins over ``value``. A secret one is masked everywhere, and
    only a dummy may stand in ``value``.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    secret: bool = False
    value: str | None = None
    from_: str | None = Field(default=None, alias="from")
    note: str = ""


class Settings(Model):
    """Settings of a workspace."""

    active_rules: str = "all-ok"
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that live calls may go to: ``api.example.com`` or ``127.0.0.1:8000``."""
    max_sent_bytes: int = Field(default=1_000_000, ge=1)
    max_received_bytes: int = Field(default=10_000_000, ge=1)
