"""``check``, ``dialects``, ``import``, ``export`` and ``schema``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pydantic import TypeAdapter

from sandbox.bench import Bench
from sandbox.charts.line import Line, Span
from sandbox.charts.table import table
from sandbox.cli.compose import open_bench, open_workspace
from sandbox.cli.files import read_document, read_text
from sandbox.cli.output import Output, narrate
from sandbox.cli.report import finding_lines
from sandbox.dialects import NAMES, dialect, dialect_names
from sandbox.engine.compile import compile_journey
from sandbox.engine.fold import finding_document
from sandbox.errors import DocumentError, InputError, SandboxError
from sandbox.formats.documents import write_json, write_yaml
from sandbox.masking import Masker
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json, Model, shorten
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import FindingDocument, TraceDocument
from sandbox.model.workspace import Settings, Variable
from sandbox.seams import Repository

__all__ = ["bring", "check", "dialects", "schema", "take"]


def check(arguments: argparse.Namespace) -> int:
    """Static findings; exit 1 when one is an error or a warning, 2 when a document is refused."""
    output = Output(arguments)
    results: list[dict[str, Json]] = []
    refused: list[SandboxError] = []
    with open_bench(arguments) as bench:
        for source in arguments.sources:
            try:
                findings = _check_one(bench, source)
                results.append({"source": source, "findings": findings})
            except InputError as wrong:
                refused.append(wrong)
                problems = wrong.problems if isinstance(wrong, DocumentError) else ()
                listed = [one._asdict() for one in problems] or [
                    {"path": "", "message": wrong.message, "value": ""}
                ]
                results.append({"source": source, "findings": [], "problems": listed})
    if arguments.json:
        output.json(results)
    else:
        for result in results:
            if result["findings"]:
                output.lines([(Span(str(result["source"]), "strong"),)])
                output.lines(finding_lines(result["findings"]))
            elif "problems" not in result:
                output.line(f"{result['source']}: nothing to report")
    for refusal in refused:
        narrate(f"sandbox: {refusal}")
    if refused:
        return 2
    levels = {one["level"] for result in results for one in result["findings"]}
    return 1 if levels & {"error", "warning"} else 0


def _check_one(bench: Bench, source: str) -> list[FindingDocument]:
    masker = Masker()
    if not _is_file(source):
        return [finding_document(one, masker) for one in bench.check(source)]
    value = read_document(source)
    kind = _kind_of(value, source)
    if kind == "journey":
        journey = Journey.parse(value, source)
        return [finding_document(one, masker) for one in bench.check_document(journey, source)]
    if kind == "rules":
        MockEngine(RuleSet.parse(value, source))
    elif kind == "env":
        _many(Variable, value, source)
    elif kind == "settings":
        Settings.parse(value, source)
    else:
        _read_profiles(source)
    return []


def _is_file(name: str) -> bool:
    ending = Path(name).suffix.lower() in (".json", ".yaml", ".yml", ".jsonl", ".csv")
    return name == "-" or ending or Path(name).is_file()


def _kind_of(value: Json, source: str) -> str:
    """What a document is, by the fields it has."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        if "steps" in first or "trigger" in first:
            return "journey"
        if "rules" in first and "active_rules" not in first:
            return "rules"
        if {"active_rules", "allowed_hosts"} & first.keys():
            return "settings"
        if "name" in first and "id" not in first and isinstance(value, list):
            return "env"
        if "attributes" in first or "id" in first or "profiles" in first:
            return "profiles"
    raise InputError(
        f"{source}: neither a journey, rules nor profiles",
        "a journey has steps, a rule set has rules, a profile has an id; or say it with --as",
    )


def dialects(arguments: argparse.Namespace) -> int:
    """What each vendor does, every value with origin, source and date."""
    output = Output(arguments)
    names = [arguments.name] if arguments.name else list(dialect_names())
    found = [dialect(name) for name in names]
    if arguments.json:
        documents = [one.document() for one in found]
        output.json(documents[0] if arguments.name else documents)
        return 0
    if arguments.name is None:
        picked = ("policy.failure", "success.status", "redirects.follow", "timeout_s")
        rows = []
        for one in found:
            cells = [f"{shorten(one.value(name))} ({one.values[name].origin})" for name in picked]
            rows.append([one.name, one.title, *cells])
        output.lines(table(["name", "what", *picked], rows, glyphs=output.glyphs))
        output.line("\nsandbox dialects NAME shows every value and its source")
        return 0
    one = found[0]
    output.lines([(Span(one.title, "strong"),)])
    for ours, theirs in one.words.items():
        output.line(f"  {ours}: the vendor says {theirs!r}")
    for name, setting in one.values.items():
        style = "warning" if setting.origin == "assumed" else "success"
        line: Line = (
            Span(f"{name} ", "strong"),
            Span(f"= {shorten(setting.value, 70)}  "),
            Span(setting.origin, style),  # type: ignore[arg-type]
        )
        output.lines([line])
        note = f"; {setting.note}" if setting.note else ""
        output.lines([(Span(f"    {NAMES[name].says}", "dim"),)])
        output.lines([(Span(f"    {setting.source}, {setting.date}{note}", "dim"),)])
    return 0


