"""Files that are not what they should be: one message with the place, and nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.errors import StoreError
from sandbox.store import Workspace

from .samples import a_journey, a_profile, a_trace, a_workspace, all_bytes

GOOD_META = (
    '{"_meta":{"1":{"format":"journey-sandbox profiles","schema":1,"generation":1}},"profiles":'
)

DAMAGED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"is empty \(0 bytes\)"),
    "zeros": (b"\0" * 200, "line 1, column 1: not JSON"),
    "truncated": (b'{\n  "_meta": {\n    "1": {"format"', "line 3, column 19"),
    "trailing": (b'{"_meta": {}}\n}', "line 2, column 1"),
    "byte order mark": (b"\xef\xbb\xbf{}", "byte order mark"),
    "latin-1": (b'{"a":\n "Jos\xe9"}', r"line 2, column 6: not UTF-8 \(byte 0xe9\)"),
    "utf-16": ("{}".encode("utf-16"), "line 1, column 1: not UTF-8"),
    "NaN": (b'{"profiles": {"1": {"id": NaN}}}', "line 1, column 27"),
    "very deep": (b"[" * 5000 + b"]" * 5000, "not JSON"),
    "null": (b"null", "holds null"),
    "a list": (b"[]", "holds a list"),
    "text": (b'"x"', 'holds the value "x"'),
    "merge conflict": (b"<<<<<<< HEAD\n{}", "line 1, column 1"),
    "a table that is a list": (b'{"_meta":{}, "profiles": []}', "profiles is a list"),
    "a document that is text": (b'{"_meta":{}, "profiles": {"1": "x"}}', "profiles.1 is the value"),
    "a key that is no number": (b'{"_meta":{}, "profiles": {"abc": {}}}', "profiles.abc"),
    "another program's": (b'{"_default": {"1": {"a": 1}}}', "it has no _meta.format"),
    "the other file": (
        b'{"_meta":{"1":{"format":"journey-sandbox workspace","schema":1,"generation":1}}}',
        "its _meta.format is 'journey-sandbox workspace'",
    ),
    "no schema": (b'{"_meta":{"1":{"format":"journey-sandbox profiles"}}}', "_meta needs"),
    "newer": (
        b'{"_meta":{"1":{"format":"journey-sandbox profiles","schema":2,"generation":1}}}',
        "written by a newer version: it has schema 2, this program knows 1",
    ),
    "no id": (GOOD_META.encode() + b'{"3":{"x":1}}}', "profiles.3 has no id"),
    "an id that is a number": (GOOD_META.encode() + b'{"3":{"id":7}}}', "profiles.3 has no id"),
    "one id twice": (
        GOOD_META.encode() + b'{"3":{"id":"x"},"9":{"id":"x"}}}',
        "profiles.3 and profiles.9 have the same id, 'x'",
    ),
}


@pytest.mark.parametrize(("data", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, data: bytes, message: str) -> None:
    a_workspace(tmp_path).close()
    path = tmp_path / "profiles.json"
    path.write_bytes(data)
    before = all_bytes(tmp_path)
    with Workspace.open(tmp_path) as found:
        tries: list[Callable[[], object]] = [
            found.repository.profiles,
            lambda: found.repository.profile("7"),
            lambda: found.repository.put_profiles([a_profile("9")]),
            lambda: found.repository.reset_profiles([]),
        ]
        for attempt in tries:
            with pytest.raises(StoreError, match=message) as caught:
                attempt()
            assert str(path) in caught.value.message
            assert caught.value.hint
            assert caught.value.exit_code == 3
        assert [one.id for one in found.repository.journeys()] == ["newsletter", "loyalty"]
    assert all_bytes(tmp_path) == before


@pytest.mark.parametrize("at", range(0, 700, 23))
def test_a_truncated_or_flipped_workspace_file_never_ends_in_a_traceback(
    tmp_path: Path, at: int
) -> None:
    a_workspace(tmp_path).close()
    path = tmp_path / "workspace.json"
    data = path.read_bytes()
    for damaged in (data[:at], data[:at] + bytes([data[at] ^ 0x21]) + data[at + 1 :]):
        path.write_bytes(damaged)
        try:
            with Workspace.open(tmp_path) as found:
                found.repository.journeys()
                found.repository.problems()
        except StoreError as wrong:
            assert str(path) in wrong.message
        assert path.read_bytes() == damaged


def test_mending_the_file_by_hand_is_enough(tmp_path: Path) -> None:
    with a_workspace(tmp_path) as found:
        path = tmp_path / "profiles.json"
        good = path.read_bytes()
        path.write_bytes(good[:-1])
        with pytest.raises(StoreError):
            found.repository.profiles()
        path.write_bytes(good)
        assert [one.id for one in found.repository.profiles()] == ["7", "8"]


def test_one_document_that_no_longer_validates_stands_alone(tmp_path: Path) -> None:
    with a_workspace(tmp_path) as found:
        path = tmp_path / "workspace.json"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"POST"', '"P OST"', 1), encoding="utf-8")
        repository = found.repository
        assert [one.id for one in repository.journeys()] == ["loyalty"]
        assert repository.journey_ids() == ["newsletter", "loyalty"]
        with pytest.raises(StoreError, match=r"journey 'newsletter': steps\[0\]\.method") as caught:
            repository.journey("newsletter")
        assert str(path) in caught.value.message
        (problem,) = repository.problems()
        assert problem.message == caught.value.message
        # Others can be written, and the bad one stays as it is until it is overwritten.
        repository.put_journeys([a_journey("third")])
        assert '"P OST"' in path.read_text(encoding="utf-8")
        repository.put_journeys([a_journey("newsletter")], replace=True)
        assert repository.journey_ids() == ["newsletter", "loyalty", "third"]
        assert repository.problems() == []


def test_settings_that_no_longer_validate(tmp_path: Path) -> None:
    with a_workspace(tmp_path) as found:
        path = tmp_path / "workspace.json"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"active_rules": "all-ok"', '"active_rules": 4'))
        with pytest.raises(StoreError, match=re.escape(f"{path}: settings: active_rules")):
            found.repository.settings()
        assert len(found.repository.problems()) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    {
        "empty": (b"", "is not a history of runs"),
        "garbage": (b"garbage " * 1000, "not a database"),
        "zeros": (b"\0" * 8192, "not a"),
    }.values(),
)
def test_a_damaged_history_is_named_and_left_alone(
    tmp_path: Path, data: bytes, message: str
) -> None:
    with a_workspace(tmp_path) as found:
        found.history.close()
        path = tmp_path / "history.db"
        path.write_bytes(data)
        for attempt in (
            found.history.runs,
            lambda: found.history.record([a_trace()]),
            lambda: found.history.trace("r000001"),
            found.history.counts,
            lambda: found.history.seen("a", "b"),
            found.history.clear,
        ):
            with pytest.raises(StoreError, match=message) as caught:
                attempt()
            assert str(path) in caught.value.message
            assert "move the file away" in caught.value.hint
        assert path.read_bytes() == data
        assert len(found.repository.journeys()) == 2
        path.unlink()
        assert found.history.record([a_trace()]) == ["r000001"]


def test_a_history_with_a_broken_page_names_the_file(tmp_path: Path) -> None:
    with a_workspace(tmp_path) as found:
        found.history.record([a_trace(text="x" * 3000) for _ in range(200)])
        found.history.close()
        path = tmp_path / "history.db"
        data = bytearray(path.read_bytes())
        for at in range(4096, len(data), 4096):
            data[at : at + 64] = b"\xff" * 64
        path.write_bytes(data)
        with pytest.raises(StoreError, match="malformed") as caught:
            found.history.counts()
        assert str(path) in caught.value.message
