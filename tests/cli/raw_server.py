"""A server on 127.0.0.1 that keeps the very bytes it was sent, one request per connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import TypeVar

Listening = TypeVar("Listening", bound="RawServer")

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'


class RawServer:
    """Answers every request with the same bytes, or with none at all."""

    def __init__(self, answer: bytes | None = OK) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            with contextlib.suppress(OSError):
                request = _request(connection)
                self.requests.append(request)
                answer = self.answer_to(request)
                if answer is not None:
                    connection.sendall(answer)
                    connection.close()

    def answer_to(self, request: bytes) -> bytes | None:
        return self._answer

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        more = connection.recv(65_536)
        body += more
        data += more
    return data


def raw_server(answer: bytes | None = OK) -> contextlib.AbstractContextManager[RawServer]:
    return listening(RawServer(answer))


@contextlib.contextmanager
def listening(server: Listening) -> Iterator[Listening]:
    """A server in a thread of its own."""
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
