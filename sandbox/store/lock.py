"""One writer at a time: an advisory lock that says who holds it."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from sandbox.errors import StoreError

__all__ = ["WorkspaceLock"]

_POLL_S = 0.003


class WorkspaceLock:
    """The lock of a workspace folder: between processes, and between threads of one process.

    A holder that is killed loses it at once. Readers take none: a file is replaced whole.
    """

    def __init__(self, folder: Path, timeout_s: float = 5.0) -> None:
        """Touches nothing yet."""
        self.path = folder / ".lock"
        self.timeout_s = timeout_s
        # A file of its own: older versions of filelock empty the lock file at every attempt.
        self._holder = folder / ".lock-holder"
        self._threads = threading.RLock()
        self._depth = 0
        self._lock = FileLock(self.path, mode=0o600, thread_local=False)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock; the same thread may hold it again inside.

        Raises:
            StoreError: when it is not free within the time-out, naming the process that has it.
        """
        if not self._threads.acquire(timeout=self.timeout_s):
            raise self._taken()
        try:
            if self._depth == 0:
                self._acquire()
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._lock.release()
        finally:
            self._threads.release()

    def _acquire(self) -> None:
        try:
            # Short steps: a writer in a tight loop frees the lock only for moments.
            self._lock.acquire(timeout=self.timeout_s, poll_interval=_POLL_S)
        except Timeout:
            raise self._taken() from None
        except (OSError, NotImplementedError) as wrong:
            reason = getattr(wrong, "strerror", None) or str(wrong)
            raise StoreError(
                f"{self.path} could not be locked: {reason}; nothing was changed",
                f"check who may write in {self.path.parent}; a network folder may not know locks",
            ) from wrong
        with contextlib.suppress(OSError):
            file = os.open(self._holder, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with open(file, "w", encoding="ascii") as holder:
                holder.write(str(os.getpid()))

    def _taken(self) -> StoreError:
        try:
            who = f"process {int(self._holder.read_text(encoding='ascii'))}"
        except (OSError, ValueError):
            who = "another process"
        return StoreError(
            f"{self.path.parent} is being written by {who}; "
            f"waited {self.timeout_s:g} s, nothing was changed",
            "wait until it is done, or end it, and try again",
        )
