"""The keys of the lab: its bindings, footer, palette and help are all read from here."""

from __future__ import annotations

from textual.binding import Binding

from sandbox.tui.actions import Action

__all__ = ["LAB_ACTIONS", "LAB_HELP", "lab_bindings"]

LAB_ACTIONS: tuple[Action, ...] = (
    Action("lab.pane", "tab", "tab", "Next pane", "The next pane.", "pane(1)", "lab", 3),
    Action("lab.pane_before", "shift+tab", "shift+tab", "Pane before", "The pane before.",
           "pane(-1)", "lab"),
    Action("lab.vendors", "v", "v", "Vendors", "The vendors side by side, and back to the matrix.",
           "vendors", "lab", 4),
    Action("lab.depth", "d", "d", "Depth", "How many calls may misbehave in one run: single, "
           "pairs, full. Sweeps again.", "depth", "lab", 5),
    Action("lab.people", "p", "p", "People", "Whom to walk: as many as it takes to reach "
           "everything, the selected person, everybody. Sweeps again.", "people", "lab", 6),
    Action("lab.budget", "b", "b", "Budget", "The most runs: 20,000, 100,000 or 2,000. Sweeps "
           "again.", "budget", "lab", 8),
    Action("lab.again", "r", "r", "Again", "Sweep again, with the documents as they are now.",
           "again", "lab", 9),
    Action("lab.help", "question_mark,f1", "?", "Help", "What the lab shows.", "help", "lab", 7),
    Action("lab.leave", "escape", "esc", "Stop/Back", "Stop the sweep and show what is known; "
           "when nothing is under way, back to the workbench.", "leave", "lab", 2),
    Action("lab.close", "q", "q", "Back", "Back to the workbench.", "close", "lab"),
    Action("lab.open_run", "enter", "enter", "Open run", "Run what the cursor is on in the "
           "workbench: the person is selected, the answers are played (mocked), and map, "
           "inspector and calls show it. On a finding: show its call in the matrix.",
           "choose", "chosen", 1),
    Action("lab.right", "right,l", "→ l", "Right", "The next column.", "across(1)", "grid"),
    Action("lab.left", "left,h", "← h", "Left", "The column before.", "across(-1)", "grid"),
)  # fmt: skip
"""Every action; enter is bound by the rows of every pane already."""

LAB_HELP = (
    "The lab tries everything that can go wrong with the calls of the selected journey and shows "
    "what becomes of the person. Nothing is sent and nothing is recorded until a run is opened.",
    "Matrix: a row for each answer, a column for each call; the cell is what such an answer does "
    "when it lasts. Below it: whose run that is, with which answers and on which path.",
    "Coverage: the journey with every edge that some run has taken; the others are named below, "
    "each with the reason.",
    "Findings and scenarios: what a person should know, and the fewest runs that reach "
    "everything that can be reached.",
    "Vendors: the same answer under five dialects for the selected person. A cell rests on rules; "
    "doc: all of them are documented, rep: some are only reported, ASM: some are assumed, own: "
    "the journey itself says so. Differs at: the step after which the vendors part.",
)
"""What the lab shows, a paragraph each."""


def lab_bindings(where: str) -> list[Binding]:
    """The actions of one place as Textual's bindings."""
    return [
        Binding(action.keys, action.call, action.verb, show=False, id=action.id)
        for action in LAB_ACTIONS
        if action.where == where
    ]
