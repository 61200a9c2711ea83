"""Folds what happens into an immutable snapshot; whoever shows it asks for news now and then.

The bench's thread tells; the screen asks at most fifteen times a second. A thousand runs a second
therefore cost the screen no more than fifteen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from sandbox.engine.counting import add_counts
from sandbox.model.trace import CallCounts, StepDocument, TraceDocument
from sandbox.tui.state import CallRow, Snapshot

__all__ = ["MOST_CALLS", "Bridge", "call_row"]

MOST_CALLS = 1000


class Bridge:
    """The one place where news is gathered. Usable from any thread."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._lock = Lock()
        self._counts: dict[str, dict[str, CallCounts]] = {}
        self._calls: deque[CallRow] = deque(maxlen=MOST_CALLS)
        self._open: list[CallRow] = []
        self._number = 0
        self._shown = Snapshot()
        self._last: TraceDocument | None = None
        self._news = False

    @property
    def pending(self) -> bool:
        """Whether there is something that nobody has asked for yet."""
        return self._news

    def news(self) -> Snapshot | None:
        """The newest snapshot; None when nothing has happened since the last one."""
        with self._lock:
            if not self._news:
                return None
            self._news = False
            counts = {
                journey: {step: _copy(one) for step, one in steps.items()}
                for journey, steps in self._counts.items()
            }
            calls = (*reversed(self._open), *self._calls)[:MOST_CALLS]
            self._shown = replace(self._shown, counts=counts, calls=calls)
            return self._shown

    def loaded(
        self,
        counts: Mapping[str, Mapping[str, CallCounts]],
        newest: Sequence[TraceDocument] = (),
        present: Collection[str] | None = None,
    ) -> None:
        """The history, as it stands: its counts, and its newest runs, newest first.

        Calls stand in the order of the history, also when somebody else's run is heard of late.

        Args:
            counts: journey → call step → counts.
            newest: its newest runs.
            present: the runs that are left, when some are gone; None: all that are known are there.
        """
        with self._lock:
            self._counts = {
                journey: {step: _copy(one) for step, one in steps.items()}
                for journey, steps in counts.items()
            }
            sends = (one["attempts"] for steps in self._counts.values() for one in steps.values())
            self._line_up(newest, present, sum(sends))
            newest_run = newest[0] if newest else None
            last = self._last
            if newest_run is not None or (
                last is not None and present is not None and last["run"]["id"] not in present
            ):
                same = last and newest_run and last["run"]["id"] == newest_run["run"]["id"]
                self._last = last if same else newest_run
            if not self._shown.stepping and not self._shown.busy:
                self._shown = replace(self._shown, trace=self._last)
            self._news = True

    def _line_up(
        self, newest: Sequence[TraceDocument], present: Collection[str] | None, sends: int
    ) -> None:
        """The calls, with what is new in its place and without what is gone, numbered in order."""
        known = [row for row in self._calls if present is None or row.run in present]
        mine: dict[str, list[CallRow]] = {}
        for row in known:
            mine.setdefault(row.run, []).append(row)
        rows: list[CallRow] = []
        for trace in newest:
            rows += mine.pop(trace["run"]["id"], []) or [
                call_row(0, of, step) for of, step in reversed(_calls_of(trace))
            ]
        rows += [row for row in known if row.run in mine]
        del rows[MOST_CALLS:]
        oldest = rows[-1].number if rows and present is None else 0
        number = oldest - 1 if oldest else max(0, sends - len(rows))
        lined: deque[CallRow] = deque(maxlen=MOST_CALLS)
        for row in reversed(rows):
            number += 1
            lined.appendleft(row if row.number == number else replace(row, number=number))
        self._calls, self._number = lined, number
        self._open = [replace(row, number=number + n) for n, row in enumerate(self._open, 1)]

    @property
    def oldest(self) -> str:
        """The oldest run that is known by a call, or the newest one; empty when there is none."""
        with self._lock:
            if self._calls:
                return self._calls[-1].run
            return self._last["run"]["id"] if self._last is not None else ""

    def began(self, total: int) -> None:
        """So many runs are wanted."""
        with self._lock:
            self._open = []
            self._shown = replace(self._shown, begun=0, answered=0, stopping=False)
            self._change(done=0, total=total, stepping=False, standing="")

    def told(self, trace: TraceDocument, step: StepDocument) -> None:
        """A step of a run that is under way; ``trace`` has no steps yet."""
        with self._lock:
            if step.get("request") is not None:
                number = self._number + len(self._open) + 1
                self._open.append(call_row(number, trace, step))
            so_far = self._shown.trace
            if so_far is None or so_far["run"] is not trace["run"]:
                so_far = trace
            self._change(trace={**so_far, "steps": [*so_far["steps"], step]})

    def begun(self) -> None:
        """One of many runs that are under way at once has begun."""
        with self._lock:
            self._change(begun=self._shown.begun + 1)

    def answered(self) -> None:
        """A call was answered in one of many runs that are under way at once."""
        with self._lock:
            self._change(answered=self._shown.answered + 1)

    def stopping(self) -> None:
        """Nobody wants the rest of the runs any more."""
        with self._lock:
            self._change(stopping=self._shown.busy)

    def recorded(self, trace: TraceDocument) -> None:
        """A run that has ended and is in the history."""
        with self._lock:
            self._open = []
            for of, step in _calls_of(trace):
                self._number += 1
                self._calls.appendleft(call_row(self._number, of, step))
            add_counts(self._counts.setdefault(trace["run"]["journey"], {}), trace["counts"])
            self._last = trace
            self._change(trace=trace, done=self._shown.done + 1)

    def judged(self, trace: TraceDocument) -> None:
        """The newest run, with more findings than when it was recorded."""
        with self._lock:
            self._last = trace
            self._change(trace=trace)

    def stood(self, trace: TraceDocument, step: str) -> None:
        """A run that goes step by step has come to ``step``; empty: it stands at its start."""
        with self._lock:
            self._open = [
                call_row(self._number + place, of, call)
                for place, (of, call) in enumerate(_calls_of(trace), 1)
            ]
            self._change(trace=trace, standing=step, stepping=True)

    def ended(self) -> None:
        """Nothing runs any more; what was not recorded is forgotten."""
        with self._lock:
            self._open = []
            self._shown = replace(self._shown, begun=0, answered=0, stopping=False)
            self._change(trace=self._last, done=0, total=0, stepping=False, standing="")

    def _change(self, **values: object) -> None:
        self._shown = replace(self._shown, **values)  # type: ignore[arg-type]
        self._news = True


def _calls_of(trace: TraceDocument) -> list[tuple[TraceDocument, StepDocument]]:
    return [(trace, step) for step in trace["steps"] if step.get("request") is not None]


def _copy(one: CallCounts) -> CallCounts:
    return {**one, "by_code": dict(one["by_code"])}


def call_row(number: int, trace: TraceDocument, step: StepDocument) -> CallRow:
    """One call as a line of the table."""
    run = trace["run"]
    request, response, error = step["request"], step.get("response"), step.get("error")
    assert request is not None
    if response is not None:
        code = str(response["status"])
    else:
        code = error["kind"] if error is not None else ""
    rest = request["url"].partition("://")[2]
    path = rest[rest.find("/") :] if "/" in rest else rest
    rule = step.get("rule")
    return CallRow(
        number=number,
        run=run["id"],
        n=step["n"],
        journey=run["journey"],
        profile=run["profile"],
        step=step["step"],
        at=step["at"],
        attempt=step["attempt"],
        request=f"{request['method']} {path}",
        outcome=step["outcome"],
        code=code,
        took_ms=step["took_ms"],
        source=f"{step['source']} {rule}" if rule else step["source"],
        next=step["next"],
        seed=run["seed"],
    )
