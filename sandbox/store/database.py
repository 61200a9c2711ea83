"""The history's SQLite file: made whole, opened when needed, its refusals in our words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from sandbox.errors import StoreError
from sandbox.store import tables
from sandbox.store.atomic import patiently, sync_folder
from sandbox.store.lock import WorkspaceLock
from sandbox.store.storage import refused

__all__ = ["Database", "snapshot"]

_REPAIR = (
    "the journeys and profiles are not in it: move the file away and a new history begins; "
    "it was left exactly as it is"
)


class Database:
    """One SQLite file and one connection to it, for one thread at a time."""

    def __init__(self, path: Path, lock: WorkspaceLock, timeout_s: float = 5.0) -> None:
        """Touches nothing yet; a missing file reads as an empty one."""
        self.path = path
        self._lock = lock
        self._timeout_s = timeout_s
        self._threads = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None

    def create(self) -> None:
        """Make the file, if there is none, so that no other process ever sees half of it.

        Raises:
            StoreError: when it cannot be written.
        """
        if self.path.exists():
            return
        with self._lock.hold():
            if self.path.exists():
                return
            temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
            try:
                temporary.unlink(missing_ok=True)
                os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
                with contextlib.closing(sqlite3.connect(temporary, isolation_level=None)) as new:
                    new.executescript(tables.CREATE)
                patiently(lambda: os.replace(temporary, self.path))
                sync_folder(self.path.parent)
            except OSError as wrong:
                raise refused(self.path, "write", wrong) from wrong
            except sqlite3.Error as wrong:
                raise self._refused(wrong) from wrong
            finally:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)

    @contextlib.contextmanager
    def open(self, writing: bool = False) -> Iterator[sqlite3.Connection]:
        """The connection; with ``writing`` in a transaction, which an exception rolls back.

        Raises:
            StoreError: when SQLite refuses; nothing was changed.
        """
        with self._threads:
            try:
                db = self._connect()
                if not writing:
                    yield db
                    return
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    self._roll_back(db)
                    raise
            except sqlite3.Error as wrong:
                raise self._refused(wrong) from wrong

    def close(self) -> None:
        """Let go of the file; it is opened again when it is needed."""
        with self._threads:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connect(self) -> sqlite3.Connection:
        inode = _inode(self.path)
        if self._connection is not None and inode == self._inode:
            return self._connection
        # Somebody moved the file away: writing on would go to a file that nobody can open.
        self.close()
        if inode is None:
            empty = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            empty.executescript(tables.CREATE)
            self._connection, self._inode = empty, None
            return empty
        db = sqlite3.connect(
            self.path, timeout=self._timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            self._check(db)
            db.executescript(tables.PRAGMAS)
        except BaseException:
            db.close()
            raise
        self._connection, self._inode = db, inode
        return db

    def _check(self, db: sqlite3.Connection) -> None:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (schema,) = db.execute("PRAGMA user_version").fetchone()
        if application != tables.APPLICATION:
            raise StoreError(f"{self.path} is not a history of runs", _REPAIR)
        if schema > tables.SCHEMA:
            raise StoreError(
                f"{self.path} was written by a newer version: it has schema {schema}, "
                f"this program knows {tables.SCHEMA}; nothing was changed",
                "update the program to open this history",
            )

    def _roll_back(self, db: sqlite3.Connection) -> None:
        try:
            if db.in_transaction:
                db.execute("ROLLBACK")
        except sqlite3.Error:
            self.close()

    def _refused(self, wrong: sqlite3.Error) -> StoreError:
        text = str(wrong)
        name = getattr(wrong, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            hint = "another process is writing; wait until it is done, and try again"
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            hint = f"check who may write {self.path.parent} and the files in it"
        elif name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            hint = f"check the disk that holds {self.path.parent}, and free some space"
        else:
            hint = _REPAIR
        return StoreError(f"{self.path}: {text}; nothing was changed", hint)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError as wrong:
        raise refused(path, "read", wrong) from wrong
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """Inside, several queries see one state."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")
