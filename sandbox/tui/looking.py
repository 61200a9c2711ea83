"""What the inspector shows for a choice; runs backstage."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from sandbox.bench.left_values import LeftValue, left_values, marks_of
from sandbox.bench.options import RunOptions
from sandbox.bench.vendors import form_names
from sandbox.charts.cells import clean
from sandbox.model.journey import CallApi
from sandbox.model.trace import FindingDocument, StepDocument, TraceDocument
from sandbox.tui import sheets
from sandbox.tui.desk import Desk
from sandbox.tui.sheets import Sheet
from sandbox.tui.state import CallRow, Catalogue, Choice, call_steps

__all__ = ["Look", "Wanted", "look"]

_LONG = 100_000
"""Characters of a body whose values are not listed one by one."""


class Wanted(NamedTuple):
    """What shall be shown."""

    choice: Choice
    catalogue: Catalogue
    options: RunOptions
    trace: TraceDocument | None
    """The newest run."""
    stepping: bool
    opened: CallRow | None
    """A call that was opened from the table."""
    newest: CallRow | None
    """The newest call of this step for this person."""


class Look(NamedTuple):
    """A sheet and its title."""

    title: str
    sheet: Sheet


def look(desk: Desk, wanted: Wanted) -> Look:
    """The sheet of the open tab.

    Raises:
        SandboxError: when the call cannot be made at all, such as for an unknown dialect.
    """
    if wanted.opened is not None:
        return _opened(desk, wanted, wanted.opened)
    choice, catalogue = wanted.choice, wanted.catalogue
    journey, profile = catalogue.journey(choice.journey), catalogue.profile(choice.profile)
    if journey is None:
        return Look("Inspector", sheets.note_sheet(
            "No journey yet.", "sandbox import FILE --as journey brings one in"))  # fmt: skip
    if profile is None:
        return Look("Inspector", sheets.note_sheet(
            "Nobody yet.", "sandbox import FILE --as profiles brings people in"))  # fmt: skip
    person = f"{clean(profile.name)} ({clean(profile.id)})"
    trace = _newest(desk, wanted)
    fact = _fact(trace, choice.step)
    if choice.step not in call_steps(journey):
        desk.graph(journey.id)  # a journey that cannot be compiled says so here
        name = choice.step or "trigger"
        return Look(f"{name} for {person}", sheets.step_sheet(journey, choice.step, fact))
    if choice.tab == "response":
        if fact is None:
            sheet = sheets.note_sheet(
                "Not called yet for this person.",
                "f fires the journey; 5 makes the next call answer 503",
            )
        else:
            sheet = sheets.answer_sheet(fact, _said(trace, fact), _left(wanted, trace, fact))
        return Look(f"{choice.step} for {person}: newest answer", sheet)
    if wanted.stepping and fact is not None and choice.tab in ("payload", "headers"):
        sheet = _exact(choice.tab, fact)
        return Look(f"{choice.step} for {person}: as sent in this step", sheet)
    return Look(f"{choice.step} for {person}: as it would be sent", _preview(desk, wanted, fact))


def _preview(desk: Desk, wanted: Wanted, fact: StepDocument | None) -> Sheet:
    choice, options = wanted.choice, wanted.options
    where = (choice.journey, choice.step, choice.profile)
    if choice.tab == "curl":
        return sheets.curl_sheet(desk.bench.curl(*where, options))
    if choice.tab == "diff":
        with_user, without = (
            desk.bench.preview(*where, _with_user(options, on)) for on in (True, False)
        )
        return sheets.diff_sheet(with_user, without)
    preview = desk.bench.preview(*where, options)
    journey = wanted.catalogue.journey(choice.journey)
    vendor = journey.dialect if journey is not None else ""
    if choice.tab == "headers":
        response = fact.get("response") if fact is not None else None
        return sheets.headers_sheet(preview.request, response, form_names(vendor, "url", "headers"))
    names = form_names(vendor, "url", "body", "include_user")
    checked = desk.findings(journey, choice.step) if journey is not None else []
    return sheets.payload_sheet(preview, names, checked)


def _with_user(options: RunOptions, on: bool) -> RunOptions:
    return replace(options, include_user=on)


def _opened(desk: Desk, wanted: Wanted, row: CallRow) -> Look:
    title = f"#{row.number} {row.step} for {clean(row.profile)}, run {row.run}: as it was sent"
    trace = desk.trace(row.run) if row.run else wanted.trace
    step = next((one for one in trace["steps"] if one["n"] == row.n), None) if trace else None
    if trace is None or step is None:
        return Look(title, sheets.note_sheet(
            "This run is no longer in the history.", "esc goes back to the preview"))  # fmt: skip
    if wanted.choice.tab in ("curl", "diff"):
        return Look(title, _of_opened(desk, wanted, row))
    if wanted.choice.tab == "response":
        left = _left(wanted, trace, step)
        return Look(title, sheets.answer_sheet(step, _said(trace, step), left))
    return Look(title, _exact(wanted.choice.tab, step))


def _of_opened(desk: Desk, wanted: Wanted, row: CallRow) -> Sheet:
    """For tabs that only a preview has: of the same call, journey and person."""
    choice = replace(wanted.choice, journey=row.journey, profile=row.profile, step=row.step)
    options = desk.options(row.run) or wanted.options
    return _preview(desk, wanted._replace(choice=choice, options=options), None)


def _exact(tab: str, step: StepDocument) -> Sheet:
    request = step["request"]
    assert request is not None
    if tab == "headers":
        return sheets.headers_sheet(request, step["response"])
    return sheets.request_sheet(step)


def _newest(desk: Desk, wanted: Wanted) -> TraceDocument | None:
    """The newest run of the journey for this person."""
    choice, trace = wanted.choice, wanted.trace
    if trace is None or (trace["run"]["journey"], trace["run"]["profile"]) != (
        choice.journey,
        choice.profile,
    ):
        if wanted.stepping or wanted.newest is None or not wanted.newest.run:
            return None
        return desk.trace(wanted.newest.run)
    return trace


def _fact(trace: TraceDocument | None, step: str) -> StepDocument | None:
    """What the step did in a run."""
    steps = trace["steps"] if trace is not None else []
    return next((one for one in reversed(steps) if one["step"] == step), None)


def _said(trace: TraceDocument | None, step: StepDocument) -> list[FindingDocument]:
    """What the run found out about a step."""
    findings = trace["findings"] if trace is not None else []
    return [one for one in findings if one["step"] == step["step"]]


def _left(wanted: Wanted, trace: TraceDocument | None, step: StepDocument) -> list[LeftValue]:
    """What an answer left for later steps; nothing where its journey is gone."""
    journey = wanted.catalogue.journey(trace["run"]["journey"]) if trace is not None else None
    response = step.get("response")
    if trace is None or journey is None or response is None or len(response["text"]) > _LONG:
        return []
    own = journey.step(step["step"])
    parsed = not isinstance(own, CallApi) or own.parse_json
    text_only = frozenset() if parsed else frozenset({step["step"]})
    marks = marks_of(journey.dialect, journey.settings)
    return left_values(trace, marks, text_only, step["step"])
