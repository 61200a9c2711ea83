"""The trigger API: what an outside system calls to start a journey, as the vendor documents it.

Every request passes, in this order: host (421), path (404) and method (405), token (401) and key
(401, 403), rate limit (429), Content-Type (415), length (411, 413), JSON and fields (400), journey
(404, 409), person (404, 409), room in the queue (503). Then it is answered with 204, and the
journey runs.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.clock import moment
from sandbox.errors import InputError, StoreError, UnknownName
from sandbox.model.base import Json, dump_json, shorten
from sandbox.serve.credentials import Hashes, shown
from sandbox.serve.gate import WARNING_HEADER, Gate, Heard, refused
from sandbox.serve.incoming import body_of, check_content_type
from sandbox.serve.limiter import Limiter
from sandbox.serve.openapi import JOURNEYS, NEW_PROFILE, TRIGGER, document
from sandbox.serve.people import People
from sandbox.serve.refusals import Refusal
from sandbox.serve.runs import Promise, RunQueue
from sandbox.serve.trigger_requests import (
    TriggerRequest,
    read_body,
    read_new_profile,
    read_trigger,
)

__all__ = ["Clocks", "TriggerApi"]

_BARE = "the token came without Bearer, as in the vendor's curl; its table writes Bearer TOKEN"


_LONGEST_ID = 64


class Clocks(NamedTuple):
    """What time it is, in microseconds."""

    monotonic_us: Callable[[], int]
    wall_us: Callable[[], int]


class TriggerApi:
    """The replies; what they promise goes to the queue."""

    def __init__(
        self,
        bench: Bench,
        people: People,
        queue: RunQueue,
        hashes: Callable[[], Hashes | None],
        limiter: Limiter | None,
        clocks: Clocks,
        tell: Callable[[Heard], None],
    ) -> None:
        """``hashes``: of the token and the key that are right now; None refuses everybody."""
        self._bench = bench
        self._people = people
        self._queue = queue
        self._hashes = hashes
        self._limiter = limiter
        self._clocks = clocks
        self._writing = asyncio.Lock()
        self.app = Starlette(
            routes=[
                Route(TRIGGER, self._trigger, methods=["POST"]),
                Route(NEW_PROFILE, self._trigger_with_new_profile, methods=["POST"]),
                Route(JOURNEYS, self._journeys, methods=["GET"]),
                Route("/openapi.json", self._openapi, methods=["GET"]),
            ],
            middleware=[Middleware(Gate, tell=tell)],
            exception_handlers={
                Refusal: _refuse,
                HTTPException: _refuse_http,
                StoreError: _refuse_store,
                ClientDisconnect: _gone,
                Exception: _refuse_bug,
            },
        )
        self.app.router.redirect_slashes = False

    async def _trigger(self, request: Request) -> Response:
        async def person(wanted: TriggerRequest) -> tuple[str, tuple[str, ...]]:
            assert wanted.identity is not None
            return self._people.find(wanted.identity), ()

        return await self._start(request, read_trigger, person)

    async def _trigger_with_new_profile(self, request: Request) -> Response:
        async def person(wanted: TriggerRequest) -> tuple[str, tuple[str, ...]]:
            assert wanted.new is not None
            async with self._writing:  # two requests for one id: the second finds the first's
                return await asyncio.to_thread(self._people.take, wanted.new)

        return await self._start(request, read_new_profile, person)

    async def _start(
        self,
        request: Request,
        read: Callable[[Mapping[str, Json]], TriggerRequest],
        person: Callable[[TriggerRequest], Awaitable[tuple[str, tuple[str, ...]]]],
    ) -> Response:
        warnings = self._admit(request)
        check_content_type(request)
        body = await body_of(request)
        wanted = read(read_body(body))
        self._check_journey(wanted.journey)
        await self._queue.reserve(len(body))
        try:
            profile, more = await person(wanted)
        except BaseException:
            await self._queue.give_back(len(body))
            raise
        request.state.about = f"{wanted.journey} for profile {profile}"
        reply = self._reply(request, 204, None, [*warnings, *wanted.warnings, *more])
        await self._queue.promise(Promise(wanted.journey, profile, wanted.context, len(body)))
        return reply

    async def _journeys(self, request: Request) -> Response:
        warnings = self._admit(request)
        found = [
            {
                "journeyId": one.id,
                "name": one.title,
                "contextParams": list(one.trigger.sample),
            }
            for one in self._bench.repository.journeys()
            if one.trigger.kind == "api"
        ]
        return self._reply(request, 200, {"data": found, "errors": []}, warnings)

    async def _openapi(self, request: Request) -> Response:
        return Response(dump_json(document()), 200, media_type="application/json")

    def _admit(self, request: Request) -> list[str]:
        """Let in who shows both credentials and keeps to the limit.

        Returns:
            Warnings.
        """
        authorization = request.headers.get("authorization", "")
        key = request.headers.get("key", "")
        hashes = self._hashes()
        # Compared also where something is missing, so that the time tells nothing.
        found = shown(hashes or Hashes("", ""), authorization, key)
        challenge = {"WWW-Authenticate": "Bearer"}
        if not authorization.strip():
            message = "the header Authorization is missing; send Authorization: Bearer TOKEN"
            raise Refusal("UNAUTHORIZED", message, headers=challenge)
        if not key.strip():
            message = "the header Key is missing; send both Authorization and Key with every call"
            raise Refusal("DEVELOPER_INACTIVE", message)
        if hashes is None or not found.key:
            message = "the Key is not this server's; sandbox serve --new-token makes new ones"
            raise Refusal("INVALID_CONSUMER_KEY", message, headers=challenge)
        if not found.token:
            message = "the token is not this server's; sandbox serve --new-token makes new ones"
            raise Refusal("UNAUTHORIZED", message, headers=challenge)
        self._count(request)
        return [_BARE] if found.bare else []

    def _count(self, request: Request) -> None:
        request.state.limits = {}
        if self._limiter is None:
            return
        verdict = self._limiter.ask(self._clocks.monotonic_us())
        reset_us = self._clocks.wall_us() + verdict.free_in_us
        limits = {
            "X-RateLimit-Limit": str(verdict.window.most),
            "X-RateLimit-Remaining": str(verdict.remaining),
            "X-RateLimit-Reset": str(math.ceil(reset_us / 1e6)),
        }
        request.state.limits = limits
        if not verdict.allowed:
            raise Refusal(
                "RATE_LIMIT_EXCEEDED",
                "Rate limit exceeded. You have made too many requests in the current time window.",
                {
                    "limit": verdict.window.most,
                    "window": verdict.window.name,
                    "resetAt": moment(reset_us).strftime("%Y-%m-%dT%H:%M:%SZ"),
                },
                {"Retry-After": str(math.ceil(verdict.free_in_us / 1e6))},
            )

    def _check_journey(self, journey_id: str) -> None:
        """Refuse now what could not run later."""
        missing = f"no journey has the id {shorten(journey_id)}"
        if len(journey_id) > _LONGEST_ID:
            raise Refusal("RESOURCE_NOT_FOUND", missing)  # no name to look for likeness with
        try:
            journey = self._bench.repository.journey(journey_id)
        except UnknownName as wrong:
            raise Refusal("RESOURCE_NOT_FOUND", missing, {"hint": wrong.hint}) from None
        if journey.trigger.kind != "api":
            raise Refusal(
                "CONFLICT",
                f"the journey {journey_id} is not started by API but by {journey.trigger.kind}",
                {"hint": f"GET {JOURNEYS} lists those that are"},
            )
        try:
            self._bench.compiled(journey_id)
            self._bench.rules(RunOptions())
        except InputError as wrong:
            message = f"the journey {journey_id} cannot run: {wrong.message}"
            raise Refusal("CONFLICT", message, {"hint": wrong.hint}) from None

    def _reply(self, request: Request, status: int, body: Json, warnings: list[str]) -> Response:
        content = None if body is None else dump_json(body)
        kind = None if body is None else "application/json"
        reply = Response(content, status, dict(request.state.limits), kind)
        for warning in warnings:
            reply.headers.append(WARNING_HEADER, _ascii(warning))
        return reply


def _ascii(text: str) -> str:
    """What may stand in a header: ASCII, on one line, not long."""
    plain = text.encode("ascii", "backslashreplace").decode()
    shown = "".join(char if char.isprintable() else " " for char in plain).strip()
    return shown if len(shown) <= 300 else shown[:297] + "..."


async def _refuse(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, Refusal)
    reply = refused(request, wrong)
    for name, value in getattr(request.state, "limits", {}).items():
        reply.headers[name] = value
    return reply


async def _refuse_http(request: Request, wrong: Exception) -> Response:
    """What the router refuses: no such path, or another method."""
    assert isinstance(wrong, HTTPException)
    path = request.url.path
    if wrong.status_code == 405:
        allowed = dict(wrong.headers or {})
        message = f"{path} is not called with {request.method}"
        return refused(request, Refusal("METHOD_NOT_ALLOWED", message, headers=allowed))
    return refused(
        request,
        Refusal("PATH_NOT_FOUND", f"there is no {path}; there is {TRIGGER}, {NEW_PROFILE}"),
    )


async def _refuse_store(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, StoreError)
    retry = {"Retry-After": "1"}
    return await _refuse(request, Refusal("SERVICE_UNAVAILABLE", wrong.message, headers=retry))


async def _refuse_bug(request: Request, wrong: Exception) -> Response:
    """Our mistake; the traceback goes to standard error."""
    message = f"the sandbox made a mistake: {type(wrong).__name__}; its traceback is on its stderr"
    return await _refuse(request, Refusal("INTERNAL_SERVER_ERROR", message))


async def _gone(request: Request, wrong: Exception) -> Response:
    return refused(request, Refusal("INVALID_HTTP_REQUEST", "the client hung up before its body"))
