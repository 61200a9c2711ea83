"""The stage, joined to a bench: loading, polling, looking, and workers for everything.

Nothing here waits: every request to the bench is a worker that awaits the bench's own thread.
Workers of one group replace each other (a newer look at a step makes an older one pointless); runs
are a group of their own and are only cancelled by a person.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.worker import Worker, WorkerState

from sandbox.bench.options import DEFAULT_SEED, RunOptions
from sandbox.errors import SandboxError
from sandbox.tui import messages, sheets
from sandbox.tui.backstage import Backstage
from sandbox.tui.bridge import Bridge
from sandbox.tui.desk import Desk
from sandbox.tui.looking import Look, Wanted, look
from sandbox.tui.screens.viewing import Viewing
from sandbox.tui.state import CallRow, Catalogue, Choice, Snapshot

if TYPE_CHECKING:
    from sandbox.bench.opened import Opened

__all__ = ["Backed", "Work"]

_FRAME_S = 1 / 15
_POLL_S = 1.0

Work = Callable[[], Coroutine[Any, Any, None]]
"""Not a coroutine: a worker that is replaced before it begins leaves nothing behind."""


class Backed(Viewing):
    """A stage whose state comes from a bench."""

    def __init__(self, opened: Opened, journey: str | None = None) -> None:
        """``journey`` is selected at the start; without it the first one."""
        super().__init__()
        self.bridge = Bridge()
        self.desk = Desk(opened, self.bridge)
        self.backstage = Backstage()
        self._first_journey = journey or ""
        self._fired = 0
        self._frame = 0
        self._loaded = asyncio.Event()
        self._read: asyncio.Future[Catalogue] | None = None
        self._turn = asyncio.Lock()

    # Beginning and end --------------------------------------------------------------------------

    async def read(self, patience_s: float) -> None:
        """Begin to read the workspace, and wait for it, but not for longer than this."""
        self._read = asyncio.ensure_future(self.backstage.call(self.desk.load))
        await asyncio.wait({self._read}, timeout=patience_s)

    def on_mount(self) -> None:
        """Show what is read by now; whatever takes longer begins once the first frame is there."""
        read = self._read
        if read is not None and read.done() and read.exception() is None:
            self._show(read.result())
        self.set_interval(_FRAME_S, self.flush)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.work(self._load, "load")

    async def _load(self) -> None:
        assert self._read is not None
        catalogue = await self._read
        if catalogue is not self.catalogue:
            self._show(catalogue)
        self._loaded.set()
        self.flush()
        self.see_journey()
        self.set_interval(_POLL_S, self._poll)
        await self.backstage.call(self.desk.warm)
        if not gc.isenabled():  # the command turned it off for the start
            gc.freeze()
            gc.enable()

    def _show(self, catalogue: Catalogue) -> None:
        """The documents, with the first of them selected."""
        self.catalogue = catalogue
        journey = catalogue.journey(self._first_journey)
        if journey is None and catalogue.journeys:
            journey = catalogue.journeys[0]
        profile = catalogue.profiles[0].id if catalogue.profiles else ""
        self.choice = replace(
            self.choice,
            journey=journey.id if journey else "",
            profile=profile,
            rules=self._rules(catalogue.active_rules),
        )
        if journey is not None:
            self.journeys.go_to(journey.id)

    def _rules(self, wanted: str) -> str:
        """The wanted rule set, or the first one where it is not there."""
        if self.catalogue.rules(wanted) is not None:
            return wanted
        return self.catalogue.all_rules[0].id

    def _poll(self) -> None:
        self.work(self._reload, "poll")

    async def _reload(self) -> None:
        changed = await self.backstage.call(self.desk.changed)
        if changed is not None:
            self.catalogue = changed
            self.choice = replace(self.choice, rules=self._rules(self.choice.rules))
            self.see_journey()

    def on_unmount(self) -> None:
        """Let go of connections, on the thread that has them."""
        self.backstage.close(self.desk.close)

    def flush(self) -> None:
        """Ask the bridge for news: fifteen times a second, half as often while many runs go on."""
        self._frame += 1
        if self.snapshot.busy and self.snapshot.total > 1 and self._frame % 2:
            return
        snapshot = self.bridge.news()
        if snapshot is not None:
            self.post_message(messages.RunAdvanced(snapshot))

    def on_run_advanced(self, event: messages.RunAdvanced) -> None:
        """News: the newest snapshot is all that counts."""
        before: Snapshot = self.snapshot
        self.snapshot = event.snapshot
        if self.opened is not None:  # its number may have moved
            key = self.opened.key
            self.opened = next((row for row in event.snapshot.calls if row.key == key), self.opened)
        new = (
            event.snapshot.trace is not before.trace
            or event.snapshot.stepping != before.stepping
            or before.busy
        )
        if new and not event.snapshot.busy:
            self.see()

    # Workers ------------------------------------------------------------------------------------

    def work(self, work: Work, group: str, exclusive: bool = True) -> Worker[None]:
        """Do this without making anybody wait; errors come back as a message."""
        return self.run_worker(work, group=group, exclusive=exclusive, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What a person can mend is shown; anything else is a bug and keeps its traceback."""
        worker = event.worker
        if event.state is not WorkerState.ERROR or worker.error is None:
            return
        error = worker.error
        if not isinstance(error, SandboxError):
            raise error
        title = {"run": "Not run", "load": "Workspace", "poll": "Workspace"}.get(worker.group, "")
        self.inspector.show(
            self.choice.tab, sheets.error_sheet(error), title or self.pane_title, keep=False
        )
        if worker.group not in ("look", "graph"):
            self.notify(str(error), title=title, severity="error", markup=False)

    @property
    def running(self) -> bool:
        """Whether a run is under way."""
        return any(
            worker.group == "run" and not worker.is_finished for worker in self.workers
        )  # fmt: skip

    # Looking ------------------------------------------------------------------------------------

    def see_journey(self) -> None:
        """The selected journey's graph, then its step."""
        self.work(partial(self._see_journey, self.choice.journey), "graph")
        self.see()

    async def _see_journey(self, journey: str) -> None:
        self.graph = (
            await self.backstage.call(lambda: self.desk.graph(journey)) if journey else None
        )
        self.show_run()

    def see(self) -> None:
        """The open tab for the selected step and person, or for the opened call."""
        self.work(self._see, "look")

    async def _see(self) -> None:
        choice, opened = self.choice, self.opened
        newest: CallRow | None = next(
            (
                row
                for row in self.snapshot.calls
                if (row.journey, row.profile, row.step)
                == (choice.journey, choice.profile, choice.step)
            ),
            None,
        )
        wanted = Wanted(
            choice,
            self.catalogue,
            self.options(),
            self.snapshot.trace,
            self.snapshot.stepping,
            opened,
            newest,
        )
        found: Look = await self.backstage.call(lambda: look(self.desk, wanted))
        self.inspector.show(choice.tab, found.sheet, found.title, keep=True)
        if self.inspector.view.needle:
            self.tell_search(self.inspector.view)
        if "answer" in self.arrangement.panes:
            asked = wanted._replace(choice=replace(choice, tab="response"))
            found = await self.backstage.call(lambda: look(self.desk, asked))
            self.answer.show(found.sheet)

    def choose(self, **values: object) -> None:
        """Change what is chosen, and look again."""
        made: Choice = replace(self.choice, **values)  # type: ignore[arg-type]
        if made != self.choice:
            self.choice = made
            self.see()

    def on_journey_picked(self, event: messages.JourneyPicked) -> None:
        """Another journey."""
        if event.journey != self.choice.journey:
            self.open(None)
            self.choice = replace(self.choice, journey=event.journey, step="")
            self.work(self._drop, "drop")
            self.see_journey()

    def on_profile_picked(self, event: messages.ProfilePicked) -> None:
        """Another person."""
        if event.profile != self.choice.profile:
            self.open(None)
            self.work(self._drop, "drop")
            self.choose(profile=event.profile)

    async def _drop(self) -> None:
        """A run that went step by step for somebody else is left."""
        if await self.backstage.call(self.desk.drop_step):
            self.bridge.ended()

    def on_step_picked(self, event: messages.StepPicked) -> None:
        """Another step of the map."""
        if event.step != self.choice.step:
            self.open(None)
            self.choose(step=event.step)

    def on_tab_asked(self, event: messages.TabAsked) -> None:
        """Another tab of the inspector."""
        self.choose(tab=event.tab)

    def on_call_opened(self, event: messages.CallOpened) -> None:
        """A call of the table: its answer first, because that is what one asks about.

        Where the answer has a pane of its own, the inspector shows what was sent.
        """
        self.open(next((one for one in self.calls.shown if one.number == event.number), None))
        self.choose(tab="payload" if "answer" in self.arrangement.panes else "response")
        self.see()
        if "inspector" not in self.arrangement.panes:
            self.go_to("inspector")

    def open(self, row: CallRow | None) -> bool:
        """The call that the inspector shows; whether that was another one."""
        was, self.opened = self.opened, row
        self.calls.mark(row)
        return was != row

    def options(self, seed: int | None = None) -> RunOptions:
        """The options of the next run, without forced answers."""
        choice = self.choice
        return RunOptions(
            rules=self.catalogue.rules(choice.rules),
            include_user=choice.include_user,
            seed=self.next_seed() if seed is None else seed,
            live=choice.live,
            allow_hosts=tuple(sorted(choice.hosts)) if choice.live else (),
        )

    def next_seed(self) -> int:
        """Each firing takes the next seed, so that bars move and every run can be repeated."""
        rules = self.catalogue.rules(self.choice.rules)
        base = rules.seed if rules is not None and rules.seed is not None else DEFAULT_SEED
        if self.seed != base + self._fired:
            self.seed = base + self._fired
            self.show_header()  # else it would tell an older one until something happens
        return self.seed
