from __future__ import annotations

import hashlib
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.errors import InputError, StoreError
from sandbox.model.trace import CallCounts, TraceDocument
from sandbox.seams import History
from sandbox.store import SqliteHistory
from sandbox.store.lock import WorkspaceLock

from .samples import a_trace, as_nobody, counted


@pytest.fixture
def history(tmp_path: Path) -> Iterator[SqliteHistory]:
    with closing(made(tmp_path)) as one:
        yield one


def made(folder: Path) -> SqliteHistory:
    return SqliteHistory(folder / "history.db", WorkspaceLock(folder), lambda: 1_000_000)


def test_it_is_the_history_of_the_seams(history: SqliteHistory) -> None:
    seam: History = history
    assert seam.runs() == []


def test_a_run_comes_back_whole_under_its_new_id(history: SqliteHistory) -> None:
    trace = a_trace()
    assert history.record([trace, a_trace("other", "8")]) == ["r000001", "r000002"]
    assert trace["run"]["id"] == ""
    found = history.trace("r000001")
    assert found == {**trace, "run": {**trace["run"], "id": "r000001"}}
    assert found is not None
    assert list(found) == list(trace)
    assert history.trace("r9") is None


def test_the_newest_runs_first(history: SqliteHistory) -> None:
    history.record([a_trace("a", "7", seed=2**70), a_trace("b", "7", "not_entered", {})])
    history.record(
        [a_trace("a", "8", "dropped", {"c": counted(failure=2), "d": counted(success=1)})]
    )
    assert [one.id for one in history.runs()] == ["r000003", "r000002", "r000001"]
    assert [one.id for one in history.runs(most=1)] == ["r000003"]
    assert [one.id for one in history.runs("a")] == ["r000003", "r000001"]
    assert [one.id for one in history.runs("a", "7")] == ["r000001"]
    assert [one.id for one in history.runs(profile="7")] == ["r000002", "r000001"]
    newest, oldest = history.runs("a")
    assert (newest.status, newest.success, newest.failure, newest.dialect, newest.via) == (
        "dropped", 1, 2, "usercom", "mock",
    )  # fmt: skip
    assert (oldest.seed, oldest.started, oldest.recorded) == (
        2**70, "2026-01-01T00:00:00+00:00", "1970-01-01T00:00:01+00:00",
    )  # fmt: skip


def test_whether_a_person_was_here_before(history: SqliteHistory) -> None:
    history.record([a_trace("a", "7"), a_trace("a", "8", "not_entered", {}), a_trace("b", "9")])
    assert history.seen("a", "7")
    assert not history.seen("a", "8")
    assert not history.seen("a", "9")
    history.record([a_trace("a", "8", "dropped")])
    assert history.seen("a", "8")


def test_given_ids_are_kept_and_never_given_twice(history: SqliteHistory) -> None:
    assert history.record([a_trace(run_id="mine"), a_trace(run_id="r000003")]) == [
        "mine", "r000003",
    ]  # fmt: skip
    assert history.record([a_trace(), a_trace()]) == ["r000004", "r000005"]
    for batch in ([a_trace(), a_trace(run_id="mine")], [a_trace(run_id="x"), a_trace(run_id="x")]):
        with pytest.raises(InputError, match="in the history already; nothing was recorded"):
            history.record(batch)
    assert len(history.runs()) == 4


def test_forgetting(history: SqliteHistory) -> None:
    history.clear()
    assert not history.path.exists()
    history.record([a_trace(text="find me " * 50)] * 30)
    size = history.path.stat().st_size
    before = history.version()
    history.clear()
    assert history.runs() == []
    assert (history.counts(), history.seen("newsletter", "7")) == ({}, False)
    assert history.version() != before
    assert history.path.stat().st_size < size
    assert history.record([a_trace()]) == ["r000031"]


def test_a_missing_file_is_an_empty_history(history: SqliteHistory) -> None:
    assert (history.runs(), history.counts(), history.trace("x")) == ([], {}, None)
    assert not history.seen("a", "b")
    assert not history.path.exists()
    assert history.version() is None
    history.record([a_trace()])
    assert len(history.runs()) == 1


