"""What the inspector shows: lines, worked out away from the screen.

A sheet is a few styled lines (the request line, findings, what a status means) and a body of plain
lines, which may be many megabytes and are coloured only where they are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox.charts.cells import clean
from sandbox.charts.doing import done_words
from sandbox.errors import SandboxError
from sandbox.formats.diff import diff
from sandbox.formats.pretty import pretty
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.meaning import check_of_error, meaning_of_error, next_check
from sandbox.model.trace import (
    FindingDocument,
    NearDocument,
    RequestDocument,
    ResponseDocument,
    StepDocument,
)
from sandbox.tui.ink import Ink, Line
from sandbox.tui.json_lines import line_of

if TYPE_CHECKING:
    from sandbox.bench.left_values import LeftValue
    from sandbox.bench.options import Preview

__all__ = [
    "TABS",
    "Sheet",
    "answer_sheet",
    "curl_sheet",
    "diff_sheet",
    "error_sheet",
    "headers_sheet",
    "note_sheet",
    "payload_sheet",
    "request_sheet",
    "step_sheet",
]

TABS = {
    "payload": "Payload",
    "headers": "Headers",
    "response": "Response",
    "curl": "curl",
    "diff": "Diff",
}
"""The inspector's tabs: name → title."""

_LEVEL_MARKS = {"error": "✗", "warning": "!", "info": "·"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One thing to read."""

    head: tuple[Line, ...] = ()
    body: Sequence[str] = ()
    kind: Literal["json", "text", "headers", "shell", "diff"] = "text"
    missing: frozenset[int] = frozenset()
    """Lines of the body whose value was not found."""
    text: str = ""
    """What "copy body" copies; empty: the body's lines."""


def payload_sheet(
    preview: Preview, names: str = "", checked: Sequence[FindingDocument] = ()
) -> Sheet:
    """The request as it would be sent.

    Args:
        preview: the request, its values and what rendering it found.
        names: what the vendor calls the fields.
        checked: what is said of the step before anybody walks it.
    """
    request = preview.request
    head = [_request_line(request), *_form(names)]
    if preview.problem is not None:
        head.append((Ink(f"✗ cannot be sent: {clean(preview.problem['message'])}", "failure"),))
    said = {one["code"] for one in preview.findings}
    head += _findings([*preview.findings, *(one for one in checked if one["code"] not in said)])
    body = pretty(request["body"] if request["text"] else "")
    gaps = {
        line
        for value in preview.values
        if value.type in ("missing", "too large") and value.at.startswith("body")
        for line in [line_of(request["body"], value.at.removeprefix("body"))]
        if line is not None
    }
    return Sheet((*head, ()), body, "json", frozenset(gaps), request["text"])


def request_sheet(step: StepDocument) -> Sheet:
    """A request exactly as it was sent."""
    request = step["request"]
    assert request is not None
    return Sheet(
        (_request_line(request), *_redirects(step), ()),
        pretty(request["body"] if request["text"] else ""),
        "json",
        text=request["text"],
    )


def headers_sheet(
    request: RequestDocument, response: ResponseDocument | None, names: str = ""
) -> Sheet:
    """The headers of both sides; ``names``: what the vendor calls the field."""
    lines = [f"{name}: {value}" for name, value in request["headers"].items()]
    lines = lines or ["(no headers but Host and Content-Length, which the protocol adds)"]
    if response is not None:
        lines += ["", f"answer {response['status']}"]
        lines += [f"{name}: {value}" for name, value in response["headers"].items()]
    return Sheet((_request_line(request), *_form(names), ()), lines, "headers")


def answer_sheet(
    step: StepDocument, found: Sequence[FindingDocument] = (), left: Sequence[LeftValue] = ()
) -> Sheet:
    """What came back, what it means, what to check next, and what the run ``found``.

    Below the body stands what is ``left`` for later steps, by paths that can be copied.
    """
    response, error = step.get("response"), step.get("error")
    good = step["outcome"] == "success"
    style = "success" if good else "failure"
    mark = "✓" if good else "✗"
    head: list[Line] = []
    if response is not None:
        head.append(
            (
                Ink(f"{mark} {response['status']} ", style),
                Ink(response["meaning"], "strong"),
            )
        )
        head.append((Ink("check  ", "dim"), Ink(next_check(response["status"]))))
    elif error is not None:
        kind, phase = error["kind"], error["phase"]
        head.append(
            (Ink(f"{mark} {kind} @ {phase} ", style), Ink(meaning_of_error(kind, phase), "strong"))
        )
        head.append((Ink("check  ", "dim"), Ink(check_of_error(kind, phase))))
        near = error.get("nearest", [])
        said = error["message"].partition("; nearest: ")[0] if near else error["message"]
        head.append((Ink("said   ", "dim"), Ink(clean(said))))
        head += _nearest(near)
        if kind == "unmatched":
            head.append((Ink("       ", "dim"), Ink("w makes a rule from this call", "key")))
    head.append((Ink("then   ", "dim"), *_onward(step)))
    by = f"{step['took_ms']:.0f} ms  {step['source']}"
    by += f"  rule {step['rule']}" if step.get("rule") else ""
    by += f"  attempt {step['attempt']}" if step["attempt"] > 1 else ""
    head.append((Ink("by     ", "dim"), Ink(clean(by), "dim")))
    head += _redirects(step)
    head += _findings(found)
    text = response["text"] if response is not None else ""
    if response is None:
        return Sheet(tuple(head))
    body = pretty(text) if text else ["(no body)"]
    if left:
        body = [*body, "", "path for later steps", *(f"{one.path}  {one.type}" for one in left)]
    return Sheet((*head, ()), body, "json", text=text)


def curl_sheet(command: str, revealed: bool = False) -> Sheet:
    """The call as a curl command."""
    words = "secrets in clear text" if revealed else "secrets as $NAME; C copies it with values"
    return Sheet(((Ink(words, "dim"),), ()), command.splitlines(), "shell", text=command)


def diff_sheet(with_user: Preview, without: Preview) -> Sheet:
    """What the switch for user info takes out of the payload."""
    before, after = with_user.request["body"], without.request["body"]
    lines = diff(before, after, context=3)
    gone = sum(line.startswith("-") for line in lines)
    new = sum(line.startswith("+") for line in lines)
    words = f"without user info: - {gone} lines" + (f", + {new} lines" if new else "")
    if not gone and not new:
        words = "the payload is the same with and without user info"
    sizes = len(with_user.request["text"].encode()), len(without.request["text"].encode())
    head = (Ink(words, "strong"), Ink(f"   {sizes[0]:,} → {sizes[1]:,} bytes", "dim"))
    return Sheet((head, ()), lines, "diff")


def step_sheet(journey: Journey, step_id: str, fact: StepDocument | None) -> Sheet:
    """A step that sends nothing: what it is, and what it did in the newest run."""
    step = journey.step(step_id)
    document: Json = step.document() if step is not None else journey.trigger.document()
    title = step.name or step.id if step is not None else "What lets a person in"
    head: list[Line] = [(Ink(clean(title), "strong"), Ink("   sends nothing", "dim"))]
    if fact is not None:
        for place, said in enumerate(done_words(fact).splitlines()):
            head.append((Ink("       " if place else "did    ", "dim"), Ink(clean(said))))
        head.append((Ink("then   ", "dim"), *_onward(fact)))
    if document.get("notes"):
        head.append((Ink("notes  ", "dim"), Ink(clean(document["notes"]), "warning")))
    return Sheet((*head, ()), pretty(document), "json")


def note_sheet(*lines: str) -> Sheet:
    """A few words where there is nothing to show yet."""
    return Sheet(tuple((Ink(line, "strong" if not place else "dim"),)
                       for place, line in enumerate(lines)))  # fmt: skip


def error_sheet(error: SandboxError) -> Sheet:
    """What was wrong, and what to do."""
    first, *rest = error.message.splitlines()
    head: list[Line] = [(Ink(f"✗ {first}", "failure"),)]
    head += [(Ink(line),) for line in rest]
    if error.hint:
        head += [(), (Ink("→ ", "dim"), Ink(error.hint, "strong"))]
    return Sheet(tuple(head))


def _request_line(request: RequestDocument) -> Line:
    size = len(request["text"].encode("utf-8", "surrogatepass"))
    return (
        Ink(f"{request['method']} ", "kind"),
        Ink(clean(request["url"]), "strong"),
        Ink(f"   {size:,} bytes" if size else "   no body", "dim"),
    )


def _form(names: str) -> list[Line]:
    """The vendor's own words for the fields of its form."""
    return [(Ink(names, "dim"),)] if names else []


def _findings(findings: Iterable[FindingDocument]) -> list[Line]:
    return [
        (
            Ink(f"{_LEVEL_MARKS[one['level']]} {one['code']} ",
                 "warning" if one["level"] == "warning" else
                 "failure" if one["level"] == "error" else "dim"),
            Ink(clean(one["message"]), "dim" if one["level"] == "info" else ""),
        )
        for one in findings
    ]  # fmt: skip


def _redirects(step: StepDocument) -> list[Line]:
    return [(Ink("moved  ", "dim"), Ink(clean(url))) for url in step.get("redirects", [])]


def _nearest(rules: Sequence[NearDocument]) -> list[Line]:
    """The rules that came nearest, and what differed field by field."""
    return [
        (
            Ink("near   " if near is rules[0] and not place else "       ", "dim"),
            Ink(f"{near['rule']}  " if not place else "  ", "strong"),
            Ink(clean(one["message"]), "warning"),
        )
        for near in rules
        for place, one in enumerate(near["differences"])
    ]


def _onward(step: StepDocument) -> Line:
    onward = step["next"] or "nothing is connected: the path ends"
    if step.get("request") is not None and step["next"] == step["step"]:
        onward = "again, after a pause"
    by = f"   decided by {step['decided_by']}" if step.get("decided_by") else ""
    outcome = step["outcome"]
    return (
        Ink(f"{outcome} ", outcome if outcome in ("success", "failure") else "dim"),
        Ink(f"→ {onward}"),
        Ink(by, "dim"),
    )
