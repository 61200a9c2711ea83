"""httpbin, a server that nobody here wrote, as a process of its own on 127.0.0.1.

Prints its port, then serves until it is ended. ``/seen`` lists what has arrived.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from httpbin import app

seen: list[str] = []


def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/seen":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(seen).encode()]
    seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
    answer: Iterable[bytes] = app(environ, start_response)
    return answer


class Threaded(ThreadingMixIn, WSGIServer):
    """A slow reply holds nobody else up."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


if __name__ == "__main__":
    with make_server("127.0.0.1", 0, counted, Threaded, Quiet) as server:
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()
