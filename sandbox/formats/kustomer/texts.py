"""The strings of a workflow: references, functions, templates and variables.

A string that begins with ``/#`` is a reference (or ``/#fn:``) as a whole and keeps its type; any
other string is a Handlebars text. The texts themselves are kept as the vendor writes them; only
the ids of variables, and step ids that a journey cannot have, are replaced by ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.errors import TemplateError, nearest
from sandbox.formats.kustomer.reading import Reading
from sandbox.model.base import Json
from sandbox.templates.functions import FUNCTIONS
from sandbox.templates.syntax import Syntax

__all__ = ["path_in", "read_text", "read_value", "variable_name"]

_STEP = re.compile(r"\bsteps\.(\[?)([A-Za-z0-9_-]+)(\]?)(?=[.\s,}|)\]]|$)")
_VARIABLE = re.compile(r"\bvariables\.(\[?)([A-Za-z0-9_-]+)(\]?)")
_TAG = re.compile(r"\{\{\{?[^{}]*\}\}\}?")
_HELPER = re.compile(r"\{\{\{?[~]?\s*[#^]?\s*([A-Za-z][\w-]*)\s+[^}\s]")
_OPEN = re.compile(r"\{\{\{?[~]?\s*#\s*([A-Za-z][\w-]*)")


_SYNTAX = Syntax("kustomer")


def variable_name(vendor_id: str) -> str:
    """Our name of a workflow variable: its id with a word before it."""
    return "VARIABLE_" + re.sub(r"[^A-Za-z0-9_]", "_", vendor_id)


def read_value(value: Json, at: str, reading: Reading, what: str = "") -> Json:
    """Open JSON with every string read; numbers, booleans and nulls stay as they are."""
    if isinstance(value, str):
        return read_text(value, at, reading, what)
    if isinstance(value, dict):
        return {
            key: read_value(item, f"{at}.{key}", reading, what or key)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [read_value(item, f"{at}[{n}]", reading, what) for n, item in enumerate(value)]
    return value


def read_text(text: str, at: str, reading: Reading, what: str = "") -> str:
    """One string: what it reads is remembered, what it uses is noted."""
    text = _STEP.sub(lambda match: _renamed(match, reading), text)
    for match in _VARIABLE.finditer(text):
        _declare(match[2], at, reading)
    whole = text.startswith("/#")
    if whole:
        _reference(text, at, reading)
    for path in _paths(text, whole):
        _remember(path, at, reading)
    text = _VARIABLE.sub(lambda match: f"env.{reading.variables[match[2]]}", text)
    try:
        compiled = _SYNTAX.text(text, at)
    except TemplateError as wrong:
        # Played without its tags, so that one odd helper does not keep the whole workflow out.
        left = _TAG.sub("", text)
        try:
            _SYNTAX.text(left, at)
        except TemplateError:  # a tag that is never closed, or half a block
            reading.refuse(at, _placed(wrong), text)
            return ""
        reading.unknown(at, "template", f"{_placed(wrong)}; its tags are left out")
        return left
    if not whole:
        _template(text, at, reading)
    for notice in compiled.notices:
        _noticed(notice.code, notice.message, at, reading)
    return text


def _placed(wrong: TemplateError) -> str:
    """What is wrong, where in the text, and the nearest spelling."""
    hint = f"; {wrong.hint}" if wrong.hint else ""
    return f"{wrong.reason} at character {wrong.position + 1}{hint}"


def _renamed(match: re.Match[str], reading: Reading) -> str:
    name = reading.renamed.get(match[2], match[2])
    return f"steps.{match[1]}{name}{match[3]}"


def _declare(vendor_id: str, at: str, reading: Reading) -> None:
    name = reading.variables.setdefault(vendor_id, variable_name(vendor_id))
    reading.approximated(
        at,
        f"variables.{vendor_id}",
        f"the workflow does not hold its value; read as env.{name}, declared in the workspace",
    )


def path_in(reference: str) -> tuple[str, ...]:
    """``/#steps.[2].body.x`` → its parts; brackets around a part are passed over."""
    bare = reference.removeprefix("/#").strip()
    return tuple(part.removeprefix("[").removesuffix("]") for part in bare.split(".") if part)


def _reference(text: str, at: str, reading: Reading) -> None:
    if not text.startswith("/#fn:"):
        reading.understood(at, "reference", "the value keeps its type")
        return
    name = text.removeprefix("/#fn:").partition(",")[0]
    if name in FUNCTIONS:
        reading.understood(at, f"function {name}")
    else:
        reading.unknown(at, f"function {name}", "nothing is put in its place, and it does not fail")


def _template(text: str, at: str, reading: Reading) -> None:
    names = dict.fromkeys([*_OPEN.findall(text), *_HELPER.findall(text)])
    for name in names:
        reading.understood(at, f"helper {name}")
    if "{{" in text and not names:
        reading.understood(at, "template")


def _noticed(code: str, message: str, at: str, reading: Reading) -> None:
    """What compiling noticed: the vendor's own surprises, and spellings that are assumed."""
    what = code.removeprefix("kustomer.").replace("_", " ")
    how = message.removeprefix(f"{at}: ")
    if code == "kustomer.reference_in_text":
        reading.understood(at, what, how)
    elif code != "kustomer.unknown_function":
        reading.approximated(at, what, how)


def _paths(text: str, whole: bool) -> Iterator[tuple[str, ...]]:
    """Every dotted path that a string reads, as far as it can be told from outside."""
    if whole and not text.startswith("/#fn:"):
        yield path_in(text)
        return
    pieces = [text] if whole else _TAG.findall(text)
    for piece in pieces:  # of a function, or of each tag
        for match in re.finditer(r"\b(?:steps|error)\.[^\s,}|()\"']+", piece):
            yield path_in(match[0])


def _remember(path: tuple[str, ...], at: str, reading: Reading) -> None:
    if path[:1] == ("error",):
        reading.approximated(
            at,
            "error",
            "the newest call without a response: kind, phase and message; which fields the "
            "vendor's has is not published",
        )
    if path[:1] != ("steps",) or len(path) < 2:
        return
    if path[1] == "1":
        reading.trigger_reads.setdefault(path[2:], None)
    elif path[1] in reading.steps:
        reading.step_reads.setdefault(path[1], []).append(reading.place(at))
    else:
        close = nearest(path[1], reading.steps)
        hint = f"; did you mean {close[0]}?" if close else ""
        reading.unknown(
            at, f"steps.{path[1]}", f"there is no such step, so nothing is ever there{hint}"
        )
