"""Profiles from JSON, JSONL, YAML and CSV."""

from __future__ import annotations

from sandbox.errors import DocumentError, InputError, Problem
from sandbox.formats.csv_profiles import rows_of_csv
from sandbox.formats.documents import MAX_CHARS, read_all
from sandbox.formats.json_text import read_json
from sandbox.model.base import Json, shorten
from sandbox.model.profile import Profile

__all__ = ["read_profiles"]

_Entry = tuple[str, Json]


def read_profiles(text: str, source: str) -> list[Profile]:
    """Every profile of a document, in its order.

    The ending of ``source`` decides: ``.csv`` and ``.tsv`` are tables (see ``csv_profiles``),
    ``.jsonl`` and ``.ndjson`` have one JSON object on each line, all else is JSON or YAML: one
    profile, a list of them, ``{"profiles": […]}``, or one in each YAML document.

    Raises:
        DocumentError: with every problem of every profile, and ids that stand twice.
    """
    if len(text) > MAX_CHARS:
        raise InputError(f"{source} is larger than {MAX_CHARS // 1_000_000} MB", "split it")
    text = text.removeprefix("\ufeff")
    name = source.lower()
    problems: list[Problem] = []
    if name.endswith((".csv", ".tsv")):
        entries, problems = rows_of_csv(text, source)
    elif name.endswith((".jsonl", ".ndjson")):
        entries, problems = _lines(text, source)
    else:
        entries = _listed(text, source)
    profiles: list[Profile] = []
    first: dict[str, str] = {}
    for place, value in entries:
        try:
            profile = Profile.parse(value, source)
        except DocumentError as wrong:
            problems += [
                problem._replace(path=_joined(place, problem.path)) for problem in wrong.problems
            ]
            continue
        if profile.id in first:
            path = _joined(place, "id")
            problems.append(
                Problem(
                    path,
                    f"the id {shorten(profile.id)} stands twice (first at {first[profile.id]})",
                )
            )
            continue
        first[profile.id] = place or "the start"
        profiles.append(profile)
    if problems:
        raise DocumentError(source, sorted(problems, key=_order))
    if not profiles:
        raise DocumentError(source, [Problem("", "there is no profile in it")])
    return profiles


def _order(problem: Problem) -> int:
    """By the number in the place, so that a file's problems come from top to bottom."""
    digits = "".join(
        char if char.isdigit() else " " for char in problem.path.partition(",")[0].partition(".")[0]
    )
    numbers = digits.split()
    return int(numbers[0]) if numbers else -1


def _joined(place: str, path: str) -> str:
    if not place or not path:
        return place or path
    return f"{place}.{path}" if place.endswith("]") else f"{place}, {path}"


def _lines(text: str, source: str) -> tuple[list[_Entry], list[Problem]]:
    entries: list[_Entry] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            entries.append((f"line {number}", read_json(line, source)))
        except DocumentError as wrong:
            problems += [
                problem._replace(path=problem.path.replace("line 1", f"line {number}", 1))
                for problem in wrong.problems
            ]
    return entries, problems


def _listed(text: str, source: str) -> list[_Entry]:
    found = read_all(text, source)
    many = len(found) > 1
    entries: list[_Entry] = []
    for number, value in enumerate(found, 1):
        where = f"document {number}" if many else ""
        if isinstance(value, dict) and "profiles" in value and "id" not in value:
            path, value = "profiles", value["profiles"]
            if not isinstance(value, list):
                raise DocumentError(source, [Problem("profiles", "must be a list of profiles")])
        else:
            path = ""
        if isinstance(value, list):
            entries += [(_joined(where, f"{path}[{at}]"), entry) for at, entry in enumerate(value)]
        else:
            entries.append((where, value))
    return entries
