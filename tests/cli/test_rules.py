"""Presets by name from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.mocks.presets import PRESETS
from tests.cli.console import Console


def test_presets_are_listed_after_the_workspace_own_rule_sets(sandbox: Console) -> None:
    own = {one["id"]: one["source"] for one in sandbox.ok("list", "rules", "--json").json}
    assert own["all-ok"] == "workspace, not the preset"
    assert own["down"] == "workspace, as the preset"
    ready = {one["id"]: one["source"] for one in sandbox.ok("list", "presets", "--json").json}
    assert tuple(ready) == PRESETS
    assert (ready["down"], ready["slow-tail"]) == ("workspace", "preset")
    shown = sandbox.ok("list", "rules").out
    assert shown.index("all-ok") < shown.index("PRESETS") < shown.index("slow-tail")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_named_and_taken_out(sandbox: Console, name: str) -> None:
    trace = sandbox.ok("fire", "newsletter", "--profile", "7", "--rules", name, "--json").json
    assert {step["rule"] for step in trace["steps"] if "rule" in step} != {None}
    document = sandbox.ok("export", "rules", name).json
    assert document["id"] == name and document["rules"]


def test_a_rule_set_of_the_workspace_goes_before_the_preset_of_its_name(
    sandbox: Console, tmp_path: Path
) -> None:
    text = sandbox.ok("export", "rules", "deploy-restart").out
    own = tmp_path / "own.json"
    own.write_text(text.replace('"reset"', '"dns"'), encoding="utf-8")
    sandbox.ok("import", own, "--as", "rules")
    command = ("fire", "newsletter", "--profile", "7", "--rules", "deploy-restart", "--json")
    steps = sandbox.ok(*command).json["steps"]
    assert [step["error"]["kind"] for step in steps if "error" in step] == ["dns"]
    rows = {one["id"]: one for one in sandbox.ok("list", "rules", "--json").json}
    assert rows["deploy-restart"]["source"] == "workspace, not the preset"


def test_a_preset_can_be_the_active_rule_set(sandbox: Console, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text('{"active_rules": "deploy-restart"}', encoding="utf-8")
    sandbox.ok("import", settings, "--as", "settings", "--replace")
    steps = sandbox.ok("fire", "newsletter", "--profile", "7", "--json").json["steps"]
    assert [step["rule"] for step in steps if "rule" in step] == ["deploy-restart"]


def test_an_unknown_name_names_presets_too(sandbox: Console) -> None:
    refused = sandbox.refused("fire", "newsletter", "--profile", "7", "--rules", "deploy-restrat")
    assert "deploy-restart" in refused


def test_an_empty_workspace_answers_200_until_rules_say_otherwise(
    sandbox: Console, tmp_path: Path
) -> None:
    (tmp_path / "hook.txt").write_text("curl http://127.0.0.1:9/hook", encoding="utf-8")
    person = '[{"id": "p1", "attributes": {"email": "p1@example.test"}}]'
    (tmp_path / "people.json").write_text(person, encoding="utf-8")
    place = ("--workspace", tmp_path / "empty")
    sandbox.ok("init", *place, "--empty")
    sandbox.ok("import", tmp_path / "hook.txt", "--as", "curl", *place)
    sandbox.ok("import", tmp_path / "people.json", "--as", "profiles", *place)
    (journey,) = sandbox.ok("list", "journeys", "--json", *place).json
    fired = sandbox.ok("fire", journey["id"], "--profile", "p1", "--json", *place).json
    answers = [step["response"] for step in fired["steps"] if step.get("response")]
    assert [(one["status"], one["body"]) for one in answers] == [(200, {})]
    active = [one["id"] for one in sandbox.ok("list", "presets", "--json", *place).json
              if one["active"]]  # fmt: skip
    assert active == ["all-ok"]
