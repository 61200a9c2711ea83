"""The terminal application: themes, glyphs, the palette, and the one screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.command import Provider

from sandbox.charts.glyphs import ASCII, UNICODE, Glyphs
from sandbox.tui.screens.workbench import Workbench
from sandbox.tui.theme import ANSI, DEFAULT, PLAIN_ROLES, ROLES, THEMES, Roles
from sandbox.tui.widgets.scrollbars import draw_scrollbars

if TYPE_CHECKING:
    from sandbox.bench.opened import Opened

__all__ = ["SandboxApp", "run"]


_SWITCH_S = 0.0005
"""How long the bench's thread may keep a key waiting; Python's own 5 ms add up to a tenth of a
second, because a key is handled in many small turns."""


_PATIENCE_S = 0.25
"""How long the first frame waits for the workspace; a larger one fills it when it is read."""


def _palette() -> type[Provider]:
    from sandbox.tui.palette import Palette  # nobody waits for it before it is opened

    return Palette


class SandboxApp(App[None]):
    """The workbench over one workspace."""

    TITLE = "Journey Sandbox"
    CSS_PATH: ClassVar[Path] = Path(__file__).with_name("sandbox.tcss")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}
    BINDINGS: ClassVar[list[BindingType]] = []
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        opened: Opened,
        *,
        ascii: bool = False,
        journey: str | None = None,
        theme: str = DEFAULT,
    ) -> None:
        """``journey`` is selected at the start.

        Under NO_COLOR the terminal's own colours are left alone, whatever ``theme`` says: Textual
        would only turn others into greys.
        """
        plain = "NO_COLOR" in os.environ
        super().__init__(ansi_color=True if plain else None)
        self.glyphs: Glyphs = ASCII if ascii else UNICODE
        for one in THEMES:
            self.register_theme(one)
        self.theme = ANSI if plain else theme
        self.set_class(ascii, "-ascii")
        draw_scrollbars(ascii)
        self.workbench = Workbench(opened, journey)

    @property
    def roles(self) -> Roles:
        """How roles look now."""
        return PLAIN_ROLES if self.no_color else ROLES.get(self.theme, ROLES[DEFAULT])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """``$rim``, the colour of borders without the focus, which each of our themes sets."""
        return {"rim": "#808080"}

    async def on_load(self) -> None:
        """Read the workspace before anything is drawn, so that the first frame shows it."""
        await self.workbench.read(_PATIENCE_S)

    def get_default_screen(self) -> Workbench:
        """The one screen."""
        return self.workbench

    def action_theme(self, name: str) -> None:
        """Another theme."""
        self.theme = name
        self.refresh(layout=True)


def run(opened: Opened, *, ascii: bool = False, journey: str | None = None) -> None:
    """Open the workbench and return when it is left.

    Args:
        opened: the workspace, and the execution core for when it is needed.
        ascii: draw with ASCII characters only.
        journey: the journey to begin with.
    """
    sys.setswitchinterval(_SWITCH_S)
    SandboxApp(opened, ascii=ascii, journey=journey).run()
