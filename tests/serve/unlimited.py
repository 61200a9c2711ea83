"""A trigger server without rate limits, as a process of its own.

``python -m tests.serve.unlimited FOLDER`` prints its URL, serves until its standard input ends,
then prints how many promises it could not keep.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sandbox.bench.bench import Bench
from sandbox.cli.compose import LateAnswerers
from sandbox.serve.gate import Heard
from sandbox.serve.runs import Lost, Ran
from sandbox.serve.server import TriggerServer
from sandbox.store.workspace import Workspace
from tests.serve.serving import MINTED

__all__ = ["Unlimited", "unlimited"]


class Unlimited(NamedTuple):
    """The process and where it listens."""

    process: subprocess.Popen[str]
    url: str
    port: int

    def memory_kb(self) -> int:
        """What it holds of the machine's memory (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)

    def stop(self) -> list[str]:
        """Let it keep its promises and end. What it said at last."""
        out, err = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, err
        assert err == ""
        return out.split()


@contextlib.contextmanager
def unlimited(folder: Path) -> Iterator[Unlimited]:
    """Such a process for a workspace."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.serve.unlimited", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        yield Unlimited(process, url, int(url.rpartition(":")[2]))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


async def _serve(folder: str) -> None:
    lost = 0

    def tell(what: Heard | Ran | Lost) -> None:
        nonlocal lost
        lost += isinstance(what, Lost)

    with Workspace.open(folder) as workspace:
        bench = Bench(workspace.repository, workspace.history, LateAnswerers(), {})
        version = workspace.repository.version
        server = TriggerServer(bench, lambda: MINTED.hashes, version, tell)
        await server.start()
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        await server.stop()
        await bench.close()
    sys.stdout.write(f"lost {lost}\n")


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
