"""What templates may read as ``env.NAME``: declared variables, an ``--env-file``, and nothing
else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sandbox.errors import DocumentError, Problem
from sandbox.masking import is_secret_key
from sandbox.model.workspace import Variable

__all__ = ["Environment", "parse_env_file", "resolve"]

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


class Environment(NamedTuple):
    """Resolved variables."""

    values: dict[str, str]
    secrets: dict[str, str]
    """Secret value → the variable's name, for masks and for ``$NAME`` in curl."""


def resolve(
    variables: Iterable[Variable], process: Mapping[str, str], file: Mapping[str, str] | None = None
) -> Environment:
    """The variables' values: the file first, then the process's ``from``, then ``value``."""
    given = dict(file or {})
    values: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for variable in variables:
        source = variable.from_ or variable.name
        value = given.pop(variable.name, None)
        if value is None and variable.from_ is not None:
            value = process.get(source)
        if value is None:
            value = variable.value
        if value is None:
            continue
        values[variable.name] = value
        if variable.secret and value:
            secrets[value] = source
    for name, value in given.items():
        values[name] = value
        if is_secret_key(name) and value:
            secrets[value] = name
    return Environment(values, secrets)


def parse_env_file(text: str, source: str) -> dict[str, str]:
    """``NAME=value`` lines; ``#`` begins a comment line; quotes around a value are taken off.

    Raises:
        DocumentError: with the number of every line that is not one.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            problems.append(Problem(f"line {number}", "must be NAME=value"))
            continue
        name, value = match.groups()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        found[name] = value
    if problems:
        raise DocumentError(source, problems)
    return found
