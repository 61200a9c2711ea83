"""Ways to look: the next pane, zoom, filter, search, jump, help, the vendor."""

from __future__ import annotations

from sandbox.tui.actions import PANE_HELP
from sandbox.tui.arrangement import PANES, TABBED
from sandbox.tui.messages import FilterSet, KeyAsked, PaneAsked
from sandbox.tui.screens.stage import Stage
from sandbox.tui.widgets.line_view import LineView
from sandbox.tui.widgets.pane import FilterLine, Pane

__all__ = ["Viewing"]


class Viewing(Stage):
    """A stage that one can look around in."""

    def action_pane(self, by: int) -> None:
        """The next pane, in sight or not; in a wide window only those in sight."""
        seen = [pane for pane in PANES if pane in self.arrangement.panes]
        around = list(TABBED) if self.arrangement.tabs else seen
        if around:
            place = around.index(self.pane) if self.pane in around else 0
            self.go_to(around[(place + by) % len(around)])

    def on_pane_asked(self, event: PaneAsked) -> None:
        """A tab was clicked."""
        self.go_to(event.pane)

    async def on_key_asked(self, event: KeyAsked) -> None:
        """A key of the header or footer was clicked."""
        await self.run_action(event.call)

    def action_zoom(self) -> None:
        """The focused pane alone, and back."""
        self.zoomed = not self.zoomed
        self.place_panes()

    def action_jump(self) -> None:
        """One letter to any pane."""
        from sandbox.tui.screens.jump import Jump

        def chosen(pane: str | None) -> None:
            if pane:
                self.go_to(pane)

        self.app.push_screen(Jump(), chosen)

    def action_help(self) -> None:
        """What the focused pane shows and does."""
        from sandbox.tui.screens.help import Help

        self.app.push_screen(Help(self.pane))

    def action_vendor(self) -> None:
        """Everything that is known of the journey's vendor."""
        from sandbox.tui.screens.vendor import Vendor  # nobody waits for it before it is opened

        self.app.push_screen(Vendor(self.journey))

    # Filter and search --------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the filter of the pane, or the people's where there is nothing to filter."""
        if self.pane in ("map", "bars"):
            self.go_to("profiles")
        pane = self.panes[self.pane]
        words = "search" if isinstance(pane.rows, LineView) else "words that must be there"
        pane.open_filter(words)

    def on_filter_set(self, event: FilterSet) -> None:
        """Filter, or search."""
        pane = self.panes[self.pane]
        rows = pane.rows
        if isinstance(rows, LineView):
            rows.search(event.text)
            self.tell_search(rows)
        elif rows is self.calls:
            shown = self.calls.filter(event.text)
            pane.tell(f"{shown:,} of {len(self.snapshot.calls):,}" if event.text else "")
        elif rows in (self.journeys, self.profiles, self.triggers):
            rows.filter(event.text)
            self.count_shown()
        if event.final:
            rows.focus()

    def tell_search(self, view: LineView) -> None:
        """Where the search stands."""
        pane = self.inspector if view is self.inspector.view else self.panes["answer"]
        pane.tell(f"{view.needle}: {view.place}   n next, N before" if view.needle else "")

    def on_line_view_searched(self, event: LineView.Searched) -> None:
        """The search has gone on."""
        self.tell_search(event.view)

    def leave(self) -> bool:
        """Escape: leaves the filter, then the zoom; whether there was something to leave."""
        pane: Pane = self.panes[self.pane]
        if isinstance(self.focused, FilterLine) or pane.filter_line is not None:
            return pane.close_filter()
        if self.zoomed:
            self.action_zoom()
            return True
        return False

    @property
    def pane_title(self) -> str:
        """What the focused pane is called."""
        return PANE_HELP[self.pane][0]
