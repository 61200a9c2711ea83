"""What the mocked world does with a request once an item has been chosen."""

from __future__ import annotations

from typing import NamedTuple

from sandbox.mocks.compiled import CompiledItem
from sandbox.mocks.faults import Fault
from sandbox.mocks.messages import fail
from sandbox.mocks.script import Script
from sandbox.mocks.script_making import legal_answer, own_headers, script_of
from sandbox.mocks.script_outcome import outcome_of
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
    """Whole; with an error, as much of it as had come."""
    error: Fail | None = None
    raised: str = ""
    """The httpx class that a client would raise for ``error``; empty when it would raise none."""
    detail: str = ""
    """The text of that exception."""
    fault: Fault | None = None
    script: Script | None = None
    """The bytes, for a fault that is one of bytes and times."""

    def answer(self, send: Send) -> Answer:
        """What the caller sees of it."""
        error = self.error
        if error is not None:
            return Answer(error=error, took_ms=self.took_ms, source="model", rule=self.rule,
                          received=len(self.body))  # fmt: skip
        if len(self.body) > send.max_received:
            error = fail("too_large", "body", most=send.max_received)
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
    fault = item.fault
    if fault is None:
        if took_ms > send.timeout_s * 1000.0:
            return _late(rule, send, send.timeout_s * 1000.0)
        body = b"" if send.request.method.upper() == "HEAD" else item.body
        return Reply(rule, took_ms, item.status, item.headers, body)
    legal = legal_answer(fault, item, send, parts)
    if legal is not None:
        body = b"" if legal.status in (204, 304) else legal.body
        plain = item._replace(fault=None, status=legal.status, headers=legal.headers, body=body)
        return reply_to(send, parts, rule, plain, took_ms)._replace(fault=fault)
    script = script_of(fault, item, send, round(took_ms * 1000.0))
    if fault.phase in ("connect", "send"):
        return _unconnected(send, parts, rule, fault, script)
    return _scripted(send, parts, rule, item, fault, script)


def _unconnected(send: Send, parts: Parts, rule: str, fault: Fault, script: Script) -> Reply:
    """A fault before anything can be said."""
    limit_ms = send.timeout_s * 1000.0
    if script.wait_us > _us(send) and not fault.takes_whole_timeout:
        error = fail("connect_timeout", "connect", raised="ConnectTimeout", limit_s=send.timeout_s)
        return Reply(rule, limit_ms, error=error, raised="ConnectTimeout", fault=fault,
                     script=script)  # fmt: skip
    took_ms = limit_ms if fault.takes_whole_timeout else script.wait_us / 1000.0
    return Reply(
        rule,
        took_ms,
        error=fault.fail(send, parts.host),
        raised=fault.raised,
        detail=fault.text(parts.host),
        fault=fault,
        script=script,
    )


def _scripted(
    send: Send, parts: Parts, rule: str, item: CompiledItem, fault: Fault, script: Script
) -> Reply:
    status = 204 if fault.name == "body_on_204" and item.status != 304 else item.status
    bare = send.request.method.upper() == "HEAD" or status in (204, 304)
    how, took_us, body = outcome_of(script, _us(send), send.max_received, bare=bare)
    took_ms = took_us / 1000.0
    headers = own_headers(fault, item)
    if how in ("late_head", "late_body"):
        return _late(rule, send, took_ms, how == "late_body", body)._replace(
            status=status, headers=headers, fault=fault, script=script
        )
    if how == "too_large":
        error = fail("too_large", "body", most=send.max_received)
        return Reply(rule, took_ms, status, headers, error=error, fault=fault, script=script)
    if how == "whole" and (fault.kind != "decoding" or bare):
        return Reply(rule, took_ms, status, headers, body, fault=fault, script=script)
    announced = script.announced or 0
    return Reply(
        rule,
        took_ms,
        status,
        headers,
        body,
        fault.fail(send, parts.host, len(body), announced),
        fault.raised,
        fault.text(parts.host, len(body), announced),
        fault,
        script,
    )


def _us(send: Send) -> int:
    return round(send.timeout_s * 1_000_000.0)


def _late(rule: str, send: Send, took_ms: float, begun: bool = False, body: bytes = b"") -> Reply:
    error = fail("read_timeout", "body" if begun else "head", raised="ReadTimeout",
                 limit_s=send.timeout_s)  # fmt: skip
    return Reply(rule, took_ms, body=body, error=error, raised="ReadTimeout")
