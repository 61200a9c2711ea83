"""A vendor's page: every value with its origin, source and date, and the vendor's own words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from sandbox.bench.vendors import vendor_lines
from sandbox.dialects import Origin, dialect, dialect_names
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.tui.ink import Ink, Line
from sandbox.tui.sheets import Sheet
from sandbox.tui.vendor_actions import VENDOR_ACTIONS, VENDOR_HELP, vendor_bindings
from sandbox.tui.widgets.line_view import LineView

if TYPE_CHECKING:
    from sandbox.tui.app import SandboxApp

__all__ = ["Vendor", "VendorHelp"]

_ORIGINS: Final[tuple[Origin | None, ...]] = (None, "assumed", "reported", "documented")
_IN_ASCII = str.maketrans({"→": ">", "←": "<"})


class Vendor(ModalScreen[None]):
    """One vendor after the other, to be read and searched."""

    AUTO_FOCUS = "LineView"
    BINDINGS: ClassVar[list[BindingType]] = [*vendor_bindings()]
    actions = VENDOR_ACTIONS
    """For the palette."""

    CSS = """
    Vendor .window { width: 110; }
    Vendor .window Input { display: none; height: 1; border: none; background: $panel; }
    Vendor .window Input.-open { display: block; }
    """

    def __init__(self, journey: Journey | None) -> None:
        """``journey``: whose vendor comes first; without one the first vendor there is."""
        super().__init__()
        self._journey = journey
        self._names = dialect_names()
        self._name = journey.dialect if journey is not None else self._names[0]
        self._origin: Origin | None = None
        self.page = LineView()

    def compose(self) -> ComposeResult:
        """The page, and a line for the search."""
        with Vertical(classes="window tall"):
            yield self.page
            yield Input(placeholder="search", select_on_focus=False, compact=True)

    def on_mount(self) -> None:
        """Show it at once, and again when the width is known."""
        self._show()
        self.call_after_refresh(self._show)

    def on_resize(self, event: events.Resize) -> None:
        """Lines are broken for the width."""
        self.call_after_refresh(self._show)

    @property
    def _settings(self) -> dict[str, Json]:
        """What the selected journey sets, on its own vendor's page."""
        journey = self._journey
        if journey is None or journey.dialect != self._name:
            return {}
        return dict(journey.settings)

    def _show(self, top: bool = False) -> None:
        cells = max(20, (self.page.size.width or self.app.size.width - 10) - 1)
        owner = self._journey.id if self._journey is not None else ""
        lines: list[Line] = [
            *vendor_lines(dialect(self._name), cells, self._settings, owner, self._origin)
        ]
        self.page.show(Sheet(tuple(lines)), keep=not top)
        window = self.query_one(".window")
        place = f"{self._names.index(self._name) + 1} of {len(self._names)}"
        only = f", only what is {self._origin}" if self._origin else ""
        window.border_title = Content(f"Vendor {place}: {self._name}{only}")
        if self.page.needle:
            window.border_subtitle = Content(f"{self.page.needle}: {self.page.place}   n, N")
        else:
            keys = "   ".join(f"{one.shown} {one.verb}" for one in VENDOR_ACTIONS if one.rank)
            ascii_only = cast("SandboxApp", self.app).has_class("-ascii")
            window.border_subtitle = Content(keys.translate(_IN_ASCII) if ascii_only else keys)

    # Keys ---------------------------------------------------------------------------------------

    def action_vendor(self, by: int) -> None:
        """Another vendor."""
        place = (self._names.index(self._name) + by) % len(self._names)
        self._name = self._names[place]
        self._show(top=True)

    def action_origin(self) -> None:
        """Values of the next origin only, or all."""
        place = (_ORIGINS.index(self._origin) + 1) % len(_ORIGINS)
        self._origin = _ORIGINS[place]
        self._show(top=True)

    def action_search(self) -> None:
        """Open the search."""
        line = self.query_one(Input)
        line.add_class("-open")
        line.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while it is typed."""
        self.page.search(event.value)
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the page; n and N go on."""
        event.input.remove_class("-open")
        self.page.focus()

    def on_line_view_searched(self, event: LineView.Searched) -> None:
        """Where the search stands."""
        self._show()

    def action_leave(self) -> None:
        """The search first, then the page."""
        line = self.query_one(Input)
        if line.has_class("-open") or self.page.needle:
            line.remove_class("-open")
            line.value = ""
            self.page.search("")
            self.page.focus()
            self._show()
        else:
            self.dismiss()

    def action_help(self) -> None:
        """What the page shows."""
        self.app.push_screen(VendorHelp())


class VendorHelp(ModalScreen[None]):
    """What the page shows, and its keys."""

    AUTO_FOCUS = "LineView"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,question_mark,f1,enter", "dismiss", "Close")
    ]

    def compose(self) -> ComposeResult:
        """The page."""
        lines: list[Line] = []
        for paragraph in VENDOR_HELP:
            lines += [*([Ink(line)] for line in textwrap.wrap(paragraph, 64)), []]
        for action in VENDOR_ACTIONS:
            first, *rest = textwrap.wrap(action.help, 51)
            lines.append([Ink(f"  {action.shown:<11}", "strong"), Ink(first)])
            lines += [[Ink(" " * 13), Ink(line)] for line in rest]
        with Vertical(classes="window tall") as window:
            window.border_title = "Help: Vendor"
            window.border_subtitle = "esc closes"
            view = LineView()
            view.show(Sheet(tuple(lines)))
            yield view
