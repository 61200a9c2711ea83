"""One line whose parts can be clicked: the header, the footer, rows of tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from sandbox.charts.cells import width
from sandbox.tui.ink import strip_of

if TYPE_CHECKING:
    from sandbox.tui.app import SandboxApp

__all__ = ["ClickLine", "Part"]


class Part(NamedTuple):
    """A piece of the line."""

    text: str
    role: str = ""
    message: Message | None = None
    """What a click on it says."""


class ClickLine(Widget):
    """One line; subclasses say what is in it."""

    DEFAULT_CSS = """
    ClickLine { height: 1; width: 1fr; }
    """

    def parts(self, cells: int) -> list[Part]:
        """The line for a width."""
        raise NotImplementedError

    @property
    def sandbox(self) -> SandboxApp:
        """The app."""
        return cast("SandboxApp", self.app)

    def render_line(self, y: int) -> Strip:
        """The line; there is only one."""
        cells = self.size.width
        if y:
            return Strip.blank(cells, self.rich_style)
        line = [(part.text, part.role) for part in self.parts(cells)]
        return strip_of(line, self.sandbox.roles, self.rich_style, cells)

    def on_click(self, event: events.Click) -> None:
        """Say what the part under the mouse says."""
        at = 0
        for part in self.parts(self.size.width):
            at += width(part.text)
            if event.x < at:
                if part.message is not None:
                    event.stop()
                    self.post_message(part.message)
                return
