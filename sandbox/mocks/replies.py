"""What the mocked world does with a request once an item has been chosen."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.mocks.compiled import CompiledItem
from sandbox.mocks.messages import fail
from sandbox.mocks.urls import Parts
from sandbox.model.exchange import Answer, Fail, Send

__all__ = ["Reply", "reply_to"]


class Reply(NamedTuple):
    """What the mocked world does with one request, before the client's own cap on bodies."""

    rule: str | None
    took_ms: float
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    error: Fail | None = None
    raised: str = ""
    """The httpx class that a client would raise for ``error``; empty when it would raise none."""
    detail: str = ""
    """The text of that exception."""

    def answer(self, send: Send) -> Answer:
        """What the caller sees of it."""
        error = self.error
        if error is None and len(self.body) > send.max_received:
            error = fail("too_large", "body", most=send.max_received)
        if error is not None:
            return Answer(error=error, took_ms=self.took_ms, source="model", rule=self.rule)
        return Answer(
            status=self.status,
            headers=self.headers,
            body=self.body,
            took_ms=self.took_ms,
            source="model",
            rule=self.rule,
        )


def reply_to(send: Send, parts: Parts, rule: str, item: CompiledItem, took_ms: float) -> Reply:
    """The reply of one item of a rule that takes ``took_ms``, at most as long as is waited."""
    limit_ms = send.timeout_s * 1000.0
    fault = item.fault
    if fault is not None and fault.takes_whole_timeout:
        took_ms = limit_ms
    elif took_ms > limit_ms:
        if fault is not None and fault.phase == "connect":
            error = fail("connect_timeout", "connect", raised="ConnectTimeout",
                         limit_s=send.timeout_s)  # fmt: skip
            return Reply(rule, limit_ms, error=error, raised="ConnectTimeout")
        error = fail("read_timeout", "head", raised="ReadTimeout", limit_s=send.timeout_s)
        return Reply(rule, limit_ms, error=error, raised="ReadTimeout")
    if fault is not None:
        return Reply(
            rule,
            took_ms,
            error=fault.fail(send, parts.host),
            raised=fault.raised,
            detail=fault.text(parts.host),
        )
    body = b"" if send.request.method.upper() == "HEAD" else item.body
    return Reply(rule, took_ms, item.status, item.headers, body)
