"""The workbench's picture: which panes there are, and how state becomes what they show."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from sandbox.bench.vendors import counter_words
from sandbox.charts.cells import clean
from sandbox.charts.line import Span
from sandbox.model.graph import Graph
from sandbox.model.journey import CallApi, Journey
from sandbox.tui.arrangement import LISTS, NARROWEST, PANES, SHORTEST, Arrangement, arrange
from sandbox.tui.ink import Line
from sandbox.tui.state import CallRow, Catalogue, Choice, Snapshot, call_steps
from sandbox.tui.widgets.bars import Bars
from sandbox.tui.widgets.calls import Calls
from sandbox.tui.widgets.card import Card
from sandbox.tui.widgets.header import Facts, Header
from sandbox.tui.widgets.inspector import Inspector
from sandbox.tui.widgets.journey_map import JourneyMap
from sandbox.tui.widgets.key_bar import KeyBar
from sandbox.tui.widgets.line_view import LineView
from sandbox.tui.widgets.pane import Pane
from sandbox.tui.widgets.pane_tabs import PaneTabs
from sandbox.tui.widgets.pickers import JourneyList, ProfileList, TriggerList, triggers_of

__all__ = ["Stage"]


class Stage(Screen[None]):
    """Render = f(catalogue, choice, snapshot). It asks nobody and sends nothing."""

    AUTO_FOCUS: ClassVar[str | None] = "#map JourneyMap"

    catalogue: reactive[Catalogue] = reactive(Catalogue(), init=False, repaint=False)
    choice: reactive[Choice] = reactive(Choice(), init=False, repaint=False)
    snapshot: reactive[Snapshot] = reactive(Snapshot(), init=False, repaint=False)

    def __init__(self) -> None:
        """An empty stage."""
        super().__init__()
        self.header, self.tabs, self.keys = Header(), PaneTabs(), KeyBar()
        self.journeys, self.profiles, self.triggers = JourneyList(), ProfileList(), TriggerList()
        self.map, self.bars, self.calls = JourneyMap(), Bars(), Calls()
        self.card = Card(id="card")
        self.inspector = Inspector("inspector")
        self.answer = LineView()
        self.panes: dict[str, Pane] = {
            "journeys": Pane("journeys", "Journeys", self.journeys),
            "profiles": Pane("profiles", "Profiles", self.profiles),
            "triggers": Pane("triggers", "Triggers", self.triggers),
            "map": Pane("map", "Journey map", self.map),
            "bars": Pane("bars", "Success and failure", self.bars),
            "inspector": self.inspector,
            "answer": Pane("answer", "Answer", self.answer),
            "calls": Pane("calls", "Calls, newest first", self.calls),
        }
        self.pane = "map"
        self.zoomed = False
        self.graph: Graph | None = None
        self.opened: CallRow | None = None
        self.seed = 0
        self.arrangement = Arrangement("", frozenset(), False, False)

    def compose(self) -> ComposeResult:
        """Everything, once; sizes only hide and show."""
        panes = self.panes
        yield self.header
        yield self.tabs
        with Vertical(id="body"):
            with Container(id="lists"):
                yield panes["journeys"]
                yield panes["profiles"]
                yield panes["triggers"]
            with Container(id="work"):
                with Vertical(id="centre"):
                    yield panes["map"]
                    yield self.card
                    yield panes["bars"]
                with Vertical(id="exchange"):
                    yield panes["inspector"]
                    yield panes["answer"]
        yield panes["calls"]
        yield Static(id="notice", markup=False)
        yield self.keys

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
        made = arrange(width, height, self.pane, self.zoomed)
        for name in ("notice", "narrow", "normal", "wide"):
            self.set_class(made.name == name, f"-{name}")
        solo = len(made.panes) == 1
        self.set_class(solo, "-solo")
        self.set_class(not made.tall, "-low")
        for name, pane in self.panes.items():
            pane.display = name in made.panes
        self.query_one("#lists").display = any(name in made.panes for name in LISTS)
        centre = bool({"map", "bars"} & made.panes)
        self.query_one("#centre").display = centre
        exchange = bool({"inspector", "answer"} & made.panes)
        self.query_one("#exchange").display = exchange
        self.query_one("#work").display = centre or exchange
        self.query_one("#body").display = made.panes != {"calls"} and bool(made.panes)
        self.card.display = made.card
        self.tabs.display = made.tabs
        if made.name == "notice":
            self.query_one("#notice", Static).update(
                f"The workbench needs {NARROWEST} columns and {SHORTEST} rows;\n"
                f"this window has {width} and {height}.\n\n"
                "Make it larger, or: sandbox fire newsletter --profile 7"
            )
        self.arrangement = made
        self.tabs.show(self.pane, made.panes)

    def go_to(self, pane: str) -> None:
        """The focus to a pane, wherever it is."""
        self.pane = pane
        self.place_panes()
        self.panes[pane].rows.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Whoever has the focus says which pane is in hand."""
        for node in event.widget.ancestors_with_self:
            if isinstance(node, Pane) and node.id in PANES:
                if node.id != self.pane:
                    self.pane = node.id
                    self.place_panes()
                return

    # State to picture ---------------------------------------------------------------------------

    def watch_catalogue(self, catalogue: Catalogue) -> None:
        """The documents."""
        self.journeys.show(catalogue.journeys, self.snapshot.counts)
        self.profiles.show_items(catalogue.profiles)
        self.triggers.show_items(triggers_of(catalogue.journeys))
        self._names = {one.id: one.name for one in catalogue.profiles}
        self.count_shown()
        self.show_run()
        self.show_header()

    _names: dict[str, str] = {}

    def watch_choice(self, before: Choice, choice: Choice) -> None:
        """What the person has set."""
        if choice.journey != before.journey:
            self.show_run()
        self.show_header()
        self.show_card()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        """What has happened."""
        if snapshot.counts != before.counts:
            self.journeys.show(self.catalogue.journeys, snapshot.counts)
        self.show_run()
        self.show_header()
        self.show_card()

    @property
    def journey(self) -> Journey | None:
        """The selected journey."""
        return self.catalogue.journey(self.choice.journey)

    def show_run(self) -> None:
        """Map, bars and calls."""
        snapshot, journey = self.snapshot, self.journey
        self.calls.show(snapshot.calls, self._names)
        counts = snapshot.counts.get(self.choice.journey, {})
        trace = snapshot.trace
        if trace is not None and trace["run"]["journey"] != self.choice.journey:
            trace = None
        graph = self.graph
        if graph is not None and graph.journey != self.choice.journey:
            graph = None
        standing = snapshot.standing if trace is not None else ""
        self.map.show(graph, counts, standing or None, trace)
        title = f"  {clean(journey.title)}  ({journey.dialect})" if journey else ""
        self.panes["map"].rename(f"Journey map{title}")
        steps = {
            node.id: node.label
            for node in (graph.nodes if graph is not None else ())
            if node.id in call_steps(journey)
        }
        took = [row.took_ms for row in snapshot.calls[:60] if row.journey == self.choice.journey]
        under_way = snapshot.stepping or (snapshot.busy and not counts)
        self.bars.show(steps, counts, took[::-1], counter_words(journey), under_way)
        if trace is not None:
            run = trace["run"]
            words = f"newest run: for {run['profile']}, {run['status'].replace('_', ' ')}"
            if snapshot.busy and not run["id"]:
                words = f"running: for {run['profile']}"
            if snapshot.stepping:
                words = f"step by step: {len(trace['steps'])} done, s forward, b back, esc leaves"
            self.panes["map"].tell(clean(words))
        else:
            self.panes["map"].tell("")

    def count_shown(self) -> None:
        """How many of how many the filters show."""
        for pane, rows, total in (
            ("journeys", self.journeys, len(self.catalogue.journeys)),
            ("profiles", self.profiles, len(self.catalogue.profiles)),
            ("triggers", self.triggers, len(self.triggers.items)),
        ):
            self.panes[pane].tell(f"{rows.count:,} of {total:,}" if rows.count != total else
                                  f"{total:,}")  # fmt: skip

    @property
    def user_info(self) -> bool:
        """Whether the selected call sends user info; with no call selected, the first one."""
        if self.choice.include_user is not None:
            return self.choice.include_user
        journey = self.journey
        steps = [one for one in (journey.steps if journey else ()) if isinstance(one, CallApi)]
        here = [one for one in steps if one.id == self.choice.step] or steps[:1]
        return here[0].include_user if here else True

    def show_header(self) -> None:
        """The line at the top."""
        choice, snapshot = self.choice, self.snapshot
        profile = self.catalogue.profile(choice.profile)
        success, failure = snapshot.totals()
        progress = ""
        if snapshot.busy:
            many = snapshot.total > 1
            progress = f"running {snapshot.done}/{snapshot.total}" if many else "running"
            if snapshot.stopping:
                progress = "stopping"
            elif snapshot.answered and not snapshot.done:
                progress += f", {snapshot.answered} calls"
            elif snapshot.begun and not snapshot.done:
                progress += f", {snapshot.begun} begun"
        elif snapshot.stepping and snapshot.trace is not None:
            progress = f"step {len(snapshot.trace['steps'])}"
        self.header.show(
            Facts(
                clean(choice.journey),
                f"{clean(profile.name)} ({clean(profile.id)})" if profile else "nobody",
                choice.live,
                tuple(sorted(choice.hosts)),
                choice.rules,
                self.user_info,
                self._forced(),
                success,
                failure,
                self.seed,
                progress,
            )
        )

    def _forced(self) -> str:
        """The forced answers, and whom they wait for."""
        forced, step = self.choice.forced, self.choice.step
        if forced is None:
            return ""
        here = forced.scope == "call" and step in call_steps(self.journey)
        return f"{forced.text} ({clean(step) if here else forced.scope})"

    def show_card(self) -> None:
        """The selected step in a few lines, for narrow windows."""
        journey, step_id = self.journey, self.choice.step
        step = journey.step(step_id) if journey is not None else None
        if journey is None or step is None:
            self.card.show("Step", [[("the trigger lets the person in", "dim")]])
            return
        lines: list[Line] = []
        title = clean(step.name or step.id)
        if isinstance(step, CallApi):
            title += f"  time-out {step.timeout_s:g} s" if step.timeout_s else ""
            lines.append([Span(f"{step.method} ", "kind"), Span(clean(step.url), "strong")])
            row = next((one for one in self.snapshot.calls if one.step == step.id
                        and one.journey == journey.id), None)  # fmt: skip
            if row is None:
                lines.append([("not called yet: f fires the journey", "dim")])
            else:
                role = "success" if row.outcome == "success" else "failure"
                words = f"  {row.took_ms:.0f} ms  {row.source}, person {row.profile}"
                lines.append([("last  ", "dim"), (f"{row.outcome} {row.code}", role),
                              (clean(words), "dim")])  # fmt: skip
                lines.append([("then  ", "dim"), (row.next or "the path ends", "")])
            one = self.snapshot.counts.get(journey.id, {}).get(step.id)
            if one is not None:
                codes = "  ".join(f"{code} x {sends}" for code, sends in one["by_code"].items())
                lines.append([("codes ", "dim"), (codes, "")])
        if step.notes:
            lines.append([("notes ", "dim"), (clean(step.notes), "warning")])
        if not lines:
            lines.append([(f"{step.kind.replace('_', ' ')}: enter shows it in full", "dim")])
        self.card.show(title, lines)
