"""A real endpoint on 127.0.0.1 for first live calls: it echoes, and tells what arrived.

``EchoServer`` has the connections; ``reply_to`` decides, purely, what a path answers.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from sandbox.model.base import Json, dump_json
from sandbox.serve.http1 import Incoming, Limits, Refused, read_request, write_answer
from sandbox.serve.listener import Listener, hang_up

__all__ = ["HELP", "EchoReply", "EchoServer", "RequestSeen", "reply_to"]

HELP = """\
An endpoint for first live calls. Any method.

  /post, any path    200, and what arrived as JSON: method, url, headers, json, text
  /status/503        that status (200 to 999)
  /slow?s=3          the same as /post, after so many seconds (at most 60)
  /redirect          302 to /post; ?to=URL for another place, ?status=307 for another kind
  /                  this text
"""

_MOST_SLOW_S = 60.0
_JSON = (("Content-Type", "application/json"),)
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
_STATUS = re.compile(r"/status/([0-9]{3})/?")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_SAFE = "!#$%&'()*+,/:;=?@[]~"


class RequestSeen(NamedTuple):
    """One request that arrived, and how it is answered."""

    method: str
    target: str
    """Path and query, as on the request line."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int


class EchoReply(NamedTuple):
    """What one request is answered."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    after_s: float = 0.0


def reply_to(request: Incoming, origin: str) -> EchoReply:
    """What a request is answered; ``origin`` (``http://127.0.0.1:8000``) stands before its path."""
    try:
        split = urlsplit(request.target)
        query = parse_qs(split.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return _text(400, "the request's target cannot be read\n")
    path = split.path
    status = _STATUS.fullmatch(path)
    if status is not None and int(status[1]) >= 200:
        body = dump_json({"status": int(status[1])})
        return EchoReply(int(status[1]), _JSON, body)
    if path == "/slow":
        return _slow(request, origin, query.get("s", ["3"])[-1])
    if path == "/redirect":
        return _redirect(query)
    if path == "/":
        return _text(200, HELP)
    if path == "/status" or path.startswith("/status/"):
        return _text(404, f"{path} names no status from 200 to 999\n\n{HELP}")
    # Whatever a journey calls is there, so that a newcomer's first live call succeeds.
    return EchoReply(200, _JSON, _echo(request, origin))


class EchoServer(Listener):
    """The endpoint."""

    def __init__(
        self,
        on_request: Callable[[RequestSeen], None] | None = None,
        *,
        limits: Limits | None = None,
    ) -> None:
        """``on_request`` is told of every request, secrets and all, before it is answered."""
        super().__init__(limits or Limits())
        self._on_request = on_request

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after the other."""
        while await self._one(reader, writer):
            pass

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read and answer one request; whether another may follow."""
        request = await read_request(reader, writer, self._limits)
        if request is None:
            return False
        reply = reply_to(request, self.url)
        if self._on_request is not None:
            self._on_request(
                RequestSeen(
                    request.method, request.target, request.headers, request.body, reply.status
                )
            )
        if reply.after_s:
            await asyncio.sleep(reply.after_s)
        write_answer(
            writer,
            reply.status,
            reply.headers,
            reply.body,
            keep_alive=request.keep_alive,
            head_only=request.method == "HEAD",
        )
        async with asyncio.timeout(self._limits.idle_s):
            await writer.drain()
        return request.keep_alive

    async def refuse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refused: Refused
    ) -> None:
        """Say why, and hang up without cutting off a client that is still sending."""
        write_answer(
            writer, refused.status, _TEXT, f"{refused.reason}\n".encode(), keep_alive=False
        )
        await hang_up(reader, writer)


def _echo(request: Incoming, origin: str) -> bytes:
    headers: dict[str, str] = {}
    for name, value in request.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    target = request.target
    document: dict[str, Json] = {
        "method": request.method,
        "url": origin + target if target.startswith("/") else target,
        "headers": headers,
        "json": _parsed(request.body),
        "text": request.body.decode("utf-8", "replace"),
    }
    try:
        return dump_json(document)
    except RecursionError:
        return dump_json({**document, "json": None})


def _parsed(body: bytes) -> Json:
    """The body as JSON; None when it is none."""
    try:
        # Not orjson: whole numbers past 64 bits must come back as they were sent.
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Json:
    raise ValueError(name)


def _slow(request: Incoming, origin: str, seconds: str) -> EchoReply:
    try:
        wanted = float(seconds)
    except ValueError:
        wanted = math.nan
    if not 0 <= wanted <= _MOST_SLOW_S:
        return _text(400, f"s is a number of seconds from 0 to {_MOST_SLOW_S:g}\n")
    return EchoReply(200, _JSON, _echo(request, origin), wanted)


def _redirect(query: dict[str, list[str]]) -> EchoReply:
    to = query.get("to", ["/post"])[-1] or "/post"
    status = query.get("status", ["302"])[-1]
    if _CONTROL.search(to):
        return _text(400, "to is a URL or a path, without spaces or control characters\n")
    if status not in ("301", "302", "303", "307", "308"):
        return _text(400, "status is 301, 302, 303, 307 or 308\n")
    return EchoReply(int(status), (("Location", quote(to, safe=_SAFE)), *_TEXT), b"")


def _text(status: int, text: str) -> EchoReply:
    return EchoReply(status, _TEXT, text.encode("utf-8", "replace"))
