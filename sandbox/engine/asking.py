"""Asking: one attempt of a call, its redirects, and the access token it may need first."""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import orjson

from sandbox.engine.call import Built
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.person import Person
from sandbox.engine.urls import header_problem, normalise, redirect_target
from sandbox.masking import is_secret_header
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Request, Send, Terms
from sandbox.model.trace import StepFact
from sandbox.templates.noticing import Found
from sandbox.templates.paths import look_up

__all__ = ["Asker", "ask"]


class Asker(Protocol):
    """What of a run asking needs."""

    journey: CompiledJourney
    start: Person
    scope: dict[str, Json]
    seed: int
    trigger: str
    start_us: int
    at_us: int
    via: str
    max_received: int
    tokens: dict[tuple[str, str], tuple[str, int]]
    got: tuple[str, ...]


def ask(
    run: Asker, node: CallNode, visit: int, attempt: int, built: Built, hops: list[str]
) -> Generator[Send | StepFact, Answer | None, Answer]:
    """One attempt: the request itself, then the redirects that are followed."""
    if built.fail is not None:
        return Answer(error=built.fail, source=run.via)
    request = built.request
    if node.plan.oauth:
        token = yield from _token(run, node, visit, attempt)
        if isinstance(token, Fail):
            return Answer(error=token, source=run.via)
        headers = (*request.headers, ("Authorization", f"Bearer {token}"))
        request = request._replace(headers=headers)
    took_ms = 0.0
    while True:
        hop, terms = len(hops), None if hops else node.terms
        answer = yield _send(run, node.id, visit, attempt, request, node.timeout_s, hop, terms)
        if answer is None:
            raise RuntimeError("a walk that asked was sent no answer")
        took_ms += answer.took_ms
        run.at_us += int(answer.took_ms * 1000)
        follow = node.follow == "always" or (
            node.follow == "get" and request.method in ("GET", "HEAD")
        )
        status = answer.status
        if not follow or status is None or status not in (301, 302, 303, 307, 308):
            break
        location = next((v for k, v in answer.headers if k.lower() == "location"), None)
        if location is None:
            break
        target, fail = redirect_target(request.url, location)
        if fail is None and len(hops) >= run.journey.behaviour.max_redirects:
            most = run.journey.behaviour.max_redirects
            fail = Fail("too_many_redirects", "redirect", f"more than {most} redirects")
        if fail is not None:
            return answer._replace(status=None, headers=(), body=b"", error=fail, took_ms=took_ms)
        hops.append(target)
        request = _redirected(request, status, target)
    return answer if not hops else answer._replace(took_ms=took_ms)


def _send(
    run: Asker,
    step_id: str,
    visit: int,
    attempt: int,
    request: Request,
    timeout_s: float,
    hop: int,
    terms: Terms | None = None,
) -> Send:
    return Send(
        request, run.journey.id, run.start.id, step_id, visit, attempt, run.seed, run.at_us,
        timeout_s, run.max_received, run.scope["user"], hop, run.trigger, run.start_us, terms,
    )  # fmt: skip


def _token(
    run: Asker, node: CallNode, visit: int, attempt: int
) -> Generator[Send | StepFact, Answer | None, str | Fail]:
    """An access token by client credentials (RFC 6749 §4.4), kept until it expires."""
    found: Found = []
    url, client, secret, scope = (t.text(run.scope, found) for _, t in node.plan.oauth)
    kept = run.tokens.get((url, client))
    if kept and kept[1] > run.at_us:
        return kept[0]
    target, fail = normalise(url)
    if fail is not None:
        return fail
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    body = urlencode(form | ({"scope": scope} if scope else {})).encode()
    headers = (
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Accept", "application/json"),
    )
    request = Request("POST", target, headers, body)
    answer = yield _send(run, f"{node.id}:token", visit, attempt, request, node.timeout_s, 0)
    if answer is None:
        raise RuntimeError("a walk that asked was sent no answer")
    run.at_us += int(answer.took_ms * 1000)
    if answer.error is not None:
        return answer.error._replace(message=f"the token request: {answer.error.message}")
    try:
        reply = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        reply = None
    token = look_up(reply, ("access_token",))
    if answer.status != 200 or not isinstance(token, str):
        message = f"no access token: the token endpoint answered {answer.status}"
        return Fail("unsendable", "build", message)
    if wrong := header_problem("Authorization", f"Bearer {token}"):
        return Fail("unsendable", "build", f"the access token cannot be sent: {wrong}")
    lasts = look_up(reply, ("expires_in",))
    known = isinstance(lasts, int | float) and not isinstance(lasts, bool)
    lasts_us = int(lasts * 1_000_000) if known else 3_600_000_000
    run.tokens[url, client] = (token, run.at_us + lasts_us)
    run.got = (*run.got, token)
    return token


def _redirected(request: Request, status: int, target: str) -> Request:
    """The next request of a redirect (RFC 9110 §15.4): the method may become GET, secrets stay
    home.
    """
    method, headers, body = request.method, request.headers, request.body
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        method, body = "GET", b""
        headers = tuple(pair for pair in headers if not pair[0].lower().startswith("content-"))
    old, new = urlsplit(request.url), urlsplit(target)
    if (old.scheme, old.netloc) != (new.scheme, new.netloc):
        headers = tuple(pair for pair in headers if not is_secret_header(pair[0]))
    return Request(method, target, headers, body)
