"""One run as lines for a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sandbox.charts.cells import clean, fit
from sandbox.charts.doing import done_words
from sandbox.charts.glyphs import ASCII, Glyphs
from sandbox.charts.line import Line, Span, Style, plain
from sandbox.charts.spans_of_time import lasting
from sandbox.charts.wording import KIND_WORDS
from sandbox.cli.ascii import ascii_only
from sandbox.cli.wrapping import wrap
from sandbox.formats.pretty import pretty
from sandbox.model.base import Json
from sandbox.model.meaning import check_of_error, meaning_of_error, next_check
from sandbox.model.trace import (
    CallCounts,
    FindingDocument,
    NearDocument,
    StepDocument,
    TraceDocument,
)

__all__ = ["Report", "finding_lines"]

_ENDS: dict[str, tuple[str, Style]] = {
    "completed": ("completed: the person came to the end", "success"),
    "dropped": ("dropped: the failure policy took the person out", "failure"),
    "ended": ("ended: nothing is connected after the last step", "warning"),
    "failed": ("failed: the platform itself fails the run", "failure"),
    "cancelled": ("cancelled", "warning"),
    "not_entered": ("not entered: the trigger did not let the person in", "warning"),
}
_LEVELS: dict[str, Style] = {"error": "failure", "warning": "warning", "info": "dim"}
_INDENT = 12


def finding_lines(findings: Iterable[FindingDocument], cells: int) -> list[Line]:
    """A line for each finding."""
    return [
        line
        for one in findings
        for line in wrap(
            (
                Span(f"{one['level']} {one['code']}", _LEVELS[one["level"]]),
                Span(f" [{one['step']}]" if one["step"] else "", "dim"),
                Span(f" {one['message']}"),
            ),
            cells,
            4,
        )
    ]


class Report:
    """Writes runs for a terminal of one width."""

    def __init__(self, glyphs: Glyphs, cells: int, exact: bool = False) -> None:
        """With ``exact`` every request and response is shown in full."""
        self._glyphs = glyphs
        self._cells = cells
        self._exact = exact

    def run(self, trace: TraceDocument) -> list[Line]:
        """The whole run."""
        run = trace["run"]
        about = f"  {run['dialect']}, {run['via']}, seed {run['seed']}"
        if run["id"]:
            about += f", run {run['id']}"
        title = Span(f"{run['journey']} for profile {run['profile']}", "strong")
        lines = self._wrap([title, Span(about, "dim")], 2)
        start = datetime.fromisoformat(run["started"])
        for step in trace["steps"]:
            lines += self.step(step, start)
        lines += self._wrap([Span(*_ENDS[run["status"]])])
        for name, one in trace["counts"].items():
            lines += self._wrap([Span(_counted(name, one), "dim")], 4)
        lines += self._way_out(trace)
        return lines + finding_lines(trace["findings"], self._cells)

    def _way_out(self, trace: TraceDocument) -> list[Line]:
        """How to make a rule of the first call that none answered."""
        run = trace["run"]["id"]
        for step in trace["steps"]:
            error = step.get("error")
            if run and error is not None and error["kind"] == "unmatched":
                command = f"sandbox export run {run} --as rules --step {step['step']}"
                return self._wrap([Span("a rule from this call: ", "dim"), Span(command)], 4)
        return []

    def step(self, step: StepDocument, start: datetime | None = None) -> list[Line]:
        """One step: what it did, and where the path goes on where that was to be decided."""
        outcome = step["outcome"]
        mark = {"success": self._glyphs.success, "failure": self._glyphs.failure}.get(outcome, " ")
        after = ""
        if start is not None:
            seconds = (datetime.fromisoformat(step["at"]) - start).total_seconds()
            after = f"+{lasting(seconds)}"
        name = step["step"] + (f" (visit {step['visit']})" if step["visit"] > 1 else "")
        head = [
            Span(f"{after:>{_INDENT - 4}}  ", "dim"),
            Span(f"{mark} ", _style(outcome)),
            Span(name, "step"),
            Span(f"  {KIND_WORDS.get(step['kind'], step['kind'])}", "kind"),
        ]
        request = step.get("request")
        if request is None:
            head.append(Span(f"  {done_words(step)}"))
        elif step["attempt"] > 1:
            head.append(Span(f"  attempt {step['attempt']}", "warning"))
        again = request is not None and step["step"] == step["next"]
        if step["decided_by"] and step["next"]:
            onward = "again" if again else step["next"]
            head.append(Span(f"  {self._glyphs.jump} {onward}", "edge"))
        lines = self._wrap(head, _INDENT + 2)
        return lines if request is None else lines + self._call(step)

    def _call(self, step: StepDocument) -> list[Line]:
        request = step["request"]
        assert request is not None
        lines = self._inner("input, the exact call:", "dim") if self._exact else []
        lines += self._inner(f"{request['method']} {request['url']}")
        if self._exact:
            lines += self._headers(request["headers"])
        lines += self._body(request["text"], request["body"])
        return lines + self._answer(step)

    def _answer(self, step: StepDocument) -> list[Line]:
        response, error = step.get("response"), step.get("error")
        style = _style(step["outcome"])
        by = f"  {lasting(step['took_ms'] / 1000)}, {step['source']}"
        by += f", rule {step['rule']}" if step["rule"] else ""
        lines: list[Line] = []
        for url in step.get("redirects", []):
            lines += self._inner(f"redirected to {url}", "dim")
        if self._exact:
            lines += self._inner("output:", "dim")
        if response is not None:
            status = response["status"]
            lines += self._inner(f"{status} {response['meaning']}", style, by)
            if self._exact or step["outcome"] == "failure":
                lines += self._inner(f"check: {next_check(status)}", "dim")
            if self._exact:
                lines += self._headers(response["headers"])
            lines += self._body(response["text"], response["body"])
        if error is not None:
            kind, phase = error["kind"], error["phase"]
            near = error.get("nearest", [])
            said = error["message"].partition("; nearest: ")[0] if near else error["message"]
            lines += self._inner(f"{kind} @ {phase}: {said}", style, by)
            lines += self._nearest(near)
            lines += self._inner(meaning_of_error(kind, phase), "dim")
            lines += self._inner(f"check: {check_of_error(kind, phase)}", "dim")
        return lines

    def _nearest(self, rules: list[NearDocument]) -> list[Line]:
        """The rules that came nearest, and what differed field by field."""
        lines: list[Line] = []
        for near in rules:
            for place, one in enumerate(near["differences"]):
                word = "nearest rule " if near is rules[0] else "then "
                name = f"{word}{near['rule']}: " if not place else ""
                lines += self._inner(f"{name or '  '}{one['message']}")
        return lines

    def _headers(self, headers: dict[str, str]) -> list[Line]:
        return [
            line for key, value in headers.items() for line in self._inner(f"{key}: {value}", "dim")
        ]

    def _body(self, text: str, parsed: Json) -> list[Line]:
        """In full and indented, or the beginning on one line."""
        if not text:
            return []
        if not self._exact:
            room = self._cells - _INDENT
            start = clean(" ".join(text[: 8 * room].split()))
            if self._glyphs is ASCII:
                start = ascii_only(start)
            return self._inner(fit(start, room, self._glyphs.more), "dim")
        shown = pretty(parsed) if isinstance(parsed, dict | list) else text.splitlines()
        return [line for one in shown for line in self._inner(one)]

    def _inner(self, text: str, style: Style = "", by: str = "") -> list[Line]:
        margin = len(text) - len(text.lstrip(" "))
        line = [Span(" " * _INDENT), Span(text, style), Span(by, "dim")]
        return self._wrap(line, _INDENT + margin + 2)

    def _wrap(self, line: list[Span], hang: int = 0) -> list[Line]:
        if self._glyphs is ASCII:
            line = [Span(ascii_only(span.text), span.style) for span in line]
        return [piece for piece in wrap(line, self._cells, hang) if plain(piece)]


def _style(outcome: str) -> Style:
    return "success" if outcome == "success" else "failure" if outcome == "failure" else ""


def _counted(name: str, one: CallCounts) -> str:
    codes = ", ".join(f"{code} × {n}" for code, n in one["by_code"].items())
    attempts = f"{one['attempts']} attempt" + ("s" if one["attempts"] != 1 else "")
    return f"{name}: {one['success']} success, {one['failure']} failure; {attempts} ({codes})"
