"""``import``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from sandbox.cli.compose import open_workspace
from sandbox.cli.fidelity import fidelity_document, fidelity_lines
from sandbox.cli.kinds import (
    FromCurl,
    Given,
    given,
    journey_from_curl,
    kind_of,
    models_in,
    workflows_in,
)
from sandbox.cli.output import Output, narrate
from sandbox.errors import InputError, SandboxError
from sandbox.formats.kustomer import Imported
from sandbox.model.base import Json
from sandbox.model.workspace import Variable
from sandbox.seams import Repository

__all__ = ["bring"]

_NOUNS = {
    "profiles": ("profile", "profiles"),
    "journey": ("journey", "journeys"),
    "rules": ("rule set", "rule sets"),
    "env": ("variable", "variables"),
    "settings": ("settings", "settings"),
}


def bring(arguments: argparse.Namespace) -> int:
    """Documents in: all files are read and checked before anything is stored."""
    taken: dict[str, list[Json]] = {}
    workflows: list[Imported] = []
    commands: list[Given] = []
    refused: list[SandboxError] = []
    notes: list[str] = []
    for file in arguments.files:
        try:
            document = given(file)
            kind = arguments.form or kind_of(document)
            if kind == "curl":
                journey_from_curl(document, arguments.id)
                commands.append(document)
                continue
            models = _read(kind, document, arguments.id, notes)
            if kind == "kustomer":
                workflows += models
                models, kind = [one.journey for one in models], "journey"
            taken.setdefault(kind, []).extend(models)
        except SandboxError as wrong:
            refused.append(wrong)
    if refused:
        for refusal in refused[:-1]:
            narrate(f"sandbox: {refusal}")
        raise refused[-1]
    with open_workspace(arguments) as workspace:
        repository: Repository = workspace.repository
        calls = _calls(commands, arguments.id, repository)
        if calls:
            taken.setdefault("journey", []).extend(one.journey for one in calls)
        _refuse_repeated(taken)
        if not arguments.replace:
            _refuse_existing(taken, repository)
        for kind, models in taken.items():
            _put(repository, kind, models, arguments.replace)
            one, many = _NOUNS[kind]
            narrate(f"sandbox: imported {len(models)} {one if len(models) == 1 else many}")
        variables = [one for workflow in workflows for one in workflow.variables]
        variables += [one for call in calls for one in call.variables]
        declared = _declare(variables, repository)
        _tell(calls)
    for note in notes:
        narrate(note)
    _report(Output(arguments), arguments.json, taken, workflows, declared)
    return 0


def _calls(commands: list[Given], wanted: str | None, repository: Repository) -> list[FromCurl]:
    """Journeys of curl commands; no two of them give one name to two things."""
    calls: list[FromCurl] = []
    for document in commands:
        declared = [*repository.variables(), *(one for call in calls for one in call.variables)]
        calls.append(journey_from_curl(document, wanted, declared))
    return calls


def _declare(variables: list[Variable], repository: Repository) -> list[str]:
    """Declare the variables that journeys read; those that are there keep their values."""
    known = {one.name for one in repository.variables()}
    wanted = {one.name: one for one in variables}
    fresh = [one for name, one in wanted.items() if name not in known]
    if fresh:
        repository.put_variables(fresh)
        names = ", ".join(one.name for one in fresh)
        narrate(f"sandbox: declared {names} with dummies; export the real values")
    return [one.name for one in fresh]


def _tell(calls: list[FromCurl]) -> None:
    """What a curl command became, and where its credentials are to come from now."""
    for call in calls:
        for warning in call.warnings:
            narrate(f"warning: {warning}")
        for name, place in call.typed:
            narrate(f"sandbox: {place} is not kept; before a live run: export {name}=…")
        narrate(
            f"sandbox: {call.journey.id} is of the kustomer dialect, which sends a call as it is "
            "written and adds nothing"
        )


def _report(
    output: Output,
    as_json: bool,
    taken: dict[str, list[Json]],
    workflows: list[Imported],
    declared: list[str],
) -> None:
    """What came in, and how faithful a workflow is played."""
    if as_json:
        names = {
            kind: [_name(kind, model) for model in models]
            for kind, models in taken.items()
            if kind != "settings"
        }
        reports = [fidelity_document(one) for one in workflows]
        output.json({"imported": names, "declared": declared, "reports": reports})
        return
    for number, workflow in enumerate(workflows):
        if number:
            output.line()
        output.lines(fidelity_lines(workflow, output))


def _read(kind: str, document: Given, wanted_id: str | None, notes: list[str]) -> list[Json]:
    """What a file holds; what is worth telling once it is stored goes to ``notes``."""
    if kind == "kustomer":
        return list(workflows_in(document, wanted_id))
    if wanted_id is not None:
        raise InputError(
            f"--id names a journey made from something else; {document.name} has its own id",
            "leave --id out",
        )
    models = models_in(kind, document)
    if kind == "profiles":
        notes += _taken_as_text(document)
    return list(models)


def _taken_as_text(document: Given) -> Iterator[str]:
    """Columns of a table that nobody gave a type, and that look as if they had one."""
    if not document.name.lower().endswith((".csv", ".tsv")):
        return
    from sandbox.formats.csv_profiles import untyped_columns

    found = untyped_columns(document.text.removeprefix("\ufeff"), document.name)
    if found:
        words = {"number": "numbers", "bool": "true or false", "json": "JSON"}
        told = ", ".join(f"{name} ({words[kind]}: {name}:{kind})" for name, kind in found.items())
        yield (
            f"note: {document.name}: taken as text, though every value looks like another type: "
            f"{told}; a column's name can end with its type, :text to keep it so"
        )


def _name(kind: str, model: Json) -> str:
    return str(model.name if kind == "env" else "" if kind == "settings" else model.id)


def _refuse_repeated(taken: dict[str, list[Json]]) -> None:
    """One id in two files would leave it to chance which of them stays."""
    for kind, models in taken.items():
        names = [_name(kind, model) for model in models]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                f"{_NOUNS[kind][0]} {', '.join(twice[:12])} comes twice; nothing was stored",
                "give each once",
            )


def _refuse_existing(taken: dict[str, list[Json]], repository: Repository) -> None:
    """Before anything is stored, so that no kind goes in when another one cannot."""
    there = {
        "profiles": lambda: [one.id for one in repository.profiles()],
        "journey": lambda: [one.id for one in repository.journeys()],
        "rules": lambda: [one.id for one in repository.rule_sets()],
        "env": lambda: [one.name for one in repository.variables()],
    }
    problems = []
    for kind, models in taken.items():
        if kind == "settings":
            continue
        known = set(there[kind]())
        hit = [_name(kind, model) for model in models if _name(kind, model) in known]
        if hit:
            one, many = _NOUNS[kind]
            shown = ", ".join(hit[:12]) + (", …" if len(hit) > 12 else "")
            problems.append(f"{one if len(hit) == 1 else many} {shown}")
    if problems:
        raise InputError(
            f"already in the workspace: {'; '.join(problems)}; nothing was stored",
            "add --replace to overwrite",
        )


def _put(repository: Repository, kind: str, models: list[Json], replace: bool) -> None:
    match kind:
        case "journey":
            repository.put_journeys(models, replace)
        case "rules":
            repository.put_rule_sets(models, replace)
        case "env":
            repository.put_variables(models, replace)
        case "settings":
            repository.put_settings(models[-1])
        case _:
            repository.put_profiles(models, replace)
