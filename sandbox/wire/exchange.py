"""One request through an httpx client and back: exactly these headers and bytes, once.

httpx adds headers, keeps cookies, looks at redirects and decodes bodies on its own. None of that
is wanted here: the engine decides, and what ``render`` shows is what arrives. ``AsIs`` shows the
client a response without headers, so that it finds nothing to act upon, and keeps the real ones
aside.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import httpx

from sandbox.mocks.messages import fail
from sandbox.mocks.urls import Parts
from sandbox.model.exchange import Fail, Send
from sandbox.wire.decoding import decode_body
from sandbox.wire.errors import FAILURES, fail_from

__all__ = ["AsIs", "BrokenOff", "Received", "build_request", "decoded", "new_client", "send_once"]

_KEPT = "sandbox.headers"
_AUTH = httpx.Auth()
_LENGTH_ALWAYS = ("POST", "PUT", "PATCH")


class Received(NamedTuple):
    """A whole answer as it came over the wire, its body still encoded."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class BrokenOff(NamedTuple):
    """Why there is no whole answer."""

    error: Fail
    received: int = 0
    """Bytes of body that had come; 0 where the sandbox stopped reading by itself."""


class AsIs(httpx.AsyncBaseTransport):
    """Passes requests on, and hides the headers of responses from the client."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        """``inner`` does the sending."""
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The inner transport's response, its headers kept in the extensions."""
        response = await self._inner.handle_async_request(request)
        return httpx.Response(
            response.status_code,
            stream=response.stream,
            extensions={**response.extensions, _KEPT: response.headers.raw},
        )

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


def new_client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """A client that follows nothing, keeps nothing and reads nothing from the environment."""
    return httpx.AsyncClient(transport=AsIs(transport), trust_env=False, follow_redirects=False)


def build_request(send: Send, parts: Parts) -> httpx.Request:
    """The request with its own headers, plus Host and Content-Length where they are missing.

    Raises:
        httpx.InvalidURL: when httpx knows more against the URL than ``parts`` did.
    """
    method, url, headers, body = send.request
    method = method.upper()
    names = {name.lower() for name, _ in headers}
    raw = [] if "host" in names else [(b"Host", parts.authority.encode("ascii"))]
    raw += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
    if "content-length" not in names and (body or method in _LENGTH_ALWAYS):
        raw.append((b"Content-Length", str(len(body)).encode("ascii")))
    limit = send.timeout_s
    return httpx.Request(
        method,
        httpx.URL(url),
        headers=raw,
        content=body,
        extensions={
            "timeout": {"connect": limit, "read": limit, "write": limit, "pool": limit},
            # httpx tidies paths (`/a/../b`); the request line says what the journey said.
            "target": parts.target.encode("ascii"),
        },
    )


def decoded(found: Received, most: int) -> Received | BrokenOff:
    """The answer with its content-encoding undone, at most so many bytes."""
    body = decode_body(found.body, found.headers, most)
    if not isinstance(body, Fail):
        return found._replace(body=body)
    return BrokenOff(body, 0 if body.kind == "too_large" else len(found.body))


async def send_once(
    client: httpx.AsyncClient, request: httpx.Request, send: Send
) -> Received | BrokenOff:
    """Send, and read the answer up to ``send.max_received`` bytes; never a second attempt."""
    head_seen = False
    parts: list[bytes] = []
    try:
        response = await client.send(request, stream=True, auth=_AUTH, follow_redirects=False)
        head_seen = True
        headers = _decoded(response.extensions[_KEPT])
        try:
            refused = await _read(response, headers, send, parts)
        finally:
            await response.aclose()
    except FAILURES as error:
        secure = request.url.scheme == "https"
        found = fail_from(error, head_seen=head_seen, limit_s=send.timeout_s, secure=secure)
        return BrokenOff(found, sum(map(len, parts)))
    if refused is not None:
        return BrokenOff(refused)
    return Received(response.status_code, headers, b"".join(parts))


async def _read(
    response: httpx.Response, headers: Iterable[tuple[str, str]], send: Send, parts: list[bytes]
) -> Fail | None:
    """Put the body's parts into the list; the failure when it is larger than is accepted."""
    bare = send.request.method.upper() == "HEAD" or response.status_code in (204, 304)
    if not bare:
        announced = next((v for name, v in headers if name.lower() == "content-length"), "")
        if announced.isascii() and announced.isdigit() and int(announced[:19]) > send.max_received:
            return fail("too_large", "body", most=send.max_received)
    room = send.max_received
    async for part in response.aiter_raw():
        if bare:
            continue
        parts.append(part)
        room -= len(part)
        if room < 0:
            return fail("too_large", "body", most=send.max_received)
    return None


def _decoded(raw: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((_text(name), _text(value)) for name, value in raw)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
