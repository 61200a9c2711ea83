"""Many requests at once: memory stays, and what was accepted is in the history exactly once."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from sandbox.cli.demo import demo
from sandbox.store.workspace import Workspace
from tests.serve.serving import KNOWN, MINTED, TRIGGER, json_bytes
from tests.serve.unlimited import unlimited

CONNECTIONS = 50


async def send(port: int, numbers: range, answers: Counter[int], accepted: list[str]) -> None:
    """One connection: these requests, one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        order = f"order-{number}"
        data = json_bytes({**KNOWN, "contextParams": {"order_id": order}})
        writer.write(
            f"POST {TRIGGER} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {MINTED.token}\r\nKey: {MINTED.key}\r\n"
            f"Content-Type: application/json\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data
        )
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        answers[status] += 1
        if status == 204:
            accepted.append(order)
        else:
            length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
            await reader.readexactly(int(length))
    writer.close()
    await writer.wait_closed()


async def flood(port: int, first: int, many: int) -> tuple[Counter[int], list[str]]:
    answers: Counter[int] = Counter()
    accepted: list[str] = []
    each = many // CONNECTIONS
    starts = range(first, first + many, each)
    await asyncio.gather(
        *(send(port, range(start, start + each), answers, accepted) for start in starts)
    )
    return answers, accepted


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_ten_thousand_requests_from_fifty_connections(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    Workspace.create(folder, *demo()).close()
    with unlimited(folder) as server:
        warm_answers, warm = await flood(server.port, 0, 1_000)
        before_kb = server.memory_kb()
        answers, accepted = await flood(server.port, 1_000, 9_000)
        after_kb = server.memory_kb()
        said = await asyncio.to_thread(server.stop)
    assert set(answers) | set(warm_answers) <= {204, 503}
    assert said == ["lost", "0"]
    # Nothing of a request is kept; a cache of 8,192 URLs fills up (10 MB), then memory stays.
    assert after_kb - before_kb < 24_000
    with Workspace.open(folder) as workspace:
        recorded: Counter[str] = Counter()
        for row in workspace.history.runs(most=20_000):
            trace = workspace.history.trace(row.id)
            assert trace is not None
            recorded[trace["trigger"]["event"]["order_id"]] += 1
    assert recorded == Counter([*warm, *accepted])
    assert set(recorded.values()) == {1}
