"""What reading one workflow collects: problems that refuse it, and notes on how faithful it is."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from sandbox.errors import Problem
from sandbox.model.base import Json, shorten

__all__ = ["GRADES", "Grade", "Note", "Reading"]

Grade = Literal["understood", "approximated", "not understood"]
GRADES: Final[tuple[Grade, ...]] = ("not understood", "approximated", "understood")
"""Worst first, as a report lists them."""


class Note(NamedTuple):
    """How one part of a workflow was taken."""

    grade: Grade
    where: str
    """The path in the document: ``steps[2].params.qs``."""
    what: str
    """The action, operator, helper or field."""
    how: str
    """What is played, and why it may differ; empty where nothing needs saying."""


class Reading:
    """One workflow while it is read."""

    def __init__(self, prefix: str = "") -> None:
        """``prefix`` is the workflow's own place in the file: ``data.attributes``."""
        self.prefix = prefix
        self.problems: list[Problem] = []
        self.notes: list[Note] = []
        self.renamed: dict[str, str] = {}
        """The vendor's step id → ours, where they differ; the trigger's is ``1``."""
        self.steps: dict[str, bool] = {}
        """Our step ids → whether the step is a call, whose output later steps can read."""
        self.variables: dict[str, str] = {}
        """The vendor's variable id → our variable's name."""
        self.addresses: set[str] = set()
        """Variables that a URI begins with."""
        self.trigger_reads: dict[tuple[str, ...], Json] = {}
        """Paths into the trigger's data that are read → a value that would make sense there."""
        self.step_reads: dict[str, list[str]] = {}
        """Our step id → the places that read its output."""

    def place(self, path: str) -> str:
        """A path within the workflow as one within the file."""
        if not self.prefix or not path:
            return self.prefix or path
        return f"{self.prefix}{path}" if path.startswith("[") else f"{self.prefix}.{path}"

    def refuse(self, path: str, message: str, value: Json = ...) -> None:
        """A problem for which the workflow cannot be taken in."""
        shown = "" if value is ... else shorten(value)
        self.problems.append(Problem(self.place(path), message, shown))

    def note(self, grade: Grade, path: str, what: str, how: str = "") -> None:
        """How a part was taken; the same is said once."""
        note = Note(grade, self.place(path), what, how)
        if note not in self.notes:
            self.notes.append(note)

    def understood(self, path: str, what: str, how: str = "") -> None:
        """Played as the vendor documents it."""
        self.note("understood", path, what, how)

    def approximated(self, path: str, what: str, how: str) -> None:
        """Played, in a way that may differ."""
        self.note("approximated", path, what, how)

    def unknown(self, path: str, what: str, how: str) -> None:
        """Not played; ``how`` says what happens instead."""
        self.note("not understood", path, what, how)
