"""TinyDB's storage on a file that is replaced whole: one transaction, one atomic write.

The decoded tree is kept between reads. It is dropped whenever the file is another one, and
whenever a transaction fails, because TinyDB changes the tree in place before it writes.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson
from tinydb import Storage

from sandbox.errors import StoreError
from sandbox.model.base import Json
from sandbox.store.atomic import NotConfirmed, patiently, replace_file
from sandbox.store.reading import decode

__all__ = ["AtomicJSONStorage", "Signature", "refused", "signature"]

Signature = tuple[int, int, int, int]
"""Device, inode, time of change in nanoseconds, size."""

_NEVER: Final[Signature] = (-1, -1, -1, -1)


def signature(path: Path) -> Signature | None:
    """What tells one state of a file from the next, without opening it; None when it is missing.

    Raises:
        StoreError: when the folder cannot be looked into.
    """
    try:
        return _signature(os.stat(path))
    except FileNotFoundError:
        return None
    except OSError as wrong:
        raise refused(path, "read", wrong) from wrong


def refused(path: Path, doing: str, wrong: OSError) -> StoreError:
    """The operating system's refusal, in our words; nothing was changed."""
    reason = wrong.strerror or str(wrong)
    if wrong.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        hint = "free some space: while it is replaced, the file needs room twice"
    elif wrong.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        hint = f"check who may {doing} {path.parent} and the files in it"
    else:
        hint = f"check the disk that holds {path.parent}"
    return StoreError(f"{path} could not be {_DONE[doing]}: {reason}; nothing was changed", hint)


_DONE = {"read": "read", "write": "written"}


class AtomicJSONStorage(Storage):
    """One JSON file. Reading follows the file; writing happens at the end of a transaction."""

    def __init__(self, path: str | Path, indent: bool = False) -> None:
        """Touches nothing; a missing file is an empty storage until the first commit."""
        self.path = Path(path)
        self.loads = 0
        """Goes up whenever the tree in memory becomes another one."""
        self._option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE if indent else 0
        self._tree: dict[str, dict[str, Json]] | None = None
        self._signature: Signature | None = _NEVER
        # Kept open so that the file system cannot give the inode to a later file: on ext4 it
        # otherwise comes back after two replacements, and the new file looks like the old one.
        self._file: int | None = None
        self._busy = threading.RLock()
        self._steady = 0
        self._dirty = False
        self._writing = False

    def read(self) -> dict[str, dict[str, Json]] | None:
        """The tables as they stand in the file now (inside ``steady``: as they stood at its start).

        Raises:
            StoreError: when the file cannot be read.
        """
        with self._busy:
            if not self._steady:
                self._follow()
            return self._tree

    def write(self, data: dict[str, dict[str, Json]]) -> None:
        """Take over TinyDB's tables; they reach the file when the transaction ends."""
        with self._busy:
            if not self._writing:
                raise RuntimeError("a store file is only written inside a transaction")
            self._tree = data
            self._dirty = True
            self.loads += 1

    @property
    def dirty(self) -> bool:
        """Whether the running transaction has changed anything."""
        return self._dirty

    def changed(self) -> bool:
        """Whether the file is another one than the one in memory; costs about a microsecond."""
        return signature(self.path) != self._signature

    @contextlib.contextmanager
    def steady(self) -> Iterator[None]:
        """Inside, one thread sees one state of the file."""
        with self._busy:
            if not self._steady:
                self._follow()
            self._steady += 1
            try:
                yield
            finally:
                self._steady -= 1

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Inside, writes are collected; at the end the file is replaced once, or not at all.

        Not to be nested. The caller holds the workspace's lock.

        Raises:
            StoreError: when the file could not be written; nothing was changed.
        """
        with self.steady():
            self._writing, self._dirty = True, False
            try:
                yield
                if self._dirty and self._tree is not None:
                    self._save(self._tree)
            except BaseException:
                self.forget()
                raise
            finally:
                self._writing = self._dirty = False

    def forget(self) -> None:
        """Drop the tree; the next read decodes the file again."""
        with self._busy:
            self._keep(None, _NEVER, None)

    def close(self) -> None:
        """Let go of the file."""
        self.forget()

    def _follow(self) -> None:
        if self.changed():
            self._load()

    def _load(self) -> None:
        self.forget()
        try:
            file = patiently(lambda: os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
        except FileNotFoundError:
            self._keep(None, None, None)
            return
        except OSError as wrong:
            raise refused(self.path, "read", wrong) from wrong
        try:
            with open(file, "rb", closefd=False) as source:
                data = source.read()
            found = _signature(os.fstat(file))
            tree = decode(self.path, data)
        except OSError as wrong:
            os.close(file)
            raise refused(self.path, "read", wrong) from wrong
        except BaseException:
            os.close(file)
            raise
        self._keep(file, found, tree)

    def _save(self, tree: dict[str, dict[str, Json]]) -> None:
        data = orjson.dumps(tree, option=self._option)
        try:
            file = replace_file(self.path, data)
        except NotConfirmed as wrong:
            raise StoreError(
                f"{self.path} was written, but the disk did not confirm it: {wrong.strerror}",
                "look at what is stored before you go on, and check the disk",
            ) from wrong
        except OSError as wrong:
            raise refused(self.path, "write", wrong) from wrong
        found = os.stat(self.path) if file is None else os.fstat(file)
        self._keep(file, _signature(found), tree)

    def _keep(
        self, file: int | None, found: Signature | None, tree: dict[str, dict[str, Json]] | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if file is not None and sys.platform == "win32":
            # There an open file cannot be replaced by the next writer.
            os.close(file)
            file = None
        self._file, self._signature, self._tree = file, found, tree
        self.loads += 1


def _signature(found: os.stat_result) -> Signature:
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size
