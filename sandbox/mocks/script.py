"""What a server does with one request, byte by byte: pure data, and its reading on a virtual clock.

A script is the one source of a fault: the wire tier reads it through a real HTTP parser
(``Playback``), the listener of ``sandbox serve`` writes it to a socket, and ``script_outcome``
says without either what a caller meets. Times are whole microseconds, so that all three agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

__all__ = ["End", "Fill", "Late", "Pieces", "Playback", "Say", "Script", "Torn"]

End = Literal["keep", "close", "reset", "hold"]
"""``hold``: nothing more is said, and the connection stays."""

_FILL = b"x" * 65_536


class Say(NamedTuple):
    """Bytes that belong to no body: the lines between chunks."""

    data: bytes


class Pieces(NamedTuple):
    """Bytes of a body, ``size`` at a time after a pause each; all at once without a size."""

    data: bytes
    size: int = 0
    every_us: int = 0


class Fill(NamedTuple):
    """So many bytes of a body that nobody needs to know."""

    length: int
    size: int = 0
    every_us: int = 0


class Script(NamedTuple):
    """One answer, or what happens in its place."""

    wait_us: int = 0
    """Before anything happens."""
    head: bytes = b""
    body: tuple[Say | Pieces | Fill, ...] = ()
    end: End = "keep"
    announced: int | None = None
    """Bytes of body that the head announces; None when it comes in chunks, or not at all."""
    answers: bool = True
    """Whether the head is one that a client takes."""
    no_connection: bool = False
    """The connection fails after the wait, so nothing is ever said."""
    no_handshake: bool = False
    """The same, in the TLS handshake."""
    reads: bool = True
    """Whether the request is taken."""

    def moments(self) -> Iterator[tuple[int, bytes]]:
        """What is said, each part with the pause before it."""
        yield self.wait_us, self.head
        for step in self.body:
            if isinstance(step, Say):
                yield 0, step.data
                continue
            length = step.length if isinstance(step, Fill) else len(step.data)
            size = step.size or 65_536
            for at in range(0, length, size):
                if isinstance(step, Pieces):
                    yield step.every_us, step.data[at : at + size]
                else:
                    yield step.every_us, _filling(min(size, length - at))


class Late(Exception):
    """Nothing came within the caller's limit."""


class Torn(Exception):
    """The connection was reset."""


class Playback:
    """A script as one caller meets it; ``clock_us`` is how long it has taken. Nothing sleeps."""

    __slots__ = ("_moments", "_rest", "clock_us", "script")

    def __init__(self, script: Script) -> None:
        """At the script's beginning."""
        self.script = script
        self.clock_us = 0
        self._moments = script.moments()
        self._rest = b""

    def wait(self, limit_us: int | None) -> None:
        """Let the script's first wait pass, or the caller's limit when that is shorter.

        Raises:
            Late: when it was the limit.
        """
        self._pass(self.script.wait_us, limit_us)

    def hold(self, limit_us: int | None) -> None:
        """Let the caller's whole limit pass.

        Raises:
            Late: always.
        """
        self.clock_us += limit_us or 0
        raise Late

    def read(self, most: int, limit_us: int | None) -> bytes:
        """The next bytes, at most so many; none when the connection has been closed.

        Raises:
            Late: when they do not come within the limit; the clock then stands at the limit.
            Torn: when the connection is reset instead.
        """
        waited = 0
        while not self._rest:
            moment = next(self._moments, None)
            if moment is None:
                if self.script.end in ("hold", "keep"):
                    self.hold(limit_us)
                self._pass(waited, limit_us)
                if self.script.end == "reset":
                    raise Torn
                return b""
            waited += moment[0]
            if limit_us is not None and waited > limit_us:
                self.hold(limit_us)
            self._rest = moment[1]
        self.clock_us += waited
        data, self._rest = self._rest[:most], self._rest[most:]
        return data

    def _pass(self, wait_us: int, limit_us: int | None) -> None:
        if limit_us is not None and wait_us > limit_us:
            self.hold(limit_us)
        self.clock_us += wait_us


def _filling(length: int) -> bytes:
    return _FILL if length == len(_FILL) else b"x" * length
