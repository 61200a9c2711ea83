"""In front of every path: is this request meant for us, and what became of it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.model.base import dump_json
from sandbox.serve.refusals import Refusal

__all__ = ["HEAD_BYTES", "WARNING_HEADER", "Gate", "Heard", "refused"]

WARNING_HEADER = "X-Sandbox-Warning"
"""One for each thing that was accepted although the vendor might not."""

HEAD_BYTES = 32_768
"""Bytes of a request line with its headers."""

_OURS = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Heard(NamedTuple):
    """One request, and how it was answered."""

    method: str
    path: str
    status: int
    about: str
    """The journey and the person it started, or why it was refused."""
    warnings: tuple[str, ...]


class Gate:
    """Refuses a foreign Host with 421, numbers the requests and tells of each.

    A page in a browser can be led to this port under another name (DNS rebinding); its requests
    show that name. The vendor's 421 is for a key of another environment; that a foreign Host gets
    it is assumed.
    """

    def __init__(self, app: ASGIApp, tell: Callable[[Heard], None]) -> None:
        """``tell`` is called when the reply's head has gone out."""
        self._app = app
        self._tell = tell
        self._number = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._number += 1
        state = scope.setdefault("state", {})
        state["request_id"] = f"sandbox-{self._number}"
        state["about"] = ""

        async def answered(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                warnings = tuple(headers.getlist(WARNING_HEADER))
                path = scope["path"]
                heard = Heard(scope["method"], path, message["status"], state["about"], warnings)
                self._tell(heard)

        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if size + len(scope.get("raw_path") or b"") + len(scope["query_string"]) > HEAD_BYTES:
            # The parser bounds only what has not arrived whole.
            large = Refusal(
                "INVALID_HTTP_REQUEST",
                f"the request's head is larger than {HEAD_BYTES:,} bytes",
                headers={"Connection": "close"},
            )
            await refused(Request(scope), large)(scope, receive, answered)
            return
        host = Headers(scope=scope).get("host", "")
        name = host[: host.rindex("]") + 1] if "]" in host else host.partition(":")[0]
        if name.lower() not in _OURS:
            wrong = Refusal(
                "MISDIRECTED_REQUEST",
                f"this server answers for 127.0.0.1 and localhost, not for {host or 'no host'!r}",
            )
            await refused(Request(scope), wrong)(scope, receive, answered)
            return
        await self._app(scope, receive, answered)


def refused(request: Request, wrong: Refusal) -> Response:
    """The reply to a request that is refused."""
    request.state.about = wrong.message
    body = dump_json(wrong.envelope(request.state.request_id))
    return Response(body, wrong.kind.status, wrong.headers, "application/json")
