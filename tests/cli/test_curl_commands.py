"""A curl command, imported: it is sent as curl sends it, and none of its credentials is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.console import Console
from tests.cli.raw_server import raw_server
from tests.cli.test_secrets import kept

LIVE = ("--profile", "7", "--live", "--allow-host", "127.0.0.1", "--json")
TOKENS = ["dG9rZW4==", "a&b<c>", 'it\'s "quoted"', "back`tick`="]


def imported(sandbox: Console, folder: Path, command: str) -> str:
    (folder / "crm.curl").write_text(command, encoding="utf-8")
    return sandbox.ok("import", folder / "crm.curl").err


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_arrives_as_it_is(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("T", token)
    with raw_server() as server:
        monkeypatch.setenv("HOST_URL", server.url)
        imported(
            sandbox,
            tmp_path,
            'curl "$HOST_URL/v1" -H "Authorization: Bearer $T" -H "X-Note: a $T" '
            '-d "a=$T" -d \'b=two words\' --data-urlencode "c=$T"',
        )
        said = sandbox.ok("fire", "crm", *LIVE)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1 HTTP/1.1"
    assert f"Authorization: Bearer {token}" in lines
    assert f"X-Note: a {token}" in lines
    assert "Content-Type: application/x-www-form-urlencoded" in lines
    first, _, encoded = body.decode().partition("&b=two words&c=")
    assert first == f"a={token}"
    assert not set(encoded) & set('=&<>"` ')
    assert token not in said.out


def test_a_token_in_json_is_the_same_text_there(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("T", "\"quoted\" = 'x' & `y`")
    with raw_server() as server:
        imported(sandbox, tmp_path, f'curl {server.url} --json \'{{"t": "\'"$T"\'"}}\'')
        sandbox.ok("fire", "crm", *LIVE)
    assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2]) == {
        "t": "\"quoted\" = 'x' & `y`"
    }


def test_no_typed_credential_is_kept_or_said(
    sandbox: Console, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = imported(
        sandbox,
        tmp_path,
        "curl 'https://api.test/x?api_key=hush-1' -u 'me:hush-2' -b 'session=hush-3' "
        "-H 'X-Api-Key: hush-4' --json '{\"password\": \"hush-5\"}' -x http://me:hush-6@proxy\n",
    )
    for name in ("API_KEY", "PASSWORD", "COOKIE", "X_API_KEY", "PASSWORD_2"):
        assert f"export CRM_{name}=…" in said
    assert "kustomer dialect" in said
    checked = sandbox("check", tmp_path / "crm.curl")
    assert checked.code == 0, checked.out
    variables = sandbox.ok("export", "env").out
    journey = sandbox.ok("export", "journey", "crm").out
    texts = [said, checked.out, checked.err, variables, journey, *kept(workspace)]
    assert all("hush" not in text for text in texts)
    monkeypatch.setenv("CRM_X_API_KEY", "hush-4")
    raw = sandbox.ok("render", "crm", "call", "--profile", "7", "--as", "json", "--reveal").json
    assert raw["request"]["headers"]["X-Api-Key"] == "hush-4"
    sandbox.ok("import", tmp_path / "crm.curl", "--replace")
    assert sandbox.ok("export", "env").out == variables


def test_only_what_is_not_declared_is_declared(sandbox: Console, tmp_path: Path) -> None:
    said = imported(sandbox, tmp_path, 'curl https://api.test -H "Key: $APP_TOKEN" -d "$OTHER"')
    assert "declared OTHER with dummies" in said
    assert "APP_TOKEN" not in said
    (other,) = [one for one in sandbox.ok("export", "env").json if one["name"] == "OTHER"]
    assert other["secret"] is True


def test_basic_credentials_can_be_run_from_the_command_that_is_shown(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_TOKEN", "dG9rZW4==")
    imported(sandbox, tmp_path, 'curl https://api.test -u "me:$APP_TOKEN"')
    shown = sandbox.ok("render", "crm", "call", "--profile", "7", "--as", "curl").out
    assert '-u "me:$APP_TOKEN"' in shown
    page = sandbox.ok("export", "journey", "crm", "--as", "markdown").out
    assert '-u "me:$APP_TOKEN"' in page
    (tmp_path / "again.curl").write_text(shown, encoding="utf-8")
    sandbox.ok("import", tmp_path / "again.curl")
    words = ("call", "--profile", "7", "--as", "json", "--reveal")
    requests = [sandbox.ok("render", name, *words).json["request"] for name in ("crm", "again")]
    assert requests[0]["headers"]["Authorization"] == requests[1]["headers"]["Authorization"]
