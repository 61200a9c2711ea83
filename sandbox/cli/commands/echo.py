"""``echo``: a real endpoint on this machine, for first live calls."""

from __future__ import annotations

import argparse
import asyncio
import signal

from sandbox.cli.output import Output, narrate
from sandbox.masking import Masker
from sandbox.serve.echo import HELP, EchoServer, RequestSeen

__all__ = ["echo"]


def echo(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; what arrives is printed, secrets masked."""
    return asyncio.run(_serve(arguments, Output(arguments)))


async def _serve(arguments: argparse.Namespace, output: Output) -> int:
    masker = Masker()

    def seen(request: RequestSeen) -> None:
        headers = {name: masker.header(name, value) for name, value in request.headers}
        text = request.body.decode("utf-8", "replace")
        target = masker.url(request.target)
        if arguments.json:
            output.json(
                {
                    "method": request.method,
                    "target": target,
                    "headers": headers,
                    "text": text,
                    "status": request.status,
                }
            )
            return
        output.line(
            f"{request.method} {target}  →  {request.status}".replace("→", output.glyphs.jump)
        )
        for name, value in headers.items():
            output.line(f"    {name}: {value}")
        if text:
            output.line(f"    {text}")

    server = EchoServer(on_request=seen)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        try:
            loop.add_signal_handler(getattr(signal, name), stop.set)
        except (NotImplementedError, AttributeError):  # Windows: Ctrl-C raises instead
            break
    await server.start(arguments.port)
    if arguments.json:
        output.json({"url": server.url})
    else:
        narrate(f"echo on {server.url}; Ctrl-C stops it\n\n{HELP}")
        narrate(
            f"live calls: sandbox fire api-call --profile 7 --live --allow-host {server.url[7:]}"
        )
    try:
        await stop.wait()
    finally:
        await server.stop()
    return 0
