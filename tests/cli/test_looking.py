"""``render``, ``map``, ``counts``, ``runs``, ``show`` and ``dialects``."""

from __future__ import annotations

import json
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.console import Console
from tests.cli.test_main_job import call_of


def test_render_is_what_fire_sends(sandbox: Console) -> None:
    fired = call_of(sandbox.ok("fire", "newsletter", "--profile", "7", "--json").json)["request"]
    rendered = sandbox.ok("render", "newsletter", "call", "--profile", "7", "--as", "json").json
    assert rendered["request"] == fired
    assert rendered["problem"] is None
    assert rendered["findings"] == []
    http = sandbox.ok("render", "newsletter", "call", "--profile", "7").raw
    head, _, body = http.partition(b"\r\n\r\n")
    assert body.decode() == fired["text"]
    lines = head.decode().split("\r\n")
    assert lines[:2] == ["POST /hook HTTP/1.1", "Host: 127.0.0.1:8765"]
    assert f"Content-Length: {len(body)}" in lines


def test_render_tells_the_length_that_is_sent(sandbox: Console, tmp_path: Path) -> None:
    journey = {
        "id": "keys", "dialect": "insider", "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", "url": "https://api.test/",
                   "body": {"password": "0123456789012345678901234567890123456789"}}],
    }  # fmt: skip
    (tmp_path / "keys.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", tmp_path / "keys.json")
    shown = sandbox.ok("render", "keys", "call", "--profile", "7").out
    assert '{"password":"••••"}' in shown
    revealed = sandbox.ok("render", "keys", "call", "--profile", "7", "--reveal").raw
    length = len(revealed.partition(b"\r\n\r\n")[2])
    assert f"Content-Length: {length}\r\n" in shown
    assert revealed.count(b"Content-Length") == 1


def test_curl_names_secrets_instead_of_showing_them(sandbox: Console) -> None:
    words = shlex.split(
        sandbox.ok("render", "api-call", "call", "--profile", "7", "--as", "curl").out
    )
    assert words[0] == "curl"
    assert any("$APP_TOKEN" in word for word in words)


def test_explain_tells_where_every_value_came_from(sandbox: Console) -> None:
    words = ("render", "newsletter", "call", "--profile", "7", "--explain")
    rows = {row["at"]: row for row in sandbox.ok(*words, "--json").json["values"]}
    assert rows["body.extra.variable_1"]["path"] == "event.variable_1"
    assert rows["body.extra.variable_1"]["value"] == "value_1"
    assert rows["body.user.id"]["type"] == "number"
    shown = sandbox.ok(*words).out
    assert "…" not in shown  # nothing is cut off into a pipe
    assert "{{event.variable_1}}" in shown


def test_the_type_told_is_the_one_that_is_sent(sandbox: Console, tmp_path: Path) -> None:
    journey = {
        "id": "typed", "dialect": "usercom", "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", "method": "POST", "url": "https://api.test/",
                   "body": {"order": "{{event.order}}", "gone": "{{event.gone}}",
                            "note": "{{event.note}}"}}],
    }  # fmt: skip
    (tmp_path / "typed.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", tmp_path / "typed.json")
    words = ("render", "typed", "call", "--profile", "7", "--set", "order=1007", "--set", "note=x",
             "--explain")  # fmt: skip
    rows_shown = (" ".join(line.split()) for line in sandbox.ok(*words).out.splitlines())
    lines = {row.partition(" ")[0]: row for row in rows_shown}
    assert '"1007" string (from number)' in lines["body.extra.order"]
    assert "string (missing)" in lines["body.extra.gone"]
    assert '"x" string Extra' in lines["body.extra.note"]
    rows = {row["at"]: row for row in sandbox.ok(*words, "--json").json["values"]}
    order = rows["body.extra.order"]
    assert (order["value"], order["type"], order["sent"]) == (1007, "number", "string")


def test_a_missing_value_is_said(sandbox: Console, tmp_path: Path) -> None:
    journey = {
        "id": "gap", "dialect": "insider", "settings": {"template.syntax": "snippet"},
        "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", "url": "https://api.test/",
                   "body": {"city": "{{event.city}}"}}],
    }  # fmt: skip
    (tmp_path / "gap.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", tmp_path / "gap.json")
    said = sandbox.ok("render", "gap", "call", "--profile", "7")
    assert "value_missing" in said.err
    assert "event.city" in said.err
    trace = sandbox.ok("fire", "gap", "--profile", "7", "--json").json
    assert [finding["code"] for finding in trace["findings"]] == [
        "value_missing",
        "ok_but_input_missing",
    ]


