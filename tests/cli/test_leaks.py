"""Secrets that an attacker would choose, put everywhere, and an endpoint that says them again."""

from __future__ import annotations

import json
import urllib.request
from argparse import Namespace
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sandbox.cli.compose import known_secrets
from sandbox.model.base import Json
from tests.cli.console import Console, first_document, started
from tests.cli.test_secrets import kept
from tests.spellings import SECRETS, spellings

LITERAL = "literal-pass-1"
FETCHED = "fetched-token-0123456789"
BASIC = {"kind": "basic", "user": "u1", "password": "{{env.SEC}}"}
OAUTH = {"kind": "oauth2_client", "token_url": "https://auth.test/token", "client_id": "me",
         "client_secret": "{{env.SEC}}"}  # fmt: skip
CALLS: dict[str, dict[str, Json]] = {
    "json": {"body": {"note": "{{env.SEC}}", "password": LITERAL, "deep": [{"a": "x{{env.SEC}}"}]}},
    "form": {"body_kind": "form", "body": {"client": "{{env.SEC}}", "client_secret": LITERAL}},
    "text": {"body_kind": "text", "body": "<a>{{env.SEC}} {{env.SEC | json}}</a>", "auth": BASIC,
             "headers": {"Content-Type": "text/plain"}},
    "fetch": {"body": {"n": 1}, "auth": OAUTH},
}  # fmt: skip
HEARD = (
    "{{request.headers.authorization}} {{request.text}} {{request.url}} {{request.headers.x-js}}"
)
SAID: dict[str, dict[str, Json]] = {
    "text": {"text": f"You said {HEARD}"},
    "json": {"json": {"heard": HEARD, "body": "{{request.body}}", "q": "{{request.query.q}}"}},
}


def journey(name: str, secret: str) -> Json:
    call = CALLS[name]
    odd = {"X-Js": "{{env.SEC | json}}"} if secret.isascii() else {}
    step = {
        "id": "call", "kind": "call_api", "method": "POST", **call,
        "url": "https://api.test/post/{{env.SEC}}/x",
        "query": {"q": "{{env.SEC}}", "token": LITERAL},
        "headers": {**call.get("headers", {}), **odd},
    }  # fmt: skip
    return {"id": name, "dialect": "usercom", "trigger": {"kind": "manual"}, "steps": [step],
            "settings": {"url.tags": "everywhere"}}  # fmt: skip


def rules(kind: str) -> Json:
    token = {"id": "token", "match": {"url": {"host": "auth.test"}}, "respond": {"items": [
        {"status": 200, "json": {"access_token": FETCHED, "expires_in": 60}}]}}  # fmt: skip
    said = {"id": "said", "respond": {"items": [{"status": 200, **SAID[kind]}]}}
    return {"version": 1, "id": f"again-{kind}", "rules": [token, said]}


def hidden(secret: str) -> set[str]:
    """Every spelling of what nobody may read; a form and a header may be in base64."""
    basic = b64encode(f"u1:{secret}".encode()).decode()
    return {one for each in (secret, basic, FETCHED) for one in spellings(each)}


def assert_hidden(text: str, words: set[str]) -> None:
    assert [word for word in words if word in text] == []


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SECRETS, st.sampled_from(sorted(CALLS)), st.sampled_from(sorted(SAID)))
@example("p@ss=w0rd-xyz", "text", "text")
@example("ab c/d-0123", "json", "text")
@example('pa"ss&w0rd', "form", "json")
def test_no_output_and_no_file_holds_a_secret(
    sandbox: Console, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    secret: str, name: str, kind: str,
) -> None:  # fmt: skip
    files = {
        "journey.json": journey(name, secret),
        "again.json": rules(kind),
        "env.json": [{"name": "SEC", "secret": True, "from": "SEC"}],
    }
    for file, document in files.items():
        (tmp_path / file).write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setenv("SEC", secret)
    sandbox.ok("import", "--replace", *(tmp_path / file for file in files))
    one = (name, "call", "--profile", "7", "--rules", f"again-{kind}")
    whole = (name, "--profile", "7", "--rules", f"again-{kind}")
    trace = sandbox.ok("fire", *whole, "--json")
    assert trace.json["counts"]["call"]["success"] == 1, trace.out
    run_id = trace.json["run"]["id"]
    said = [
        trace,
        *(sandbox.ok("render", *one, "--as", form) for form in ("curl", "http", "json")),
        *(sandbox.ok("render", *one, *more) for more in ((), ("--explain",), ("--json",))),
        sandbox.ok("export", "journey", name, "--as", "markdown", "--profile", "7"),
        sandbox.ok("fire", *whole),
        sandbox.ok("send", *one, "--json"),
        sandbox.ok("show", run_id),
        sandbox.ok("show", run_id, "--json"),
        sandbox.ok("show", run_id, "--paths"),
        sandbox.ok("export", "run", run_id),
    ]
    recorded = sandbox.ok("export", "run", run_id, "--as", "rules")
    (tmp_path / "recorded.yaml").write_bytes(recorded.raw)
    sandbox.ok("import", "--replace", tmp_path / "recorded.yaml")
    words = hidden(secret)
    for each in (*said, recorded):
        assert_hidden(each.out + each.err, words | {LITERAL})
    for text in kept(workspace):
        assert_hidden(text, words - {FETCHED})  # the rules that the test brought have the token


@pytest.mark.slow
def test_echo_masks_what_the_workspace_calls_secret(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    secret = "p@ss=w0rd-xyz"
    sent = [
        ("application/json", json.dumps({"note": secret, "password": LITERAL})),
        ("application/x-www-form-urlencoded", f"client=p%40ss%3Dw0rd-xyz&password={LITERAL}"),
        ("text/plain", f"says {secret}"),
    ]
    words = {*spellings(secret), LITERAL}
    (tmp_path / "env.json").write_text(
        json.dumps([{"name": "SEC", "secret": True, "from": "SEC"}]), encoding="utf-8"
    )
    with started(workspace, "echo", "--port", "0", "--json", env={"SEC": secret}) as echo:
        url = first_document(echo)["url"]
        sandbox.ok("import", tmp_path / "env.json")  # declared while it listens
        for kind, body in sent:
            request = urllib.request.Request(
                f"{url}/p%40ss%3dw0rd-xyz?q=p%40ss%3Dw0rd-xyz",
                body.encode(),
                {"Content-Type": kind},
            )
            with urllib.request.urlopen(request) as answer:
                assert secret in json.load(answer)["text"] or "form" in kind
            shown = first_document(echo)
            assert "••••" in shown["text"]
            assert_hidden(json.dumps(shown, ensure_ascii=False), words)


def test_echo_makes_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_WORKSPACE", str(tmp_path / "none"))
    with known_secrets(Namespace(workspace=None, env_file=None)) as secrets:
        assert not list(secrets())
    assert not (tmp_path / "none").exists()


def test_a_file_of_variables_tells_echo_its_secrets(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "my.env").write_text("API_TOKEN=tok-file-0123\nPLAIN=x\n", "utf-8")
    with known_secrets(Namespace(workspace=None, env_file=str(tmp_path / "my.env"))) as secrets:
        assert "tok-file-0123" in secrets()
        assert "x" not in secrets()