def test_a_file_that_is_moved_away_takes_nothing_new_with_it(
    history: SqliteHistory, tmp_path: Path
) -> None:
    history.record([a_trace()])
    history.path.rename(tmp_path / "kept.db")
    assert history.runs() == []
    history.record([a_trace("b")])
    with closing(made(tmp_path)) as other:
        assert [one.journey for one in other.runs()] == ["b"]


def test_large_bodies_are_cut_with_a_mark(history: SqliteHistory) -> None:
    text = "ł" * 40_000
    trace = a_trace(text=text)
    (run_id,) = history.record([trace])
    found = history.trace(run_id)
    assert found is not None
    request = found["steps"][0]["request"]
    assert request is not None
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert request["text"] == "ł" * 32_000 + f"… [cut: 80000 bytes, sha256 {digest}]"
    assert request["body"] is None
    kept = trace["steps"][0]["request"]
    assert kept is not None
    assert kept["text"] == text
    (run_id,) = history.record([a_trace(text="x" * 64_000)])
    found = history.trace(run_id)
    assert found is not None
    assert found["steps"][0]["request"] == {
        "method": "POST",
        "url": "http://127.0.0.1/hook",
        "headers": {"Authorization": "••••"},
        "body": {},
        "text": "x" * 64_000,
    }


@pytest.mark.parametrize("value", [2**70, "\ud800", -(2**63)])
def test_numbers_and_text_past_the_usual_come_back(history: SqliteHistory, value: object) -> None:
    trace = a_trace()
    trace["profile"]["after"] = {"x": value}
    (run_id,) = history.record([trace])
    found = history.trace(run_id)
    assert found is not None
    assert found["profile"]["after"] == {"x": value}


numbers = st.integers(min_value=0, max_value=5)
some_counts = st.builds(
    CallCounts,
    success=numbers,
    failure=numbers,
    attempts=numbers,
    retried=numbers,
    by_code=st.dictionaries(st.sampled_from(["200", "503", "refused", "read_timeout"]), numbers),
)
some_traces = st.lists(
    st.builds(
        a_trace,
        journey=st.sampled_from(["a", "b", "c"]),
        profile=st.sampled_from(["7", "8"]),
        counts=st.dictionaries(st.sampled_from(["call", "credit", "sync"]), some_counts),
    ),
    max_size=8,
)


def folded(traces: list[TraceDocument]) -> dict[str, dict[str, CallCounts]]:
    """Journey → step → the sum of the traces' own counts."""
    sums: dict[str, dict[str, CallCounts]] = {}
    for trace in traces:
        for step, one in trace["counts"].items():
            total = sums.setdefault(trace["run"]["journey"], {}).setdefault(step, counted())
            total["success"] += one["success"]
            total["failure"] += one["failure"]
            total["attempts"] += one["attempts"]
            total["retried"] += one["retried"]
            for code, n in one["by_code"].items():
                total["by_code"][code] = total["by_code"].get(code, 0) + n
    return sums


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(some_traces, max_size=3))
def test_counts_are_the_fold_of_the_stored_traces(
    history: SqliteHistory, batches: list[list[TraceDocument]]
) -> None:
    history.clear()
    ids = [run_id for batch in batches for run_id in history.record(batch)]
    traces = [trace for run_id in ids if (trace := history.trace(run_id)) is not None]
    assert len(traces) == sum(len(batch) for batch in batches)
    assert history.counts() == folded(traces)
    of_a = [trace for trace in traces if trace["run"]["journey"] == "a"]
    assert history.counts("a") == folded(of_a)
    for trace in traces[:2]:
        assert history.counts(run_id=trace["run"]["id"]) == folded([trace])
        assert history.counts("a", trace["run"]["id"]) == folded([trace] if trace in of_a else [])
    rows = history.runs(most=1000)
    assert [row.id for row in reversed(rows)] == ids
    for row, trace in zip(reversed(rows), traces, strict=True):
        assert row.success == sum(one["success"] for one in trace["counts"].values())
        assert row.failure == sum(one["failure"] for one in trace["counts"].values())


def test_steps_stand_in_the_order_they_were_first_seen(history: SqliteHistory) -> None:
    history.record([a_trace(counts={"z": counted(), "a": counted()})])
    history.record([a_trace(counts={"b": counted(), "a": counted()})])
    assert list(history.counts()["newsletter"]) == ["z", "a", "b"]


