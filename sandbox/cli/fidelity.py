"""How faithful an imported workflow is played, as lines and as JSON."""

from __future__ import annotations

from collections import Counter

from sandbox.charts.line import Line, Span, Style
from sandbox.charts.table import table
from sandbox.cli.output import Output
from sandbox.cli.wrapping import wrap
from sandbox.formats.kustomer import GRADES, Grade, Imported, Note
from sandbox.model.base import Json

__all__ = ["fidelity_document", "fidelity_lines"]

_STYLES: dict[Grade, Style] = {
    "not understood": "failure",
    "approximated": "warning",
    "understood": "success",
}


def fidelity_document(workflow: Imported) -> dict[str, Json]:
    """The report as JSON: counts, the variables, and a line for each part in document order."""
    counted = Counter(note.grade for note in workflow.notes)
    return {
        "journey": workflow.journey.id,
        "summary": {grade: counted[grade] for grade in reversed(GRADES)},
        "variables": [
            {"name": one.name, "secret": one.secret, "from": one.from_, "note": one.note}
            for one in workflow.variables
        ],
        "report": [note._asdict() for note in workflow.notes],
    }


def fidelity_lines(workflow: Imported, output: Output) -> list[Line]:
    """A table, worst first; where the terminal is too narrow for it, the same as sentences."""
    notes = sorted(workflow.notes, key=lambda note: GRADES.index(note.grade))
    counted = Counter(note.grade for note in notes)
    told = ", ".join(f"{counted[grade]} {grade}" for grade in reversed(GRADES))
    title: Line = (Span(workflow.journey.id, "strong"), Span(f"  {told}"))
    notes = _together(notes)
    rows: list[list[str | Span]] = [
        [Span(note.grade, _STYLES[note.grade]), note.where or "(file)", note.what, note.how]
        for note in notes
    ]
    lines = table(["how", "where", "what", "what is played"], rows, glyphs=output.glyphs)
    widest = max((sum(len(span.text) for span in line) for line in lines), default=0)
    if output.terminal and widest > output.width:
        lines = [line for note in notes for line in _sentence(note, output.width)]
    return [*wrap(title, output.width, 2), *lines, *_variables(workflow, output)]


def _together(notes: list[Note]) -> list[Note]:
    """The same thing understood in several places is one line, with their number."""
    places = Counter((note.what, note.how) for note in notes if note.grade == "understood")
    told: set[tuple[str, str]] = set()
    kept: list[Note] = []
    for note in notes:
        key = (note.what, note.how)
        more = places[key] - 1 if note.grade == "understood" else 0
        if not more:
            kept.append(note)
        elif key not in told:
            told.add(key)
            kept.append(note._replace(where=f"{note.where} and {more} more"))
    return kept


def _sentence(note: Note, cells: int) -> list[Line]:
    spans = [
        Span(note.grade, _STYLES[note.grade]),
        Span(f" {note.where or '(file)'}", "dim"),
        Span(f" {note.what}"),
        Span(f": {note.how}" if note.how else ""),
    ]
    return wrap(spans, cells, 4)


def _variables(workflow: Imported, output: Output) -> list[Line]:
    lines: list[Line] = []
    for one in workflow.variables:
        kind = "a secret" if one.secret else "an address"
        text = f"env.{one.name}: {kind}, from ${one.from_} ({one.note})"
        lines += wrap([Span(text)], output.width, 4)
    return lines
