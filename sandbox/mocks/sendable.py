"""Whether a request could be sent at all, so that a mock never accepts what a client cannot send.

The rules are those of h11 0.16 (a request that it refuses would fail before its first byte) and
RFC 9110 §5.5 without its obsolete text: header values are visible ASCII, spaces and tabs.
"""

from __future__ import annotations

import re

from sandbox.mocks.messages import fail
from sandbox.mocks.urls import BadUrl, Parts, split_url
from sandbox.model.exchange import Fail, Send
from sandbox.sendable import header_problem

__all__ = ["refusal", "request_problem", "url_refusal"]

_METHOD = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")


def request_problem(send: Send) -> str:
    """Why the method or the headers cannot be sent, else empty."""
    method, _, headers, body = send.request
    if not _METHOD.fullmatch(method):
        return f"{method!r} is not a method"
    if method.upper() == "CONNECT":
        return "CONNECT is for proxies"
    hosts = 0
    for name, value in headers:
        problem = header_problem(name, value)
        if problem:
            return problem
        folded = name.lower()
        if folded == "host":
            hosts += 1
            if hosts > 1:
                return "there are two Host headers"
        elif folded == "content-length" and value != str(len(body)):
            return f"Content-Length says {value!r}, and the body has {len(body)} bytes"
        elif folded == "transfer-encoding":
            return "Transfer-Encoding is the sender's own; the body goes out with Content-Length"
    return ""


def url_refusal(send: Send) -> Parts | Fail:
    """The URL's parts, or the failure when it cannot be called (of a redirect: bad_redirect)."""
    try:
        return split_url(send.request.url)
    except BadUrl as bad:
        if send.hop:
            return fail("bad_redirect", "redirect", detail=bad.reason)
        return fail(bad.kind, "build", detail=bad.reason)


def refusal(send: Send) -> Parts | Fail:
    """The URL's parts of a request that can be sent, else the failure."""
    parts = url_refusal(send)
    if isinstance(parts, Fail):
        return parts
    problem = request_problem(send)
    return fail("unsendable", "build", detail=problem) if problem else parts
