"""Runs: one, many, again, by a trigger, step by step; mocked, or live after a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sandbox.errors import InputError, LiveRefused
from sandbox.model.trace import FindingDocument
from sandbox.tui import messages
from sandbox.tui.desk import Job
from sandbox.tui.screens.backed import Backed, Work
from sandbox.tui.state import Forced, call_steps

__all__ = ["MOST_LIVE", "Running"]

MOST_LIVE = 100
"""People that one key may call for real."""


class Running(Backed):
    """A joined stage that can run journeys."""

    def jobs(self, profiles: Sequence[str]) -> list[Job]:
        """A run for each of these people, each with its own seed; forced answers included."""
        from sandbox.tui.forcing import with_forced

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
        self._start(partial(self._fire, False))

    def action_fire_all(self) -> None:
        """The journey for everybody whom the filter shows."""
        self._start(partial(self._fire, True))

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

    async def _fire(self, everybody: bool) -> None:
        shown = [one.id for one in self.profiles.shown]
        jobs = self.jobs(shown if everybody else [self.choice.profile])
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
        forced = self.choice.forced
        await self._run_jobs(jobs)
        await self._unused(forced, jobs)

    async def _unused(self, forced: Forced | None, jobs: Sequence[Job]) -> None:
        """A forced answer that the one run had no use for waits for the next one, and says so."""
        from sandbox.tui.forcing import was_forced

        trace = await self.backstage.call(self.desk.newest)
        if forced is None or len(jobs) != 1 or trace is None or was_forced(trace):
            return
        self.choice = replace(self.choice, forced=forced)
        step = self.choice.step if self.choice.step in call_steps(self.journey) else "any API"
        self.notify(
            f"{forced.text} was not used: this run did not call {step}. It waits for the next one.",
            severity="warning",
            markup=False,
        )

    async def _run_jobs(self, jobs: Sequence[Job], moves: bool = True) -> None:
        if moves:
            self._fired += len(jobs)
            self.choice = replace(self.choice, forced=None)
        try:
            found = await self.backstage.run(lambda: self.desk.fire(jobs))
        finally:
            self.next_seed()
            self.flush()
        self._tell(found)

    def _tell(self, found: Sequence[FindingDocument]) -> None:
        """What does not hold over all runs that were fired together."""
        for one in found:
            message = f"{one['message']} ({one['code']})"
            self.notify(message, title="Expected", severity="error", timeout=10, markup=False)

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
        """Again, as the header says: mocked, unless it says LIVE."""
        from sandbox.tui.making import same_answers

        live = self.choice.live
        options = self.desk.options(run)
        how = f"with seed {seed}"
        if not live and (options is None or options.live):
            trace = await self.backstage.call(lambda: self.desk.trace(run))
            if trace is None:
                raise InputError("this run is no longer in the history", "f fires a new one")
            options = replace(
                self.options(seed), rules=same_answers(trace), dialect=trace["run"]["dialect"]
            )
            how = "with the answers it had"
        options = replace(options or self.options(seed), seed=seed, live=live, allow_hosts=())
        job = Job(journey, profile, options)
        if live:
            if not await self._confirmed([job]):
                return
            hosts = tuple(sorted(self.choice.hosts))
            job = job._replace(options=replace(options, allow_hosts=hosts))
        await self._run_jobs([job], moves=False)
        self.notify(f"Repeated {how}.", timeout=3)

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
        count, found = await self.backstage.run(lambda: self.desk.trigger(event, profile, options))
        self.next_seed()
        self.flush()
        self.notify(f"{event} happened: {count} journey{'s' * (count != 1)} ran.", timeout=3)
        self._tell(found)

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
        step, used, again = await self.backstage.run(lambda: self.desk.step(job, forced))
        if again:
            self.notify("User info has changed: the run begins again.", timeout=3)
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

    def action_cancel(self) -> None:
        """Escape, from the inside out."""
        if self.leave():
            return
        if self.running:
            self.bridge.stopping()
            self.flush()
            self.workers.cancel_group(self, "run")
            self.notify("Stopping: what has ended is kept.", timeout=3)
        elif self.open(None):
            self.see()
        elif self.snapshot.stepping:
            self.work(self._drop, "drop")

    # Mock or live -------------------------------------------------------------------------------

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

        calls = await self.backstage.call(lambda: calls_by_host(self.desk.bench, jobs))
        for host, requests in calls.items():
            if host in self.choice.hosts:
                continue
            if not await self.app.push_screen_wait(ConfirmLive(host, requests, len(jobs))):
                self.notify("Nothing was sent.", timeout=3)
                return False
            self.choice = replace(self.choice, hosts=self.choice.hosts | {host})
        return True
