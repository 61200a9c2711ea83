from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.store import atomic
from sandbox.store.atomic import NotConfirmed, patiently, replace_file, sweep

from .samples import as_nobody

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")


def put(path: Path, data: bytes) -> None:
    file = replace_file(path, data)
    if file is not None:
        os.close(file)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_a_new_file_is_private_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    put(path, b"one")
    assert (path.read_bytes(), mode_of(path)) == (b"one", 0o600)
    path.chmod(0o640)
    put(path, b"two")
    assert (path.read_bytes(), mode_of(path)) == (b"two", 0o640)
    assert os.listdir(tmp_path) == ["a.json"]


@posix
def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "b.json", tmp_path / "a.json"
    target.write_bytes(b"one")
    link.symlink_to(target)
    put(link, b"two")
    assert link.is_symlink()
    assert target.read_bytes() == b"two"
    assert os.listdir(tmp_path / "far") == ["b.json"]


@posix
def test_a_write_protected_file_is_refused_though_a_rename_would_do(tmp_path: Path) -> None:
    with as_nobody() as folder:
        path = folder / "a.json"
        put(path, b"one")
        path.chmod(0o400)
        with pytest.raises(PermissionError):
            put(path, b"two")
        assert (path.read_bytes(), os.listdir(folder)) == (b"one", ["a.json"])


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_any_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    path = tmp_path / "a.json"
    put(path, b"one")

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(OSError, match=os.strerror(code)):
            replace_file(path, b"two")
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"one", ["a.json"])
    put(path, b"two")
    assert path.read_bytes() == b"two"


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    put(tmp_path / "a", b"0123456789")
    assert (tmp_path / "a").read_bytes() == b"0123456789"


@posix
def test_an_unconfirmed_folder_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(atomic, "sync_folder", fail)
    with pytest.raises(NotConfirmed):
        replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def failing(times: int) -> Callable[[], str]:
    def action() -> str:
        nonlocal times
        times -= 1
        if times >= 0:
            raise PermissionError(13, "in use")
        return "done"

    return action


def test_a_refused_rename_is_tried_again_but_not_for_ever() -> None:
    assert patiently(failing(2), [0, 0]) == "done"
    with pytest.raises(PermissionError):
        patiently(failing(3), [0, 0])


def test_only_the_leavings_of_this_file_are_swept(tmp_path: Path) -> None:
    for name in (".a.json.x1.tmp", ".b.json.x1.tmp", "a.json.tmp", "a.json"):
        (tmp_path / name).touch()
    sweep(tmp_path / "a.json")
    assert sorted(os.listdir(tmp_path)) == [".b.json.x1.tmp", "a.json", "a.json.tmp"]
