"""One run as lines for a person."""

from __future__ import annotations

from datetime import datetime

from sandbox.charts.glyphs import Glyphs
from sandbox.charts.line import Line, Span, Style
from sandbox.model.base import Json, shorten
from sandbox.model.meaning import check_of_error, meaning_of_error, next_check
from sandbox.model.trace import FindingDocument, StepDocument, TraceDocument

__all__ = ["finding_lines", "step_lines", "trace_lines"]

_ENDS = {
    "completed": "completed: the person came to the end",
    "dropped": "dropped: the failure policy took the person out",
    "ended": "ended: nothing is connected after the last step",
    "failed": "failed: the platform itself fails the run",
    "cancelled": "cancelled",
    "not_entered": "not entered: the trigger did not let the person in",
}


def trace_lines(trace: TraceDocument, glyphs: Glyphs, exact: bool = False) -> list[Line]:
    """The whole run; with ``exact`` also every request and response in full."""
    run = trace["run"]
    about = f"  {run['dialect']}, {run['via']}, seed {run['seed']}, run {run['id'] or '(not kept)'}"
    lines: list[Line] = [
        (Span(f"{run['journey']} / profile {run['profile']}", "strong"), Span(about, "dim"))
    ]
    start = datetime.fromisoformat(run["started"])
    for step in trace["steps"]:
        lines += step_lines(step, glyphs, start, exact)
    style: Style = "success" if run["status"] == "completed" else "failure"
    if run["status"] == "not_entered":
        style = "warning"
    lines.append((Span(_ENDS[run["status"]], style),))
    for name, one in trace["counts"].items():
        codes = ", ".join(f"{code} × {n}" for code, n in one["by_code"].items())
        text = (
            f"{name}: {one['success']} success, {one['failure']} failure, "
            f"{one['attempts']} sent ({codes})"
        )
        lines.append((Span(text, "dim"),))
    return lines + finding_lines(trace["findings"])


def finding_lines(findings: list[FindingDocument]) -> list[Line]:
    """A line for each finding."""
    styles: dict[str, Style] = {"error": "failure", "warning": "warning", "info": "dim"}
    return [
        (
            Span(f"{one['level']} {one['code']}", styles[one["level"]]),
            Span(f" [{one['step']}]" if one["step"] else "", "dim"),
            Span(f" {one['message']}"),
        )
        for one in findings
    ]


def step_lines(step: StepDocument, glyphs: Glyphs, start: datetime, exact: bool) -> list[Line]:
    """One step: what it did and where the path goes on."""
    seconds = (datetime.fromisoformat(step["at"]) - start).total_seconds()
    outcome = step["outcome"]
    mark = {"success": glyphs.success, "failure": glyphs.failure}.get(outcome, " ")
    style: Style = "success" if outcome == "success" else "failure" if outcome == "failure" else ""
    name = step["step"] + (f" (visit {step['visit']})" if step["visit"] > 1 else "")
    head: list[Span] = [
        Span(f"  {_after(seconds):>9}  ", "dim"),
        Span(f"{mark} ", style),
        Span(name, "step"),
        Span(f"  {step['kind']}", "kind"),
    ]
    request = step.get("request")
    if request is None:
        head.append(Span(f"  {_done(step)}"))
    elif step["attempt"] > 1:
        head.append(Span(f"  attempt {step['attempt']}", "warning"))
    onward = step["next"] or "nowhere"
    if step["step"] == step["next"] and request is not None:
        onward = "again"
    head.append(Span(f"  {glyphs.jump} {onward}", "edge"))
    lines: list[Line] = [tuple(head)]
    if request is None:
        return lines
    indent = " " * 15
    lines.append((Span(f"{indent}{request['method']} {request['url']}"),))
    if exact:
        lines += [(Span(f"{indent}{k}: {v}", "dim"),) for k, v in request["headers"].items()]
        lines += [(Span(f"{indent}{line}"),) for line in request["text"].splitlines()]
    elif request["text"]:
        lines.append((Span(f"{indent}{_cut(request['text'])}", "dim"),))
    lines += _answer(step, indent, style, exact)
    return lines


def _answer(step: StepDocument, indent: str, style: Style, exact: bool) -> list[Line]:
    lines: list[Line] = []
    response, error = step.get("response"), step.get("error")
    by = f"  {step['took_ms']:.0f} ms, {step['source']}"
    by += f", rule {step['rule']}" if step["rule"] else ""
    for url in step.get("redirects", []):
        lines.append((Span(f"{indent}redirected to {url}", "dim"),))
    if response is not None:
        status = response["status"]
        words = f"{status} {response['meaning']}"
        lines.append((Span(f"{indent}{words}", style), Span(by, "dim")))
        if step["outcome"] == "failure":
            lines.append((Span(f"{indent}check: {next_check(status)}", "dim"),))
        if exact:
            lines += [(Span(f"{indent}{k}: {v}", "dim"),) for k, v in response["headers"].items()]
            lines += [(Span(f"{indent}{line}"),) for line in response["text"].splitlines()]
        elif response["text"]:
            lines.append((Span(f"{indent}{_cut(response['text'])}", "dim"),))
    if error is not None:
        kind, phase = error["kind"], error["phase"]
        words = f"{kind} @ {phase}: {error['message']}"
        lines.append((Span(f"{indent}{words}", style), Span(by, "dim")))
        lines.append((Span(f"{indent}{meaning_of_error(kind, phase)}", "dim"),))
        lines.append((Span(f"{indent}check: {check_of_error(kind, phase)}", "dim"),))
    return lines


def _after(seconds: float) -> str:
    if seconds >= 86_400:
        return f"+{seconds / 86_400:.4g}d"
    return f"+{seconds / 3600:.4g}h" if seconds >= 3600 else f"+{seconds:.4g}s"


def _done(step: StepDocument) -> str:
    given, made = step.get("input"), step.get("output")
    if step["kind"] == "update_attribute":
        return f"{given} = {shorten(made)}"
    if step["kind"] in ("add_tag", "remove_tag"):
        return f"{given}" if made else f"{given} (nothing to change)"
    if step["kind"] == "message" and isinstance(made, dict):
        return f"{given} to {made['to'] or '(nobody)'}: {made['text']}"
    return _text(made if step["kind"] != "wait" else f"{given}, until {made}")


def _text(value: Json) -> str:
    return value if isinstance(value, str) else "" if value is None else shorten(value)


def _cut(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
