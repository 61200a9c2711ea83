"""``check``, ``dialects``, ``export`` and ``schema``."""

from __future__ import annotations

import argparse
from pathlib import Path

from pydantic import TypeAdapter

from sandbox.bench.bench import Bench
from sandbox.bench.named_rules import named_rules
from sandbox.bench.vendors import vendor_lines
from sandbox.charts.cells import escaped
from sandbox.charts.line import Span
from sandbox.charts.table import table
from sandbox.cli.compose import open_bench, open_workspace
from sandbox.cli.history import run_named
from sandbox.cli.kinds import given, journey_from_curl, kind_of, models_in
from sandbox.cli.output import Output, narrate
from sandbox.cli.report import finding_lines
from sandbox.cli.wrapping import wrap
from sandbox.dialects import dialect, dialect_names
from sandbox.dialects.dialect import Dialect
from sandbox.engine.fold import finding_document
from sandbox.errors import DocumentError, InputError, SandboxError, UnknownName
from sandbox.formats.documents import write_json, write_yaml
from sandbox.mocks.compiled import compile_rules
from sandbox.mocks.doubts import doubts
from sandbox.mocks.recording import heard_of_trace, recorded
from sandbox.model.base import Json, Model
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import Finding, FindingDocument, TraceDocument
from sandbox.model.workspace import Variable

__all__ = ["check", "dialects", "schema", "take"]


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
                output.lines(finding_lines(result["findings"], output.width))
            elif "problems" not in result:
                output.line(f"{result['source']}: nothing to report")
    for refusal in refused:
        narrate(f"sandbox: {refusal}")
    if refused:
        return 2
    levels = {one["level"] for result in results for one in result["findings"]}
    return 1 if levels & {"error", "warning"} else 0


def _check_one(bench: Bench, source: str) -> list[FindingDocument]:
    masker = bench.masker(False)
    if not _is_file(source):
        return [finding_document(one, masker) for one in bench.check(source)]
    document = given(source)
    kind = kind_of(document)
    if kind == "curl":
        call = journey_from_curl(document, None, bench.repository.variables())
        found = bench.check_document(call.journey, document.name, call.variables)
        return [finding_document(one, masker) for one in found]
    return [
        finding_document(one, masker)
        for model in models_in(kind, document)
        for one in _findings(bench, model, document.name)
    ]


def _findings(bench: Bench, model: Model, name: str) -> list[Finding]:
    if isinstance(model, Journey):
        return bench.check_document(model, name)
    return doubts(model) if isinstance(model, RuleSet) else []


def _is_file(name: str) -> bool:
    """Whether a file is meant rather than a journey's id."""
    path = Path(name)
    ending = path.suffix.lower() in (".json", ".yaml", ".yml", ".jsonl", ".csv", ".tsv", ".curl")
    return name == "-" or ending or path.exists() or len(path.parts) > 1


_PICKED = ("policy.failure", "success.status", "redirects.follow", "timeout_s")


def _told(one: Dialect, name: str) -> str:
    value = one.value(name)
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text += " s" if name == "timeout_s" else ""
    return text + ("*" if one.values[name].origin == "assumed" else "")


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
        head = ["name", "after a failure", "success", "redirects", "time-out"]
        rows = [[one.name, *(_told(one, name) for name in _PICKED)] for one in found]
        output.lines(table(head, rows, output.width, glyphs=output.glyphs))
        output.line()
        note = "* assumed; sandbox dialects NAME shows every value and its source"
        output.lines(wrap([Span(note, "dim")], output.width, 2))
        return 0
    output.lines(vendor_lines(found[0], output.width))
    return 0


def take(arguments: argparse.Namespace) -> int:
    """A document out, on standard output."""
    output = Output(arguments)
    if arguments.id is None and arguments.kind not in ("profiles", "env", "settings"):
        raise InputError(f"export {arguments.kind} needs an ID", "see sandbox list")
    if arguments.form == "markdown":
        return _take_page(arguments, output)
    if arguments.profile is not None:
        raise InputError("--profile is for --as markdown", "leave it out")
    if arguments.form == "rules":
        return _take_rules(arguments, output)
    if arguments.step is not None:
        raise InputError("--step is for --as rules", "leave it out")
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
            value = named_rules(repository, arguments.id).document()
        elif arguments.kind == "env":
            value = _variables(repository.variables(), arguments.reveal)
        elif arguments.kind == "settings":
            value = repository.settings().document()
        else:
            value = run_named(workspace.history, arguments.id)
    text = write_yaml(value) if arguments.form == "yaml" else write_json(value)
    output.raw(text.encode())
    return 0


def _take_rules(arguments: argparse.Namespace, output: Output) -> int:
    """The answers of a run, or of one of its steps, as a rule set to begin with."""
    if arguments.kind != "run":
        raise InputError(
            f"export {arguments.kind} --as rules: only a run becomes rules",
            "write sandbox export run RUN --as rules",
        )
    with open_workspace(arguments) as workspace:
        trace = run_named(workspace.history, arguments.id)
    run, step = trace["run"], arguments.step
    calls = dict.fromkeys(one["step"] for one in trace["steps"] if one.get("request"))
    if step is not None and step not in calls:
        raise UnknownName("call", step, calls, f" in the run {run['id']}")
    heard = heard_of_trace(trace, step)
    if not heard:
        raise InputError(f"the run {run['id']} called nothing", "choose another: sandbox runs")
    name = f"From run {run['id']} of {run['journey']} for profile {run['profile']}"
    rules = recorded(heard, "-".join(filter(None, (run["journey"], step))), name, start=True)
    if not rules.rules:
        raise InputError(
            f"no call of {step or 'the run ' + run['id']} was sent, so nothing answered it",
            f"see why: sandbox show {run['id']}",
        )
    compile_rules(rules)
    output.raw(write_yaml(rules.document()).encode())
    return 0


def _take_page(arguments: argparse.Namespace, output: Output) -> int:
    """The page for the endpoint's developers."""
    from sandbox.bench.handing_over import handed_over
    from sandbox.formats.markdown import hand_over

    if arguments.kind != "journey":
        raise InputError(
            f"export {arguments.kind} --as markdown: only a journey has a page to hand over",
            "write sandbox export journey ID --as markdown",
        )
    with open_bench(arguments) as bench:
        bench.repository.journey(arguments.id)
        profile = arguments.profile
        if profile is None:
            people = bench.repository.profiles()
            if not people:
                raise InputError(
                    "there is no profile to show as the example", "import one, then try again"
                )
            profile = people[0].id
        page = hand_over(handed_over(bench, arguments.id, profile))
    output.raw(escaped(page).encode())
    return 0


def _variables(variables: list[Variable], reveal: bool) -> list[Json]:
    """Without the values of secret ones: what is taken out may be given to somebody."""
    documents = [variable.document() for variable in variables]
    if reveal:
        return documents
    held = [one for one in documents if one.get("secret") and one.pop("value", None) is not None]
    if held:
        names = ", ".join(str(one["name"]) for one in held)
        narrate(f"sandbox: left out the value of {names}; --reveal includes it")
    return documents


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
