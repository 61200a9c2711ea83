"""Whether a request could be sent at all, so that a mock never accepts what a client cannot send.

The rules are those of h11 0.16 (a request that it refuses would fail before its first byte) and
RFC 9110 §5.5 without its obsolete text: header values are visible ASCII, spaces and tabs.
"""

from __future__ import annotations

import re

from sandbox.mocks.messages import fail
from sandbox.mocks.urls import BadUrl, Parts, split_url
from sandbox.model.exchange import Fail, Send

__all__ = ["header_problem", "refusal", "request_problem", "url_refusal"]

_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_VALUE = re.compile(r"(?:[\x21-\x7e]+(?:[ \t]+[\x21-\x7e]+)*)?")
_ODD = re.compile(r"[^\x20-\x7e\t]")
_NAMES = {"\n": "a line break", "\r": "a carriage return", "\x00": "a zero byte"}


def header_problem(name: str, value: str) -> str:
    """Why this header cannot be sent, else empty. Never tells the value: it may be a secret."""
    if not _TOKEN.fullmatch(name):
        return f"{name!r} is not a header name" if name else "a header has no name"
    if _VALUE.fullmatch(value):
        return ""
    odd = _ODD.search(value)
    if odd is None:
        return f"the value of header {name!r} starts or ends with a space"
    what = _NAMES.get(odd[0], f"the character U+{ord(odd[0]):04X}, which is not ASCII")
    if odd[0].isascii() and odd[0] not in _NAMES:
        what = f"the control character U+{ord(odd[0]):04X}"
    return f"the value of header {name!r} has {what} at character {odd.start() + 1}"


def request_problem(send: Send) -> str:
    """Why the method or the headers cannot be sent, else empty."""
    method, _, headers, body = send.request
    if not _TOKEN.fullmatch(method):
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
