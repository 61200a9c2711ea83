"""The lab's picture: its panes, and which of them are seen at which size.

narrow   one pane, a row of tabs, and below a table what its cell means
normal   from 100 columns and 30 rows: matrix, coverage and findings; or the vendors alone
wide     from 160 columns and 44 rows: everything
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from sandbox.charts.glyphs import Glyphs
from sandbox.tui.lab_actions import LAB_ACTIONS, lab_bindings
from sandbox.tui.lab_asking import Opened
from sandbox.tui.messages import KeyAsked, PaneAsked
from sandbox.tui.widgets.lab_bars import LabHeader, LabKeys, LabResult, LabTabs
from sandbox.tui.widgets.lab_details import Detail
from sandbox.tui.widgets.lab_grid import Grid
from sandbox.tui.widgets.lab_lists import Coverage, Found
from sandbox.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from sandbox.tui.app import SandboxApp

__all__ = ["LabStage"]

_NORMAL, _WIDE = (100, 30), (160, 44)
_TITLES = {
    "lab-matrix": "Matrix",
    "lab-map": "Coverage",
    "lab-found": "Findings",
    "lab-vendors": "Vendors",
}


class LabStage(Screen[Opened | None]):
    """The lab's picture. It asks nobody."""

    CSS = """
    Lab #lab-top { height: 1fr; }
    Lab #lab-bottom { height: 8; layout: vertical; }
    Lab #lab-right { width: 1fr; height: 1fr; }
    Lab #lab-found { height: 2fr; }
    Lab #lab-map { height: 3fr; }
    Lab #lab-detail { height: 8; }
    Lab.-vendors #lab-bottom { height: 1fr; }
    Lab.-vendors #lab-detail { height: 12; }
    Lab.-alone.-vendors #lab-detail { height: 8; }
    Lab.-wide #lab-right { width: 2fr; layout: horizontal; }
    Lab.-wide #lab-found, Lab.-wide #lab-map { height: 1fr; }
    Lab.-wide #lab-bottom { height: 17; layout: horizontal; }
    Lab.-wide #lab-vendors { width: 3fr; height: 1fr; }
    Lab.-wide #lab-detail { width: 2fr; height: 1fr; }
    Lab LabHeader, Lab LabResult, Lab LabKeys { background: $surface; }
    """
    AUTO_FOCUS: ClassVar[str | None] = "#lab-matrix Grid"
    BINDINGS: ClassVar[list[BindingType]] = [*lab_bindings("lab")]

    actions = tuple(one for one in LAB_ACTIONS if one.where == "lab")
    """What the palette offers here."""

    def __init__(self) -> None:
        """An empty lab."""
        super().__init__()
        self.header, self.result = LabHeader(), LabResult()
        self.tabs, self.keys = LabTabs(), LabKeys()
        self.matrix, self.vendors = Grid("answer"), Grid("answer")
        self.map, self.found, self.detail = Coverage(), Found(), Detail()
        self.panes = {
            "lab-matrix": Pane("lab-matrix", "Matrix", self.matrix),
            "lab-map": Pane("lab-map", "Coverage", self.map),
            "lab-found": Pane("lab-found", "Findings and scenarios", self.found),
            "lab-vendors": Pane("lab-vendors", "Vendors", self.vendors),
        }
        self.detail_pane = Pane("lab-detail", "", self.detail)
        self.pane = "lab-matrix"

    def compose(self) -> ComposeResult:
        """Everything, once; sizes only hide and show."""
        yield self.header
        yield self.result
        yield self.tabs
        with Horizontal(id="lab-top"):
            yield self.panes["lab-matrix"]
            with Vertical(id="lab-right"):
                yield self.panes["lab-map"]
                yield self.panes["lab-found"]
        with Vertical(id="lab-bottom"):
            yield self.panes["lab-vendors"]
            yield self.detail_pane
        yield self.keys

    @property
    def glyphs(self) -> Glyphs:
        """The table of characters."""
        app: SandboxApp = self.matrix.sandbox
        return app.glyphs

    # Sizes and focus ----------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Arrange for the first frame."""
        self.place_panes()

    def on_resize(self, event: events.Resize) -> None:
        """Arrange for the new size."""
        self.place_panes()

    def place_panes(self) -> None:
        """Show the panes that there is room for."""
        width, height = self.app.size
        wide = width >= _WIDE[0] and height >= _WIDE[1]
        alone = width < _NORMAL[0] or height < _NORMAL[1]
        vendors = self.pane == "lab-vendors"
        if wide:
            seen = frozenset(self.panes)
        elif alone or vendors:
            seen = frozenset({self.pane})
        else:
            seen = frozenset(self.panes) - {"lab-vendors"}
        self.set_class(wide, "-wide")
        self.set_class(alone, "-alone")
        self.set_class(vendors and not wide, "-vendors")
        for name, pane in self.panes.items():
            pane.display = name in seen
        self.query_one("#lab-right").display = bool({"lab-map", "lab-found"} & seen)
        self.query_one("#lab-top").display = seen != {"lab-vendors"}
        detail = not alone or (self.pane in ("lab-matrix", "lab-vendors") and height >= 22)
        self.detail_pane.display = detail
        self.query_one("#lab-bottom").display = detail or "lab-vendors" in seen
        self.tabs.display = not wide
        self.tabs.show(_TITLES, self.pane, seen)

    def go_to(self, pane: str) -> None:
        """The focus to a pane."""
        self.pane = pane
        self.place_panes()
        self.panes[pane].rows.focus()
        self.explain()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Whoever has the focus says which pane is in hand."""
        for node in event.widget.ancestors_with_self:
            if isinstance(node, Pane) and node.id in self.panes and node.id != self.pane:
                self.pane = node.id
                self.place_panes()
                self.explain()

    def explain(self) -> None:
        """What the cell in hand means."""
        raise NotImplementedError

    def action_pane(self, by: int) -> None:
        """The next pane."""
        names = list(self.panes)
        self.go_to(names[(names.index(self.pane) + by) % len(names)])

    def action_vendors(self) -> None:
        """The vendors, and back."""
        self.go_to("lab-matrix" if self.pane == "lab-vendors" else "lab-vendors")

    def on_pane_asked(self, event: PaneAsked) -> None:
        """A tab was clicked."""
        self.go_to(event.pane)

    async def on_key_asked(self, event: KeyAsked) -> None:
        """A key of the header or footer was clicked."""
        await self.run_action(event.call)
