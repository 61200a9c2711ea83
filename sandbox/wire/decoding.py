"""Undo a body's content-encoding, never making more bytes than are accepted.

httpx would inflate whole chunks and layers before anyone can count them, and takes a gzip stream
that stops early for complete; both matter here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sandbox.mocks.messages import fail
from sandbox.model.exchange import Fail

__all__ = ["decode_body"]

_MOST_LAYERS = 4
_GZIP_MAGIC = b"\x1f\x8b"


def decode_body(body: bytes, headers: Iterable[tuple[str, str]], most: int) -> bytes | Fail:
    """The body as its author wrote it, or why that cannot be.

    gzip and deflate are undone; like httpx without its extras, any other coding is left as it is.
    RFC 9110 §8.4: codings are listed in the order in which they were applied.
    """
    codings = [
        coding.strip().lower()
        for name, value in headers
        if name.lower() == "content-encoding"
        for coding in value.split(",")
    ]
    layers = [coding for coding in codings if coding not in ("", "identity")]
    if not body or any(coding not in ("gzip", "x-gzip", "deflate") for coding in layers):
        return body
    if len(layers) > _MOST_LAYERS:
        return _broken(f"{len(layers)} codings one over the other")
    for coding in reversed(layers):
        decoded = _deflate(body, most) if coding == "deflate" else _gunzip(body, most)
        if isinstance(decoded, Fail):
            return decoded
        body = decoded
    return body


def _broken(detail: str) -> Fail:
    return fail("decoding", "body", raised="DecodingError", detail=detail)


def _gunzip(body: bytes, most: int) -> bytes | Fail:
    parts: list[bytes] = []
    room = most
    # A gzip file may have several members; what follows the last one is ignored (RFC 1952 §2.2).
    while not parts or body.startswith(_GZIP_MAGIC):
        found = _inflate(body, zlib.MAX_WBITS | 16, room)
        if isinstance(found, Fail):
            return found
        part, body = found
        parts.append(part)
        room -= len(part)
        if room < 0:
            return fail("too_large", "body", most=most)
    return b"".join(parts)


def _deflate(body: bytes, most: int) -> bytes | Fail:
    """The format of zlib or, as some servers send, its bare inside (RFC 9110 §8.4.1.2)."""
    found = _inflate(body, zlib.MAX_WBITS, most)
    if isinstance(found, Fail):
        bare = _inflate(body, -zlib.MAX_WBITS, most)
        found = found if isinstance(bare, Fail) else bare
    if isinstance(found, Fail):
        return found
    return found[0] if len(found[0]) <= most else fail("too_large", "body", most=most)


def _inflate(body: bytes, window: int, most: int) -> tuple[bytes, bytes] | Fail:
    """One stream (up to one byte more than ``most``) and what follows it."""
    stream = zlib.decompressobj(window)
    try:
        part = stream.decompress(body, most + 1)
    except zlib.error as wrong:
        return _broken(str(wrong))
    if len(part) <= most and not stream.eof:
        # httpx raises nothing here: it takes what came for the whole body.
        return fail("decoding", "body", detail="the compressed stream stops before its end")
    return part, stream.unused_data
