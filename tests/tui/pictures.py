"""How a picture of the workbench is taken and compared."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version

import pytest
from textual.pilot import Pilot

from sandbox.tui.app import SandboxApp
from tests.tui.stage import Person

__all__ = ["Compare", "after", "pictured"]

Compare = Callable[..., bool]
RunBefore = Callable[[Pilot[None]], Awaitable[None]]

pictured = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11) or not version("textual").startswith("8.2."),
    reason="pictures are kept for one Python and one Textual: others measure some characters"
    " differently",
)


def after(*keys: str) -> RunBefore:
    """The workbench after these keys."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, SandboxApp)
        person = Person(app, pilot)
        await person.settle()
        await person.press(*keys)
        app.clear_notifications()
        await asyncio.sleep(0.15)  # a toast takes its leave
        await person.settle()

    return run
