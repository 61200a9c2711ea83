"""The workbench: intents in, work backstage, news out.

Nothing here waits: every request to the bench is a worker that awaits the bench's own thread.
Workers of one group replace each other (a newer look at a step makes an older one pointless); runs
are a group of their own and are only cancelled by a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.worker import Worker, WorkerState

from sandbox.bench import DEFAULT_SEED, RunOptions
from sandbox.errors import InputError, LiveRefused, SandboxError
from sandbox.tui import messages, sheets
from sandbox.tui.actions import bindings
from sandbox.tui.backstage import Backstage
from sandbox.tui.bridge import Bridge
from sandbox.tui.desk import Desk, Job
from sandbox.tui.forcing import forced_from, with_forced
from sandbox.tui.looking import Look, Wanted, look
from sandbox.tui.screens.viewing import Viewing
from sandbox.tui.state import CallRow, Choice, Forced, Snapshot, call_steps

if TYPE_CHECKING:
    from sandbox.bench import Bench

__all__ = ["MOST_LIVE", "Workbench"]

_FRAME_S = 1 / 15
_POLL_S = 1.0
MOST_LIVE = 100
"""People that one key may call for real."""

Work = Callable[[], Coroutine[Any, Any, None]]
"""Not a coroutine: a worker that is replaced before it begins leaves nothing behind."""


class Workbench(Viewing):
    """The one screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("everywhere")]

    def __init__(self, bench: Bench, journey: str | None = None) -> None:
        """``journey`` is selected at the start; without it the first one."""
        super().__init__()
        self.bench = bench
        self.bridge = Bridge()
        self.desk = Desk(bench, self.bridge)
        self.backstage = Backstage()
        self._first_journey = journey or ""
        self._fired = 0
        self._loaded = asyncio.Event()
        self._turn = asyncio.Lock()

    # Beginning and end --------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Begin once the first frame is there."""
        self.set_interval(_FRAME_S, self.flush)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.work(self._load, "load")

    async def _load(self) -> None:
        catalogue = await self.backstage.call(self.desk.load)
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
        self._loaded.set()
        self.flush()
        self.see_journey()
        self.set_interval(_POLL_S, self._poll)
        await self.backstage.call(self.bench.warm)

    def _rules(self, wanted: str) -> str:
        known = [one.id for one in self.catalogue.rule_sets]
        return wanted if wanted in known or not known else known[0]

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
        self.backstage.close(self.bench.close)

    def flush(self) -> None:
        """Ask the bridge for news, fifteen times a second at most."""
        snapshot = self.bridge.news()
        if snapshot is not None:
            self.post_message(messages.RunAdvanced(snapshot))

    def on_run_advanced(self, event: messages.RunAdvanced) -> None:
        """News: the newest snapshot is all that counts."""
        before: Snapshot = self.snapshot
        self.snapshot = event.snapshot
        new = event.snapshot.trace is not before.trace or before.busy
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
            self.tell_search()

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

    def on_step_picked(self, event: messages.StepPicked) -> None:
        """Another step of the map."""
        if event.step != self.choice.step:
            self.open(None)
            self.choose(step=event.step)

    def on_tab_asked(self, event: messages.TabAsked) -> None:
        """Another tab of the inspector."""
        self.choose(tab=event.tab)

    def on_call_opened(self, event: messages.CallOpened) -> None:
        """A call of the table: its answer first, because that is what one asks about."""
        self.open(next((one for one in self.calls.shown if one.number == event.number), None))
        self.choose(tab="response")
        self.see()
        if "inspector" not in self.arrangement.panes:
            self.go_to("inspector")

    def open(self, row: CallRow | None) -> bool:
        """The call that the inspector shows; whether that was another one."""
        was, self.opened = self.opened, row
        self.calls.mark(row.number if row else 0)
        return was != row

    # Running ------------------------------------------------------------------------------------

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
        self.seed = base + self._fired
        return self.seed

    def jobs(self, profiles: Sequence[str]) -> list[Job]:
        """A run for each of these people, each with its own seed; forced answers included."""
        choice, journey = self.choice, self.journey
        if journey is None:
            raise InputError("there is no journey to fire", "sandbox import FILE --as journey")
        if not profiles or not profiles[0]:
            raise InputError("there is nobody to fire it for", "sandbox import FILE --as profiles")
        first = self.next_seed()
        rules = self.catalogue.rules(choice.rules)
        made = []
        for place, profile in enumerate(profiles):
            options = self.options(first + place)
            if choice.forced is not None and rules is not None:
                options = with_forced(
                    options, rules, choice.forced, choice.step, call_steps(journey)
                )
            made.append(Job(journey.id, profile, options))
        return made

    def action_fire(self) -> None:
        """The journey for the selected person."""
        self._start(partial(self._fire, [self.choice.profile]))

    def action_fire_all(self) -> None:
        """The journey for everybody whom the filter shows."""
        self._start(partial(self._fire, [one.id for one in self.profiles.shown]))

    def _start(self, work: Work) -> None:
        """Runs take turns: f pressed thrice is three runs, a long one must be stopped."""
        if self.snapshot.busy and self.snapshot.total > 1:
            self.notify("Many runs are under way; esc stops them.", severity="warning")
            return
        self.work(partial(self._in_turn, work), "run", exclusive=False)

    async def _in_turn(self, work: Work) -> None:
        await self._loaded.wait()
        async with self._turn:
            await work()

    async def _fire(self, profiles: Sequence[str]) -> None:
        jobs = self.jobs(profiles)
        if self.choice.live:
            if len(jobs) > MOST_LIVE:
                raise LiveRefused(
                    f"{len(jobs):,} people at once would be called for real; nothing was sent",
                    f"filter to at most {MOST_LIVE} (/), or use m for mock",
                )
            if not await self._confirmed(jobs):
                return
            hosts = tuple(sorted(self.choice.hosts))
            jobs = [job._replace(options=replace(job.options, allow_hosts=hosts)) for job in jobs]
        self.open(None)
        await self._run_jobs(jobs)

    async def _run_jobs(self, jobs: Sequence[Job], moves: bool = True) -> None:
        if moves:
            self._fired += len(jobs)
            self.choice = replace(self.choice, forced=None)
        try:
            await self.backstage.run(lambda: self.desk.fire(jobs))
        finally:
            self.next_seed()
            self.flush()

    def action_repeat(self) -> None:
        """The selected call's run again; with no call selected, the newest one."""
        row = self.opened or (self.calls.selected if self.pane == "calls" else None)
        trace = self.snapshot.trace
        if row is not None and row.run:
            job = (row.run, row.journey, row.profile, row.seed)
        elif trace is not None and trace["run"]["id"]:
            run = trace["run"]
            job = (run["id"], run["journey"], run["profile"], run["seed"])
        else:
            self.notify("There is no run yet: f fires one.", severity="warning")
            return
        self._start(partial(self._repeat, *job))

    async def _repeat(self, run: str, journey: str, profile: str, seed: int) -> None:
        options = self.desk.options(run) or self.options(seed)
        job = Job(journey, profile, replace(options, seed=seed))
        if job.options.live and not await self._confirmed([job]):
            return
        await self._run_jobs([job], moves=False)
        self.notify(f"Repeated with seed {seed}.", timeout=3)

    def on_trigger_fired(self, event: messages.TriggerFired) -> None:
        """An event happens to the selected person."""
        self._start(partial(self._trigger, event.event))

    async def _trigger(self, event: str) -> None:
        options, profile = self.options(), self.choice.profile
        if self.choice.live:
            listening = [one.journeys for one in self.triggers.items if one.name == event]
            jobs = [Job(journey, profile, options) for ids in listening for journey in ids]
            if not await self._confirmed(jobs):
                return
            options = replace(options, allow_hosts=tuple(sorted(self.choice.hosts)))
        self._fired += 1
        count = await self.backstage.run(lambda: self.desk.trigger(event, profile, options))
        self.next_seed()
        self.flush()
        self.notify(f"{event} happened: {count} journey{'s' * (count != 1)} ran.", timeout=3)

    # Step by step -------------------------------------------------------------------------------

    def action_step(self) -> None:
        """One step forward."""
        if self.choice.live:
            self.notify("Step by step is mocked: m leaves LIVE first.", severity="warning")
            return
        self._start(self._step)

    async def _step(self) -> None:
        options = replace(self.options(), live=False, allow_hosts=())
        job = Job(self.choice.journey, self.choice.profile, options)
        forced = self.choice.forced
        self.open(None)
        step, used = await self.backstage.run(lambda: self.desk.step(job, forced))
        if used and forced is not None:
            rest = forced.items[1:]
            left = Forced(forced.text, rest, forced.scope) if rest else None
            self.choice = replace(self.choice, forced=left)
        if step is None:
            self._fired += 1
            self.next_seed()
            self.notify("The run has ended and is in the history.", timeout=3)
        self.flush()

    def action_back(self) -> None:
        """One step back."""
        self._start(self._back)

    async def _back(self) -> None:
        if not await self.backstage.run(self.desk.back):
            self.notify("No run goes step by step: s begins one.", severity="warning")
        self.flush()

    async def _drop(self) -> None:
        """A run that went step by step for somebody else is left."""
        if await self.backstage.call(self.desk.drop_step):
            self.bridge.ended()

    def action_cancel(self) -> None:
        """Escape, from the inside out."""
        if self.leave():
            return
        if self.running:
            self.workers.cancel_group(self, "run")
            self.notify("Stopped.", timeout=3)
        elif self.open(None):
            self.see()
        elif self.snapshot.stepping:
            self.work(self._drop, "drop")

    # Answers ------------------------------------------------------------------------------------

    def action_user_info(self) -> None:
        """User info in the payload, on or off; the diff tab shows what that takes away."""
        self.choose(include_user=not self.user_info)

    def action_force(self, text: str) -> None:
        """The next call's answer; empty: the rules' own."""
        forced: Forced | None = forced_from(text) if text else None
        if self.choice.live and forced is not None:
            self.notify("A live call answers for itself: m goes back to mock.", severity="warning")
            return
        self.choose(forced=forced)

    def action_rules(self) -> None:
        """Choose the rule set; force answers in sequence."""
        from sandbox.tui.screens.rules import Rules, RulesChosen

        def chosen(made: RulesChosen | None) -> None:
            if made is not None:
                self.choose(rules=made.rules, forced=made.forced)
                self.next_seed()
                self.show_header()

        self.app.push_screen(
            Rules(self.catalogue.rule_sets, self.choice.rules, self.choice.forced), chosen
        )

    def action_mode(self) -> None:
        """Mock, or live after a question for each host."""
        if self.choice.live:
            self.choose(live=False)
        else:
            self._start(self._go_live)

    async def _go_live(self) -> None:
        options = replace(self.options(), live=True)
        job = Job(self.choice.journey, self.choice.profile, options)
        if await self._confirmed([job]):
            self.choice = replace(self.choice, live=True, forced=None)
            self.see()

    async def _confirmed(self, jobs: Sequence[Job]) -> bool:
        """Ask for every host that was not confirmed yet; False when one is refused."""
        from sandbox.tui.live import calls_by_host
        from sandbox.tui.screens.confirm_live import ConfirmLive

        calls = await self.backstage.call(lambda: calls_by_host(self.bench, jobs))
        for host, requests in calls.items():
            if host in self.choice.hosts:
                continue
            if not await self.app.push_screen_wait(ConfirmLive(host, requests, len(jobs))):
                self.notify("Nothing was sent.", timeout=3)
                return False
            self.choice = replace(self.choice, hosts=self.choice.hosts | {host})
        return True

    # Copies -------------------------------------------------------------------------------------

    def action_copy_curl(self, reveal: bool) -> None:
        """The selected call as curl."""
        self.work(partial(self._copy_curl, reveal), "copy")

    async def _copy_curl(self, reveal: bool) -> None:
        choice, row, options = self.choice, self.opened, self.options()
        where = (choice.journey, choice.step, choice.profile)
        if row is not None:
            where = (row.journey, row.step, row.profile)
            options = self.desk.options(row.run) or options
        elif choice.step not in call_steps(self.journey):
            calls = call_steps(self.journey)
            if not calls:
                raise InputError("this journey calls no API", "choose another journey")
            where = (choice.journey, calls[0], choice.profile)
        command = await self.backstage.call(lambda: self.bench.curl(*where, options, reveal))
        self.copy(command, f"{where[1]} as curl, " + ("with values" if reveal else
                                                       "secrets as $NAME"))  # fmt: skip

    def action_copy_body(self) -> None:
        """The body that the inspector shows."""
        sheet = self.inspector.view.sheet
        text = sheet.text or "\n".join(sheet.body)
        if not text:
            self.notify("There is no body to copy.", severity="warning")
            return
        self.copy(text, "the body")

    def copy(self, text: str, what: str) -> None:
        """Into the clipboard, through the terminal (OSC 52)."""
        self.app.copy_to_clipboard(text)
        self.notify(
            f"Copied {what}: {len(text):,} characters, through the terminal (OSC 52). "
            "If nothing arrives, the terminal does not allow it; x writes the run to a file.",
            timeout=5,
            markup=False,
        )

    def action_export(self) -> None:
        """The selected run, or the newest one, as JSON in the current folder."""
        self.work(self._export, "copy")

    async def _export(self) -> None:
        from sandbox.tui.exporting import write_run

        row = self.opened or (self.calls.selected if self.pane == "calls" else None)
        trace = self.snapshot.trace
        if row is not None and row.run:
            run = row.run
            trace = await self.backstage.call(lambda: self.desk.trace(run))
        if trace is None:
            raise InputError("there is no run to export", "f fires one")
        kept = trace
        path = await self.backstage.call(lambda: write_run(kept))
        self.notify(f"Wrote {path}", timeout=6, markup=False)
