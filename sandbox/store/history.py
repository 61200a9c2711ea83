"""The history of runs in SQLite: one transaction for a batch, counts by GROUP BY."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.clock import iso, wall_us
from sandbox.errors import InputError, StoreError
from sandbox.model.trace import CallCounts, TraceDocument
from sandbox.store import tables
from sandbox.store.bodies import packed, unpacked
from sandbox.store.database import Database, snapshot
from sandbox.store.lock import WorkspaceLock
from sandbox.store.storage import Signature, signature

if TYPE_CHECKING:
    from sandbox.seams import RunRow

__all__ = ["Run", "SqliteHistory"]


@dataclass(slots=True)
class Run:
    """One line of the history."""

    id: str
    journey: str
    profile: str
    dialect: str
    seed: int
    via: str
    status: str
    started: str
    """On the run's own clock."""
    recorded: str
    """On the wall clock."""
    success: int
    failure: int


class SqliteHistory:
    """Remembers runs. Usable from any thread; other processes may write at the same time."""

    def __init__(
        self,
        path: Path,
        lock: WorkspaceLock,
        now_us: Callable[[], int] = wall_us,
        timeout_s: float = 5.0,
    ) -> None:
        """Touches nothing yet; a missing file is an empty history until the first record.

        Args:
            path: the database.
            lock: the workspace's, for the moment in which the file is made.
            now_us: what the wall clock says, for ``recorded``.
            timeout_s: how long to wait for another writer.
        """
        self.path = path
        self._now_us = now_us
        self._database = Database(path, lock, timeout_s)

    def create(self) -> None:
        """Make the file, if there is none.

        Raises:
            StoreError: when it cannot be written.
        """
        self._database.create()

    def record(self, traces: Sequence[TraceDocument]) -> list[str]:
        """Keep these runs, durably, all or none.

        Returns:
            Their ids; a run whose ``run.id`` is empty is given one, also in what is kept.

        Raises:
            InputError: when an id that was given is taken.
            StoreError: when the history cannot be written; nothing was recorded.
        """
        if not traces:
            return []
        self.create()
        recorded = iso(self._now_us())
        with self._database.open(writing=True) as db:
            last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'run'").fetchone()
            number = last[0] if last else 0
            ids = []
            for trace in traces:
                number += 1
                run_id = trace["run"]["id"]
                if run_id:
                    if _taken(db, run_id):
                        raise InputError(
                            f"run {run_id!r} is in the history already; nothing was recorded",
                            "leave run.id empty to get a new one",
                        )
                else:
                    while _taken(db, run_id := f"r{number:06d}"):
                        number += 1
                _add(db, number, run_id, trace, recorded)
                ids.append(run_id)
            return ids

    def runs(
        self, journey: str | None = None, profile: str | None = None, most: int = 50
    ) -> list[RunRow]:
        """The newest runs first.

        Raises:
            StoreError: when what is stored of one of them cannot be read.
        """
        where, values = _where({"journey": journey, "profile": profile})
        with self._database.open() as db:
            rows = db.execute(
                "SELECT id, journey, profile, dialect, seed, via, status, started, recorded, "
                f"success, failure FROM run {where} ORDER BY number DESC LIMIT ?",
                [*values, most],
            )
            return [self._run(*row) for row in rows]

    def trace(self, run_id: str) -> TraceDocument | None:
        """One run, whole but for bodies past 64 kB; None when there is none with this id.

        Raises:
            StoreError: when what is stored cannot be read.
        """
        with self._database.open() as db:
            row = db.execute(
                "SELECT document FROM trace JOIN run ON number = run WHERE id = ?", [run_id]
            ).fetchone()
        if row is None:
            return None
        try:
            return unpacked(row[0])
        except (ValueError, TypeError) as wrong:
            raise self._damaged(run_id, wrong, "other runs can still be read") from wrong

    def counts(
        self, journey: str | None = None, run_id: str | None = None
    ) -> dict[str, dict[str, CallCounts]]:
        """Journey → call step → counts, over the history or of one run."""
        where, values = _where({"journey": journey})
        if run_id is not None:
            where += (" AND" if where else "WHERE") + " run = (SELECT number FROM run WHERE id = ?)"
            values.append(run_id)
        found: dict[str, dict[str, CallCounts]] = {}
        with self._database.open() as db, snapshot(db):
            for name, step, *sums in db.execute(tables.CALLS.format(where=where), values):
                found.setdefault(name, {})[step] = CallCounts(
                    success=sums[0], failure=sums[1], attempts=sums[2], retried=sums[3], by_code={}
                )
            for name, step, code, sends in db.execute(tables.CODES.format(where=where), values):
                found[name][step]["by_code"][code] = sends
        return found

    def seen(self, journey: str, profile: str) -> bool:
        """Whether this person has entered this journey before."""
        with self._database.open() as db:
            row = db.execute(
                "SELECT 1 FROM run WHERE profile = ? AND journey = ? AND status != 'not_entered' "
                "LIMIT 1",
                [profile, journey],
            ).fetchone()
        return row is not None

    def clear(self) -> None:
        """Forget every run; their ids are not given again."""
        if not self.path.exists():
            return
        with self._database.open(writing=True) as db:
            for table in ("code", "call", "trace", "run"):
                db.execute(f"DELETE FROM {table}")
        # Giving the room back is a courtesy: another reader, or a full disk, may stand against it.
        with self._database.open() as db, contextlib.suppress(sqlite3.OperationalError):
            db.execute("VACUUM")

    def _run(self, *columns: str) -> Run:
        try:
            return _run(*columns)
        except (ValueError, TypeError, OverflowError) as wrong:
            hint = f"sandbox show {columns[0]} may read it; sandbox reset --counts forgets all runs"
            raise self._damaged(columns[0], wrong, hint) from wrong

    def _damaged(self, run_id: str, wrong: Exception, hint: str) -> StoreError:
        return StoreError(f"{self.path}: run {run_id} is damaged: {wrong}", hint)

    def version(self) -> Signature | None:
        """Differs from the last one when anybody has written; about a microsecond, no lock."""
        return signature(self.path)

    def close(self) -> None:
        """Let go of the database; it is opened again when it is needed."""
        self._database.close()


