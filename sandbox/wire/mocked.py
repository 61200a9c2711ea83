"""Mocked sending: a real httpx client, one respx catch-all route, and our own index behind it.

The client, the reading of the body and the mapping of exceptions are those of a live call; only the
transport differs. respx patches nothing here: the router is private and reached through a transport
of our own, so that other clients in the process are left alone.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator

import httpx
import respx

from sandbox.mocks.engine import MockEngine, Session
from sandbox.mocks.replies import Reply
from sandbox.mocks.sendable import refusal
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.rules import RuleSet
from sandbox.wire.errors import fail_from
from sandbox.wire.exchange import build_request, new_client, send_once

__all__ = ["MockLine", "MockedAnswerer"]

_CALL = "sandbox.call"
_CALLS_KEPT = 64
_PIECE = 65_536
_BEGUN = b'{"id'
"""What a body that breaks in the middle begins with."""


class _Asked:
    """One request on its way, and what the engine did with it."""

    __slots__ = ("cause", "reply", "send", "session")

    def __init__(self, send: Send, session: Session) -> None:
        self.send = send
        self.session = session
        self.reply: Reply | None = None
        self.cause: OSError | None = None


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

    def __init__(self) -> None:
        """One router with one route that takes every request."""
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
        asked = _Asked(send, self._session)
        request.extensions[_CALL] = asked
        found = await send_once(self._line.client, request, send)
        reply = asked.reply
        assert reply is not None, "the catch-all route takes every request"
        if isinstance(found, Fail):
            # respx cannot know which rule was near, nor that a call was refused by the sandbox.
            error = reply.error if found.kind == "unmatched" and reply.error else found
            return Answer(error=error, took_ms=reply.took_ms, rule=reply.rule)
        return Answer(found.status, found.headers, found.body,
                      took_ms=reply.took_ms, rule=reply.rule)  # fmt: skip

    async def close(self) -> None:
        """Close the client, when it is this answerer's own."""
        if self._own_line:
            await self._line.client.aclose()


async def _serve(request: httpx.Request) -> httpx.Response | None:
    """The side effect of the one route; None tells respx that nothing is mocked here."""
    asked = request.extensions[_CALL]
    assert isinstance(asked, _Asked)
    reply = asked.reply = asked.session.reply(asked.send)
    error = reply.error
    if error is None:
        raw = [(name.encode("ascii"), value.encode("ascii")) for name, value in reply.headers]
        return httpx.Response(reply.status, headers=raw, stream=_Body(reply.body), request=request)
    if error.kind == "too_large":
        stream = _Body(b"", more=asked.send.max_received + 1)
        return httpx.Response(200, stream=stream, request=request)
    if not reply.raised:
        return None
    # Fresh each time: an instance that is raised again grows a longer traceback at every call.
    raised: httpx.HTTPError = getattr(httpx, reply.raised)(reply.detail)
    if error.phase == "connect":
        asked.cause = _cause(error, reply.detail)
    if error.phase != "body":
        raise raised
    return httpx.Response(200, stream=_Body(_BEGUN, raised), request=request)


def _cause(error: Fail, detail: str) -> OSError:
    """What lies below a ConnectError of this kind in real life."""
    if error.kind == "dns":
        return socket.gaierror(socket.EAI_NONAME, detail)
    if error.kind == "tls":
        return ssl.SSLError(1, detail)
    return ConnectionRefusedError(detail)
