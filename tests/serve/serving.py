"""A trigger server under test, asked over a real socket with raw requests."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from sandbox.bench.bench import Bench
from sandbox.cli.compose import LateAnswerers
from sandbox.cli.demo import demo
from sandbox.model.base import Json
from sandbox.model.trace import TraceDocument
from sandbox.serve.credentials import Minted
from sandbox.serve.gate import Heard
from sandbox.serve.limiter import Limiter
from sandbox.serve.runs import Lost, Ran
from sandbox.serve.server import TriggerServer
from sandbox.store.workspace import Workspace

__all__ = ["MINTED", "NEW_PROFILE", "TRIGGER", "Reply", "Serving", "serving"]

MINTED = Minted("the-token", "the-key")
TRIGGER = "/api/marketing-journey/trigger"
NEW_PROFILE = "/api/marketing-journey/triggerWithNewProfile"
KNOWN: dict[str, Json] = {
    "snType": "EMAIL",
    "snId": "ada@example.com",
    "journeyId": "order-update",
    "contextParams": {"order_id": "1", "status": "ok"},
}
"""The body of a request that is accepted."""


class Reply(NamedTuple):
    """One reply."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def warnings(self) -> list[str]:
        return [value for key, value in self.headers if key == "x-sandbox-warning"]

    @property
    def json(self) -> Json:
        return json.loads(self.body)

    @property
    def error(self) -> Json:
        """The one error of either envelope."""
        assert self.header("content-type") == "application/json"
        found = self.json
        assert set(found) in ({"success", "errors"}, {"data", "errors"})
        (error,) = found["errors"]
        return error


def reply_from(data: bytes) -> Reply:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [line.split(": ", 1) for line in lines]
    pairs = [(name.lower(), value) for name, value in headers]
    return Reply(int(first.split(" ")[1]), pairs, body)


class Serving:
    """The server, its workspace, and what it told."""

    def __init__(self, workspace: Workspace, limiter: Limiter | None) -> None:
        self.workspace = workspace
        self.bench = Bench(workspace.repository, workspace.history, LateAnswerers(), {})
        self.told: list[Heard | Ran | Lost] = []
        self.server = TriggerServer(
            self.bench,
            lambda: MINTED.hashes,
            workspace.repository.version,
            self.told.append,
            limiter,
        )
        self.port = 0
        self._clean: tuple[object, object] = (
            workspace.repository.version(),
            workspace.history.version(),
        )

    async def raw(self, data: bytes) -> bytes:
        """Everything that comes back on one connection until it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            with contextlib.suppress(ConnectionError):
                writer.write(data)
                await writer.drain()
            return await reader.read()
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def ask(
        self,
        target: str = TRIGGER,
        body: Json = None,
        *,
        method: str = "POST",
        without: tuple[str, ...] = (),
        **headers: str,
    ) -> Reply:
        """One request; ``headers`` with _ for -, ``without`` those of the usual ones."""
        data = body if isinstance(body, bytes) else b"" if body is None else json_bytes(body)
        lines = {
            "Host": f"127.0.0.1:{self.port}",
            "Authorization": f"Bearer {MINTED.token}",
            "Key": MINTED.key,
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            "Connection": "close",
        }
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(
            f"{name}: {value}\r\n" for name, value in lines.items() if name not in without
        )
        return reply_from(
            await self.raw(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + data)
        )

    async def reset(self) -> None:
        """As it was at the start; disks are slow, so only what has changed."""
        await self.settled()
        repository, history = self.workspace.repository, self.workspace.history
        if repository.version() != self._clean[0]:
            repository.reset_all(*demo())
        if history.version() != self._clean[1]:
            history.clear()
        self._clean = (repository.version(), history.version())
        self.told.clear()

    async def settled(self) -> None:
        """Wait until all that was promised is in the history."""
        while self.server.unfinished:  # noqa: ASYNC110 - the server has nobody else to tell
            await asyncio.sleep(0.002)

    async def runs(self) -> list[TraceDocument]:
        """Every run that was recorded, in order, once all that was promised is done."""
        await self.settled()
        rows = self.workspace.history.runs(most=100_000)
        traces = [self.workspace.history.trace(row.id) for row in reversed(rows)]
        return [trace for trace in traces if trace is not None]


def json_bytes(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@contextlib.asynccontextmanager
async def serving(folder: Path, limiter: Limiter | None = None) -> AsyncIterator[Serving]:
    """A server with the demo's workspace, without limits unless they are given."""
    with Workspace.create(folder, *demo()) as workspace:
        made = Serving(workspace, limiter)
        made.port = await made.server.start()
        try:
            yield made
        finally:
            await made.server.stop()
            await made.bench.close()
