"""When two runs are the same: what a replay must give again.

Ignored are ``run.id``, ``via``, ``source`` and ``rule``; the clock (``at``, ``started``, ``ended``,
``took_ms``, where a wait ended, and moments written in a request); the words of an error, where
kind and phase count; and headers of an answer that carry credentials, which are never recorded.
"""

from __future__ import annotations

import re

from sandbox.masking import MASK, is_secret_header
from sandbox.mocks.recorded_bodies import PLACEHOLDER
from sandbox.model.base import Json
from sandbox.model.trace import RequestDocument, ResponseDocument, StepDocument, TraceDocument

__all__ = ["identity_of"]

_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d(?::|%3A)\d\d(?:(?::|%3A)\d\d(?:\.\d+)?)?"
    r"(?:Z|(?:[+-]|%2B)\d\d(?::|%3A)?\d\d)?"
)


def identity_of(trace: TraceDocument) -> Json:
    """What of a run counts; two runs are the same when this is equal."""
    run = trace["run"]
    return {
        "run": {name: run[name] for name in ("journey", "profile", "dialect", "seed", "status")},
        "trigger": trace["trigger"],
        "steps": [_step(step) for step in trace["steps"]],
        "counts": trace["counts"],
        "profile": trace["profile"],
        "findings": [(one["code"], one["level"], one["step"]) for one in trace["findings"]],
    }


def _step(step: StepDocument) -> Json:
    kept: dict[str, Json] = {
        name: step.get(name)
        for name in ("n", "step", "kind", "visit", "attempt", "outcome", "decided_by", "next")
    }
    request, response, error = step.get("request"), step.get("response"), step.get("error")
    kept["input"] = step.get("input")
    if step["kind"] != "wait":
        kept["output"] = step.get("output")
    if request is not None:
        kept["request"] = _request(request)
    if response is not None:
        kept["response"] = _response(response)
    if error is not None:
        kept["error"] = (error["kind"], error["phase"])
    kept["redirects"] = [_settled(url) for url in step.get("redirects", [])]
    return kept


def _request(request: RequestDocument) -> Json:
    return _settled([request["method"], request["url"], request["headers"], request["text"]])


def _response(response: ResponseDocument) -> Json:
    headers = {
        name: value.replace(MASK, PLACEHOLDER)
        for name, value in response["headers"].items()
        if not is_secret_header(name)
    }
    return [response["status"], headers, response["body"], response["text"]]


def _settled(value: Json) -> Json:
    """The same without moments: a live run writes the time of day into its requests."""
    if isinstance(value, str):
        return _MOMENT.sub("(moment)", value)
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    return [_settled(item) for item in value] if isinstance(value, list) else value
