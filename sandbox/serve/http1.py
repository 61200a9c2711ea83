"""Reads one HTTP/1.1 request from a stream and writes one answer, within limits.

No more of the protocol than an endpoint on loopback needs (RFC 9112), and strict about the parts
that can be read in two ways: a request with both Content-Length and Transfer-Encoding, or with two
different lengths, is refused. Nothing is ever read past a limit.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

__all__ = ["Incoming", "Limits", "Refused", "read_request", "write_answer"]

_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_TARGET = re.compile(r"[\x21-\x7e]+")
_VERSION = re.compile(r"HTTP/1\.[0-9]")
_DIGITS = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(r"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?")
_PIECE = 65_536


class Limits(NamedTuple):
    """What a server takes from one client."""

    head: int = 65_536
    """Bytes of request line and headers."""
    body: int = 10_000_000
    """Bytes of body."""
    connections: int = 256
    """Open at one time."""
    idle_s: float = 15.0
    """Seconds for a request's head to arrive, and for each piece of its body."""


class Incoming(NamedTuple):
    """One request as it arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    keep_alive: bool
    """Whether the client wants the connection to stay."""


class Refused(Exception):
    """A request that is answered with an error, after which the connection closes."""

    def __init__(self, status: int, reason: str) -> None:
        """``status`` and a sentence for the client."""
        super().__init__(reason)
        self.status = status
        self.reason = reason


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
) -> Incoming | None:
    """The next request; None when the client has gone or stays silent.

    Raises:
        Refused: when it is malformed, too large or too slow.
    """
    head = bytearray()
    try:
        async with asyncio.timeout(limits.idle_s):
            lines = await _read_head(reader, limits, head)
    except TimeoutError:
        if not head:
            return None
        raise Refused(408, "the request did not arrive in time") from None
    if lines is None:
        return None
    method, target, version = _request_line(lines[0])
    headers = tuple(_header(line) for line in lines[1:])
    length, chunked = _framing(headers, version)
    if length > limits.body:
        raise _too_large(limits)
    if "100-continue" in _values(headers, "expect"):
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        if chunked:
            body = await _read_chunks(reader, limits)
        else:
            body = await _read_exactly(reader, length, limits)
    except TimeoutError:
        raise Refused(408, "the body did not arrive in time") from None
    except asyncio.IncompleteReadError:
        return None
    options = _values(headers, "connection")
    keep = "close" not in options and (version != "HTTP/1.0" or "keep-alive" in options)
    return Incoming(method, target, headers, body, keep)


def write_answer(
    writer: asyncio.StreamWriter,
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    keep_alive: bool,
    head_only: bool = False,
) -> None:
    """Put one answer into the writer's buffer; 204 and 304 never carry a body."""
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Status"
    bare = status in (204, 304)
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    if not bare:
        lines.append(f"Content-Length: {len(body)}")
    lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
    if body and not bare and not head_only:
        writer.write(body)


async def _read_head(
    reader: asyncio.StreamReader, limits: Limits, head: bytearray
) -> list[str] | None:
    """The request line and the header lines; ``head`` grows as they arrive."""
    lines: list[str] = []
    while True:
        try:
            line = await reader.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise _head_too_large(limits) from None
        except asyncio.IncompleteReadError as cut:
            if head or cut.partial.strip():
                raise Refused(400, "the request stops in the middle of its head") from None
            return None
        if not head and line in (b"\r\n", b"\n"):
            # RFC 9112 §2.2: an empty line before the request line is to be ignored, once.
            head += line
            continue
        head += line
        if len(head) > limits.head:
            raise _head_too_large(limits)
        if not line.endswith(b"\r\n"):
            raise Refused(400, "a line of the head does not end with CR LF")
        if line == b"\r\n":
            if not lines:
                raise Refused(400, "the request line is missing")
            return lines
        lines.append(line[:-2].decode("latin-1"))


def _head_too_large(limits: Limits) -> Refused:
    return Refused(431, f"the request's head is larger than {limits.head:,} bytes")


def _too_large(limits: Limits) -> Refused:
    return Refused(413, f"the body is larger than {limits.body:,} bytes")


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not _TARGET.fullmatch(parts[1]):
        raise Refused(400, "the request line is not METHOD TARGET HTTP/1.1")
    if not _VERSION.fullmatch(parts[2]):
        raise Refused(505, "only HTTP/1.0 and HTTP/1.1 are spoken here")
    return parts[0], parts[1], parts[2]


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not _TOKEN.fullmatch(name) or any(char in value for char in "\r\n\0"):
        raise Refused(400, "a line of the headers is not NAME: VALUE")
    return name, value.strip(" \t")


def _values(headers: Iterable[tuple[str, str]], wanted: str) -> list[str]:
    """The comma-separated values of a header, in lower case."""
    return [
        part.strip().lower()
        for name, value in headers
        if name.lower() == wanted
        for part in value.split(",")
    ]


def _framing(headers: Iterable[tuple[str, str]], version: str) -> tuple[int, bool]:
    """The body's length, and whether it comes in chunks instead (RFC 9112 §6.3)."""
    pairs = list(headers)
    codings, lengths = _values(pairs, "transfer-encoding"), _values(pairs, "content-length")
    if version != "HTTP/1.0" and len([1 for name, _ in pairs if name.lower() == "host"]) != 1:
        raise Refused(400, "the request needs exactly one Host header")
    if codings:
        if lengths or version == "HTTP/1.0":
            raise Refused(400, "the length of the body can be read in two ways")
        if codings != ["chunked"]:
            raise Refused(501, "the only transfer coding here is chunked")
        return 0, True
    if not lengths:
        return 0, False
    if len(set(lengths)) > 1 or not _DIGITS.fullmatch(lengths[0]):
        raise Refused(400, "Content-Length is not one number")
    return int(lengths[0]), False


async def _read_exactly(reader: asyncio.StreamReader, length: int, limits: Limits) -> bytes:
    parts: list[bytes] = []
    while length:
        async with asyncio.timeout(limits.idle_s):
            part = await reader.readexactly(min(length, _PIECE))
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


async def _read_chunks(reader: asyncio.StreamReader, limits: Limits) -> bytes:
    body = bytearray()
    framing = 0
    while True:
        line = await _line(reader, limits)
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise Refused(400, "a chunk does not begin with its length")
        size = int(match[1], 16)
        if len(body) + size > limits.body:
            raise _too_large(limits)
        if size == 0:
            break
        body += await _read_exactly(reader, size, limits)
        if await _read_exactly(reader, 2, limits) != b"\r\n":
            raise Refused(400, "a chunk is longer than it says")
        framing += len(line) + 4
        if framing > limits.body:
            # Bodies in chunks of one byte: the framing may not outgrow what it frames.
            raise _too_large(limits)
    trailers = 0
    while line := await _line(reader, limits):
        trailers += len(line)
        if trailers > limits.head:
            raise _head_too_large(limits)
    return bytes(body)


async def _line(reader: asyncio.StreamReader, limits: Limits) -> str:
    try:
        async with asyncio.timeout(limits.idle_s):
            line = await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError:
        raise Refused(400, "a line between chunks is too long") from None
    return line[:-2].decode("latin-1")
