"""The body of one request, within limits."""

from __future__ import annotations

import asyncio

from starlette.requests import Request

from sandbox.serve.refusals import Refusal

__all__ = ["MOST_BODY", "body_of", "check_content_type"]

MOST_BODY = 1_000_000
"""Bytes of a body that are accepted."""

_LINGER = 8_000_000
_BODY_S = 15.0
_CLOSE = {"Connection": "close"}


def check_content_type(request: Request) -> None:
    """Only JSON, in UTF-8.

    Raises:
        Refusal: 415.
    """
    given = request.headers.get("content-type", "")
    kind, _, parameters = given.partition(";")
    wrong = kind.strip().lower() != "application/json"
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip(' "').lower() not in ("utf-8", "utf8"):
            wrong = True
    if wrong:
        raise Refusal(
            "UNSUPPORTED_MEDIA_TYPE",
            f"the Content-Type is {given or 'missing'!r}; send application/json",
        )


async def body_of(request: Request) -> bytes:
    """The whole body.

    Raises:
        Refusal: 411 without a length, 413 past the limit, 408 when it does not arrive.
    """
    length = request.headers.get("content-length")
    if length is None and "transfer-encoding" not in request.headers:
        raise Refusal("LENGTH_REQUIRED", "send a body, and its length in Content-Length")
    announced = int(length) if length is not None and length.isdecimal() else 0
    if announced > _LINGER or (announced > MOST_BODY and "expect" in request.headers):
        raise _too_large()
    body = bytearray()
    seen = 0
    try:
        async with asyncio.timeout(_BODY_S):
            async for piece in request.stream():
                seen += len(piece)
                # Read on for a while: hanging up on a client that still sends loses the reply.
                if seen > _LINGER:
                    break
                if seen <= MOST_BODY:
                    body += piece
    except TimeoutError:
        raise Refusal(
            "REQUEST_TIMEOUT", "the body did not arrive in time", headers=_CLOSE
        ) from None
    if seen > MOST_BODY:
        raise _too_large()
    return bytes(body)


def _too_large() -> Refusal:
    return Refusal(
        "PAYLOAD_TOO_LARGE", f"the body is larger than {MOST_BODY:,} bytes", headers=_CLOSE
    )
