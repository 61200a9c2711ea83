"""From an item of a rule to its script: which bytes each fault of the catalogue is.

The length is the server's business: Content-Length, Transfer-Encoding and Connection that an item
says are left out, and so is a Content-Encoding under a fault that does not mean it. Without a fault
a body whose headers say gzip or deflate is compressed on its way.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from sandbox.mocks.compiled import CompiledItem
from sandbox.mocks.faults import Fault
from sandbox.mocks.script import End, Fill, Pieces, Say, Script
from sandbox.mocks.urls import Parts
from sandbox.model.exchange import Send

__all__ = ["FRAMING", "LegalAnswer", "legal_answer", "own_headers", "plain_script", "script_of"]

FRAMING: Final = frozenset(("content-length", "transfer-encoding", "connection"))
"""Headers that belong to the way of an answer, not to the answer; lower case."""

_Headers = tuple[tuple[str, str], ...]

_HUGE = 50_000_000
_TOO_LONG = 200_000
_MOST_US = 604_800_000_000
_DRIP = (4, 200_000)
_BYTES_PER_S = 100.0
_PHRASES: Final[Mapping[int, str]] = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently",
    302: "Found", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 409: "Conflict", 422: "Unprocessable Content", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip


class LegalAnswer(NamedTuple):
    """An answer as its author wrote it."""

    status: int
    headers: _Headers
    body: bytes


def legal_answer(fault: Fault, item: CompiledItem, send: Send, parts: Parts) -> LegalAnswer | None:
    """The answer of a fault that breaks no rule of HTTP; None when it needs a script."""
    headers, body = item.headers, item.body
    if fault.name == "wrong_charset":
        return LegalAnswer(item.status, headers, _not_utf8(body))
    if fault.phase == "redirect":
        status = item.status if item.status in (301, 302, 303, 307, 308) else fault.status
        place = next((value for name, value in fault.headers if name == "location"), "")
        place = place.replace("{url}", send.request.url).replace("{host}", parts.authority)
        kept = tuple(one for one in headers if one[0].lower() != "location")
        return LegalAnswer(status, (*kept, ("location", place)) if place else kept, body)
    if fault.name == "wrong_content_type" or (fault.is_answer and not fault.breaks_answer):
        return LegalAnswer(item.status, headers, body)
    return None


def plain_script(
    status: int, headers: _Headers, body: bytes, wait_us: int, *, head_only: bool = False
) -> Script:
    """A whole answer with its length."""
    if status not in (204, 304):
        body = _encoded(headers, body)
    kept = tuple(one for one in headers if one[0].lower() not in FRAMING)
    # Of a body that is not there, HEAD says no length either.
    bare = status in (204, 304) or (head_only and not body)
    announced = None if bare else len(body)
    head = _head(status, kept, announced)
    said = () if head_only or announced is None else (Pieces(body),)
    return Script(wait_us, head, said, announced=announced)


def own_headers(fault: Fault, item: CompiledItem) -> _Headers:
    """The headers of an answer that goes by a script, without those of its way."""
    left_out = FRAMING | {"content-encoding"}
    kept = tuple(one for one in item.headers if one[0].lower() not in left_out)
    return (*kept, ("content-encoding", "gzip")) if fault.name.startswith("gzip") else kept


def script_of(fault: Fault, item: CompiledItem, send: Send, wait_us: int) -> Script:
    """What a server does under a fault that ``legal_answer`` does not know."""
    if fault.phase == "connect":
        handshake = fault.name.startswith("tls_")
        return Script(wait_us, no_connection=not handshake, no_handshake=handshake)
    if fault.phase == "send":
        return Script(wait_us, reads=False)
    if fault.phase == "head":
        said, end = _HEADS[fault.name]
        return Script(wait_us, said, end=end, answers=False)
    made = _MAKERS[fault.name](_Making.of(fault, item, send, wait_us))
    if send.request.method.upper() == "HEAD":
        return made._replace(body=(), end="keep")
    return made


_OK: Final = b"HTTP/1.1 200 OK\r\n"
_HEADS: Final[Mapping[str, tuple[bytes, End]]] = {
    "read_timeout": (b"", "hold"),
    "reset": (b"", "reset"),
    "empty_response": (b"", "close"),
    "garbage": (b"\x00\x01\x02 not HTTP\r\n\r\n", "close"),
    "bad_status_line": (b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", "close"),
    "bad_header": (_OK + b"no colon here\r\nContent-Length: 0\r\n\r\n", "close"),
    "headers_too_big": (_OK + b"X-Long: " + b"a" * _TOO_LONG + b"\r\n\r\n", "close"),
    "unasked_101": (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n",
        "close",
    ),
}


class _Making(NamedTuple):
    """What a fault of the body is made from."""

    status: int
    headers: _Headers
    body: bytes
    after: int
    """Bytes of the body that come."""
    size: int
    every_us: int
    wait_us: int
    most: int

    @classmethod
    def of(cls, fault: Fault, item: CompiledItem, send: Send, wait_us: int) -> _Making:
        """``fault`` decides what the item leaves open."""
        headers = own_headers(fault, item)
        body = _gzip(item.body) if fault.name.startswith("gzip") else item.body
        after = len(body) // 2 if item.after_bytes is None else min(item.after_bytes, len(body))
        size, every_us = _speed(fault, item)
        return cls(item.status, headers, body, after, size, every_us, wait_us, send.max_received)

    def said(self, data: bytes) -> Pieces:
        """Part of the body, at the speed that was asked for."""
        return Pieces(data, self.size, self.every_us)

    def script(self, sent: bytes, announced: int, end: End = "close") -> Script:
        """An answer with a length, right or wrong."""
        head = _head(self.status, self.headers, announced, end)
        return Script(self.wait_us, head, (self.said(sent),), end, announced)

    def chunked(self, *rest: Say, announced: int) -> Script:
        """An answer in chunks: one that announces so many bytes, then the rest."""
        head = _head(self.status, (*self.headers, ("Transfer-Encoding", "chunked")), None, "close")
        sent = (Say(b"%x\r\n" % announced), self.said(self.body[: self.after])) if announced else ()
        return Script(self.wait_us, head, (*sent, *rest), "close")


def _broken_off(end: End) -> Callable[[_Making], Script]:
    def make(of: _Making) -> Script:
        return of.script(of.body[: of.after], max(len(of.body), of.after + 1), end)

    return make


def _truncated_chunked(of: _Making) -> Script:
    return of.chunked(announced=max(len(of.body), of.after + 1))


def _bad_chunk(of: _Making) -> Script:
    rest = b"\r\nzz\r\n" if of.after else b"zz\r\n"
    return of.chunked(Say(rest), announced=of.after)


def _huge(of: _Making) -> Script:
    count = max(_HUGE, of.most + 1)
    head = _head(of.status, of.headers, count, "close")
    return Script(of.wait_us, head, (Fill(count, of.size, of.every_us),), "close", count)


def _gzip_corrupt(of: _Making) -> Script:
    broken = of.body[:10] + b"\xff" * max(20, len(of.body) - 10)
    return of.script(broken, len(broken), "keep")


def _gzip_truncated(of: _Making) -> Script:
    after = max(1, min(of.after, len(of.body) - 1))
    return of.script(of.body[:after], after, "keep")


def _body_on_204(of: _Making) -> Script:
    status = of.status if of.status in (204, 304) else 204
    head = _head(status, of.headers, len(of.body), "close")
    return Script(of.wait_us, head, (of.said(of.body),), "close")


_MAKERS: Final[Mapping[str, Callable[[_Making], Script]]] = {
    "read_timeout_mid_body": _broken_off("hold"),
    "reset_mid_body": _broken_off("reset"),
    "truncated": _broken_off("close"),
    "truncated_chunked": _truncated_chunked,
    "bad_chunk": _bad_chunk,
    "length_mismatch": lambda of: of.script(of.body, min(of.after, max(0, len(of.body) - 1))),
    "drip": lambda of: of.script(of.body, len(of.body), "keep"),
    "bandwidth": lambda of: of.script(of.body, len(of.body), "keep"),
    "huge": _huge,
    "gzip_corrupt": _gzip_corrupt,
    "gzip_truncated": _gzip_truncated,
    "body_on_204": _body_on_204,
}


def _head(status: int, headers: _Headers, announced: int | None, end: End = "keep") -> bytes:
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if announced is not None:
        lines.append(f"Content-Length: {announced}")
    if end == "close":
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"


def _speed(fault: Fault, item: CompiledItem) -> tuple[int, int]:
    """Bytes of a piece (0: all at once) and the pause before each, in microseconds."""
    if item.drip is not None:
        return item.drip.bytes, round(min(item.drip.every_ms * 1000.0, _MOST_US))
    rate = item.bytes_per_s
    if rate is None:
        if fault.name == "drip":
            return _DRIP
        if fault.name != "bandwidth":
            return 0, 0
        rate = _BYTES_PER_S
    # Ten pieces a second, as far as a byte can be had in a tenth of one.
    size = max(1, int(min(rate / 10.0, 1e9)))
    return size, round(min(size / rate * 1_000_000.0, _MOST_US))


def _not_utf8(body: bytes) -> bytes:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body
    packed = text.encode("latin-1", "replace")
    # What is ASCII is the same in both; in UTF-16 it is not.
    return text.encode("utf-16") if packed.isascii() else packed


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()


def _encoded(headers: _Headers, body: bytes) -> bytes:
    coding = [
        value.strip().lower() for name, value in headers if name.lower() == "content-encoding"
    ]
    if not body or len(coding) != 1:
        return body
    if coding[0] in ("gzip", "x-gzip"):
        return _gzip(body)
    return zlib.compress(body) if coding[0] == "deflate" else body
