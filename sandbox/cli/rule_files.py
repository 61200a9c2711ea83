"""Rules from a file: JSON Schemas that stand in files of their own are read in."""

from __future__ import annotations

from pathlib import Path

from sandbox.cli.files import read_document
from sandbox.errors import DocumentError, InputError, Problem
from sandbox.mocks.compiled import compile_rules
from sandbox.model.base import Json, shorten
from sandbox.model.rules import RuleSet

__all__ = ["rules_from"]


def rules_from(document: Json, source: str) -> RuleSet:
    """A rule set that can be played.

    Args:
        document: the rule set as it was read.
        source: its own file, beside which schemas are looked for (``-``: the working folder).

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
        try:
            made["body"] = {**body, "schema": read_document(str(folder / body["schema"]))}
        except InputError as wrong:
            problems.append(Problem(f"{where}.body.schema", wrong.message, shorten(body["schema"])))
    if isinstance(match.get("any"), list):
        made["any"] = [
            _match(one, folder, f"{where}.any[{at}]", problems)
            for at, one in enumerate(match["any"])
        ]
    if "not" in match:
        made["not"] = _match(match["not"], folder, f"{where}.not", problems)
    return made
