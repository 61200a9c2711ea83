"""Folds over a trace: the JSON that people and scripts read."""

from __future__ import annotations

import orjson

from sandbox.clock import iso
from sandbox.engine.counting import counts_of
from sandbox.engine.credentials import credentials_of
from sandbox.engine.person import Person
from sandbox.engine.response import parse_body, text_of
from sandbox.masking import Masker
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Request
from sandbox.model.meaning import meaning
from sandbox.model.trace import (
    ErrorDocument,
    Finding,
    FindingDocument,
    RequestDocument,
    ResponseDocument,
    StepDocument,
    StepFact,
    Trace,
    TraceDocument,
)
from sandbox.templates.paths import MISSING

__all__ = [
    "document_of",
    "error_document",
    "finding_document",
    "request_document",
    "response_document",
    "step_document",
]


def _header_map(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Headers as an object; one that comes twice is joined by a comma (RFC 9110 §5.3)."""
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def request_document(request: Request, masker: Masker) -> RequestDocument:
    """A request for people: masked, with the exact text of the body and the body parsed."""
    text = text_of(request.body)
    parsed: Json = None
    if request.body:
        try:
            parsed = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            parsed = text
    if parsed == text and _is_form(request):
        text = parsed = masker.form(text)
    else:
        text, parsed = masker.body(text, parsed)
    return {
        "method": request.method,
        "url": masker.url(request.url),
        "headers": masker.headers(_header_map(request.headers)),
        "body": parsed,
        "text": text,
    }


def _is_form(request: Request) -> bool:
    return any(
        name.lower() == "content-type" and "x-www-form-urlencoded" in value.lower()
        for name, value in request.headers
    )


def response_document(answer: Answer, masker: Masker) -> ResponseDocument | None:
    """A response for people, or None when there was none."""
    if answer.status is None:
        return None
    parsed = parse_body(answer)
    text, body = masker.body(text_of(answer.body), None if parsed is MISSING else parsed)
    return {
        "status": answer.status,
        "meaning": meaning(answer.status),
        "headers": masker.headers(_header_map(answer.headers)),
        "body": body,
        "text": text,
    }


def error_document(error: Fail, masker: Masker) -> ErrorDocument:
    """A transport error for people."""
    document: ErrorDocument = {
        "kind": error.kind,
        "phase": error.phase,
        "message": masker.text(error.message),
    }
    if error.near:
        document["nearest"] = [
            {
                "rule": near.rule,
                "differences": [
                    {
                        "field": one.field,
                        "expected": masker.text(one.expected),
                        "actual": masker.text(one.actual),
                        "message": masker.text(one.message),
                    }
                    for one in near.differences
                ],
            }
            for near in error.near
        ]
    return document


def step_document(fact: StepFact, n: int, masker: Masker) -> StepDocument:
    """One fact as JSON."""
    document: StepDocument = {
        "n": n,
        "step": fact.step,
        "kind": fact.kind,
        "visit": fact.visit,
        "attempt": fact.attempt,
        "at": iso(fact.at_us),
        "outcome": fact.outcome,
        "decided_by": fact.decided_by,
    }
    if fact.answer is not None and fact.request is not None:
        error = fact.answer.error
        document["request"] = request_document(fact.request, masker)
        document["response"] = response_document(fact.answer, masker)
        document["error"] = None if error is None else error_document(error, masker)
        document["took_ms"] = round(fact.answer.took_ms, 3)
        document["source"] = fact.answer.source
        document["rule"] = fact.answer.rule
        if fact.redirects:
            document["redirects"] = [masker.url(url) for url in fact.redirects]
    else:
        document["input"] = masker.json(fact.input)
        document["output"] = masker.json(fact.output)
    document["next"] = fact.next
    return document


def finding_document(finding: Finding, masker: Masker) -> FindingDocument:
    """A finding as JSON."""
    return {
        "code": finding.code,
        "level": finding.level,
        "step": finding.step,
        "message": masker.text(finding.message),
    }


def document_of(trace: Trace, masker: Masker) -> TraceDocument:
    """The whole trace as JSON, masked; so are the credentials that it made, got or was told."""
    masker = masker.also(credentials_of(trace.facts, trace.tokens))
    kind, name, event = trace.trigger
    before, after = trace.before, trace.after
    if isinstance(before, Person) and isinstance(after, Person):
        before, after = before.document(), after.document()
    return {
        "run": {
            "id": trace.run_id,
            "journey": trace.journey,
            "profile": trace.profile,
            "dialect": trace.dialect,
            "seed": trace.seed,
            "via": trace.via,
            "status": trace.status,
            "started": iso(trace.started_us),
            "ended": iso(trace.ended_us),
        },
        "trigger": {"kind": kind, "name": name, "event": masker.json(dict(event))},
        "steps": [step_document(fact, n, masker) for n, fact in enumerate(trace.facts, 1)],
        "counts": counts_of(trace.facts),
        "profile": {"before": masker.json(before), "after": masker.json(after)},
        "findings": [finding_document(finding, masker) for finding in trace.findings],
    }
