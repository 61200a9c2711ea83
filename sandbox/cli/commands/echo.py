"""``echo``: a real endpoint on this machine, for first live calls."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Callable

from sandbox.charts.line import Span
from sandbox.cli.compose import known_secrets
from sandbox.cli.output import Output, narrate
from sandbox.cli.signals import INTERRUPTED, caught_into
from sandbox.cli.wrapping import wrap
from sandbox.engine.credentials import sent_secrets
from sandbox.engine.fold import request_document
from sandbox.errors import SandboxError
from sandbox.formats.pretty import pretty
from sandbox.masking import Masker
from sandbox.model.base import Json
from sandbox.model.exchange import Request
from sandbox.serve.echo import HELP, EchoServer, RequestSeen

__all__ = ["echo"]

_DEMO_PORT = 8765
"""Where the demo's BASE_URL leads."""


def echo(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; what arrives is printed, secrets masked."""
    with known_secrets(arguments) as secrets:
        known = secrets()

        def masker() -> Masker:
            nonlocal known
            with contextlib.suppress(SandboxError):  # the workspace is being changed
                known = secrets()
            return Masker(known, arguments.reveal)

        return asyncio.run(_serve(arguments, Output(arguments), masker))


async def _serve(
    arguments: argparse.Namespace, output: Output, masker: Callable[[], Masker]
) -> int:
    stop = asyncio.Event()

    def seen(request: RequestSeen) -> None:
        document = _document(request, masker())
        try:
            if arguments.json:
                output.json(document)
            else:
                _show(document, output)
        except BrokenPipeError:
            stop.set()

    server = EchoServer(on_request=seen)
    caught: list[int] = []
    caught_into(caught, stop)
    port = await server.start(arguments.port)
    if arguments.json:
        output.json({"url": server.url})
    else:
        narrate(f"echo on {server.url}; Ctrl-C stops it\n\n{HELP}")
        base = "" if port == _DEMO_PORT else f"BASE_URL={server.url} "
        narrate(
            "live calls, from another terminal:\n"
            f"  {base}sandbox fire api-call --profile 7 --live --allow-host 127.0.0.1\n"
        )
    try:
        await stop.wait()
    finally:
        await server.stop()
    return INTERRUPTED if signal.SIGINT in caught else 0


def _document(request: RequestSeen, masker: Masker) -> dict[str, Json]:
    sent = Request(request.method, request.target, request.headers, request.body)
    shown = request_document(sent, masker.also(sent_secrets([sent])))
    return {
        "method": request.method,
        "target": shown["url"],
        "headers": shown["headers"],
        "text": shown["text"],
        "status": request.status,
    }


def _show(request: dict[str, Json], output: Output) -> None:
    first = f"{request['method']} {request['target']}  {output.glyphs.jump} {request['status']}"
    lines = wrap([Span(first, "strong")], output.width, 4)
    for name, value in request["headers"].items():
        lines += wrap([Span(f"    {name}: {value}", "dim")], output.width, 6)
    for text in pretty(request["text"]) if request["text"] else ():
        lines += wrap([Span(f"    {text}")], output.width, 6)
    output.lines(lines)
    output.flush()