def test_a_busy_history_says_so(history: SqliteHistory, tmp_path: Path) -> None:
    history.record([a_trace()])
    impatient = SqliteHistory(history.path, WorkspaceLock(tmp_path), timeout_s=0.02)
    with (
        closing(impatient) as mine,
        closing(sqlite3.connect(history.path, isolation_level=None)) as other,
    ):
        for _ in range(2):
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StoreError, match="locked; nothing was changed") as caught:
                mine.record([a_trace()])
            assert "another process" in caught.value.hint
            other.execute("ROLLBACK")
            assert len(mine.record([a_trace()])) == 1
    assert len(history.runs()) == 3


def test_a_newer_history_is_refused(history: SqliteHistory, tmp_path: Path) -> None:
    history.record([a_trace()])
    with closing(sqlite3.connect(history.path)) as other:
        other.execute("PRAGMA user_version = 7")
    with closing(made(tmp_path)) as mine, pytest.raises(StoreError, match="schema 7"):
        mine.record([a_trace()])


def test_another_programs_database_is_refused(history: SqliteHistory) -> None:
    with closing(sqlite3.connect(history.path)) as other:
        other.execute("CREATE TABLE run (x)")
    data = history.path.read_bytes()
    with pytest.raises(StoreError, match="is not a history of runs"):
        history.record([a_trace()])
    assert history.path.read_bytes() == data


def test_a_damaged_run_stands_alone(history: SqliteHistory) -> None:
    ids = history.record([a_trace(), a_trace()])
    with closing(sqlite3.connect(history.path)) as other, other:
        other.execute("UPDATE trace SET document = x'00' WHERE run = 1")
    with pytest.raises(StoreError, match="run r000001 is damaged"):
        history.trace(ids[0])
    assert history.trace(ids[1]) is not None
    assert len(history.runs()) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [("recorded", "y"), ("started", ""), ("seed", "x"),
     ("success", "many"), ("failure", b"\xff"), ("journey", b"\x00")],
)  # fmt: skip
def test_a_damaged_row_is_named(history: SqliteHistory, column: str, value: str | bytes) -> None:
    history.record([a_trace()])
    with closing(sqlite3.connect(history.path)) as other, other:
        other.execute(f"UPDATE run SET {column} = ?", [value])
    with pytest.raises(StoreError, match="run r000001 is damaged") as caught:
        history.runs()
    assert caught.value.hint
    assert history.trace("r000001") is not None


@pytest.mark.parametrize("document", [b"[]", b"{}", b'{"run": 1}', b"nothing"])
def test_a_trace_of_another_shape_is_damaged(history: SqliteHistory, document: bytes) -> None:
    history.record([a_trace()])
    with closing(sqlite3.connect(history.path)) as other, other:
        other.execute("UPDATE trace SET document = ?", [zlib.compress(document)])
    with pytest.raises(StoreError, match="run r000001 is damaged"):
        history.trace("r000001")


def test_a_full_disk_records_nothing_and_the_next_works(history: SqliteHistory) -> None:
    history.record([a_trace()])
    big = [a_trace(text=hashlib.sha256(b"%d" % n).hexdigest() * 100) for n in range(400)]
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (history.path.stat().st_size + 4096, hard))
    try:
        with pytest.raises(StoreError, match="nothing was changed") as caught:
            history.record(big)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(history.path) in caught.value.message
    assert "free some space" in caught.value.hint
    assert len(history.runs()) == 1
    assert len(history.record(big)) == 400


def test_a_write_protected_history_can_be_read() -> None:
    with as_nobody() as folder, closing(made(folder)) as history:
        history.record([a_trace()])
        history.close()
        history.path.chmod(0o400)
        folder.chmod(0o500)
        assert len(history.runs()) == 1
        with pytest.raises(StoreError, match="readonly") as caught:
            history.record([a_trace()])
        assert "check who may write" in caught.value.hint


def test_many_threads(history: SqliteHistory) -> None:
    def work() -> None:
        for _ in range(10):
            (run_id,) = history.record([a_trace()])
            assert history.trace(run_id) is not None

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({run.id for run in history.runs()}) == 40
    assert history.counts()["newsletter"]["call"]["success"] == 40
