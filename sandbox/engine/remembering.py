"""What is made for one event and one env serves again while these are the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sandbox.engine.person import Person
from sandbox.model.base import Json
from sandbox.templates.noticing import Found, Notice
from sandbox.templates.paths import Path
from sandbox.templates.syntax import Syntax
from sandbox.templates.text import Text

__all__ = ["Last", "LastCall", "is_settled"]

_SETTLED = frozenset({"event", "trigger", "env", "journey"})
"""Roots that are the same for a whole run, whoever it is for."""


class Last(NamedTuple):
    """What was made for one event and one env. Both are held, so that "the same" is certain."""

    event: Json
    env: Json
    first: Json
    """For Kustomer's syntax ``steps.1``: the event, unless a step of that name has come since."""
    noticed: tuple[Notice, ...]
    made: Json

    def serves(self, scope: Json) -> bool:
        """Whether it is right for a scope too."""
        return (
            self.event is scope["event"]
            and self.env is scope["env"]
            and (self.first is None or self.first is scope["steps"].get("1"))
        )

    @classmethod
    def of(cls, scope: Json, syntax: Syntax, noticed: Found, made: Json) -> Last:
        """What was made for a scope."""
        first = scope["steps"].get("1") if syntax.name == "kustomer" else None
        return cls(scope["event"], scope["env"], first, tuple(noticed), made)


class LastCall(NamedTuple):
    """The call that was made last, for a person and a moment: whoever walks them once more, as a
    sweep does for every answer it tries, gets the same one.
    """

    person: Person
    at_us: int
    with_user: bool
    max_sent: int
    made: Last


def is_settled(texts: Iterable[Text], syntax: Syntax) -> bool:
    """Whether texts say the same for a whole run."""
    event = ("steps", "1") if syntax.name == "kustomer" else None  # the trigger is the first step

    def stays(path: Path) -> bool:
        return not path or path[0] in _SETTLED or path[:2] == event

    return all(text.plain and all(stays(tag.path) for tag in text.tags()) for text in texts)
