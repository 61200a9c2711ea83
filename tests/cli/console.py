"""The command line as a person has it: in this process, or as a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from sandbox.cli import main
from sandbox.model.base import Json


class Said(NamedTuple):
    """What a command did."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode("utf-8")

    @property
    def json(self) -> Json:
        return json.loads(self.raw)


class Console:
    """Calls commands in this process; an option is given as on the command line."""

    def __init__(self, captured: pytest.CaptureFixture[bytes]) -> None:
        self._captured = captured

    def __call__(self, *words: str | Path) -> Said:
        code = main([str(word) for word in words])
        captured = self._captured.readouterr()
        return Said(code, captured.out, captured.err.decode("utf-8"))

    def ok(self, *words: str | Path) -> Said:
        """A command that must work."""
        said = self(*words)
        assert said.code == 0, said.err
        return said

    def refused(self, *words: str | Path, code: int = 2) -> str:
        """A command that must not; says one thing and prints nothing. What it says."""
        said = self(*words)
        assert said.code == code, said
        assert said.raw == b""
        assert said.err.startswith("sandbox: ")
        assert "Traceback" not in said.err
        return said.err


def environment(workspace: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")
    }
    return {
        **kept,
        "SANDBOX_WORKSPACE": str(workspace),
        "PYTHONWARNINGS": "error",
        **(more or {}),
    }


def run(
    workspace: Path, *words: str | Path, env: Mapping[str, str] | None = None, stdin: bytes = b""
) -> Said:
    """A command as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "sandbox", *map(str, words)],
        env=environment(workspace, env),
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr.decode("utf-8"))


@contextlib.contextmanager
def started(
    workspace: Path, *words: str | Path, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that goes on while the test does something else."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", *map(str, words)],
        env=environment(workspace, env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def first_document(process: subprocess.Popen[bytes]) -> Json:
    """The next JSON document that a command prints; its last line is a brace by itself."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.rstrip() == b"}":
            break
    return json.loads(b"".join(lines))
