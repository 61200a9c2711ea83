"""The one registry of actions: bindings, footer, palette and help are all read from it.

Never bound: ctrl+h, ctrl+i, ctrl+j, ctrl+m and ctrl+[, which are the same bytes as backspace, tab,
newline, enter and escape in most terminals.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual.binding import Binding

__all__ = ["ACTIONS", "GROUPS", "PANE_HELP", "Action", "actions_for", "bindings"]


class Action(NamedTuple):
    """One thing that a person can do."""

    id: str
    """The binding's id, by which a key can be changed: ``run.fire``."""
    keys: str
    """As Textual names them, separated by commas."""
    shown: str
    """The key as the footer and the help show it."""
    verb: str
    """The footer's word."""
    help: str
    """A sentence for the help and the palette."""
    call: str
    """The Textual action."""
    where: str = "everywhere"
    """``everywhere``, or the kind of pane that must have the focus."""
    rank: int = 0
    """The place in the footer, lowest first; 0: not there."""

    @property
    def group(self) -> str:
        """``run``, ``mock``, ``copy`` …"""
        return self.id.partition(".")[0]


ACTIONS: tuple[Action, ...] = (
    Action("run.fire", "f", "f", "Fire", "Fire the journey for the selected person.", "fire",
           rank=1),
    Action("run.fire_all", "F", "F", "Fire all", "Fire it for every person the filter shows.",
           "fire_all", rank=9),
    Action("run.step", "s", "s", "Step", "One step forward; begins a run if none is begun.",
           "step", rank=2),
    Action("run.back", "b", "b", "Back", "One step back.", "back", rank=10),
    Action("run.repeat", "R", "R", "Repeat", "The selected call's run again, with its seed.",
           "repeat", rank=15),
    Action("run.cancel", "escape", "esc", "Stop", "Stop what runs, or leave the filter, the zoom, "
           "an opened call or a run that goes step by step.", "cancel"),
    Action("mock.mode", "m", "m", "Mock/Live", "Answers from rules, or real calls (asks first).",
           "mode", rank=3),
    Action("mock.rules", "r", "r", "Rules", "Choose a rule set or a preset, or force answers in "
           "sequence.", "rules", rank=5),
    Action("mock.make_rule", "w", "w", "Make rule", "A rule from this call: a new rule set that "
           "answers it so, in use at once.", "make_rule"),
    Action("mock.force_200", "2", "2", "Force 200", "The next call of the step gets 200.",
           "force('200')"),
    Action("mock.force_404", "4", "4", "Force 404", "The next call of the step gets 404.",
           "force('404')"),
    Action("mock.force_429", "9", "9", "Force 429", "The next call of the step gets 429.",
           "force('429')"),
    Action("mock.force_503", "5", "5", "Force 503", "The next call of the step gets 503.",
           "force('503')", rank=11),
    Action("mock.force_timeout", "t", "t", "Time-out", "The next call of the step gets no answer "
           "in time.", "force('timeout')", rank=12),
    Action("mock.force_refused", "n", "n", "Refused", "The next call of the step finds the "
           "connection refused.", "force('refused')"),
    Action("mock.unforce", "0", "0", "No force", "Leave the answers to the rules again.",
           "force('')"),
    Action("view.user_info", "u", "u", "User info", "User info in the payload, on or off.",
           "user_info", rank=4),
    Action("copy.curl", "c", "c", "curl", "Copy the call as curl, secrets as $NAME.",
           "copy_curl(False)", rank=6),
    Action("copy.curl_values", "C", "C", "curl with values",
           "Copy the call as curl, secrets in clear text.", "copy_curl(True)"),
    Action("copy.body", "y", "y", "Copy body", "Copy the body that the inspector shows.",
           "copy_body", rank=13),
    Action("export.run", "x", "x", "Export", "Write the selected run as JSON into this folder.",
           "export", rank=14),
    Action("lab.open", "L", "L", "Lab", "Every failure of the journey, its coverage, and what each "
           "vendor does.", "lab", rank=10),
    Action("view.vendor", "d", "d", "Vendor", "Everything that is known of the journey's vendor: "
           "each value with its origin, source and date.", "vendor"),
    Action("view.filter", "slash", "/", "Filter", "Filter the list, or search in the text.",
           "filter", rank=16),
    Action("view.zoom", "z", "z", "Zoom", "This pane alone, and back.", "zoom", rank=17),
    Action("go.jump", "ctrl+o", "^o", "Jump", "Jump to any pane with one letter.", "jump",
           rank=8),
    Action("go.next", "tab", "tab", "Next pane", "The next pane.", "pane(1)", rank=19),
    Action("go.previous", "shift+tab", "shift+tab", "Previous pane", "The pane before.",
           "pane(-1)"),
    Action("view.palette", "ctrl+p", "^p", "Palette", "Find any action, journey or person.",
           "app.command_palette", rank=18),
    Action("view.help", "question_mark,f1", "?", "Help", "What the focused pane shows and does.",
           "help", rank=7),
    Action("view.quit", "q", "q", "Quit", "Leave the workbench.", "app.quit", rank=20),
    # In lists, in the map and in the table of calls
    Action("move.down", "down,j", "↓ j", "Down", "Down.", "cursor(1)", "rows"),
    Action("move.up", "up,k", "↑ k", "Up", "Up.", "cursor(-1)", "rows"),
    Action("move.page_down", "pagedown", "pgdn", "Page down", "A page down.", "page(1)", "rows"),
    Action("move.page_up", "pageup", "pgup", "Page up", "A page up.", "page(-1)", "rows"),
    Action("move.first", "g,home", "g", "First", "The first line.", "end(-1)", "rows"),
    Action("move.last", "G,end", "G", "Last", "The last line.", "end(1)", "rows"),
    Action("move.choose", "enter", "enter", "Open", "Choose, or open, what the cursor is on.",
           "choose", "rows"),
    # In the inspector
    Action("tab.next", "right,l", "→ l", "Next tab", "The next tab.", "tab(1)", "inspector"),
    Action("tab.previous", "left,h", "← h", "Tab before", "The tab before.", "tab(-1)",
           "inspector"),
    Action("search.next", "n", "n", "Next match", "The next match of the search; without one, the "
           "next call is refused.", "match(1)", "body"),
    Action("search.previous", "N", "N", "Match before", "The match before.", "match(-1)",
           "body"),
)  # fmt: skip
"""Every action."""

