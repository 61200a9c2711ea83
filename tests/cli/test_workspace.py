"""``init``, ``reset``, ``list``: workspaces come and stay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.console import Console


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".json", ".db")
    }


def test_the_demo_is_there(sandbox: Console) -> None:
    found = sandbox.ok("list", "--json").json
    assert {one["id"] for one in found["journeys"]} == {
        "api-call", "newsletter", "loyalty-credit", "contact-sync", "order-update", "win-back",
    }  # fmt: skip
    assert [one["id"] for one in found["rules"]] == [
        "all-ok", "flaky", "down", "rate-limited", "slow", "auth-expired", "bad-bodies",
    ]  # fmt: skip
    assert found["rules"][0]["active"] is True
    assert len(found["profiles"]) >= 12
    assert {one["name"]: one["from"] for one in found["env"]} == {
        "BASE_URL": "BASE_URL", "APP_TOKEN": "APP_TOKEN",
        "SPRINKLR_TOKEN": "SPRINKLR_TOKEN", "SPRINKLR_KEY": "SPRINKLR_KEY",
    }  # fmt: skip
    for what, rows in found.items():
        assert sandbox.ok("list", what, "--json").json == rows
        shown = sandbox.ok("list", what).out
        assert all((row.get("id") or row["name"]) in shown for row in rows)


def test_a_missing_default_workspace_is_made_and_said(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_WORKSPACE", str(tmp_path / "fresh"))
    said = sandbox.ok("list", "journeys", "--json")
    assert said.err == f"sandbox: made a demo workspace in {tmp_path / 'fresh'}\n"
    assert len(said.json) == 6
    assert sandbox.ok("list", "journeys").err == ""
    monkeypatch.delenv("SANDBOX_WORKSPACE")
    monkeypatch.setattr(
        "platformdirs.user_data_dir", lambda name, appauthor: str(tmp_path / "home" / name)
    )
    said = sandbox.ok("runs")
    assert str(tmp_path / "home" / "journey-sandbox") in said.err


def test_the_option_wins_over_the_variable(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    sandbox.ok("init", "--empty", "--workspace", tmp_path / "other")
    sandbox.ok("import", "--workspace", tmp_path / "other", write(tmp_path, {"id": "p"}))
    assert [one["id"] for one in sandbox.ok(
        "list", "profiles", "--json", "--workspace", tmp_path / "other"
    ).json] == ["p"]  # fmt: skip
    assert len(sandbox.ok("list", "profiles", "--json").json) > 1


def test_init_never_overwrites(sandbox: Console, workspace: Path, tmp_path: Path) -> None:
    sandbox.ok("fire", "newsletter", "--profile", "7")
    before = contents(workspace)
    for words in (("init",), ("init", workspace), ("init", "--empty"),
                  ("init", "--workspace", workspace)):  # fmt: skip
        assert "nothing was changed" in sandbox.refused(*words)
    assert contents(workspace) == before
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert "in the way" in sandbox.refused("init", tmp_path / "file")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
    assert "give the folder once" in sandbox.refused("init", "a", "--workspace", "b")


def test_an_empty_workspace(sandbox: Console, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    assert "made an empty workspace" in sandbox.ok("init", "--empty", folder).err
    words = ("--workspace", folder)
    found = sandbox.ok("list", "--json", *words).json
    assert found == {"journeys": [], "profiles": [], "rules": [], "env": []}
    for command in ("list", "runs", "counts"):
        sandbox.ok(command, *words)
    told = sandbox.refused("fire", "newsletter", "--profile", "7", *words)
    assert "no journey at all" in told


def test_reset_is_the_start_of_a_lesson(sandbox: Console, tmp_path: Path) -> None:
    sandbox.ok("import", write(tmp_path, {"id": "mine", "attributes": {"name": "Me"}}))
    sandbox.ok("fire", "newsletter", "--profile", "7", "--keep")
    changed = sandbox.ok("export", "profile", "7").raw
    sandbox.ok("reset", "--counts")
    assert sandbox.ok("runs", "--json").json == []
    assert sandbox.ok("export", "profile", "7").raw == changed
    sandbox.ok("fire", "newsletter", "--profile", "7")
    sandbox.ok("reset", "--profiles")
    assert len(sandbox.ok("runs", "--json").json) == 1
    assert sandbox.ok("export", "profile", "7").raw != changed
    assert sandbox.ok("export", "profile", "mine").json["attributes"] == {"name": "Me"}
    sandbox.ok("reset")
    assert sandbox.ok("runs", "--json").json == []


def test_reset_all_puts_the_demos_documents_back(sandbox: Console, tmp_path: Path) -> None:
    original = sandbox.ok("export", "journey", "newsletter").raw
    changed = json.loads(original) | {"name": "Changed"}
    sandbox.ok("import", "--replace", write(tmp_path, changed))
    sandbox.ok("import", write(tmp_path, {"active_rules": "down", "allowed_hosts": ["api.test"]}))
    sandbox.ok("reset")
    assert sandbox.ok("export", "journey", "newsletter").raw != original
    sandbox.ok("reset", "--all")
    assert sandbox.ok("export", "journey", "newsletter").raw == original
    settings = sandbox.ok("export", "settings").json
    assert settings["active_rules"] == "all-ok"
    assert settings["allowed_hosts"] == ["api.test"]


def test_reset_does_not_put_a_demo_over_somebodys_own_people(
    sandbox: Console, tmp_path: Path
) -> None:
    words = ("--workspace", tmp_path / "own")
    sandbox.ok("init", "--empty", *words)
    sandbox.ok("import", write(tmp_path, {"id": "7", "attributes": {"name": "Mine"}}), *words)
    assert "none were put back" in sandbox.ok("reset", *words).err
    assert sandbox.ok("export", "profile", "7", *words).json["attributes"] == {"name": "Mine"}
    assert len(sandbox.ok("list", "profiles", "--json", *words).json) == 1


def write(folder: Path, document: object) -> Path:
    path = folder / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
