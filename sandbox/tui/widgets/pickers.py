"""The three lists: journeys, people and triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from sandbox.charts.cells import clean, fit, pad, width
from sandbox.charts.line import Span, cut
from sandbox.model.base import shorten
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.trace import CallCounts
from sandbox.tui.ink import Ink, Line
from sandbox.tui.messages import JourneyPicked, ProfilePicked, TriggerFired
from sandbox.tui.widgets.rows import Rows

__all__ = ["JourneyList", "ProfileList", "Trigger", "TriggerList", "triggers_of"]

Item = TypeVar("Item")


class _Picker(Rows, Generic[Item]):
    """A list that can be filtered; the cursor stays on its item when the list changes."""

    def __init__(self, id: str | None = None) -> None:
        """Empty."""
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self.shown: list[Item] = []
        self._filter = ""
        self._texts: dict[str, str] = {}

    def key(self, item: Item) -> str:
        """The item's id."""
        raise NotImplementedError

    def words(self, item: Item) -> str:
        """What the filter looks through."""
        raise NotImplementedError

    def show_items(self, items: Sequence[Item]) -> None:
        """These items."""
        if items == self.items:
            return
        self.items = items
        self._texts = {}
        self.filter(self._filter)

    def filter(self, text: str) -> int:
        """Only items that hold every word; returns how many there are."""
        self._filter = text
        before = self.selected
        wanted = text.casefold().split()
        self.shown = [
            item for item in self.items
            if not wanted or all(word in self._text(item) for word in wanted)
        ]  # fmt: skip
        self.redraw()
        if before is not None:
            self.go_to(self.key(before))
        after = self.selected
        if after is not None and (before is None or self.key(after) != self.key(before)):
            self.picked(after)
        return len(self.shown)

    def _text(self, item: Item) -> str:
        key = self.key(item)
        if key not in self._texts:
            self._texts[key] = self.words(item).casefold()
        return self._texts[key]

    @property
    def selected(self) -> Item | None:
        """The item under the cursor."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    def go_to(self, key: str) -> None:
        """The cursor to an item."""
        for index, item in enumerate(self.shown):
            if self.key(item) == key:
                self.cursor = index
                return

    def picked(self, item: Item) -> None:
        """The cursor is on this item."""

    def on_rows_moved(self, event: Rows.Moved) -> None:
        """Tell what it is on."""
        event.stop()
        item = self.selected
        if item is not None:
            self.picked(item)

    @property
    def count(self) -> int:
        """Items that are shown."""
        return len(self.shown)


class JourneyList(_Picker[Journey]):
    """The journeys with their counts."""

    counts: Mapping[str, Mapping[str, CallCounts]] = {}

    def show(
        self, journeys: Sequence[Journey], counts: Mapping[str, Mapping[str, CallCounts]]
    ) -> None:
        """These journeys, with what the history counted."""
        self.show_items(journeys)
        if counts != self.counts:
            self.counts = counts
            self.refresh()

    def key(self, item: Journey) -> str:
        """Its id."""
        return item.id

    def words(self, item: Journey) -> str:
        """Id, name, vendor, event."""
        return f"{item.id} {item.name} {item.dialect} {item.trigger.name}"

    def picked(self, item: Journey) -> None:
        """Tell."""
        self.post_message(JourneyPicked(item.id))

    def line(self, index: int, cells: int) -> Line:
        """The id and the counts, which stay at the right edge."""
        journey, glyphs = self.shown[index], self.sandbox.glyphs
        every = self.counts.get(journey.id, {}).values()
        good = sum(one["success"] for one in every)
        bad = sum(one["failure"] for one in every)
        tail = [
            Ink(f"{glyphs.success}{good:>3}", "success" if good else "dim"),
            Ink(f" {glyphs.failure}{bad:>3} ", "failure" if bad else "dim"),
        ]
        room = max(0, cells - sum(width(ink.text) for ink in tail) - 2)
        name = pad(fit(clean(journey.id), room, glyphs.more), room)
        return [Ink(" "), Ink(name, "step"), Ink(" "), *tail]


class ProfileList(_Picker[Profile]):
    """The people."""

    def key(self, item: Profile) -> str:
        """The id."""
        return item.id

    def words(self, item: Profile) -> str:
        """The id, every attribute, every tag and list."""
        parts = [item.id, item.name, *map(_label, item.tags), *map(_label, item.lists)]
        parts += [f"{name}={_plain(value)}" for name, value in item.attributes.items()]
        return " ".join(parts)

    def picked(self, item: Profile) -> None:
        """Tell."""
        self.post_message(ProfilePicked(item.id))

    def line(self, index: int, cells: int) -> Line:
        """Id, name, and what status the person has."""
        profile, glyphs = self.shown[index], self.sandbox.glyphs
        status = profile.attributes.get("status")
        shown = fit(clean(profile.id), 10, glyphs.more)
        line = [Span(" "), Span(pad(shown, 5), "dim"), Span(" "), Span(clean(profile.name), "step")]
        if isinstance(status, str):
            line.append(Span(f"  {clean(status)}", "dim"))
        return cut(line, cells, glyphs.more)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else shorten(value)


def _label(value: object) -> str:
    return str(value["name"]) if isinstance(value, dict) else str(value)


class Trigger(NamedTuple):
    """Something that can happen, and how many journeys listen to it."""

    kind: str
    name: str
    journeys: tuple[str, ...]


def triggers_of(journeys: Sequence[Journey]) -> list[Trigger]:
    """What the journeys listen to, in their order; a manual one listens to nothing."""
    found: dict[tuple[str, str], list[str]] = {}
    for journey in journeys:
        kind = journey.trigger.kind
        if kind != "manual":
            name = journey.id if kind == "api" else journey.trigger.name
            found.setdefault((kind, name), []).append(journey.id)
    return [Trigger(kind, name, tuple(ids)) for (kind, name), ids in found.items()]


class TriggerList(_Picker[Trigger]):
    """What can happen to a person."""

    def key(self, item: Trigger) -> str:
        """Kind and name."""
        return f"{item.kind} {item.name}"

    def words(self, item: Trigger) -> str:
        """Kind, name, journeys."""
        return f"{item.kind} {item.name} {' '.join(item.journeys)}"

    def line(self, index: int, cells: int) -> Line:
        """What kind it is, its name, who listens."""
        trigger, glyphs = self.shown[index], self.sandbox.glyphs
        kind = {"attribute_changed": "attr"}.get(trigger.kind, trigger.kind)
        line = [Span(" "), Span(f"{kind:<5} ", "dim"), Span(clean(trigger.name), "step")]
        if len(trigger.journeys) > 1:
            line.append(Span(f"  {len(trigger.journeys)} journeys", "dim"))
        return cut(line, cells, glyphs.more)

    def on_rows_chosen(self, event: Rows.Chosen) -> None:
        """Let it happen."""
        event.stop()
        trigger = self.selected
        if trigger is not None:
            self.post_message(TriggerFired(trigger.name))