def test_what_cannot_be_sent_is_shown_with_the_reason(sandbox: Console, tmp_path: Path) -> None:
    journey = {
        "id": "odd", "dialect": "insider",
        "trigger": {"kind": "manual", "sample": {"site": "api.test", "x": "1"}},
        "steps": [{"id": "call", "kind": "call_api", "url": "{{event.site}}/hook",
                   "headers": {"X-Note": "{{event.x}}"}}],
    }  # fmt: skip
    (tmp_path / "odd.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", tmp_path / "odd.json")
    said = sandbox.ok("render", "odd", "call", "--profile", "7")
    assert "POST api.test/hook" in said.out
    assert "cannot be sent: invalid_url @ build" in said.err
    said = sandbox.ok("fire", "odd", "--profile", "7", "--set", "site=http://api.test",
                      "--set", "x=a\nb", "--json")  # fmt: skip
    error = call_of(said.json)["error"]
    assert (error["kind"], error["phase"]) == ("unsendable", "build")


def test_the_map_in_three_forms(sandbox: Console) -> None:
    assert "✗ failure" in sandbox.ok("map", "newsletter").out
    graph = sandbox.ok("map", "newsletter", "--json").json
    assert {node["id"] for node in graph["nodes"]} >= {"consent", "call", "tag_ok", "tag_failed"}
    assert sandbox.ok("map", "newsletter", "--mermaid").out.startswith("flowchart")
    dropped = sandbox.ok("map", "newsletter", "--dialect", "insider-glossary").out
    assert "dropped" in dropped


def test_the_history_newest_first(sandbox: Console) -> None:
    assert sandbox.ok("runs").err == "no runs yet; fire a journey first\n"
    sandbox.ok("fire", "newsletter", "--profile", "7")
    sandbox.ok("fire", "api-call", "--profile", "8")
    runs = sandbox.ok("runs", "--json").json
    assert [(run["journey"], run["profile"]) for run in runs] == [
        ("api-call", "8"), ("newsletter", "7"),
    ]  # fmt: skip
    assert [run["id"] for run in sandbox.ok("runs", "--profile", "7", "--json").json] == ["r000001"]
    assert len(sandbox.ok("runs", "--limit", "1", "--json").json) == 1
    assert "r000002  api-call" in sandbox.ok("runs").out
    assert sandbox.ok("runs", "--journey", "win-back").err == "no such runs yet\n"


@pytest.mark.parametrize("name", ["1", "r000001", "000001"])
def test_a_run_is_shown_by_its_number_too(sandbox: Console, name: str) -> None:
    fired = sandbox.ok("fire", "newsletter", "--profile", "7", "--json").json
    assert sandbox.ok("show", name, "--json").json == fired
    assert sandbox.ok("export", "run", name).json == fired
    shown = sandbox.ok("show", name).out
    for piece in ("POST http://127.0.0.1:8765/hook", "Content-Type: application/json",
                  '"newsletter_consent"', "200 The request was carried out."):  # fmt: skip
        assert piece in shown


def test_dialects_tell_origin_and_source(sandbox: Console) -> None:
    documents = sandbox.ok("dialects", "--json").json
    names = [one["name"] for one in documents]
    assert names == ["insider", "insider-glossary", "kustomer", "sprinklr", "usercom"]
    one = sandbox.ok("dialects", "usercom", "--json").json
    assert one == documents[-1]
    for value in one["values"].values():
        assert value["origin"] in ("documented", "reported", "assumed")
        assert value["source"]
    assert 'policy.failure = "branch"  documented' in sandbox.ok("dialects", "usercom").out


def test_a_damaged_row_of_the_history_is_said(sandbox: Console, workspace: Path) -> None:
    sandbox.ok("fire", "newsletter", "--profile", "7")
    with closing(sqlite3.connect(workspace / "history.db")) as other, other:
        other.execute("UPDATE run SET recorded = 'y'")
    assert "run r000001 is damaged" in sandbox.refused("runs", code=3)
    assert "run r000001 is damaged" in sandbox.refused("runs", "--json", code=3)
    assert sandbox.ok("show", "1").raw
