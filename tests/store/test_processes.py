"""Killed writers, and several at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.model.profile import Profile
from sandbox.store import Workspace

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


def start(program: str, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.store.{program}", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def finish(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=240)
    assert (process.returncode, err) == (0, "")
    return json.loads(out)


def kill_writers(folder: Path, trials: int) -> None:
    found = finish(start("killing", folder, trials, 7))
    assert found["wrong"] == []
    assert found["trials"] == trials
    assert found["acknowledged"] > 0


@pytest.mark.slow
@posix
def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    kill_writers(tmp_path / "w", 8)


@posix
@pytest.mark.slow
def test_three_hundred_killed_writers(tmp_path: Path) -> None:
    kill_writers(tmp_path / "w", 300)


def write_together(folder: Path, names: str, rounds: int, seconds: float) -> None:
    with Workspace.create(folder, profiles=[Profile(id="shared")]) as mine:
        writers = [start("writing", folder, name, rounds, seconds) for name in names]
        seen = 0
        while any(writer.poll() is None for writer in writers):
            # A reader never sees half of a file.
            seen = max(seen, len(mine.repository.profiles()), len(mine.history.runs(most=5)))
            assert mine.repository.problems() == []
        told = [finish(writer) for writer in writers]

        def all_of(what: str) -> list[str]:
            return sorted(one for writer in told for one in writer[what])

        repository = mine.repository
        assert sorted(repository.profile_ids()) == sorted([*all_of("profiles"), "shared"])
        assert sorted(map(str, repository.profile("shared").tags)) == all_of("tags")
        assert sorted(repository.journey_ids()) == all_of("journeys")
        assert sorted(repository.settings().allowed_hosts) == all_of("journeys")
        assert sorted(one.name for one in repository.variables()) == [f"V_{name}" for name in names]
        runs = all_of("runs")
        assert len(runs) == len(set(runs))
        assert sorted(run.id for run in mine.history.runs(most=1_000_000)) == runs
        for name, writer in zip(names, told, strict=True):
            counted = mine.history.counts(name)[name]["call"]
            assert counted["success"] == len(writer["runs"]) > 0
        assert seen > 1


@pytest.mark.slow
def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    write_together(tmp_path / "w", "ab", rounds=24, seconds=60)


@pytest.mark.slow
def test_two_writers_for_a_while_lose_nothing(tmp_path: Path) -> None:
    write_together(tmp_path / "w", "ab", rounds=1_000_000, seconds=20)


@pytest.mark.slow
def test_four_writers_lose_nothing(tmp_path: Path) -> None:
    write_together(tmp_path / "w", "abcd", rounds=100, seconds=60)
