"""Profiles from a table.

The first row names the columns. ``id``, ``tags``, ``lists`` and ``identities`` are the profile's
own; every other column is an attribute, ``attributes.x`` and ``x`` alike, and a dot goes deeper
(``address.city``). A cell stays text (``007`` keeps its zeros) unless its column's name ends with
``:number``, ``:bool`` or ``:json``. An empty cell leaves the attribute out. Several tags or lists
in one cell stand between ``,``, ``;`` or ``|``, or are a JSON list. Cells are separated by comma,
semicolon or tab, whichever the first row has most of.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import NamedTuple

from sandbox.errors import DocumentError, Problem, nearest
from sandbox.model.base import Json, shorten

__all__ = ["rows_of_csv", "untyped_columns"]

_OWN = ("id", "tags", "lists", "identities")
_TYPES = ("text", "number", "bool", "json")
_LOOKS = ("number", "bool", "json")


class _Column(NamedTuple):
    name: str
    """As it stands in the first row."""
    own: str
    """``id``, ``tags`` …; empty for an attribute."""
    path: tuple[str, ...]
    type: str
    says_type: bool
    """Whether the name ends with the type."""


def rows_of_csv(text: str, source: str) -> tuple[list[tuple[str, Json]], list[Problem]]:
    """Each row as a profile document with its place, and what is wrong with cells.

    Raises:
        DocumentError: when the table itself cannot be read.
    """
    rows = _rows(text, source)
    head = next(rows, None)
    if head is None:
        raise DocumentError(source, [Problem("", "there is nothing in it")])
    columns = _columns(head[1], source)
    found: list[tuple[str, Json]] = []
    problems: list[Problem] = []
    for line, cells in rows:
        place = f"line {line}"
        if len(cells) != len(columns):
            problems.append(
                Problem(
                    place,
                    f"has {len(cells)} cells, the first row has {len(columns)}; "
                    "a cell with a separator in it must stand in double quotes",
                )
            )
            continue
        document, wrong = _document(columns, cells, place)
        problems += wrong
        if not wrong:
            found.append((place, document))
    return found, problems


def untyped_columns(text: str, source: str) -> dict[str, str]:
    """Attributes that were taken as text although every cell reads as another type: column → type.

    A number with leading zeros or a plus sign is a code, and so is the whole column then.

    Raises:
        DocumentError: when the table itself cannot be read.
    """
    rows = _rows(text, source)
    head = next(rows, None)
    if head is None:
        return {}
    columns = _columns(head[1], source)
    possible = {
        place: list(_LOOKS)
        for place, column in enumerate(columns)
        if not column.own and not column.says_type
    }
    seen = set()
    for _, cells in rows:
        for place in list(possible):
            cell = cells[place] if place < len(cells) else ""
            if cell == "":
                continue
            seen.add(place)
            possible[place] = [kind for kind in possible[place] if _reads_as(cell, kind)]
            if not possible[place]:
                del possible[place]
    return {columns[place].name: possible[place][0] for place in sorted(seen & possible.keys())}


def _reads_as(cell: str, kind: str) -> bool:
    if kind == "json" and cell.lstrip()[:1] not in ("{", "["):
        return False
    try:
        _value(cell, kind)
    except ValueError:
        return False
    return True


def _rows(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the line on which each begins."""
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as wrong:
        raise DocumentError(
            source,
            [Problem(f"line {line}", f"the row cannot be read: {wrong}")],
            'a double quote inside a cell is written twice: "say ""hi"""',
        ) from None


def _columns(names: list[str], source: str) -> list[_Column]:
    columns = []
    problems = []
    for number, raw in enumerate(names, 1):
        name = raw.strip()
        base, colon, kind = name.rpartition(":")
        says_type = bool(colon) and kind in _TYPES
        if not says_type:
            base, kind = name, "text"
        own = base.casefold() if base.casefold() in _OWN else ""
        path = tuple(base.removeprefix("attributes.").split("."))
        if not own and not all(path):
            problems.append(Problem("line 1", f"column {number} has no proper name", shorten(raw)))
        columns.append(_Column(name, own, path, kind, says_type))
    taken: dict[tuple[str, ...], str] = {}
    for column in columns:
        key = (column.own,) if column.own else ("attributes", *column.path)
        if key in taken:
            problems.append(
                Problem("line 1", f"the columns {taken[key]} and {column.name} are the same")
            )
        taken[key] = column.name
    for key, name in taken.items():
        for deep in range(2, len(key)):
            if key[:deep] in taken:
                problems.append(
                    Problem("line 1", f"the column {name} is a part of {taken[key[:deep]]}")
                )
    if ("id",) not in taken:
        close = nearest("id", [column.name for column in columns], 1)
        hint = f"; is it {close[0]}? Call it id" if close else ""
        problems.append(Problem("line 1", f"there is no column id{hint}"))
    if problems:
        raise DocumentError(source, problems, "the first row names the columns: id,name,tags")
    return columns


def _document(
    columns: list[_Column], cells: list[str], place: str
) -> tuple[dict[str, Json], list[Problem]]:
    document: dict[str, Json] = {"id": ""}
    attributes: dict[str, Json] = {}
    problems = []
    for column, cell in zip(columns, cells, strict=True):
        try:
            if column.own == "id":
                document["id"] = cell.strip()
            elif column.own:
                names = _list(cell, column.own)
                if names:
                    document[column.own] = names
            elif cell != "":
                _put(attributes, column.path, _value(cell, column.type))
        except ValueError as wrong:
            problems.append(Problem(f"{place}, column {column.name}", str(wrong), shorten(cell)))
    if attributes:
        document["attributes"] = attributes
    return document, problems


def _put(attributes: dict[str, Json], path: tuple[str, ...], value: Json) -> None:
    for part in path[:-1]:
        attributes = attributes.setdefault(part, {})
    attributes[path[-1]] = value


def _value(cell: str, kind: str) -> Json:
    if kind == "text":
        return cell
    if kind == "bool":
        truth = {"true": True, "false": False}.get(cell.strip().casefold())
        if truth is None:
            raise ValueError("must be true or false")
        return truth
    value = _json(cell)
    if kind == "number" and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError("must be a number such as 12 or 1.5")
    return value


def _json(cell: str) -> Json:
    try:
        value = json.loads(cell, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError('must be JSON; a text stands in double quotes: ""text""') from None
    if isinstance(value, float) and math.isinf(value):
        raise ValueError("the number is too large to be held")
    return value


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _list(cell: str, own: str) -> list[Json]:
    if cell.lstrip().startswith("["):
        value = _json(cell)
        return value if isinstance(value, list) else []
    if own == "identities" and cell.strip():
        raise ValueError('must be a JSON list: [{"type": "EMAIL", "value": "a@b.c"}]')
    for separator in ";|":
        cell = cell.replace(separator, ",")
    return [part.strip() for part in cell.split(",") if part.strip()]