def bring(arguments: argparse.Namespace) -> int:
    """Documents in: all files are read and checked before anything is stored."""
    replace = arguments.replace
    with open_workspace(arguments) as workspace:
        repository: Repository = workspace.repository
        taken: dict[str, list[Json]] = {}
        for file in arguments.files:
            kind = arguments.form or _guess(file)
            for model in _read_as(kind, file, arguments.id):
                taken.setdefault("journey" if kind == "curl" else kind, []).append(model)
        for kind, models in taken.items():
            if kind == "journey":
                repository.put_journeys(models, replace)
            elif kind == "rules":
                repository.put_rule_sets(models, replace)
            elif kind == "env":
                repository.put_variables(models, replace)
            elif kind == "settings":
                repository.put_settings(models[-1])
            else:
                repository.put_profiles(models, replace)
            narrate(f"sandbox: imported {len(models)} × {kind}")
    return 0


def _guess(file: str) -> str:
    if Path(file).suffix.lower() in (".csv", ".jsonl"):
        return "profiles"
    text = read_text(file) if file != "-" else "{}"
    if text.lstrip().startswith("curl"):
        return "curl"
    return _kind_of(read_document(file), file)


def _read_as(kind: str, file: str, wanted_id: str | None) -> list[Model]:
    if kind == "curl":
        return [_from_curl(file, wanted_id)]
    if kind == "profiles":
        return list(_read_profiles(file))
    value = read_document(file)
    if kind == "journey":
        journeys = _many(Journey, value, file)
        for journey in journeys:
            compile_journey(journey, None, file)
        return list(journeys)
    if kind == "rules":
        rule_sets = []
        for one in _many(RuleSet, value, file):
            named = one if one.id else one.model_copy(update={"id": _stem(file)})
            MockEngine(named)
            rule_sets.append(named)
        return list(rule_sets)
    if kind == "env":
        return list(_many(Variable, value, file))
    return [Settings.parse(value, file)]


def _many(model: type[Model], value: Json, source: str) -> list[Json]:
    """One document or a list of them."""
    if not isinstance(value, list):
        return [model.parse(value, source)]
    return [model.parse(one, f"{source} [{number}]") for number, one in enumerate(value)]


def _read_profiles(file: str) -> list[Profile]:
    from sandbox.formats.profiles import read_profiles

    return read_profiles(read_text(file), file)


def _stem(file: str) -> str:
    stem = Path(file).stem if file != "-" else "imported"
    return (
        "".join(char if char.isalnum() or char in "_-" else "-" for char in stem)[:60] or "imported"
    )


def _from_curl(file: str, wanted_id: str | None) -> Journey:
    from sandbox.formats.curl import from_curl

    imported = from_curl(read_text(file))
    for warning in imported.warnings:
        narrate(f"warning: {warning}")
    document = {
        "id": wanted_id or _stem(file),
        "dialect": "kustomer",
        "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", **imported.call}],
    }
    journey = Journey.parse(document, file)
    compile_journey(journey, None, file)
    return journey


def take(arguments: argparse.Namespace) -> int:
    """A document out, on standard output."""
    output = Output(arguments)
    if arguments.id is None and arguments.kind not in ("profiles", "env", "settings"):
        raise InputError(f"export {arguments.kind} needs an ID", "see sandbox list")
    with open_workspace(arguments) as workspace:
        repository = workspace.repository
        value: Json
        if arguments.kind == "journey":
            value = repository.journey(arguments.id).document()
        elif arguments.kind == "profile":
            value = repository.profile(arguments.id).document()
        elif arguments.kind == "profiles":
            value = [profile.document() for profile in repository.profiles()]
        elif arguments.kind == "rules":
            value = repository.rule_set(arguments.id).document()
        elif arguments.kind == "env":
            value = [variable.document() for variable in repository.variables()]
        elif arguments.kind == "settings":
            value = repository.settings().document()
        else:
            value = workspace.history.trace(arguments.id)
            if value is None:
                raise InputError(f"unknown run {arguments.id!r}", "see sandbox runs")
    text = write_yaml(value) if arguments.form == "yaml" else write_json(value)
    output.raw(text.encode())
    return 0


def schema(arguments: argparse.Namespace) -> int:
    """The JSON Schema of a document, generated from the models."""
    models: dict[str, type[Model]] = {"profile": Profile, "journey": Journey, "rules": RuleSet}
    if arguments.kind == "trace":
        found = TypeAdapter(TraceDocument).json_schema()
    else:
        found = models[arguments.kind].model_json_schema(by_alias=True)
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
    Output(arguments).json(found)
    return 0
