from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import StoreError
from sandbox.store import Workspace
from sandbox.store.lock import WorkspaceLock

from .samples import a_profile, a_workspace

HOLDER = """
import sys, time
from pathlib import Path
from sandbox.store.lock import WorkspaceLock
with WorkspaceLock(Path(sys.argv[1])).hold():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock of ``tmp_path``."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        yield process
        process.kill()


@pytest.mark.slow
def test_a_held_lock_names_its_holder_and_a_killed_holder_loses_it(
    tmp_path: Path, holder: subprocess.Popen[bytes]
) -> None:
    mine = WorkspaceLock(tmp_path, timeout_s=0.05)
    whose = f"process {holder.pid}; waited 0.05 s"
    with pytest.raises(StoreError, match=whose) as caught, mine.hold():
        pass
    assert "nothing was changed" in caught.value.message
    os.kill(holder.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    holder.wait()
    with mine.hold():
        assert (tmp_path / ".lock-holder").read_text() == str(os.getpid())


def test_readers_take_no_lock_and_writers_change_nothing_without_it(
    tmp_path: Path, holder: subprocess.Popen[bytes]
) -> None:
    other = tmp_path.parent / f"{tmp_path.name}-made"
    a_workspace(other).close()
    for name in ("workspace.json", "profiles.json", "history.db"):
        (other / name).rename(tmp_path / name)
    with Workspace.open(tmp_path) as found:
        found.lock.timeout_s = 0.05
        before = found.repository.version()
        assert found.repository.profile("7").id == "7"
        with pytest.raises(StoreError, match="is being written by process"):
            found.repository.put_profiles([a_profile("9")])
        assert found.repository.version() == before
        assert found.history.runs() == []


def test_the_same_thread_may_hold_it_again_and_another_may_not(tmp_path: Path) -> None:
    lock = WorkspaceLock(tmp_path, timeout_s=0.02)
    refused: list[str] = []

    def other() -> None:
        try:
            with lock.hold():
                pass
        except StoreError as wrong:
            refused.append(wrong.message)

    with lock.hold():
        with lock.hold():
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1
    with lock.hold():
        pass


def test_an_exception_frees_it(tmp_path: Path) -> None:
    lock, other = WorkspaceLock(tmp_path), WorkspaceLock(tmp_path, timeout_s=0)
    with pytest.raises(ZeroDivisionError), lock.hold():
        raise ZeroDivisionError
    with other.hold():
        pass


def test_a_folder_where_nothing_may_be_made(tmp_path: Path) -> None:
    lock = WorkspaceLock(tmp_path / "missing")
    (tmp_path / "missing").write_text("a file")
    with pytest.raises(StoreError, match=r"\.lock could not be locked"), lock.hold():
        pass
