"""Rules from a file: JSON Schemas that stand in files of their own are read in."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

from sandbox.cli.files import read_text
from sandbox.errors import DocumentError, InputError, Problem
from sandbox.formats.documents import read
from sandbox.mocks.compiled import compile_rules
from sandbox.mocks.schemas import compile_schema
from sandbox.model.base import Json, shorten
from sandbox.model.rules import RuleSet

__all__ = ["rules_from"]

_OUTSIDE = (
    "a schema's file stands in the folder of the rules or in a folder inside it: "
    "no absolute path, no .., no link that leads out"
)


def rules_from(document: Json, source: str) -> RuleSet:
    """A rule set that can be played.

    Args:
        document: the rule set as it was read.
        source: its own file, in whose folder schemas are looked for (``-``: the working folder).

    Raises:
        DocumentError: with everything that is wrong in it.
    """
    rules = RuleSet.parse(_with_schemas(document, source), source)
    compile_rules(rules, source)
    return rules


def _with_schemas(document: Json, source: str) -> Json:
    """A rule set in which the names of schema files are replaced by what is in them."""
    folder = Path() if source in ("-", "standard input") else Path(source).expanduser().parent
    problems: list[Problem] = []
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list):
        return document
    read = [
        {**rule, "match": _match(rule["match"], folder, f"rules[{at}].match", problems)}
        if isinstance(rule, dict) and "match" in rule
        else rule
        for at, rule in enumerate(rules)
    ]
    if problems:
        raise DocumentError(source, problems)
    return {**document, "rules": read}


def _match(match: Json, folder: Path, where: str, problems: list[Problem]) -> Json:
    if not isinstance(match, dict):
        return match
    made = dict(match)
    body = match.get("body")
    if isinstance(body, dict) and isinstance(body.get("schema"), str):
        place = f"{where}.body.schema"
        try:
            schema = _read(folder, body["schema"])
        except InputError as wrong:
            problems.append(Problem(place, wrong.message, shorten(body["schema"])))
        else:
            made["body"] = {**body, "schema": schema}
            found: list[Problem] = []
            compile_schema(schema, place, found)
            # Of what is wrong only the place: the file may be something else altogether.
            problems += [
                Problem(one.path, one.message.partition(": ")[0], shorten(body["schema"]))
                for one in found
            ]
    if isinstance(match.get("any"), list):
        made["any"] = [
            _match(one, folder, f"{where}.any[{at}]", problems)
            for at, one in enumerate(match["any"])
        ]
    if "not" in match:
        made["not"] = _match(match["not"], folder, f"{where}.not", problems)
    return made


def _read(folder: Path, name: str) -> Json:
    """What is in a schema's file.

    A rule set may come from anybody, so it names files of its own folder only, and no message
    quotes what is in them.

    Raises:
        InputError: when the file is elsewhere, cannot be read or holds no schema.
    """
    written = PurePosixPath(name), PureWindowsPath(name)
    if any(one.is_absolute() or one.drive or one.root or ".." in one.parts for one in written):
        raise InputError(_OUTSIDE)
    try:
        inside, path = folder.resolve(), (folder / name).resolve()
        regular = path.is_file() or not path.exists()
    except (OSError, ValueError, RuntimeError):  # a NUL, a name too long, links in a circle
        raise InputError("is not the name of a file") from None
    if not path.is_relative_to(inside):
        raise InputError(_OUTSIDE)
    if not regular:
        raise InputError(f"{path}: is not a file with a schema")
    text = read_text(str(path))
    try:
        schema = read(text, path.name)
    except InputError:
        raise InputError(f"{path}: is neither JSON nor YAML that can be read") from None
    if not isinstance(schema, dict | bool):
        raise InputError(f"{path}: holds no JSON Schema, which is an object, true or false")
    return schema
