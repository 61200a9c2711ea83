"""uvicorn's HTTP/1.1 with bounds: connections at one time, and the time a request's head may take.

Its own refusals come in the vendor's gateway envelope too.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.model.base import dump_json
from sandbox.serve.gate import HEAD_BYTES
from sandbox.serve.refusals import Refusal

__all__ = ["MOST_CONNECTIONS", "BoundedProtocol"]

MOST_CONNECTIONS = 256
"""Open at one time."""
_HEAD_S = 15.0


class BoundedProtocol(H11Protocol):
    """One connection."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Turned away at once when too many are open."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(
                Refusal(
                    "SERVICE_UNAVAILABLE",
                    "too many connections are open",
                    headers={"Retry-After": "1"},
                )
            )
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Bytes of a head, or of a body."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head_arrived()
        elif self._head_timer is None and not self.transport.is_closing():
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._head_arrived()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP request, or has too large a head."""
        self._refuse(Refusal("INVALID_HTTP_REQUEST", "this is no HTTP request, or its head is "
                             f"larger than {HEAD_BYTES:,} bytes"))  # fmt: skip

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(_HEAD_S, self._too_slow)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_slow(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self, wrong: Refusal) -> None:
        body = dump_json(wrong.envelope("sandbox-0"))
        status = wrong.kind.status
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **wrong.headers,
        }
        reason = HTTPStatus(status).phrase
        events: list[h11.Event] = [
            h11.Response(status_code=status, headers=list(headers.items()), reason=reason),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ]
        for event in events:
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
