"""Every exception of httpx, as a failure of the closed list.

| exception | kind @ phase |
|---|---|
| ConnectError with gaierror in its chain | dns @ connect |
| ConnectError with SSLError in its chain, or broken during a TLS handshake | tls @ connect |
| ConnectError otherwise | refused @ connect |
| ConnectTimeout, PoolTimeout, WriteTimeout | connect_timeout, pool_timeout @ connect; write_timeout @ send |
| ReadTimeout | read_timeout @ head or body |
| WriteError | reset @ send |
| ReadError, CloseError, any other NetworkError | reset @ head or body |
| RemoteProtocolError: server disconnected | disconnected @ head |
| RemoteProtocolError: peer closed connection | truncated @ body |
| RemoteProtocolError: invalid location | bad_redirect @ redirect |
| RemoteProtocolError otherwise, CookieConflict, StreamError | protocol @ head or body |
| LocalProtocolError | unsendable @ build |
| InvalidURL, UnsupportedProtocol | invalid_url, unsupported_scheme @ build |
| ProxyError | proxy @ connect |
| DecodingError | decoding @ body |
| TooManyRedirects | too_many_redirects @ redirect |
| respx AllMockedAssertionError | unmatched @ sandbox |

Refused, DNS and TLS all arrive as ConnectError, so the chain of causes is looked through. Whether
the head had arrived is known by whoever reads the stream, and passed in.
"""  # noqa: E501

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from sandbox.mocks.messages import fail
from sandbox.model.exchange import Fail, Phase

__all__ = ["FAILURES", "chain", "fail_from"]

FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpx.CookieConflict,
    OSError,
    AssertionError,
)
"""What sending and reading may raise because of the endpoint; ``fail_from`` sorts out bugs of ours.

``httpx.HTTPError`` is not enough: the next three do not descend from it, a socket's own error may
come through while a connection is closed, and respx raises a bare AssertionError's child.
"""

_MOST_CAUSES = 64
_PLAIN: tuple[tuple[type[Exception], str, Phase], ...] = (
    (httpx.ConnectTimeout, "connect_timeout", "connect"),
    (httpx.PoolTimeout, "pool_timeout", "connect"),
    (httpx.WriteTimeout, "write_timeout", "send"),
    (httpx.WriteError, "reset", "send"),
    (httpx.LocalProtocolError, "unsendable", "build"),
    (httpx.UnsupportedProtocol, "unsupported_scheme", "build"),
    (httpx.InvalidURL, "invalid_url", "build"),
    (httpx.ProxyError, "proxy", "connect"),
    (httpx.DecodingError, "decoding", "body"),
    (httpx.TooManyRedirects, "too_many_redirects", "redirect"),
)


def fail_from(
    error: BaseException, *, head_seen: bool = False, limit_s: float = 0.0, secure: bool = False
) -> Fail:
    """What an exception means; its message is never empty.

    Args:
        error: one of ``FAILURES``.
        head_seen: whether the status and headers had arrived.
        limit_s: the time-out that applied.
        secure: whether the call went to an https URL.

    Raises:
        BaseException: ``error`` itself, when it is no endpoint's doing but a bug of ours.
    """
    kind, phase = _kind_and_phase(error, head_seen, secure)
    raised = type(error).__name__
    return fail(kind, phase, raised=raised, detail=_detail(error), limit_s=limit_s)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, its causes and contexts, and the members of groups among them."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_CAUSES:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def _kind_and_phase(error: BaseException, head_seen: bool, secure: bool) -> tuple[str, Phase]:
    for found, kind, phase in _PLAIN:
        if isinstance(error, found):
            return kind, phase
    here: Phase = "body" if head_seen else "head"
    if isinstance(error, httpx.ConnectError):
        return _connect_kind(error, secure), "connect"
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return "read_timeout", here
    if isinstance(error, httpx.RemoteProtocolError):
        return _protocol(str(error), here)
    if isinstance(error, (httpx.NetworkError, OSError)):
        return "reset", here
    if isinstance(error, (httpx.HTTPError, httpx.StreamError, httpx.CookieConflict)):
        return "protocol", here
    if type(error).__name__ == "AllMockedAssertionError":
        return "unmatched", "sandbox"
    raise error


def _connect_kind(error: httpx.ConnectError, secure: bool) -> str:
    causes = list(chain(error))
    if any(isinstance(one, socket.gaierror) for one in causes):
        return "dns"
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return "tls"
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return "refused"
    # The TCP connection stood and then broke: only a handshake can have been under way.
    broken = ("BrokenResourceError", "EndOfStream", "ConnectionResetError")
    if secure and any(type(one).__name__ in broken for one in causes):
        return "tls"
    return "refused"


def _protocol(text: str, here: Phase) -> tuple[str, Phase]:
    if here == "head" and text.startswith("Server disconnected"):
        return "disconnected", "head"
    if here == "body" and text.startswith("peer closed connection"):
        return "truncated", "body"
    if "location header" in text:
        return "bad_redirect", "redirect"
    return "protocol", here


def _detail(error: BaseException) -> str:
    """What the exception says, or else the system's own error below it."""
    if str(error):
        return str(error)
    for one in chain(error):
        if isinstance(one, OSError) and not isinstance(one, TimeoutError) and str(one):
            return str(one)
    return ""
