"""Writes a script to a socket, in real time: the same bytes that the wire tier reads.

A reset is SO_LINGER with no time, so that RST goes out instead of FIN; what was written before it
is first given a moment, because a reset throws away what its receiver has not read yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys

from sandbox.mocks.script import Script

__all__ = ["write_script"]

_SETTLE_S = 0.05
_HOLD_S = 600.0
_SLICE_S = 0.5
_NO_TIME = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


async def write_script(
    script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, idle_s: float
) -> bool:
    """Play it; whether the connection is still good for another request.

    Args:
        script: one whose connection stands and that takes the request.
        reader: of the same connection.
        writer: of the same connection.
        idle_s: seconds for the caller to take what was written.

    Raises:
        TimeoutError: when the caller does not take it.
        ConnectionError: when the caller has gone.
    """
    together = bytearray()
    for wait_us, data in script.moments():
        if wait_us:
            if together:
                await _say(writer, bytes(together), idle_s)
                together.clear()
            await _wait(writer, wait_us / 1_000_000.0)
        together += data
        if len(together) >= 65_536:
            await _say(writer, bytes(together), idle_s)
            together.clear()
    if together:
        await _say(writer, bytes(together), idle_s)
    if script.end == "hold":
        await _hold(reader)
    elif script.end == "reset":
        await _reset(writer, bool(script.head))
    return script.end == "keep"


async def _say(writer: asyncio.StreamWriter, data: bytes, idle_s: float) -> None:
    writer.write(data)
    async with asyncio.timeout(idle_s):
        await writer.drain()


async def _wait(writer: asyncio.StreamWriter, seconds: float) -> None:
    """Sleep, unless the caller resets the connection meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        if writer.is_closing():
            raise ConnectionResetError
        await asyncio.sleep(min(left, _SLICE_S))


async def _hold(reader: asyncio.StreamReader) -> None:
    """Say nothing until the caller hangs up, ten minutes at most."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(_HOLD_S):
            while await reader.read(65_536):
                pass


async def _reset(writer: asyncio.StreamWriter, begun: bool) -> None:
    if begun:
        await asyncio.sleep(_SETTLE_S)
    opened: socket.socket | None = writer.get_extra_info("socket")
    if opened is not None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_TIME)
    writer.transport.abort()
