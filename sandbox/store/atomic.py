"""Replacing a file so that a crash leaves the old one or the new one, never a mixture.

Write a temporary file in the same folder, fsync it, rename it over the old one, fsync the folder.
A failed fsync is never tried again on the same file (the kernel may have dropped the pages): the
next attempt writes a new one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

__all__ = ["PAUSES_S", "NotConfirmed", "patiently", "replace_file", "sweep", "sync_folder"]

T = TypeVar("T")

PAUSES_S: Sequence[float] = (0.05, 0.1, 0.2, 0.4, 0.75, 1.0) if sys.platform == "win32" else ()
"""How long to wait before each new attempt where a virus scanner or a reader that holds the file
makes a rename fail (Windows only)."""

_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}


class NotConfirmed(OSError):
    """The new file is in place, but the disk did not confirm that it will stay."""


def patiently(action: Callable[[], T], pauses_s: Sequence[float] | None = None) -> T:
    """What ``action`` returns, tried again after each pause while it is refused.

    Raises:
        OSError: the last refusal, or at once anything but a PermissionError.
    """
    for pause_s in PAUSES_S if pauses_s is None else pauses_s:
        try:
            return action()
        except PermissionError:
            time.sleep(pause_s)
    return action()


def replace_file(path: Path, data: bytes) -> int | None:
    """Put ``data`` in the place of ``path``, whole or not at all, and durably.

    A symbolic link is followed and stays; mode and, where allowed, owner of the old file are
    kept; a new file has mode 0600.

    Returns:
        An open descriptor of the new file, for the caller to close (None on Windows, where an
        open file cannot be replaced by the next writer).

    Raises:
        NotConfirmed: the new file is in place, but folder and disk did not confirm it.
        OSError: anything else; the old file is untouched and the temporary one is gone.
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    old = _writable(target)
    file, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".tmp", dir=folder)
    try:
        _write_all(file, data)
        if old is not None:
            _take_over(file, old)
        _sync(file)
        if sys.platform == "win32":
            os.close(file)
        patiently(lambda: os.replace(temporary, target))
    except BaseException:
        with contextlib.suppress(OSError):
            os.close(file)
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if sys.platform == "win32":
        return None
    try:
        sync_folder(folder)
    except OSError as wrong:
        os.close(file)
        raise NotConfirmed(wrong.errno, wrong.strerror, target) from wrong
    return file


def sync_folder(folder: str | Path) -> None:
    """Make the names in a folder durable; nothing to do where folders cannot be synced.

    Raises:
        OSError: when the disk refuses.
    """
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as wrong:
        if wrong.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(handle)


def sweep(path: Path) -> None:
    """Remove what killed writers of ``path`` left behind; only for the holder of the lock."""
    target = Path(os.path.realpath(path))
    with contextlib.suppress(OSError):
        for left in target.parent.glob(f".{target.name}.*.tmp"):
            left.unlink(missing_ok=True)


def _writable(target: str) -> os.stat_result | None:
    """The status of the old file, if there is one.

    Raises:
        PermissionError: when it is not writable; a rename alone would not mind.
    """
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return None
    effective = os.access in os.supports_effective_ids
    if not os.access(target, os.W_OK, effective_ids=effective):
        raise PermissionError(errno.EACCES, "the file is write-protected", target)
    return old


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _take_over(file: int, old: os.stat_result) -> None:
    if sys.platform != "win32":
        if old.st_uid != os.geteuid():
            with contextlib.suppress(PermissionError):
                os.fchown(file, old.st_uid, old.st_gid)
        os.fchmod(file, stat.S_IMODE(old.st_mode))


def _sync(file: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        # fsync on macOS leaves the data in the drive's cache; not every file system knows better.
        with contextlib.suppress(OSError):
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
            return
    os.fsync(file)
