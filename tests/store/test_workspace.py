from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from sandbox.errors import InputError, StoreError
from sandbox.model.workspace import Settings
from sandbox.store import Workspace, default_path

from .samples import a_journey, a_profile, a_secret, a_trace, a_workspace, all_bytes, as_nobody


def test_a_new_workspace_is_private_and_complete(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    with Workspace.create(folder) as made:
        assert (made.repository.journeys(), made.repository.profiles()) == ([], [])
        assert made.repository.settings() == Settings()
        assert made.history.record([a_trace()]) == ["r000001"]
        made.repository.put_profiles([a_profile()])
    names = sorted(os.listdir(folder))
    assert names == [
        ".lock", ".lock-holder", "history.db", "history.db-journal", "profiles.json",
        "workspace.json",
    ]  # fmt: skip
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in names} == {0o600}


def test_creating_never_overwrites(tmp_path: Path) -> None:
    with a_workspace(tmp_path / "w") as made:
        made.history.record([a_trace()])
    before = all_bytes(tmp_path / "w")
    with pytest.raises(InputError, match=r"a workspace in .* already") as caught:
        Workspace.create(tmp_path / "w")
    assert "sandbox reset" in caught.value.hint
    assert all_bytes(tmp_path / "w") == before


@pytest.mark.parametrize("name", ["profiles.json", "history.db"])
def test_creating_leaves_what_is_in_the_way(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(InputError, match=f"{name} is in the way"):
        Workspace.create(tmp_path)
    assert all_bytes(tmp_path) == {name: b"mine"}


def test_creating_beside_other_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"mine")
    a_workspace(tmp_path).close()
    assert (tmp_path / "notes.txt").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["f", "f/w"])
def test_creating_where_a_file_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "f").write_bytes(b"mine")
    with pytest.raises(InputError, match="is in the way: a file, not a folder"):
        Workspace.create(tmp_path / name)
    with pytest.raises(InputError, match="there is no workspace"):
        Workspace.open(tmp_path / name)


def test_creating_with_something_that_cannot_be_stored_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two of the journeys"):
        Workspace.create(tmp_path / "w", [a_journey(), a_journey()])
    with pytest.raises(InputError, match="APP_TOKEN"):
        Workspace.create(tmp_path / "w", variables=[a_secret("real")])
    assert os.listdir(tmp_path) == []


def test_a_creation_that_fails_half_way_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def fail(source: str, target: str) -> None:
        if str(target).endswith("workspace.json"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fail)
        with pytest.raises(StoreError, match="No space left"):
            a_workspace(tmp_path)
    assert all_bytes(tmp_path) == {}
    a_workspace(tmp_path).close()


def test_creating_where_one_may_not() -> None:
    with as_nobody() as folder:
        folder.chmod(0o500)
        with pytest.raises(StoreError, match="could not be written: Permission denied") as caught:
            Workspace.create(folder / "w")
        assert "check who may write" in caught.value.hint
        folder.chmod(0o300)
        with pytest.raises(StoreError, match="could not be read: Permission denied"):
            Workspace.open(folder)


def test_opening_nothing_names_the_command_that_makes_one(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="there is no workspace in") as caught:
            Workspace.open(folder)
        assert caught.value.hint == f"make one: sandbox init --workspace {folder}"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["workspace.json", "profiles.json"])
def test_opening_with_a_file_missing(tmp_path: Path, name: str) -> None:
    a_workspace(tmp_path).close()
    (tmp_path / name).unlink()
    before = all_bytes(tmp_path)
    with pytest.raises(StoreError, match=f"{name} is missing"):
        Workspace.open(tmp_path)
    assert all_bytes(tmp_path) == before


def test_a_newer_schema_is_refused_at_once(tmp_path: Path) -> None:
    a_workspace(tmp_path).close()
    path = tmp_path / "workspace.json"
    path.write_bytes(path.read_bytes().replace(b'"schema": 1', b'"schema": 9'))
    with pytest.raises(StoreError, match="newer version: it has schema 9") as caught:
        Workspace.open(tmp_path)
    assert "update" in caught.value.hint


def test_opening_does_not_read_profiles_or_history(tmp_path: Path) -> None:
    a_workspace(tmp_path).close()
    (tmp_path / "profiles.json").write_bytes(b"{")
    (tmp_path / "history.db").write_bytes(b"garbage")
    with Workspace.open(tmp_path) as found:
        assert found.repository.journey("loyalty").id == "loyalty"


def test_the_default_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_path({"SANDBOX_WORKSPACE": str(tmp_path / "w")}) == tmp_path / "w"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert default_path({"SANDBOX_WORKSPACE": "~/w"}) == tmp_path / "w"
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    for environ in ({}, {"SANDBOX_WORKSPACE": ""}):
        assert default_path(environ).name == "journey-sandbox"


def test_a_closed_workspace_opens_again_by_itself(tmp_path: Path) -> None:
    found = a_workspace(tmp_path)
    found.close()
    assert found.repository.profile_ids() == ["7", "8"]
    assert found.history.runs() == []
    found.close()
    found.close()
