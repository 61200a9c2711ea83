"""Runs as a person names them."""

from __future__ import annotations

from sandbox.errors import InputError
from sandbox.model.trace import TraceDocument
from sandbox.seams import History

__all__ = ["run_named"]


def run_named(history: History, written: str) -> TraceDocument:
    """A run by its id, or only by its number: ``r000003`` is ``3`` as well.

    Raises:
        InputError: when there is no such run.
    """
    name = written.strip()
    for candidate in (name, f"r{name:0>6}") if name.isdecimal() else (name,):
        trace = history.trace(candidate)
        if trace is not None:
            return trace
    newest = history.runs(most=1)
    hint = f"the newest is {newest[0].id}; see sandbox runs" if newest else "there are no runs yet"
    raise InputError(f"unknown run {written!r}", hint)
