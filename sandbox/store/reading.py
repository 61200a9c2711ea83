"""From the bytes of a store file to its tables, with a message that a person can act on."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import orjson

from sandbox.errors import StoreError
from sandbox.model.base import Json

__all__ = ["REPAIR", "decode"]

REPAIR = "correct it by hand or put a good copy in its place; it was left exactly as it is"

_LARGE = 1_000_000


def decode(path: Path, data: bytes) -> dict[str, dict[str, Json]]:
    """The tables of a store file: name → document number → document.

    Raises:
        StoreError: when the file is empty, is not JSON (with line and column), or is JSON of
            another shape.
    """
    if not data:
        raise StoreError(f"{path} is empty (0 bytes)", REPAIR)
    try:
        tree = _loads(data)
    except orjson.JSONDecodeError as wrong:
        raise StoreError(f"{path}{_place(data, wrong)}", REPAIR) from None
    if not isinstance(tree, dict):
        raise StoreError(f"{path} holds {_kind(tree)}, not the tables of a workspace", REPAIR)
    for name, table in tree.items():
        if not isinstance(table, dict):
            raise StoreError(f"{path}: {name} is {_kind(table)}, not a table of documents", REPAIR)
        for number, document in table.items():
            if not (number.isascii() and number.isdigit()):
                raise StoreError(f"{path}: {name}.{number}: the key is not a number", REPAIR)
            if not isinstance(document, dict):
                raise StoreError(
                    f"{path}: {name}.{number} is {_kind(document)}, not a document", REPAIR
                )
    return tree


def _loads(data: bytes) -> Json:
    if len(data) < _LARGE or not gc.isenabled():
        return orjson.loads(data)
    # The collector would walk the growing tree again and again: half of the time of a large load.
    gc.disable()
    try:
        return orjson.loads(data)
    finally:
        gc.enable()


def _place(data: bytes, wrong: json.JSONDecodeError) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        return ", line 1, column 1: begins with a byte order mark; save it as UTF-8 without one"
    try:
        data.decode()
    except UnicodeDecodeError as bad:
        line = data.count(b"\n", 0, bad.start) + 1
        column = bad.start - data.rfind(b"\n", 0, bad.start)
        return f", line {line}, column {column}: not UTF-8 (byte 0x{data[bad.start]:02x})"
    return f", line {wrong.lineno}, column {wrong.colno}: not JSON ({wrong.msg})"


def _kind(value: Json) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else f"the value {json.dumps(value)[:40]}"
