"""Documents of every kind: told apart by their fields, read and validated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from sandbox.cli.files import read_text
from sandbox.cli.rule_files import rules_from
from sandbox.engine.compile import compile_journey
from sandbox.errors import DocumentError, InputError, Problem
from sandbox.formats.documents import read
from sandbox.formats.kustomer import Imported, from_kustomer, looks_like_kustomer
from sandbox.model.base import Json, Model
from sandbox.model.journey import Journey
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings, Variable

__all__ = [
    "FromCurl",
    "Given",
    "given",
    "journey_from_curl",
    "kind_of",
    "models_in",
    "workflows_in",
]

_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson")


class Given(NamedTuple):
    """A file's text; its name is for messages, and its ending says what syntax it has."""

    name: str
    text: str


def given(name: str) -> Given:
    """A file, read once (``-`` is standard input)."""
    return Given("standard input" if name == "-" else name, read_text(name))


def kind_of(document: Given) -> str:
    """What a document is.

    Raises:
        InputError: when it cannot be told.
    """
    if Path(document.name).suffix.lower() in _TABLES:
        return "profiles"
    if document.text.lstrip("\ufeff $\n").startswith(("curl ", "curl.exe ")):
        return "curl"
    value = read(document.text, document.name)
    if looks_like_kustomer(value):
        return "kustomer"
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        if "steps" in first or "trigger" in first:
            return "journey"
        if "rules" in first and "active_rules" not in first:
            return "rules"
        if {"active_rules", "allowed_hosts", "max_sent_bytes", "max_received_bytes"} & first.keys():
            return "settings"
        if "name" in first and "id" not in first:
            return "env"
        if "attributes" in first or "id" in first or "profiles" in first:
            return "profiles"
    raise InputError(
        f"{document.name}: neither a journey, rules nor profiles",
        "a journey has steps, a rule set has rules, a profile has an id; or say it with --as",
    )


def models_in(kind: str, document: Given) -> list[Model]:
    """The validated documents of one kind.

    Raises:
        InputError: with every problem of every document.
    """
    source = document.name
    if kind == "profiles":
        from sandbox.formats.profiles import read_profiles

        return list(read_profiles(document.text, source))
    value = read(document.text, source)
    match kind:
        case "journey":
            return _all(value, source, lambda one: _compiles(Journey.parse(one, source), source))
        case "rules":
            return _all(value, source, lambda one: _rules(one, source))
        case "kustomer":
            return [one.journey for one in workflows_in(document)]
        case "env":
            return _all(value, source, lambda one: Variable.parse(one, source))
        case _:
            return [Settings.parse(value, source)]


def _all(value: Json, source: str, make: Callable[[Json], Model]) -> list[Model]:
    """One document or a list of them; the problems of all at once."""
    if not isinstance(value, list):
        return [make(value)]
    models: list[Model] = []
    problems: list[Problem] = []
    for number, one in enumerate(value):
        try:
            models.append(make(one))
        except DocumentError as wrong:
            problems += [
                problem._replace(path=f"[{number}]" + (problem.path and f".{problem.path}"))
                for problem in wrong.problems
            ]
    if not problems and not models:
        problems.append(Problem("", "there is nothing in it"))
    if problems:
        raise DocumentError(source, problems)
    return models


def _compiles(journey: Journey, source: str) -> Journey:
    compile_journey(journey, None, source)
    return journey


def _rules(value: Json, source: str) -> RuleSet:
    rules = rules_from(value, source)
    return rules if rules.id else rules.model_copy(update={"id": _stem(source)})


def _stem(source: str) -> str:
    letters = "".join(c if c.isalnum() or c in "_-" else "-" for c in Path(source).stem)
    return letters[:60].strip("-") or "imported"


class FromCurl(NamedTuple):
    """A journey made from a curl command, and what is to be told about it."""

    journey: Journey
    variables: tuple[Variable, ...]
    """To be declared."""
    typed: tuple[tuple[str, str], ...]
    """Variable and place of each credential that stood in the command; none is kept."""
    warnings: list[str]


def journey_from_curl(
    document: Given, wanted_id: str | None, declared: Iterable[Variable] = ()
) -> FromCurl:
    """A journey with the one call that a curl command makes.

    It is of the dialect that adds nothing to a call: tags go anywhere, any body is sent as it is.

    Raises:
        InputError: when it is no curl command, or makes no call that can be sent.
    """
    from sandbox.formats.curl_credentials import guard
    from sandbox.formats.curl_import import from_curl

    imported = from_curl(document.text)
    journey_id = wanted_id or _stem(document.name)
    guarded = guard(imported.call, imported.variables, journey_id, declared)
    value = {
        "id": journey_id,
        "dialect": "kustomer",
        "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", **guarded.call}],
    }
    journey = _compiles(Journey.parse(value, document.name), document.name)
    warnings = [*imported.warnings, *guarded.warnings]
    return FromCurl(journey, guarded.variables, guarded.typed, warnings)


def workflows_in(document: Given, wanted_id: str | None = None) -> list[Imported]:
    """Journeys made from the Kustomer workflows of a file.

    Raises:
        InputError: with line and column, or the path, of what cannot be read.
    """
    source = document.name
    found = from_kustomer(read(document.text, source), source)
    if wanted_id is not None:
        if len(found) > 1:
            raise InputError(
                f"--id names one journey; {source} holds {len(found)} workflows", "leave --id out"
            )
        named = Journey.parse({**found[0].journey.document(), "id": wanted_id}, "--id")
        found = [found[0]._replace(journey=named)]
    for one in found:
        _compiles(one.journey, source)
    return found
