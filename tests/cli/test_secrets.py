"""A secret is seen by nobody who did not ask for it, and kept nowhere."""

from __future__ import annotations

import base64
import json
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.console import Console
from tests.cli.test_main_job import call_of

SECRET = 'pa/ss+"wörd"-0123456789'
PLAIN = "tok-4f7c2f0a9d"


def kept(workspace: Path) -> Iterator[str]:
    """Every text that stands in a workspace's files, the compressed ones unpacked."""
    for path in workspace.iterdir():
        if path.suffix != ".db":
            yield path.read_bytes().decode("utf-8", "replace")
            continue
        yield path.read_bytes().decode("latin-1")
        with sqlite3.connect(path) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type='table'")
            for (table,) in tables.fetchall():
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    for cell in row:
                        yield unpacked(cell) if isinstance(cell, bytes) else str(cell)
        database.close()


def unpacked(cell: bytes) -> str:
    try:
        return zlib.decompress(cell).decode("utf-8", "replace")
    except zlib.error:
        return cell.decode("utf-8", "replace")


def forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote(secret), json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1]}  # fmt: skip


@pytest.fixture
def leaky(sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A journey that puts its secrets everywhere, and an endpoint that says them again."""
    journey = {
        "id": "leaky", "dialect": "insider", "settings": {"template.syntax": "snippet"},
        "trigger": {"kind": "event", "name": "leak"},
        "steps": [
            {"id": "call", "kind": "call_api",
             "url": "https://api.test/{{env.APP_TOKEN}}", "query": {"q": "{{env.OTHER}}"},
             "headers": {"Authorization": "Bearer {{env.APP_TOKEN}}", "X-Note": "{{env.APP_TOKEN}}",
                         "Cookie": "session=abc123cookie"},
             "body": {"note": "{{env.OTHER}}", "api_key": "literal-key-1"}},
            {"id": "tag", "kind": "add_tag", "tag": "{{env.OTHER}}"},
            {"id": "tell", "kind": "notify", "text": "it is {{env.OTHER}}"},
        ],
    }  # fmt: skip
    rules = {"version": 1, "id": "again", "rules": [
        {"id": "again", "respond": {"items": [
            {"status": 200, "headers": {"Set-Cookie": "sid=cookie-from-there"},
             "json": {"access_token": "from-there-1", "said": PLAIN}}]}}
    ]}  # fmt: skip
    (tmp_path / "leaky.json").write_text(json.dumps(journey), encoding="utf-8")
    (tmp_path / "again.json").write_text(json.dumps(rules), encoding="utf-8")
    env = [{"name": "OTHER", "secret": True, "from": "OTHER_SECRET"}]
    (tmp_path / "env.json").write_text(json.dumps(env), encoding="utf-8")
    monkeypatch.setenv("APP_TOKEN", PLAIN)
    monkeypatch.setenv("OTHER_SECRET", SECRET)
    monkeypatch.chdir(tmp_path)
    sandbox.ok("import", "leaky.json", "env.json")
    return sandbox


HIDDEN = [*forms(SECRET), *forms(PLAIN), "abc123cookie", "literal-key-1", "cookie-from-there",
          "from-there-1"]  # fmt: skip
RUN = ("--profile", "7", "--rules", "again.json")
COMMANDS = [
    ("fire", "leaky", *RUN), ("trigger", "leak", *RUN),
    ("send", "leaky", "call", *RUN), ("render", "leaky", "call", *RUN),
    ("render", "leaky", "call", *RUN, "--explain"), ("render", "leaky", "call", *RUN, "--diff"),
    ("show", "1"), ("runs",), ("counts",), ("list",), ("map", "leaky"), ("check", "leaky"),
]  # fmt: skip


def test_no_command_shows_a_secret_and_no_file_keeps_one(leaky: Console, workspace: Path) -> None:
    said = [leaky.ok(*words) for words in COMMANDS]
    said += [leaky.ok(*words, "--json") for words in COMMANDS]
    said += [leaky.ok(*words, "--ascii") for words in COMMANDS]
    said += [
        leaky.ok("render", "leaky", "call", *RUN, "--as", "curl"),
        leaky.ok("render", "leaky", "call", *RUN, "--as", "json"),
        leaky.ok("export", "run", "1"),
        leaky.ok("export", "env"),
        leaky.ok("export", "profile", "8"),
        leaky.ok("map", "leaky", "--mermaid"),
    ]
    for one in said:
        for secret in HIDDEN:
            assert secret not in one.out
            assert secret not in one.err
    stored = list(kept(workspace))
    assert len(stored) > 5
    for text in stored:
        for secret in (*forms(SECRET), *forms(PLAIN), "cookie-from-there", "from-there-1"):
            assert secret not in text


def test_no_template_changes_a_secret_past_the_masks(
    sandbox: Console, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "dG9rZW4=tail`12=="
    journey = {
        "id": "changed", "dialect": "kustomer", "trigger": {"kind": "manual"},
        "steps": [
            {"id": "call", "kind": "call_api", "method": "POST",
             "url": "https://a.test/?k={{env.APP_TOKEN}}&u={{{encodeURIComponent env.APP_TOKEN}}}",
             "headers": {"X-Note": "{{env.APP_TOKEN}}", "X-Basic": "{{{base64 env.APP_TOKEN}}}"},
             "body": {"note": "{{env.APP_TOKEN}}", "small": "{{{toLower env.APP_TOKEN}}}"}},
        ],
    }  # fmt: skip
    (tmp_path / "changed.json").write_text(json.dumps(journey), encoding="utf-8")
    monkeypatch.setenv("APP_TOKEN", secret)
    sandbox.ok("import", tmp_path / "changed.json")
    call = ("render", "changed", "call", "--profile", "7")
    said = [sandbox.ok(*call), *(sandbox.ok(*call, "--as", one) for one in ("curl", "json"))]
    said += [sandbox.ok(*call, "--explain"), sandbox.ok("fire", "changed", "--profile", "7")]
    said += [sandbox.ok("fire", "changed", "--profile", "7", "--json"), sandbox.ok("show", "1")]
    said += [
        sandbox.ok("export", "run", "1"),
        sandbox.ok("export", "journey", "changed", "--as", "markdown"),
    ]
    texts = [text for one in said for text in (one.out, one.err)] + list(kept(workspace))
    for text in texts:
        assert "rzw4" not in text.lower()
        assert base64.b64encode(secret.encode()).decode()[3:12] not in text


def test_reveal_shows_them(leaky: Console) -> None:
    step = leaky.ok("send", "leaky", "call", *RUN, "--json", "--reveal").json
    assert step["request"]["headers"]["Authorization"] == f"Bearer {PLAIN}"
    assert step["request"]["body"] == {"note": SECRET, "api_key": "literal-key-1"}
    assert step["response"]["body"]["access_token"] == "from-there-1"
    shown = leaky.ok("render", "leaky", "call", *RUN, "--reveal").out
    assert f"Authorization: Bearer {PLAIN}" in shown
    assert quote(SECRET, safe="") in shown
    curl = leaky.ok("render", "leaky", "call", *RUN, "--as", "curl", "--reveal").out
    assert PLAIN in curl
    assert "dummy-token" in leaky.ok("export", "env", "--reveal").out


def test_revealing_is_for_the_screen_only(leaky: Console, workspace: Path) -> None:
    trace = leaky.ok("fire", "leaky", *RUN, "--json", "--reveal").json
    assert call_of(trace)["request"]["headers"]["X-Note"] == PLAIN
    leaky.ok("trigger", "leak", *RUN, "--reveal")
    for text in kept(workspace):
        for secret in (*forms(SECRET), *forms(PLAIN)):
            assert secret not in text
    assert PLAIN not in leaky.ok("show", "1", "--reveal").out


def test_an_env_files_secrets_are_masked_too(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "my.env").write_text(f"APP_TOKEN='{PLAIN}'\nBASE_URL=https://api.test\n", "utf-8")
    words = ("api-call", "call", "--profile", "7", "--env-file", tmp_path / "my.env")
    shown = sandbox.ok("render", *words).out
    assert "Host: api.test" in shown
    assert PLAIN not in shown
    assert f"Bearer {PLAIN}" in sandbox.ok("render", *words, "--reveal").out


def test_a_secret_is_not_brought_in_as_a_value(sandbox: Console, tmp_path: Path) -> None:
    env = [{"name": "KEY", "secret": True, "value": "real"}]
    (tmp_path / "env.json").write_text(json.dumps(env), encoding="utf-8")
    told = sandbox.refused("import", tmp_path / "env.json", "--as", "env")
    assert "KEY" in told
    assert "from" in told


def test_keeping_what_a_run_changed_never_writes_a_secret(leaky: Console, workspace: Path) -> None:
    trace = leaky.ok("fire", "leaky", *RUN, "--json", "--keep").json
    assert "secret_not_kept" in {finding["code"] for finding in trace["findings"]}
    for text in kept(workspace):
        assert not any(form in text for form in forms(SECRET))
