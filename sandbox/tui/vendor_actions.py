"""The keys of the vendor's page: its bindings, footer, palette and help are all read from here."""

from __future__ import annotations

from textual.binding import Binding

from sandbox.tui.actions import Action

__all__ = ["VENDOR_ACTIONS", "VENDOR_HELP", "vendor_bindings"]

VENDOR_ACTIONS: tuple[Action, ...] = (
    Action("vendor.next", "right,l", "→ l", "next", "The next vendor.", "vendor(1)", "vendor", 1),
    Action("vendor.before", "left,h", "← h", "before", "The vendor before.", "vendor(-1)",
           "vendor", 2),
    Action("vendor.origin", "o", "o", "origin", "Only the values of one origin: assumed, reported, "
           "documented, and all of them again.", "origin", "vendor", 3),
    Action("vendor.search", "slash", "/", "search", "Search in the page; n and N go from match to "
           "match.", "search", "vendor", 4),
    Action("vendor.help", "question_mark,f1", "?", "help", "What the page shows.", "help", "vendor",
           5),
    Action("vendor.leave", "escape,q,d", "esc", "back", "Leave the search, then back to the "
           "workbench.", "leave", "vendor", 6),
)  # fmt: skip
"""Every action; the page is scrolled like every other text."""

VENDOR_HELP = (
    "Everything the sandbox knows of a vendor, first of the one whose journey is selected. Each "
    "value has its origin. Documented: on the vendor's own pages. Reported: seen elsewhere. "
    "Assumed: published nowhere, a choice of the sandbox.",
    "A value that the selected journey sets itself says so, and the vendor's own stands below it. "
    "settings: in the journey's document changes any value by its name.",
    "The same in the shell: sandbox dialects NAME.",
)
"""What the page shows, a paragraph each."""


def vendor_bindings() -> list[Binding]:
    """The actions as Textual's bindings."""
    return [Binding(one.keys, one.call, one.verb, show=False, id=one.id) for one in VENDOR_ACTIONS]
