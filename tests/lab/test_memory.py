"""A sweep stays within its budget and within 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.test_sweep import BAD, OK, chain, which

_LIMIT_MB = 200

_PROGRAM = """
import json, resource, sys
from sandbox.cli import main
code = main(["--workspace", sys.argv[1], "sweep", "big", "--depth", "full", "--json",
             "--profiles", "7", "--budget", sys.argv[2]])
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"code": code, "mb": used}), file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.parametrize("budget", [20_000])
def test_full_on_ten_calls_that_all_meet_again(tmp_path: Path, budget: int) -> None:
    reads = [
        {"path": f"steps.c{n}.response.statusCode", "op": "lt", "value": value}
        for n in range(10)
        for value in (200, 400, 409, 500)
    ]
    steps = [*chain(10, read=True)[:-3], which({"any": reads}), OK, BAD]
    trigger = {"kind": "event", "name": "e"}
    journey = {"id": "big", "dialect": "usercom", "trigger": trigger, "steps": steps}
    path = tmp_path / "big.json"
    path.write_text(json.dumps(journey))
    folder = tmp_path / "workspace"
    for words in (
        ["init", str(folder)],
        ["--workspace", str(folder), "import", str(path), "--as", "journey"],
    ):
        subprocess.run([sys.executable, "-m", "sandbox", *words], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(folder), str(budget)],
        capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    said = json.loads(done.stdout)
    *narrated, last = done.stderr.decode().splitlines()
    assert json.loads(last)["mb"] < _LIMIT_MB
    assert said["runs"] == budget
    assert not said["complete"]
    text = " ".join(narrated)
    assert f"stopped after {budget:,} runs with " in text
    assert "every run with up to " in text
    assert "--depth pairs" in text