def _run(*columns: str) -> Run:
    texts, sums = columns[:9], columns[9:]
    if not all(isinstance(one, str) for one in texts):
        raise TypeError("it holds bytes where text belongs")
    datetime.fromisoformat(texts[7])
    datetime.fromisoformat(texts[8]).astimezone()  # shown in the person's own zone
    return Run(
        id=texts[0],
        journey=texts[1],
        profile=texts[2],
        dialect=texts[3],
        seed=int(texts[4]),
        via=texts[5],
        status=texts[6],
        started=texts[7],
        recorded=texts[8],
        success=int(sums[0]),
        failure=int(sums[1]),
    )


def _where(equal: dict[str, str | None]) -> tuple[str, list[str]]:
    given = {name: value for name, value in equal.items() if value is not None}
    terms = " AND ".join(f"{name} = ?" for name in given)
    return (f"WHERE {terms}" if terms else "", list(given.values()))


def _taken(db: sqlite3.Connection, run_id: str) -> bool:
    return db.execute("SELECT 1 FROM run WHERE id = ?", [run_id]).fetchone() is not None


def _add(
    db: sqlite3.Connection, number: int, run_id: str, trace: TraceDocument, recorded: str
) -> None:
    run, counts = trace["run"], trace["counts"]
    kept: TraceDocument = {**trace, "run": {**run, "id": run_id}}
    db.execute(
        tables.ADD_RUN,
        [
            number,
            run_id,
            run["journey"],
            run["profile"],
            run["dialect"],
            str(run["seed"]),
            run["via"],
            run["status"],
            run["started"],
            recorded,
            sum(one["success"] for one in counts.values()),
            sum(one["failure"] for one in counts.values()),
        ],
    )
    db.execute(tables.ADD_TRACE, [number, packed(kept)])
    db.executemany(tables.ADD_CALL, _calls(number, run["journey"], counts))
    db.executemany(tables.ADD_CODE, _codes(number, run["journey"], counts))


def _calls(
    number: int, journey: str, counts: dict[str, CallCounts]
) -> Iterable[tuple[int | str, ...]]:
    for step, one in counts.items():
        sums = one["success"], one["failure"], one["attempts"], one["retried"]
        yield number, step, journey, *sums


def _codes(
    number: int, journey: str, counts: dict[str, CallCounts]
) -> Iterable[tuple[int | str, ...]]:
    for step, one in counts.items():
        for code, sends in one["by_code"].items():
            yield number, step, code, journey, sends
