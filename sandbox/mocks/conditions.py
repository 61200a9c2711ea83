"""What a rule asks beyond who calls and where: headers, query, body, attributes, groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

from sandbox.errors import Problem
from sandbox.mocks.call import Call, Values
from sandbox.mocks.comparing import Check, compile_check
from sandbox.mocks.json_paths import parse_json_path
from sandbox.mocks.schemas import Schema, compile_schema
from sandbox.model.base import Json, shorten
from sandbox.model.match import BodyMatch, Match, TextMatch, ValueMatch
from sandbox.templates.paths import MISSING, Path, PathError, look_up, parse_path

__all__ = ["Compared", "Condition", "Fitting", "Group", "Valid", "compile_conditions"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Condition(Protocol):
    """One thing that a rule asks of a call."""

    @property
    def name(self) -> str:
        """The field: ``headers.authorization``."""
        ...

    @property
    def written(self) -> object:
        """As the document has it."""
        ...

    def fits(self, call: Call) -> bool:
        """Whether it holds."""
        ...


class Compared(NamedTuple):
    """A comparison of values that a call has under some name."""

    name: str
    values: Values
    check: Check

    @property
    def written(self) -> object:
        """As the document has it."""
        return self.check.test

    def fits(self, call: Call) -> bool:
        """Whether it holds."""
        return self.check.fits(self.values(call))


class Valid(NamedTuple):
    """A body that a JSON Schema accepts."""

    name: str
    written: Json
    schema: Schema

    def fits(self, call: Call) -> bool:
        """Whether it holds; what is no JSON is not valid."""
        value = call.json
        return value is not MISSING and self.schema.is_valid(value)


class Fitting(Protocol):
    """A compiled match."""

    def fits(self, call: Call) -> bool:
        """Whether all of it holds."""
        ...


class Group(NamedTuple):
    """``any``: one of several matches holds; ``not``: its only one does not."""

    name: str
    members: tuple[Fitting, ...]
    written: tuple[Match, ...]

    def fits(self, call: Call) -> bool:
        """Whether it holds."""
        if self.name == "not":
            return not self.members[0].fits(call)
        return any(one.fits(call) for one in self.members)


def compile_conditions(
    match: Match,
    where: str,
    problems: list[Problem],
    compiled: Callable[[Match, str], Fitting],
) -> tuple[Condition, ...]:
    """The conditions of a match in the order in which they are cheap to try.

    Args:
        match: as written.
        where: its path, for problems.
        problems: where what cannot be compiled is reported.
        compiled: compiles the match of a group, given its path.
    """
    found: list[Condition] = []
    if match.url is not None:
        found += _texts(match.url.query, f"{where}.url.query", "query", problems, _of_query)
    found += _texts(match.headers, f"{where}.headers", "headers", problems, _of_header)
    if isinstance(match.profile, Mapping):
        for name, test in match.profile.items():
            check = compile_check(test, f"{where}.profile.{name}", problems)
            if check is not None:
                found.append(Compared(f"profile.{name}", _of_user(name), check))
    if match.body is not None:
        found += _body(match.body, f"{where}.body", problems)
    if match.any is not None:
        members = tuple(compiled(one, f"{where}.any[{n}]") for n, one in enumerate(match.any))
        found.append(Group("any", members, match.any))
    if match.not_ is not None:
        found.append(Group("not", (compiled(match.not_, f"{where}.not"),), (match.not_,)))
    return tuple(found)


def _texts(
    tests: Mapping[str, TextMatch] | None,
    where: str,
    kind: str,
    problems: list[Problem],
    values: Callable[[str], Values],
) -> Iterator[Condition]:
    for name, test in (tests or {}).items():
        if kind == "headers" and not _NAME.fullmatch(name):
            problems.append(Problem(where, "is not the name of a header", shorten(name)))
            continue
        check = compile_check(test, f"{where}.{name}", problems)
        if check is not None:
            shown = name.lower() if kind == "headers" else name
            yield Compared(f"{kind}.{shown}", values(name), check)


def _body(body: BodyMatch, where: str, problems: list[Problem]) -> Iterator[Condition]:
    if body.text is not None:
        check = compile_check(body.text, f"{where}.text", problems)
        if check is not None:
            yield Compared("body.text", lambda call: (call.text,), check)
    yield from _texts(body.form, f"{where}.form", "body.form", problems, _of_form)
    for path, test in (body.json_path or {}).items():
        yield from _json(path, test, f"{where}.json_path", problems)
    if body.schema_ is not None:
        schema = compile_schema(body.schema_, f"{where}.schema", problems)
        if schema is not None:
            yield Valid("body.schema", body.schema_, schema)


def _json(path: str, test: ValueMatch, where: str, problems: list[Problem]) -> Iterator[Condition]:
    parsed = parse_json_path(path)
    if isinstance(parsed, PathError):
        problems.append(Problem(where, f"{parsed.message} at character {parsed.position + 1}",
                                shorten(path)))  # fmt: skip
        return
    check = compile_check(test, f"{where}.{path}", problems)
    if check is not None:
        find = parsed.find
        yield Compared(f"body.{path}", lambda call: find(call.json), check)


def _of_header(name: str) -> Values:
    small = name.lower()
    return lambda call: call.headers.get(small, ())


def _of_query(name: str) -> Values:
    return lambda call: call.query.get(name, ())


def _of_form(name: str) -> Values:
    return lambda call: call.form.get(name, ())


def _of_user(name: str) -> Values:
    parsed = parse_path(name)
    path: Path = (name,) if isinstance(parsed, PathError) else parsed

    def values(call: Call) -> tuple[Json, ...]:
        found = look_up(call.user, path)
        return () if found is MISSING else (found,)

    return values
