"""Several runs wanted at once, such as one journey for everybody.

Runs that share nothing go one after the other. When what one does can change what another is
answered (sequences wider than a run, rate limits, breakers), all are under way at once and their
calls are answered in the order of (virtual time, profile), so that the order of the list, or how
many there are at a time, changes nothing.

What mock rules expect of all runs together is judged here, once they have ended: over these runs
and no others. It belongs to none of them, so the history does not have it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sandbox.bench.options import RunOptions
from sandbox.engine.fold import finding_document
from sandbox.mocks.engine import MockEngine, Session
from sandbox.model.trace import Finding, FindingDocument, StepDocument, TraceDocument
from sandbox.runner import Crowd

if TYPE_CHECKING:
    from sandbox.bench.bench import Bench

__all__ = ["Wanted", "fire_together"]

_AT_ONCE = 20
"""Runs that begin before anybody else has a turn; no call is answered before all have begun."""


class Wanted(NamedTuple):
    """One run that is wanted."""

    journey: str
    profile: str
    options: RunOptions
    been_here: bool = False


async def fire_together(
    bench: Bench,
    wanted: Sequence[Wanted],
    done: Callable[[int, TraceDocument], None] | None = None,
    on_step: Callable[[int, StepDocument], None] | None = None,
    judged: Callable[[list[FindingDocument]], None] | None = None,
    begun: Callable[[], None] | None = None,
    answered: Callable[[], None] | None = None,
) -> list[TraceDocument]:
    """Fire them all; their traces, in the order of the list.

    Args:
        bench: who fires.
        wanted: the runs.
        done: told of each run as it ends, by its place in the list.
        on_step: told of each step as it happens, where runs go one after the other.
        judged: told once, after the last run, of what mock rules expect of all these runs together
            and what does not hold; of nothing when all does.
        begun: told of each run that begins, where all are under way at once.
        answered: told of each call that is answered, where all runs are under way at once.

    Raises:
        LiveRefused: when a live call is not allowed; runs before it have happened.
    """
    sessions: dict[int, Session] = {}
    if len(wanted) > 1 and any(bench.shares(one.journey, one.options) for one in wanted):
        traces = await _in_turn(bench, wanted, sessions, done, begun, answered)
    else:
        traces = []
        for place, one in enumerate(wanted):
            told = None if on_step is None else partial(on_step, place)
            entered = partial(sessions.__setitem__, place)
            traces.append(await bench.fire(*one[:3], told, one.been_here, entered=entered))
            if done is not None:
                done(place, traces[-1])
            await asyncio.sleep(0)
    if judged is not None:
        masker = bench.masker()
        judged([finding_document(one, masker) for one in _found(sessions)])
    return traces


def _found(sessions: Mapping[int, Session]) -> list[Finding]:
    """What does not hold over all runs, by the rules that each of them met."""
    groups: dict[int, tuple[MockEngine, list[Session]]] = {}
    for _, session in sorted(sessions.items()):
        groups.setdefault(id(session.engine), (session.engine, []))[1].append(session)
    return [
        one._replace(message=f"all runs together: {one.message}")
        for engine, group in groups.values()
        for one in engine.findings(group)
    ]


async def _in_turn(
    bench: Bench,
    wanted: Sequence[Wanted],
    sessions: dict[int, Session],
    done: Callable[[int, TraceDocument], None] | None,
    begun: Callable[[], None] | None,
    answered: Callable[[], None] | None,
) -> list[TraceDocument]:
    crowd = Crowd(len(wanted))

    async def run(place: int, one: Wanted) -> TraceDocument:
        try:
            member = partial(crowd.member, place, answered=answered)
            if begun is not None:
                begun()
            entered = partial(sessions.__setitem__, place)
            trace = await bench.fire(
                *one[:3], been_here=one.been_here, member=member, entered=entered
            )
        finally:
            crowd.end(place)
        if done is not None:
            done(place, trace)
        return trace

    tasks: list[asyncio.Task[TraceDocument]] = []
    try:
        for place, one in enumerate(wanted):
            tasks.append(asyncio.ensure_future(run(place, one)))
            if place % _AT_ONCE == _AT_ONCE - 1:  # whoever wants to stop them has a turn
                await asyncio.sleep(0)
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
