"""The page that an integrator hands to the endpoint's developers, as Markdown (CommonMark, tables).

What is on it is worked out elsewhere; this only writes it down. Text that a person wrote is
escaped, so that it neither breaks a table nor becomes markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

__all__ = [
    "CallPage",
    "Field",
    "HandOver",
    "OutcomeLine",
    "RuleLine",
    "Sample",
    "code",
    "hand_over",
    "plain",
]

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_LONGEST = 120


class Field(NamedTuple):
    """One value that is sent."""

    name: str
    """``extra.variable_1``, ``query.ref`` or ``url``."""
    source: str
    """The tag, or who adds it."""
    type: str
    example: str


class Sample(NamedTuple):
    """A whole request."""

    title: str
    text: str
    """The body as it is sent, JSON indented."""
    language: str


class OutcomeLine(NamedTuple):
    """What an answer leads to."""

    answers: str
    counts: str
    """``success`` or ``failure``."""
    person: str


class RuleLine(NamedTuple):
    """A rule of the vendor's, with where it is from."""

    rule: str
    value: str
    origin: str
    source: str


class CallPage(NamedTuple):
    """One call of the journey."""

    step: str
    title: str
    when: Sequence[str]
    """Sentences in Markdown: what happens before it."""
    method: str
    url: str
    written_url: str
    headers: Sequence[tuple[str, str]]
    fields: Sequence[Field]
    samples: Sequence[Sample]
    curl: str
    facts: Sequence[str]
    """Sentences in Markdown on time-out, redirects and retries of this call."""
    outcomes: Sequence[OutcomeLine]
    notes: Sequence[str]


class HandOver(NamedTuple):
    """The whole page."""

    title: str
    summary: Sequence[str]
    """Paragraphs in Markdown."""
    calls: Sequence[CallPage]
    rules: Sequence[RuleLine]


def hand_over(page: HandOver) -> str:
    """The page as Markdown text with a line break at its end."""
    lines = [f"# {plain(page.title)}", "", *(f"{one}\n" for one in page.summary)]
    if not page.calls:
        lines += ["This journey calls no endpoint.", ""]
    if len(page.calls) > 1:
        lines += [f"- {code(one.step)}: {plain(one.title)}" for one in page.calls] + [""]
    for call in page.calls:
        lines += _call(call)
    lines += ["## Rules of the platform", ""]
    lines += [
        "Documented: on the vendor's own pages. Reported: seen elsewhere. Assumed: published "
        "nowhere, a choice of the sandbox; ask the vendor before you rely on it.",
        "",
    ]
    lines += _table(
        ("rule", "value", "origin", "source"),
        [(plain(r.rule), code(r.value), r.origin, plain(r.source)) for r in page.rules],
    )
    return "\n".join(lines).rstrip("\n") + "\n"


def _call(call: CallPage) -> list[str]:
    lines = [f"## {plain(call.step)}: {plain(call.title)}", ""]
    lines += [f"{sentence}\n" for sentence in call.when]
    lines += ["### Request", "", *_fence("http", f"{call.method} {call.url}")]
    if call.written_url != call.url:
        lines += [f"Written as {code(call.written_url)}.", ""]
    if call.headers:
        lines += _table(("header", "value"), [(code(k), code(v)) for k, v in call.headers])
    else:
        lines += ["No headers besides those that the protocol adds.", ""]
    lines += ["### Fields", ""]
    if call.fields:
        rows = [
            (code(one.name), code(one.source), plain(one.type), code(one.example))
            for one in call.fields
        ]
        lines += _table(("field", "where from", "type", "example"), rows)
    else:
        lines += ["The request carries no fields.", ""]
    for sample in call.samples:
        lines += [f"### {plain(sample.title)}", "", *_fence(sample.language, sample.text)]
    lines += ["### Try it", "", *_fence("sh", call.curl)]
    lines += ["### Your answer", "", *(f"- {fact}" for fact in call.facts), ""]
    if call.outcomes:
        led = [(plain(one.answers), one.counts, plain(one.person)) for one in call.outcomes]
        lines += _table(("you answer", "counts as", "the customer then"), led)
    for note in call.notes:
        lines += [f"> {plain(note)}", ""]
    return lines


def _fence(language: str, text: str) -> list[str]:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}{language}", text.rstrip("\n"), fence, ""]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell or " " for cell in row) + " |" for row in rows]
    return [*lines, ""]


def plain(text: str) -> str:
    """One line that reads as it is written."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """One line of code, cut where it is very long; a bar would end the table's cell."""
    line = " ".join(text.split())
    if not line:
        return ""
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{ticks}{pad}{line}{pad}{ticks}".replace("|", "\\|")
