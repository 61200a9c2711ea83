"""What the widgets say to the screen, and what the bridge says: intents and news."""

from __future__ import annotations

from textual.message import Message

from sandbox.tui.state import Snapshot

__all__ = [
    "CallOpened",
    "FilterSet",
    "JourneyPicked",
    "KeyAsked",
    "PaneAsked",
    "ProfilePicked",
    "RunAdvanced",
    "StepPicked",
    "TabAsked",
    "TriggerFired",
]


class JourneyPicked(Message):
    """The cursor is on this journey."""

    def __init__(self, journey: str) -> None:
        """``journey``: its id."""
        super().__init__()
        self.journey = journey


class ProfilePicked(Message):
    """The cursor is on this person."""

    def __init__(self, profile: str) -> None:
        """``profile``: the id."""
        super().__init__()
        self.profile = profile


class TriggerFired(Message):
    """This event shall happen to the selected person."""

    def __init__(self, event: str) -> None:
        """``event``: its name, or the id of a journey that an API call starts."""
        super().__init__()
        self.event = event


class StepPicked(Message):
    """The map's cursor is on this step."""

    def __init__(self, step: str) -> None:
        """``step``: its id; empty for the trigger."""
        super().__init__()
        self.step = step


class CallOpened(Message):
    """This call's exact request and answer shall be shown."""

    def __init__(self, number: int) -> None:
        """``number``: of the row."""
        super().__init__()
        self.number = number


class TabAsked(Message):
    """This tab of the inspector shall be shown."""

    def __init__(self, tab: str) -> None:
        """``tab``: its name."""
        super().__init__()
        self.tab = tab


class PaneAsked(Message):
    """This pane shall have the focus."""

    def __init__(self, pane: str) -> None:
        """``pane``: its id."""
        super().__init__()
        self.pane = pane


class KeyAsked(Message):
    """An action of the footer was clicked."""

    def __init__(self, call: str) -> None:
        """``call``: the Textual action."""
        super().__init__()
        self.call = call


class FilterSet(Message):
    """The text of a pane's filter or search has changed."""

    def __init__(self, text: str, final: bool = False) -> None:
        """``final``: enter was pressed."""
        super().__init__()
        self.text = text
        self.final = final


class RunAdvanced(Message):
    """Something has happened; at most fifteen times a second, and the newest one is enough."""

    def __init__(self, snapshot: Snapshot) -> None:
        """``snapshot``: everything that has happened so far."""
        super().__init__()
        self.snapshot = snapshot

    def can_replace(self, message: Message) -> bool:
        """A newer snapshot holds everything of an older one."""
        return isinstance(message, RunAdvanced)
