"""How the tests sit in front of the workbench: press keys, wait until it is quiet, read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from sandbox.bench.bench import Bench
from sandbox.bench.opened import Opened
from sandbox.tui.app import SandboxApp
from sandbox.tui.ink import plain
from sandbox.tui.screens.workbench import Workbench

__all__ = ["Person", "open_workbench"]


_CHARACTERS = {"space": " ", "slash": "/", "question_mark": "?"}
_NAMES = {",": "comma", ":": "colon", "-": "minus"}


class Person:
    """Someone with a keyboard and eyes."""

    def __init__(self, app: SandboxApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def bench(self) -> Workbench:
        return self.app.workbench

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, and wait after each until it is quiet."""
        for key in keys:
            self.key(key)
            await self.settle()

    async def type(self, text: str) -> None:
        for char in text:
            self.key("space" if char == " " else char)
        await self.settle()

    def key(self, key: str) -> None:
        """A key, as the terminal tells it; the pilot would wait for an idle processor each time."""
        char = _CHARACTERS.get(key, key if len(key) == 1 else None)
        self.app.post_message(events.Key(_NAMES.get(key, key), char))

    async def settle(self) -> None:
        """Until nothing is under way; what waits for a person's answer may wait."""
        calm = 0
        for _ in range(1500):
            await self.pilot.pause(0.002)
            asking = len(self.app.screen_stack) > 1
            busy = self.bench.bridge.pending or any(
                not worker.is_finished
                and worker.group != "poll"
                and not (asking and worker.group == "run")
                for worker in self.app.workers
            )
            calm = 0 if busy else calm + 1
            if calm > 2:
                return
        raise AssertionError("the workbench never came to rest")

    # What one sees ------------------------------------------------------------------------------

    def screen(self) -> str:
        """The whole screen as text."""
        lines = []
        size = self.app.size
        for strip in self.app.screen._compositor.render_strips(size):
            lines.append("".join(segment.text for segment in strip).rstrip())
        return "\n".join(lines)

    def header(self) -> str:
        return self.screen().splitlines()[0]

    def inspector(self) -> str:
        """The whole sheet, also what is scrolled out of sight."""
        sheet = self.bench.inspector.view.sheet
        return "\n".join([plain(line) for line in sheet.head] + list(sheet.body))

    def toasts(self) -> str:
        return "\n".join(one.message for one in self.app._notifications)


@asynccontextmanager
async def open_workbench(
    bench: Bench,
    width: int = 120,
    height: int = 40,
    *,
    ascii: bool = False,
    journey: str | None = None,
    theme: str = "sandbox-dark",
) -> AsyncIterator[Person]:
    """The workbench in a window of this size, loaded."""
    opened = Opened(bench.repository, bench.history, lambda: bench)
    app = SandboxApp(opened, ascii=ascii, journey=journey, theme=theme)
    async with app.run_test(size=(width, height)) as pilot:
        person = Person(app, pilot)
        await person.settle()
        yield person