GROUPS = {
    "run": "Run",
    "mock": "Answers",
    "view": "View",
    "copy": "Copy",
    "export": "Export",
    "lab": "Lab",
    "go": "Go",
    "move": "Move",
    "tab": "Tabs",
    "search": "Search",
}
"""Group → its heading in the help, in the order of the help."""

PANE_HELP = {
    "journeys": ("Journeys", ("rows",),
                 "The journeys of the workspace with their successes and failures so far. The "
                 "cursor chooses the journey that everything else shows."),
    "profiles": ("Profiles", ("rows",),
                 "The people. The cursor chooses the person for whom the journey is fired; / "
                 "filters by id, name, tag or any attribute, and F fires for all that are shown."),
    "triggers": ("Triggers", ("rows",),
                 "What lets a person into a journey. Enter lets the event happen to the selected "
                 "person: every journey that listens to it runs."),
    "map": ("Journey map", ("rows",),
            "The journey from top to bottom. A side way (a failure, a branch) opens a lane to "
            "the right. Every call shows its successes and failures; ▶ is where a run stands "
            "that goes step by step, and the lines it took are highlighted. The inspector shows "
            "the step under the cursor."),
    "bars": ("Success and failure", ("rows",),
             "Each call of the journey: solid is success, shaded is failure, over the whole "
             "history. Below: every send by status or error, and how long the last calls took."),
    "inspector": ("Inspector", ("rows", "inspector", "body"),
                  "The selected call as it would be sent for the selected person, or, after enter "
                  "in the table of calls, exactly as it was sent and answered. A tag that finds "
                  "no value is highlighted. / searches, n and N go from match to match."),
    "answer": ("Answer", ("rows", "body"),
               "The newest answer to the selected call for the selected person, or to the opened "
               "call: what the status means, what to check next, and where the person went."),
    "calls": ("Calls", ("rows",),
              "Every call, newest first. Enter opens the exact request and answer in the "
              "inspector, with the meaning of the status and what to check next; esc goes back "
              "to the preview. / filters by any word of a line: a code, a step, a person."),
}  # fmt: skip
"""Pane → its name, the kinds of action it takes, and what it shows."""


def actions_for(where: str) -> Iterator[Action]:
    """The actions of one place."""
    return (action for action in ACTIONS if action.where == where)


def bindings(where: str) -> list[Binding]:
    """The same as Textual's bindings; their ids let a keymap change the keys."""
    return [
        Binding(action.keys, action.call, action.verb, show=False, id=action.id)
        for action in actions_for(where)
    ]
