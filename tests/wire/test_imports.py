from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("sandbox.mocks.answerer, sandbox.mocks.overrides, sandbox.wire, sandbox.serve.echo, "
         "sandbox.serve.rules_server",
         "httpx respx httpcore h11 textual tinydb"),
        ("sandbox.wire.live", "respx textual tinydb"),
    ],
)  # fmt: skip
def test_libraries_are_loaded_only_where_they_are_used(modules: str, absent: str) -> None:
    code = f"import sys, {modules}; print(*[n for n in {absent.split()} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
