"""Ctrl-C: what a server makes of it, and what an import must not."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTED", "caught_into", "interrupted_at_once"]

INTERRUPTED = 130
"""The exit code of a command that was interrupted."""


def caught_into(caught: list[int], stop: asyncio.Event) -> None:
    """Ctrl-C and SIGTERM stop a server; which of them it was goes into ``caught``."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        caught.append(number)
        stop.set()

    for name in ("SIGINT", "SIGTERM"):
        try:
            number = getattr(signal, name)
            loop.add_signal_handler(number, on_signal, number)
        except (NotImplementedError, AttributeError):  # Windows: Ctrl-C raises instead
            break


@contextmanager
def interrupted_at_once() -> Iterator[None]:
    """Ctrl-C ends the process without an exception.

    While modules are imported nothing has begun that would have to be put in order, and an
    exception in the middle of a native module's import can bring the interpreter down.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(number: int, frame: FrameType | None) -> None:
    if sys.stderr is not None:
        os.write(2, b"sandbox: interrupted\n")
    os._exit(INTERRUPTED)
