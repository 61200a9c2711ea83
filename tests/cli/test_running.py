"""``fire``, ``trigger`` and ``send``: options and what they print."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.cli.console import Console
from tests.cli.test_main_job import call_of


@pytest.mark.parametrize(
    "words",
    [
        ("newsletter", "--profile", "7"),
        ("newsletter", "--profile", "13", "--answer", "call=reset"),
        ("win-back", "--profile", "9", "--seed", "3", "--answer", "coupon=429,201"),
        ("contact-sync", "--profile", "15", "--answer", "sync=timeout"),
        ("loyalty-credit", "--profile", "18", "--occurrence", "1"),
        ("order-update", "--profile", "12", "--answer", 'crm=201:{"id":[1,2]}'),
    ],
)
def test_a_trace_is_as_its_schema_says(sandbox: Console, words: tuple[str, ...]) -> None:
    schema = sandbox.ok("schema", "trace").json
    fired = sandbox.ok("fire", *words, "--json").json
    jsonschema.validate(fired, schema)
    assert sandbox.ok("show", fired["run"]["id"], "--json").json == fired


def test_stdout_is_data(sandbox: Console) -> None:
    for words in (("fire", "newsletter"), ("trigger", "purchase"), ("send", "newsletter", "call")):
        for form in ((), ("--json",)):
            said = sandbox.ok(*words, "--profile", "7", *form)
            assert said.err == ""
            assert said.raw.endswith(b"\n")


def test_fields_of_the_event_and_attributes(sandbox: Console) -> None:
    said = sandbox.ok(
        "fire", "newsletter", "--profile", "7", "--json",
        "--set", "variable_1=12345678901234567890123", "--set", "user.city=Izmir",
        "--set", 'user.tags=["vip"]', "--set", "event.note=a=b",
    )  # fmt: skip
    event = said.json["trigger"]["event"]
    assert event == {"variable_1": 12345678901234567890123, "note": "a=b"}
    body = call_of(said.json)["request"]["body"]
    assert body["extra"] == {"variable_1": "12345678901234567890123"}
    assert body["user"]["city"] == "Izmir"
    assert "Izmir" not in sandbox.ok("export", "profile", "7").out


def test_an_event_from_a_file_or_standard_input(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "event.yaml").write_text("variable_1: from a file\n", encoding="utf-8")
    said = sandbox.ok(
        "fire", "api-call", "--profile", "7", "--event", tmp_path / "event.yaml", "--json"
    )
    assert said.json["trigger"]["event"] == {"variable_1": "from a file"}


def test_rules_by_name_or_from_a_file(sandbox: Console, tmp_path: Path) -> None:
    rules = {"version": 1, "seed": 7, "rules": [
        {"id": "down", "match": {"step": "call"}, "respond": {"items": [{"status": 503}]}}
    ]}  # fmt: skip
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    trace = sandbox.ok(
        "fire", "api-call", "--profile", "7", "--rules", tmp_path / "rules.json", "--json"
    ).json
    assert trace["run"]["seed"] == 7
    assert call_of(trace)["rule"] == "down"
    trace = sandbox.ok("fire", "api-call", "--profile", "7", "--rules", "down", "--json").json
    assert trace["counts"]["call"]["failure"] == 1


def test_an_unmatched_call_names_the_nearest_rule(sandbox: Console, tmp_path: Path) -> None:
    rules = {"version": 1, "rules": [
        {"id": "other", "match": {"step": "cal"}, "respond": {"items": [{"status": 200}]}}
    ]}  # fmt: skip
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    trace = sandbox.ok(
        "fire", "api-call", "--profile", "7", "--rules", tmp_path / "rules.json", "--json"
    ).json
    error = call_of(trace)["error"]
    assert (error["kind"], error["phase"]) == ("unmatched", "sandbox")
    assert "other" in error["message"]


def test_exit_1_only_where_it_was_asked_for(sandbox: Console) -> None:
    words = ("--profile", "7", "--answer", "call=503")
    for command in (("fire", "newsletter"), ("send", "newsletter", "call"),
                    ("trigger", "newsletter_register")):  # fmt: skip
        assert sandbox(*command, *words).code == 0
        assert sandbox(*command, *words, "--fail-on", "none").code == 0
        assert sandbox(*command, *words, "--fail-on", "any").code == 1
        assert sandbox(*command, "--profile", "7", "--fail-on", "any").code == 0


def test_a_run_works_on_a_copy_unless_it_is_kept(sandbox: Console) -> None:
    before = sandbox.ok("export", "profile", "7").raw
    sandbox.ok("fire", "newsletter", "--profile", "7")
    assert sandbox.ok("export", "profile", "7").raw == before
    sandbox.ok("fire", "newsletter", "--profile", "7", "--keep")
    kept = sandbox.ok("export", "profile", "7").json
    assert kept["attributes"]["newsletter_consent"] is True
    assert "synced" in kept["tags"]


def test_an_event_starts_every_journey_that_listens(sandbox: Console, tmp_path: Path) -> None:
    second = sandbox.ok("export", "journey", "newsletter").json | {"id": "second"}
    (tmp_path / "second.json").write_text(json.dumps(second), encoding="utf-8")
    sandbox.ok("import", tmp_path / "second.json")
    traces = sandbox.ok("trigger", "newsletter_register", "--profile", "7", "--json").json
    assert [trace["run"]["journey"] for trace in traces] == ["newsletter", "second"]
    shown = sandbox.ok("trigger", "newsletter_register", "--profile", "7").out
    assert "second for profile 7" in shown
    # An api journey is triggered by its id.
    assert (
        "order-update for profile 7" in sandbox.ok("trigger", "order-update", "--profile", "7").out
    )


def test_what_is_expected_of_all_runs_is_told_after_an_event(
    sandbox: Console, tmp_path: Path
) -> None:
    second = sandbox.ok("export", "journey", "newsletter").json | {"id": "second"}
    (tmp_path / "second.json").write_text(json.dumps(second), encoding="utf-8")
    sandbox.ok("import", tmp_path / "second.json")
    rules = tmp_path / "rules.json"
    expect = {"per": "all", "calls": {"max": 1}}
    rule = {"id": "c", "expect": expect, "respond": {"items": [{"status": 200}]}}
    rules.write_text(json.dumps({"rules": [rule]}), encoding="utf-8")
    message = "all runs together: rule c expects 1 call at most; it had 2"
    words = ("trigger", "newsletter_register", "--profile", "7", "--rules", rules)
    said = sandbox.ok(*words)
    assert f"error expected_calls [call] {message}" in said.err and message not in said.out
    said = sandbox.ok(*words, "--json")
    first, last = said.json
    assert [one["code"] for one in first["findings"]] == []
    assert [one["message"] for one in last["findings"]] == [message]
    assert message in said.err
    shown = sandbox.ok("show", last["run"]["id"], "--json").json
    assert shown["findings"] == []
    alone = sandbox.ok("fire", "newsletter", "--profile", "7", "--rules", rules)
    assert "all runs together" not in alone.err + alone.out


def test_an_event_that_comes_too_early(sandbox: Console) -> None:
    said = sandbox.ok("trigger", "purchase", "--profile", "7", "--occurrence", "2", "--json")
    assert said.json[0]["run"]["status"] == "not_entered"
    assert said.json[0]["steps"] == []
    shown = sandbox.ok("trigger", "purchase", "--profile", "7", "--occurrence", "2").out
    assert "not entered" in shown


def test_a_test_call_touches_nothing(sandbox: Console, workspace: Path) -> None:
    before = {path.name: path.read_bytes() for path in workspace.iterdir()}
    step = sandbox.ok("send", "newsletter", "call", "--profile", "7", "--keep", "--json").json
    assert step["response"]["status"] == 200
    assert step["request"]["body"]["user"]["attributes"] == [
        {"name": "newsletter_consent", "value": True}
    ]
    assert sandbox.ok("runs", "--json").json == []
    after = {path.name: path.read_bytes() for path in workspace.iterdir()}
    assert after["workspace.json"] == before["workspace.json"]
    assert after["profiles.json"] == before["profiles.json"]


def test_meaning_and_what_to_check_next(sandbox: Console) -> None:
    words = ("newsletter", "--profile", "7", "--answer")
    shown = sandbox.ok("fire", *words, "call=503").out
    assert "503 The server is overloaded" in shown
    assert "check: Wait" in shown
    shown = sandbox.ok("fire", *words, "call=timeout").out
    assert "read_timeout @ head" in shown
    assert "check: Compare the step's time-out" in shown


def test_waits_are_said_in_days(sandbox: Console) -> None:
    shown = sandbox.ok("fire", "win-back", "--profile", "7").out
    assert "Wait  1d, until 2026-01-02 00:00 UTC" in shown
    assert "Wait  3d, until 2026-01-05 00:00 UTC" in shown
    assert "86400" not in shown
