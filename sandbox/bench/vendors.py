"""What a vendor does and how it names things, as lines that the commands and the workbench show."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from sandbox.charts.bars import CounterWords
from sandbox.charts.line import Line, Span, Style
from sandbox.dialects import NAMES, Dialect, Origin, Setting, dialect
from sandbox.model.base import Json, shorten
from sandbox.model.journey import Journey

__all__ = [
    "LIVE_LEAVES",
    "counter_words",
    "field_at",
    "field_word",
    "form_names",
    "origin_counts",
    "vendor_lines",
]

LIVE_LEAVES: Final = "LIVE calls leave from this machine"

_GROUPS: Final = {
    "template": "How values are written",
    "url": "The URL",
    "request": "The request",
    "envelope": "The body around the author's",
    "path": "The body around the author's",
    "user": "The body around the author's",
    "channels": "What the vendor asks for besides",
    "checks": "What the vendor asks for besides",
    "success": "What counts as success",
    "redirects": "Redirects",
    "timeout_s": "Time-out",
    "retry": "Sending again",
    "throttle": "Throttling",
    "breaker": "Circuit breaker",
    "policy": "What happens to the person",
    "response": "What later steps can read",
    "counters": "How the counters are called",
}
"""The first part of a value's name → its heading."""

_STYLES: Final[Mapping[str, Style]] = {
    "documented": "success",
    "reported": "",
    "assumed": "warning",
}


def counter_words(journey: Journey | None) -> CounterWords | None:
    """What the vendor of a journey calls the counters; its settings may say otherwise."""
    if journey is None:
        return None
    one = dialect(journey.dialect)
    names = [f"counters.{part}" for part in ("success", "failure", "retried")]
    own = any(name in journey.settings for name in names)
    success, failure, retried = (str(journey.settings.get(name, one.value(name))) for name in names)
    origin = "the journey's own words" if own else one.values[names[0]].origin
    return CounterWords(one.name, success, failure, retried, origin)


def field_word(name: str, field: str) -> str:
    """What the vendor calls one of our fields; empty when its pages have no word for it."""
    return dialect(name).words.get(field, "")


def field_at(name: str, at: str, tag: str = "") -> str:
    """The vendor's word for where a value stands: ``body.extra.x`` → ``Extra data (JSON)``.

    What the vendor adds by itself has none, and user info has that of the switch.
    """
    if tag == "(user info)":
        return field_word(name, "include_user")
    part = at.partition(".")[0]
    return "" if tag == "(vendor)" else field_word(name, {"query": "url"}.get(part, part))


def form_names(name: str, *fields: str) -> str:
    """``body: Extra data (JSON)   headers: Add header``, where the vendor's word is another."""
    words = {field: field_word(name, field) for field in fields}
    told = [f"{ours}: {word}" for ours, word in words.items() if word.lower() not in ("", ours)]
    return "   ".join(told)


def origin_counts(one: Dialect) -> str:
    """``38 values: 20 documented, 4 reported, 14 assumed``."""
    every: Counter[str] = Counter(setting.origin for setting in one.values.values())
    told = [f"{every[origin]} {origin}" for origin in _STYLES]
    return f"{every.total()} values: {', '.join(told)}"


def vendor_lines(
    one: Dialect,
    cells: int,
    settings: Mapping[str, Json] | None = None,
    owner: str = "",
    only: Origin | None = None,
) -> list[Line]:
    """Everything a dialect says, every value with its origin, source and date.

    Args:
        one: the dialect.
        cells: the width; lines are broken between words.
        settings: what a journey sets instead; such values say so.
        owner: the journey's id.
        only: leave out the values of every other origin.
    """
    lines = list(_wrapped(f"{one.title}   {one.name}", cells, "strong"))
    lines += _wrapped(f"{origin_counts(one)}. Assumed: published nowhere, a choice of the "
                      "sandbox; a journey's settings can change it.", cells, "dim")  # fmt: skip
    lines += [(), *_words(one, cells)]
    lines += _sources(one, cells)
    heading = ""
    for name, setting in one.values.items():
        if only is not None and setting.origin != only:
            continue
        group = _GROUPS.get(name.partition(".")[0], "Other rules")
        if group != heading:
            heading = group
            lines += [(), (Span(group, "kind"),)]
        lines += _value(name, setting, cells, settings or {}, owner)
    return lines


def _words(one: Dialect, cells: int) -> Iterator[Line]:
    """Our names of fields with the vendor's beside them."""
    yield (Span("The vendor's words, ours before them", "kind"),)
    if not one.words:
        yield from _wrapped("no page names its fields", cells, "dim", "  ")
    room = max((len(ours) for ours in one.words), default=0)
    for ours, theirs in one.words.items():
        first, *rest = textwrap.wrap(theirs, max(8, cells - room - 4), break_on_hyphens=False) or [
            ""
        ]
        yield (Span(f"  {ours:<{room}}  "), Span(first, "strong"))
        for line in rest:
            yield (Span(" " * (room + 4)), Span(line, "strong"))


def _sources(one: Dialect, cells: int) -> Iterator[Line]:
    """Where the vendor's calls come from, beside where ours do."""
    setting = one.values["request.sources"]
    yield ()
    yield (Span("Where calls come from", "kind"),)
    addresses = setting.value or []
    told = ", ".join(addresses) if addresses else "no address is published"
    yield from _wrapped(f"the vendor's: {told} ({setting.origin})", cells, "strong", "  ")
    yield from _wrapped(f"the sandbox's: {LIVE_LEAVES}", cells, "warning", "  ")


def _value(
    name: str, setting: Setting, cells: int, settings: Mapping[str, Json], owner: str
) -> Iterator[Line]:
    own = name in settings
    shown = shorten(settings[name] if own else setting.value, 200)
    pieces = textwrap.wrap(
        f"{name} = {shown}", max(8, cells - 14), subsequent_indent="    ", break_on_hyphens=False
    )
    for number, piece in enumerate(pieces):
        line: Line = (Span(piece, "strong"),)
        if number == len(pieces) - 1:
            origin = f"set by {owner or 'the journey'}" if own else setting.origin
            line += (Span("  "), Span(origin, "kind" if own else _STYLES[setting.origin]))
        yield line
    yield from _wrapped(NAMES[name].says, cells, "", "    ")
    if own:
        theirs = shorten(setting.value, 200)
        yield from _wrapped(f"the vendor's own: {theirs}, {setting.origin}", cells, "", "    ")
    note = f"; {setting.note}" if setting.note else ""
    yield from _wrapped(f"{setting.source}, {setting.date}{note}", cells, "dim", "    ")


def _wrapped(text: str, cells: int, style: Style, indent: str = "") -> Iterator[Line]:
    for line in textwrap.wrap(
        text,
        max(16, cells),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    ):
        yield (Span(line, style),)
