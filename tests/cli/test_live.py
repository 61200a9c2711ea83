"""Live calls by real processes: what arrives is what was shown, once, and failures have names."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.model.base import Json
from tests.cli.console import Console, first_document, run, started
from tests.cli.raw_server import RawServer, raw_server
from tests.cli.test_main_job import AT, call_of

LIVE = ("--live", "--allow-host", "127.0.0.1", "--json")
TOKEN = "a-real-looking-token"


def by_hand(tmp_path: Path, sandbox: Console) -> None:
    """A journey whose call goes where the event says, and others of other kinds."""
    at = "{{env.BASE_URL}}{{event.path}}"
    calls: dict[str, dict[str, Json]] = {
        "anywhere": {"url": at, "timeout_s": 1, "body": {"a": "{{user.name}}"}},
        "reads": {"url": at, "method": "GET", "query": {"q": "ä b&c=d", "n": 1}},
        "form": {"url": at, "body_kind": "form", "body": {"name": "{{user.name}}", "list": [1, 2]}},
        "text": {"url": at, "method": "PUT", "body_kind": "text", "body": "<a>{{user.name}}</a>\n",
                 "headers": {"Content-Type": "text/xml; charset=utf-8", "X-Empty": ""}},
        "bare": {"url": at, "method": "DELETE"},
    }  # fmt: skip
    for name, call in calls.items():
        trigger = {"kind": "manual", "sample": {"path": "/p"}}
        step = {"id": "call", "kind": "call_api", "on_success": "end", "on_failure": "end", **call}
        journey = {
            "id": name,
            "dialect": "usercom",
            "trigger": trigger,
            # The path is to be a tag, and to stay one.
            "settings": {"url.tags": "everywhere", "url.encode_values": False},
            "steps": [step],
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", *(tmp_path / f"{name}.json" for name in calls))


def normal(data: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Request line, header lines, body."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, lines, body


def same_on_the_wire(
    sandbox: Console,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    journey: str,
    step: str,
    profile: str,
) -> None:
    with raw_server() as server:
        env = {"BASE_URL": server.url, "APP_TOKEN": TOKEN}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        words = ("--profile", profile, "--at", AT)
        shown = sandbox.ok("render", journey, step, *words, "--as", "http", "--reveal").raw
        named = (journey,) if command == "fire" else (journey, step)
        said = run(workspace, command, *named, *words, *LIVE, env=env)
    assert said.code == 0, said.err
    assert TOKEN not in said.out
    assert len(server.requests) == 1
    assert server.requests[0] == shown


@pytest.mark.slow
def test_what_arrives_is_what_render_shows(
    sandbox: Console, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same_on_the_wire(sandbox, workspace, monkeypatch, "fire", "newsletter", "call", "7")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "journey", "step", "profile"),
    [
        ("fire", "api-call", "call", "13"),
        ("send", "contact-sync", "sync", "12"),
        ("send", "contact-sync", "notify-admin", "11"),
        ("send", "loyalty-credit", "credit", "18"),
        ("fire", "order-update", "crm", "14"),
        ("fire", "anywhere", "call", "16"),
        ("fire", "reads", "call", "7"),
        ("fire", "form", "call", "14"),
        ("fire", "text", "call", "11"),
        ("fire", "bare", "call", "7"),
    ],
)
def test_what_arrives_is_what_render_shows_for_every_kind(
    sandbox: Console,
    workspace: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    journey: str,
    step: str,
    profile: str,
) -> None:
    by_hand(tmp_path, sandbox)
    same_on_the_wire(sandbox, workspace, monkeypatch, command, journey, step, profile)


@pytest.mark.slow
def test_every_demo_journey_succeeds_on_echo(sandbox: Console, workspace: Path) -> None:
    with started(workspace, "echo", "--port", "0", "--json") as echo:
        env = {"BASE_URL": first_document(echo)["url"]}
        for journey in sandbox.ok("list", "journeys", "--json").json:
            said = run(workspace, "fire", journey["id"], "--profile", "7", *LIVE, env=env)
            assert said.json["run"]["via"] == "live"
            assert said.json["run"]["status"] == "completed"
            for counts in said.json["counts"].values():
                assert (counts["failure"], counts["attempts"]) == (0, 1)


@pytest.fixture(scope="module")
def httpbin() -> Iterator[str]:
    script = Path(__file__).parent / "httpbin_server.py"
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(script)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.communicate(timeout=30)


def seen(httpbin: str) -> list[str]:
    with urllib.request.urlopen(f"{httpbin}/seen") as answer:
        found: list[str] = json.load(answer)
    return found


def live(workspace: Path, base: str, path: str, *more: str) -> Json:
    """The one call of a live run to ``path``."""
    words = ("fire", "anywhere", "--profile", "7", "--set", f"path={path}", *LIVE, *more)
    said = run(workspace, *words, env={"BASE_URL": base})
    assert said.code == 0, said.err
    trace = said.json
    assert trace["counts"]["call"]["attempts"] == 1
    return call_of(trace)


@pytest.mark.slow
def test_a_server_that_nobody_here_wrote(
    sandbox: Console, workspace: Path, tmp_path: Path, httpbin: str
) -> None:
    by_hand(tmp_path, sandbox)
    before = len(seen(httpbin))
    call = live(workspace, httpbin, "/anything/x?y=1", "--reveal")
    assert call["outcome"] == "success"
    echoed = call["response"]["body"]
    assert echoed["json"] == call["request"]["body"]
    assert echoed["data"] == call["request"]["text"]
    for name, value in call["request"]["headers"].items():
        assert echoed["headers"][name.title()] == value

    call = live(workspace, httpbin, "/status/503")
    assert (call["outcome"], call["response"]["status"]) == ("failure", 503)
    assert call["error"] is None

    call = live(workspace, httpbin, "/redirect-to?url=/anything&status_code=302")
    assert (call["outcome"], call["response"]["status"]) == ("failure", 302)
    assert "redirects" not in call

    call = live(workspace, httpbin, "/delay/3")
    assert call["response"] is None
    assert (call["error"]["kind"], call["error"]["phase"]) == ("read_timeout", "head")

    call = live(workspace, httpbin, "/gzip", "--set", "x=1")
    assert call["response"]["status"] == 405  # GET only, it says; a failure like any other
    assert call["outcome"] == "failure"

    assert seen(httpbin)[before:] == [
        "POST /anything/x", "POST /status/503", "POST /redirect-to", "POST /delay/3", "POST /gzip",
    ]  # fmt: skip


@pytest.mark.slow
def test_nobody_listens_and_nobody_is_there(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    by_hand(tmp_path, sandbox)
    with socket.create_server(("127.0.0.1", 0)) as closing:
        port = closing.getsockname()[1]
    call = live(workspace, f"http://127.0.0.1:{port}", "/p")
    assert (call["error"]["kind"], call["error"]["phase"]) == ("refused", "connect")
    assert call["outcome"] == "failure"
    call = live(workspace, "http://nowhere.invalid", "/p", "--allow-host", "nowhere.invalid")
    assert (call["error"]["kind"], call["error"]["phase"]) == ("dns", "connect")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "kind", "phase"),
    [
        (None, "read_timeout", "head"),
        (b"", "disconnected", "head"),
        (b"nonsense\r\n\r\n", "protocol", "head"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "truncated", "body"),
    ],
)
def test_a_broken_answer_is_sent_for_once(
    sandbox: Console, workspace: Path, tmp_path: Path, answer: bytes | None, kind: str, phase: str
) -> None:
    by_hand(tmp_path, sandbox)
    with raw_server(answer) as server:
        call = live(workspace, server.url, "/p")
    assert (call["error"]["kind"], call["error"]["phase"]) == (kind, phase)
    assert len(server.requests) == 1


def test_a_redirect_to_elsewhere_is_not_followed(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server() as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        with raw_server(moved.encode()) as server:
            trace = fired(sandbox, monkeypatch, server)
    assert call_of(trace)["outcome"] == "failure"
    assert (len(server.requests), len(other.requests)) == (1, 0)


def fired(sandbox: Console, monkeypatch: pytest.MonkeyPatch, server: RawServer) -> Json:
    monkeypatch.setenv("BASE_URL", server.url)
    return sandbox.ok("fire", "api-call", "--profile", "7", *LIVE).json


def test_a_host_of_the_workspaces_list_is_allowed(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server() as server:
        monkeypatch.setenv("BASE_URL", server.url)
        settings = {"allowed_hosts": [f"127.0.0.1:{server.port}"]}
        (tmp_path / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        sandbox.refused("fire", "api-call", "--profile", "7", "--live", code=4)
        sandbox.ok("import", tmp_path / "settings.json")
        step = sandbox.ok("send", "api-call", "call", "--profile", "7", "--live", "--json").json
    assert (step["source"], step["response"]["status"]) == ("live", 200)
    assert len(server.requests) == 1


def test_live_runs_use_wall_time(sandbox: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server() as server:
        trace = fired(sandbox, monkeypatch, server)
    assert trace["run"]["started"] > "2026-01-01T00:00:01"
    body = json.loads(normal(server.requests[0])[2])
    assert body["timestamp"] == call_of(trace)["request"]["body"]["timestamp"]


@pytest.mark.parametrize("base", ["http://127.0.0.1:0", f"http://{'a' * 64}.test"])
@pytest.mark.parametrize("live", [True, False])
def test_a_url_that_nobody_can_call_fails_the_same_way_live_and_mocked(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch, base: str, live: bool
) -> None:
    monkeypatch.setenv("BASE_URL", base)
    words = LIVE if live else ("--json",)
    said = sandbox("send", "newsletter", "call", "--profile", "7", *words).json
    error = said["error"]
    assert (error["kind"], error["phase"]) == ("invalid_url", "build")


def told_where(tmp_path: Path, sandbox: Console, second: Json) -> None:
    """A journey whose second call goes, or gets its token, where the first answer says."""
    ways = {"on_success": "b", "on_failure": "b"}
    steps = [
        {"id": "a", "kind": "call_api", "url": "{{env.BASE_URL}}/first", **ways},
        {"id": "b", "kind": "call_api", "on_success": "end", "on_failure": "end", **second},
    ]
    journey = {
        "id": "told", "dialect": "insider", "trigger": {"kind": "manual"}, "steps": steps,
        "settings": {"url.tags": "everywhere", "url.encode_values": False,
                     "template.syntax": "snippet"},
    }  # fmt: skip
    (tmp_path / "told.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", tmp_path / "told.json")


def at_the_second_call(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: Json, *more: str
) -> tuple[int, str, str, int, int]:
    """Exit code, output, narration; how many requests the allowed and the forbidden server saw."""
    told_where(tmp_path, sandbox, second)
    with raw_server() as forbidden:
        elsewhere = f"http://localhost:{forbidden.port}/zz"
        body = json.dumps({"x": elsewhere}).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
        with raw_server(f"{head}{len(body)}\r\n\r\n".encode() + body) as allowed:
            monkeypatch.setenv("BASE_URL", allowed.url)
            said = sandbox("fire", "told", "--profile", "7", "--live",
                           "--allow-host", "127.0.0.1", *more)  # fmt: skip
        return said.code, said.out, said.err, len(allowed.requests), len(forbidden.requests)


X = "{{steps.a.body.x}}"
TOKEN_THERE: Json = {
    "kind": "oauth2_client", "token_url": X, "client_id": "i", "client_secret": "s",
}  # fmt: skip


@pytest.mark.parametrize(
    "second", [{"url": X}, {"url": "{{env.BASE_URL}}/second", "auth": TOKEN_THERE}]
)
def test_a_call_that_an_answer_leads_elsewhere_is_refused_and_the_run_kept(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: Json
) -> None:
    code, out, err, allowed, forbidden = at_the_second_call(
        sandbox, tmp_path, monkeypatch, second, "--json"
    )
    assert (code, allowed, forbidden) == (4, 1, 0)
    trace = json.loads(out)
    kept = sandbox.ok("show", trace["run"]["id"], "--json").json
    assert kept["steps"] == trace["steps"]
    first, refused = trace["steps"]
    assert (first["outcome"], refused["outcome"]) == ("success", "failure")
    assert (refused["error"]["kind"], refused["error"]["phase"]) == ("unsendable", "build")
    found = [one for one in kept["findings"] if one["code"] == "live_refused"]
    assert [one["step"] for one in found] == ["b"]
    assert "localhost" in found[0]["message"]
    assert "nothing was sent there; 1 request was sent before it" in found[0]["message"]
    assert f"the run is {trace['run']['id']}" in err
    assert "--allow-host" in err
