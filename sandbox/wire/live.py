"""Live sending: to hosts on the list, exactly once, exactly these bytes."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterable

import httpx

from sandbox.errors import LiveRefused
from sandbox.mocks.messages import fail
from sandbox.mocks.sendable import request_problem, url_refusal
from sandbox.mocks.urls import Parts
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.wire.errors import fail_from
from sandbox.wire.exchange import (
    BrokenOff,
    Received,
    build_request,
    decoded,
    new_client,
    send_once,
)
from sandbox.wire.slots import Slots

__all__ = ["HostGuard", "LiveAnswerer"]

_ORIGIN = re.compile(r"^https?://|/.*$")


class HostGuard:
    """The list of hosts that live calls may go to."""

    def __init__(self, allowed: Iterable[str]) -> None:
        """Each a host (any port) or ``host:port``; the origin of a URL will do as well."""
        self._allowed = frozenset(_ORIGIN.sub("", one.strip().lower()) for one in allowed)

    def allows(self, parts: Parts) -> bool:
        """Whether a call to this host and port is allowed."""
        return any(host in self._allowed for host in parts.hosts)

    def check(self, send: Send, parts: Parts) -> Fail | None:
        """None when allowed; the failure of a redirect that leads elsewhere.

        Raises:
            LiveRefused: when the call itself would go elsewhere.
        """
        if self.allows(parts):
            return None
        if send.hop:
            detail = (
                f"{parts.authority} is not on the list of allowed hosts; nothing was sent there"
            )
            return fail("bad_redirect", "redirect", detail=detail)
        raise LiveRefused(
            f"live calls to {parts.authority} are not allowed; nothing was sent there",
            f"allow it with --allow-host {parts.authority}",
        )


class LiveAnswerer:
    """An ``Answerer`` that asks the real endpoint; one client, made when the first call is let out.

    Its answers' ``source`` is ``live`` and ``took_ms`` is measured. It belongs to one event loop.
    """

    def __init__(
        self,
        allowed_hosts: Iterable[str],
        *,
        connections: int = 50,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            allowed_hosts: see ``HostGuard``.
            connections: the most at one time; further calls wait up to their time-out.
            tls: whom to trust; by default the authorities that httpx ships.
        """
        self._guard = HostGuard(allowed_hosts)
        self._connections = connections
        self._tls = tls
        self._client: httpx.AsyncClient | None = None

    async def answer(self, send: Send) -> Answer:
        """What the endpoint answers; its failures are answers too.

        Raises:
            LiveRefused: when the host is not on the list; nothing was sent.
        """
        parts = url_refusal(send)
        if isinstance(parts, Fail):
            return Answer(error=parts, source="live")
        refused = self._guard.check(send, parts)
        problem = "" if refused else request_problem(send)
        if problem:
            refused = fail("unsendable", "build", detail=problem)
        if refused is not None:
            return Answer(error=refused, source="live")
        try:
            request = build_request(send, parts)
        except httpx.InvalidURL as wrong:
            return Answer(error=fail_from(wrong), source="live")
        client = self._client or self._open()
        started = time.perf_counter()
        found = await send_once(client, request, send)
        if isinstance(found, Received):
            found = decoded(found, send.max_received)
        took_ms = (time.perf_counter() - started) * 1000.0
        if isinstance(found, BrokenOff):
            return Answer(error=found.error, took_ms=took_ms, source="live",
                          received=found.received)  # fmt: skip
        return Answer(found.status, found.headers, found.body, took_ms=took_ms, source="live")

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _open(self) -> httpx.AsyncClient:
        self._client = new_client(Slots(self._connections, self._context))
        return self._client

    def _context(self) -> ssl.SSLContext:
        return self._tls or httpx.create_ssl_context(trust_env=False)
