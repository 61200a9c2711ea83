"""What the endpoint's developers must know of a journey, worked out for one person."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.bench.bench import Bench
from sandbox.bench.handed_request import fields_of, samples_of, without_secrets, written_url
from sandbox.bench.options import RunOptions
from sandbox.bench.questions import sweep
from sandbox.dialects import NAMES, dialect
from sandbox.engine.behaviour import Behaviour
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.graph import graph_of
from sandbox.formats.markdown import (
    CallPage,
    HandOver,
    OutcomeLine,
    RuleLine,
    code,
    plain,
)
from sandbox.lab.outcomes import OUTCOMES
from sandbox.lab.report import SweepReport
from sandbox.model.base import Json, shorten
from sandbox.model.graph import Graph

__all__ = ["handed_over"]

_RULES = (
    "envelope", "request.methods", "request.no_body_methods", "request.headers", "success.status",
    "redirects.follow", "timeout_s", "policy.failure", "policy.transport_error",
    "policy.unconnected", "response.exposed",
)  # fmt: skip
_ANSWERS = {
    "2xx": "200 with the JSON that later steps read",
    "204": "204, no body",
    "2xx unreadable": "200 with JSON that lacks what later steps read",
    "2xx not JSON": "200 with a body that is not JSON",
    "3xx": "302 with a Location",
    "401": "401",
    "404": "404",
    "409": "409",
    "4xx": "400 and every other 4xx",
    "429": "429",
    "5xx": "500 and every other 5xx",
    "timeout": "nothing in time",
    "refused": "no connection",
    "reset": "the connection is cut",
}
_THEN = {
    "proceeded": "goes on as after a success",
    "other path": "goes another way than after the usual success",
    "failure path": "goes the failure path",
    "ended nowhere": "stays there: nothing is connected",
    "dropped": "is dropped from the journey",
    "run failed": "is lost: the platform fails the run",
    "sent twice": "gets the call sent twice, although the first may have been carried out",
    "never ends": "goes round in a loop",
}
_LEADING_ON = "301, 302, 303, 307 or 308 with a Location that leads somewhere"
_FOLLOWED = (
    "what its target answers",
    "goes on as the target's answer says: the redirect is followed",
)


def handed_over(bench: Bench, journey_id: str, profile_id: str) -> HandOver:
    """The hand-over page of a journey, with this person's values as examples.

    Secrets stand as ``$NAME``; what else looks like a credential is masked.
    """
    compiled = bench.compiled(journey_id)
    vendor = dialect(compiled.dialect)
    graph = graph_of(compiled)
    report = sweep(bench, journey_id, None, RunOptions(), budget=2_000)
    journey = compiled.journey
    summary = [
        f"The journey **{plain(journey.title)}** runs on **{plain(vendor.title)}**. It starts "
        f"{_starts(compiled, graph)}. The examples show profile {plain(profile_id)}.",
    ]
    if journey.notes:
        summary.append(plain(journey.notes))
    calls = [
        _call(bench, compiled, graph, node, profile_id, report)
        for node in compiled.nodes
        if isinstance(node, CallNode)
    ]
    return HandOver(journey.title, summary, calls, list(_rules(compiled)))


def _starts(compiled: CompiledJourney, graph: Graph) -> str:
    trigger, label = compiled.journey.trigger, graph.nodes[0].label
    match trigger.kind:
        case "event":
            return f"when the event {code(label)} happens"
        case "attribute_changed":
            return f"when the attribute {code(label)} changes"
        case "api":
            return f"when an outside system triggers it ({code(label)})"
        case _:
            return "by hand"


def _call(
    bench: Bench,
    compiled: CompiledJourney,
    graph: Graph,
    node: CallNode,
    profile_id: str,
    report: SweepReport,
) -> CallPage:
    row = report.matrix.get(node.id, {})
    options = RunOptions()
    names = (compiled.id, node.id, profile_id)
    preview = bench.preview(*names, options)
    shown = without_secrets(bench, preview)
    step = node.plan.step
    notes = [str(finding["message"]) for finding in preview.findings]
    if not row:
        notes.append("No person of this workspace comes to this call.")
    if preview.problem is not None:
        notes.append(f"For this person it cannot be sent: {preview.problem['message']}")
    return CallPage(
        node.id,
        step.name or "Call an API",
        [_when(graph, node.id), *_form(compiled)],
        shown["method"],
        shown["url"],
        written_url(step.url, bench.masker(False)),
        list(shown["headers"].items()),
        list(fields_of(bench, preview, shown)),
        samples_of(bench, compiled, node, names, options),
        bench.curl(*names, options),
        _facts(compiled, node),
        list(_outcomes(compiled, node, graph, row, report.passing.get(node.id, {}))),
        notes,
    )


def _when(graph: Graph, step_id: str) -> str:
    labels = {node.id: node.label for node in graph.nodes}
    ways = []
    for edge in graph.edges:
        if edge.target == step_id:
            source = (
                f"{code(edge.source)} ({plain(labels[edge.source])})"
                if edge.source
                else "the trigger"
            )
            ways.append(source + (f", {plain(edge.label)}" if edge.label else ""))
    return f"Called after {' or after '.join(ways)}." if ways else "No path leads to this call."


def _form(compiled: CompiledJourney) -> list[str]:
    """What the vendor calls the fields, for whoever talks with the person who fills in its form."""
    words = dialect(compiled.dialect).words
    fields = {"url": "the URL", "method": "the method", "headers": "the headers",
              "body": "the body", "include_user": "leaving out the user info"}  # fmt: skip
    told = [f"*{plain(words[ours])}* ({says})" for ours, says in fields.items() if ours in words]
    return [f"In the vendor's form: {', '.join(told)}."] if told else []


def _repeats(node: CallNode, behaviour: Behaviour, origin: str) -> Iterator[str]:
    """When the call is sent again, and what it is held to before it is sent."""
    retry = node.plan.step.retry or behaviour.retry
    if retry is None or node.retry is None:
        yield f"Sent once; nothing is repeated after a failure {origin}."
    else:
        named = ", ".join(map(str, retry.on))
        grows = " and each time twice as long" if retry.backoff == "exponential" else ""
        waits = f"first after {retry.delay}{grows}, at most {retry.max_delay}"
        if retry.jitter == "between":
            waits = f"each time at random after {retry.delay} to {retry.max_delay}"
        elif retry.jitter != "none":
            waits += f", drawn at random ({retry.jitter} jitter)"
        yield f"Sent again after {named}: up to {retry.times} times, {waits} {origin}."
        if retry.retry_after == "honour":
            yield "A Retry-After header of your answer takes the place of that wait."
        if node.key_header:
            yield f"All attempts of a call carry the same {node.key_header} header."
    if node.terms is not None and node.terms.per_s is not None:
        yield f"At most {node.terms.per_s:g} calls a second to this URL."


def _facts(compiled: CompiledJourney, node: CallNode) -> list[str]:
    behaviour, own = compiled.behaviour, compiled.journey.settings
    vendor = dialect(compiled.dialect)

    def origin(name: str, here: bool = False) -> str:
        said = "set in this journey" if here or name in own else vendor.values[name].origin
        return f"({said})"

    wanted: Json = own.get("success.status", vendor.value("success.status"))
    success = ", ".join(map(str, wanted))
    step = node.plan.step
    follow = {
        "never": "Redirects are never followed",
        "get": "Redirects of a GET are followed, others not",
        "always": "Redirects are followed",
    }[node.follow]
    facts = [
        f"Counts as success: {success} {origin('success.status')}.",
        f"Answer within {node.timeout_s:g} s {origin('timeout_s', step.timeout_s is not None)}.",
        f"{follow} {origin('redirects.follow', step.follow_redirects is not None)}.",
    ]
    if node.follows:
        to_get = " A POST goes on as a GET without a body after 301, 302 and 303."
        facts.append(
            f"At most {behaviour.max_redirects} redirects in a row {origin('redirects.max')}; "
            f"credentials do not go to another host.{to_get if step.method == 'POST' else ''}"
        )
    facts += _repeats(node, behaviour, origin("retry.apply", step.retry is not None))
    exposed = {
        "none": "Nothing of your answer is read by later steps",
        "status": "Later steps read the status of your answer",
        "full": "Later steps can read the status, headers and body of your answer",
    }[behaviour.exposed]
    reads = sorted(
        ".".join(path[2:]) for path in compiled.reads if path[:2] == ("steps", node.id) and path[2:]
    )
    kept = [f"{save.path} as {save.name} ({save.type})" for save in step.save]
    facts.append(f"{exposed} {origin('response.exposed')}.")
    if reads or kept:
        facts.append("This journey reads " + ", ".join(map(code, (*reads, *kept))) + ".")
    if step.effect is not None:
        key = f", once for each {code(step.effect.key)}" if step.effect.key else ""
        facts.append(f"Meant to happen: {plain(step.effect.name)}{key}.")
    return facts


def _outcomes(
    compiled: CompiledJourney,
    node: CallNode,
    graph: Graph,
    row: dict[str, str],
    passing: dict[str, str],
) -> Iterator[OutcomeLine]:
    """What the sweep saw for each answer, lasting and passing; what ends alike shares a line."""
    success = compiled.behaviour.success
    targets = {edge.kind: edge.target for edge in graph.edges if edge.source == node.id}
    statuses = {"2xx": 200, "204": 204, "2xx unreadable": 200, "2xx not JSON": 200, "3xx": 302,
                "401": 401, "404": 404, "409": 409, "4xx": 400, "429": 429, "5xx": 503}  # fmt: skip
    groups: dict[tuple[str, str], list[str]] = {}
    for name in OUTCOMES:
        if name not in row:
            continue
        counts = "success" if statuses.get(name) in success else "failure"
        answer = _ANSWERS[name]
        then = _THEN.get(row[name], row[name])
        if row[name] == "failure path" and targets.get("failure"):
            then += f" to {targets['failure']}"
        if name == "3xx" and node.follows:
            # The sweep's class is a redirect that leads to the next one, again and again.
            groups[_FOLLOWED] = [_LEADING_ON]
            if name not in passing:
                continue  # nobody was walked through those without end
            counts = "failure"
            answer = f"redirects without end, more than {compiled.behaviour.max_redirects} in a row"
        groups.setdefault((counts, then), []).append(answer)
    for (counts, then), answers in groups.items():
        yield OutcomeLine("; ".join(answers), counts, then)


def _rules(compiled: CompiledJourney) -> Iterator[RuleLine]:
    vendor, own = dialect(compiled.dialect), compiled.journey.settings
    for name in _RULES:
        setting = vendor.values[name]
        says = NAMES[name].says
        if name in own:
            yield RuleLine(says, shorten(own[name], 120), "set in this journey", "settings")
        else:
            source = f"{setting.source}, {setting.date}"
            source += f"; {setting.note}" if setting.note else ""
            yield RuleLine(says, shorten(setting.value, 120), setting.origin, source)
