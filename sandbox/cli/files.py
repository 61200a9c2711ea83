"""Files that the person names: read whole, as text, with one clear message when that fails."""

from __future__ import annotations

import sys
from pathlib import Path

from sandbox.errors import InputError
from sandbox.formats.documents import read
from sandbox.model.base import Json

__all__ = ["read_document", "read_text"]

_LARGEST = 256_000_000


def read_text(name: str) -> str:
    """A file's text (``-`` is standard input).

    Raises:
        InputError: when it cannot be read, is too large or is not UTF-8.
    """
    try:
        if name == "-":
            data = sys.stdin.buffer.read(_LARGEST + 1)
        else:
            with Path(name).expanduser().open("rb") as file:
                data = file.read(_LARGEST + 1)
    except OSError as wrong:
        raise InputError(f"{name}: {wrong.strerror or wrong}", "give the path of a file") from None
    if len(data) > _LARGEST:
        raise InputError(f"{name}: larger than {_LARGEST:,} bytes", "split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise InputError(f"{name}: not UTF-8 text (line {line})", "save it as UTF-8") from None


def read_document(name: str) -> Json:
    """A JSON or YAML file's content."""
    return read(read_text(name), name)
