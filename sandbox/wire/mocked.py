"""Mocked sending: a real httpx client, one respx catch-all route, and our own index behind it.

The client, the reading of the body and the mapping of exceptions are those of a live call; only the
transport differs. respx patches nothing here: the router is private and reached through a transport
of our own, so that other clients in the process are left alone. Behind the route an answer that
keeps the rules of HTTP is a response object; a fault of bytes or time goes through ``scripted``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import respx

from sandbox.mocks.engine import MockEngine, Session
from sandbox.mocks.replies import Reply
from sandbox.mocks.script import Playback
from sandbox.mocks.script_making import FRAMING
from sandbox.mocks.sendable import refusal
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.rules import RuleSet
from sandbox.wire.errors import fail_from
from sandbox.wire.exchange import (
    BrokenOff,
    Received,
    build_request,
    decoded,
    new_client,
    send_once,
)
from sandbox.wire.scripted import ScriptedTransport, root_of

__all__ = ["MockLine", "MockedAnswerer"]

_CALL = "sandbox.call"
_CALLS_KEPT = 64
_PIECE = 65_536


class _Asked:
    """One request on its way, and what the engine did with it."""

    __slots__ = ("cause", "playback", "reply", "send", "session", "wire")

    def __init__(self, send: Send, session: Session, wire: bool) -> None:
        self.send = send
        self.session = session
        self.wire = wire
        self.reply: Reply | None = None
        self.playback: Playback | None = None
        self.cause: BaseException | None = None


class _Body(httpx.AsyncByteStream):
    """A body in pieces, and the exception that breaks it off, if any.

    Not httpx's own ByteStream: respx would read that before the client sees it.
    """

    def __init__(self, body: bytes, error: httpx.HTTPError | None = None, more: int = 0) -> None:
        """``more``: bytes that follow, for a body that is too large."""
        self._body = body
        self._error = error
        self._more = more

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._body), _PIECE):
            yield self._body[at : at + _PIECE]
        for at in range(0, self._more, _PIECE):
            yield bytes(min(_PIECE, self._more - at))
        if self._error is not None:
            raise self._error


class MockLine(httpx.AsyncBaseTransport):
    """The transport with the respx router, and the client over it; shared by many runs."""

    def __init__(self, *, wire: bool = True) -> None:
        """One router with one route that takes every request.

        ``wire``: whether faults of bytes and time go through the real parser; without it they are
        exceptions and streams that say the same.
        """
        self.wire = wire
        self._router = respx.MockRouter(using=None, assert_all_mocked=True, assert_all_called=False)
        self._router.route().mock(side_effect=_serve)
        self.client = new_client(self)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The router's response. Its history is kept short: it would hold every body for ever."""
        try:
            return await self._router.async_handler(request)
        except httpx.ConnectError as error:
            # respx puts an exception of its own in the place of the cause that tells the kind.
            raise error from request.extensions[_CALL].cause
        finally:
            if len(self._router.calls) >= _CALLS_KEPT:
                self._router.reset()

    @property
    def calls(self) -> respx.models.CallList:
        """The last few calls as respx recorded them."""
        return self._router.calls


class MockedAnswerer:
    """An ``Answerer`` whose requests go through httpx and are answered by rules.

    Its answers' ``source`` is ``mock``; ``took_ms`` is virtual and nothing sleeps.
    """

    def __init__(self, session: Session, line: MockLine | None = None) -> None:
        """``session``: one run's, from ``MockEngine.session()``; ``line``: see ``for_run``."""
        self._session = session
        self._own_line = line is None
        self._line = line or MockLine()

    @classmethod
    def of(cls, rule_set: RuleSet) -> MockedAnswerer:
        """An answerer for one run over rules that are compiled here.

        Raises:
            DocumentError: when a rule cannot be compiled.
        """
        return cls(MockEngine(rule_set).session())

    def for_run(self, session: Session) -> MockedAnswerer:
        """An answerer for another run over the same client, which stays this one's to close."""
        return MockedAnswerer(session, self._line)

    async def answer(self, send: Send) -> Answer:
        """What the rules answer, as a real client sees it."""
        parts = refusal(send)
        if isinstance(parts, Fail):
            return Answer(error=parts)
        try:
            request = build_request(send, parts)
        except httpx.InvalidURL as wrong:
            return Answer(error=fail_from(wrong))
        asked = _Asked(send, self._session, self._line.wire)
        request.extensions[_CALL] = asked
        found = await send_once(self._line.client, request, send)
        reply = asked.reply
        assert reply is not None, "the catch-all route takes every request"
        took_ms = reply.took_ms
        if asked.playback is not None:
            took_ms = asked.playback.clock_us / 1000.0
        if reply.script is not None and isinstance(found, Received):
            found = decoded(found, send.max_received)
        if isinstance(found, BrokenOff):
            # respx cannot know which rule was near, nor that a call was refused by the sandbox.
            theirs = found.error.kind == "unmatched" and reply.error is not None
            return Answer(error=reply.error if theirs else found.error, took_ms=took_ms,
                          rule=reply.rule, received=found.received)  # fmt: skip
        headers = found.headers
        if asked.playback is not None:
            headers = tuple(one for one in headers if one[0].lower() not in FRAMING)
        return Answer(found.status, headers, found.body, took_ms=took_ms, rule=reply.rule)

    async def close(self) -> None:
        """Close the client, when it is this answerer's own."""
        if self._own_line:
            await self._line.client.aclose()


async def _serve(request: httpx.Request) -> httpx.Response | None:
    """The side effect of the one route; None tells respx that nothing is mocked here."""
    asked = request.extensions[_CALL]
    assert isinstance(asked, _Asked)
    reply = asked.reply = asked.session.reply(asked.send)
    if reply.script is not None and asked.wire:
        assert reply.fault is not None
        if "wire" in reply.fault.deliveries:
            asked.playback = Playback(reply.script)
            transport = ScriptedTransport(asked.playback, reply.fault)
            try:
                return await transport.handle_async_request(request)
            except httpx.ConnectError as error:
                asked.cause = error.__cause__
                raise
    return _as_object(asked, reply, request)


def _as_object(asked: _Asked, reply: Reply, request: httpx.Request) -> httpx.Response | None:
    """The reply as a response, or as the exception that a client would raise."""
    error = reply.error
    raw = [(name.encode("ascii"), value.encode("ascii")) for name, value in reply.headers]
    if error is None or error.kind == "decoding":
        return httpx.Response(reply.status, headers=raw, stream=_Body(reply.body), request=request)
    if error.kind == "too_large":
        stream = _Body(b"", more=asked.send.max_received + 1)
        return httpx.Response(reply.status, headers=raw, stream=stream, request=request)
    if not reply.raised:
        return None
    # Fresh each time: an instance that is raised again grows a longer traceback at every call.
    raised: httpx.HTTPError = getattr(httpx, reply.raised)(reply.detail)
    if error.phase == "connect":
        asked.cause = root_of(error.kind, reply.detail)
    if error.phase != "body":
        raise raised
    stream = _Body(reply.body, raised)
    return httpx.Response(reply.status, headers=raw, stream=stream, request=request)
