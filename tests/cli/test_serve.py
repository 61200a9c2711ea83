"""``sandbox serve`` and ``sandbox trigger --to`` as processes of their own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sandbox.model.base import Json
from sandbox.store.workspace import Workspace
from tests.cli.console import Console, environment, run, started

TRIGGER = "/api/marketing-journey/trigger"
KNOWN: dict[str, Json] = {
    "snType": "EMAIL",
    "snId": "ada@example.com",
    "journeyId": "order-update",
    "contextParams": {"order_id": "1"},
}


class Server(NamedTuple):
    """A server in its own process."""

    process: subprocess.Popen[bytes]
    first: Json
    """Its first line."""

    @property
    def env(self) -> dict[str, str]:
        return {"SPRINKLR_TOKEN": self.first["token"], "SPRINKLR_KEY": self.first["key"]}

    def ask(
        self, body: Json, token: str = "", key: str = "", path: str = TRIGGER
    ) -> tuple[int, Json]:
        host = self.first["url"].removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=30)
        headers = {
            "Authorization": f"Bearer {token or self.first['token']}",
            "Key": key or self.first["key"],
            "Content-Type": "application/json",
        }
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body), headers)
            reply = connection.getresponse()
            data = reply.read()
        return reply.status, json.loads(data) if data else None

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Its exit code, the rest of what it printed, and what it told."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out.decode(), err.decode()


@contextlib.contextmanager
def served(workspace: Path, *words: str) -> Iterator[Server]:
    with started(workspace, "serve", "--port", "0", "--json", *words) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield Server(process, json.loads(line))


@pytest.mark.slow
def test_a_documented_request_starts_a_journey_that_the_history_shows(workspace: Path) -> None:
    with served(workspace) as server:
        assert set(server.first) == {"url", "rules_url", "token", "key"}
        assert server.first["rules_url"] is None
        assert server.ask(KNOWN) == (204, None)
        status, refused = server.ask({**KNOWN, "snId": "nobody"})
        assert (status, refused["success"]) == (404, False)
        code, out, err = server.stop()
    assert (code, out) == (0, "")
    assert f"POST {TRIGGER}  204  order-update for profile 8" in err
    assert "run r000001  order-update  completed  crm 200" in err
    assert server.first["token"] not in err
    (row,) = run(workspace, "runs", "--json").json
    assert (row["journey"], row["profile"], row["status"]) == ("order-update", "8", "completed")


@pytest.mark.slow
def test_interrupted_is_130_and_what_was_promised_is_run_first(workspace: Path) -> None:
    with served(workspace) as server:
        for _ in range(10):
            assert server.ask(KNOWN)[0] == 204
        code, _, err = server.stop(signal.SIGINT)
    assert code == 130
    assert "Traceback" not in err
    assert len(run(workspace, "runs", "--json").json) == 10


@pytest.mark.slow
def test_only_hashes_are_kept_and_they_are_shown_once(workspace: Path) -> None:
    with served(workspace) as first:
        token, key = first.first["token"], first.first["key"]
        assert len(token) >= 40
        assert len(key) >= 30
    kept = workspace / "serve.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for file in workspace.iterdir():
        assert token.encode() not in file.read_bytes()
        assert key.encode() not in file.read_bytes()
    with served(workspace) as again:
        assert set(again.first) == {"url", "rules_url"}
        assert again.ask(KNOWN, token, key) == (204, None)


@pytest.mark.slow
def test_new_ones_end_the_old_ones_also_for_a_server_that_runs(workspace: Path) -> None:
    with served(workspace) as old:
        assert old.ask(KNOWN)[0] == 204
        with served(workspace, "--new-token") as new:
            assert new.first["token"] != old.first["token"]
            assert new.ask(KNOWN)[0] == 204
            assert old.ask(KNOWN)[0] == 401
            assert old.ask(KNOWN, new.first["token"], new.first["key"])[0] == 204
            assert old.ask(KNOWN, new.first["token"])[0] == 401


@pytest.mark.slow
def test_a_person_sees_token_and_key_and_how_to_go_on(workspace: Path) -> None:
    with started(workspace, "serve", "--port", "0") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().decode().split() for _ in range(3)]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert [line[0] for line in lines] == ["url", "token", "key"]
    assert "shown this once" in err.decode()
    assert f"POST {TRIGGER}" in err.decode()


@pytest.mark.slow
def test_a_port_that_is_taken_uses_no_token_up(workspace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = run(workspace, "serve", "--port", str(taken.getsockname()[1]), "--json")
    assert said.code == 2
    assert said.raw == b""
    assert "cannot listen" in said.err
    assert not (workspace / "serve.json").exists()


@pytest.mark.slow
def test_a_damaged_key_file_is_said_and_made_anew(workspace: Path) -> None:
    (workspace / "serve.json").write_text("{}", encoding="ascii")
    said = run(workspace, "serve", "--port", "0", "--json")
    assert said.code == 3
    assert "--new-token" in said.err
    with served(workspace, "--new-token") as server:
        assert server.ask(KNOWN)[0] == 204


@pytest.mark.slow
def test_nobody_has_to_read_what_it_tells(workspace: Path) -> None:
    # More than a pipe holds, and nobody takes any of it.
    with served(workspace) as server:
        long = {**KNOWN, "snId": "x" * 3000}
        statuses = {server.ask(long, token="wrong")[0] for _ in range(5)}
        connection = http.client.HTTPConnection(server.first["url"].removeprefix("http://"))
        with contextlib.closing(connection):
            for _ in range(900):
                connection.request("GET", "/" + "y" * 200)
                reply = connection.getresponse()
                reply.read()
                statuses.add(reply.status)
        assert statuses == {401, 404}
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=30) == 0


@pytest.mark.slow
def test_two_servers_on_one_workspace_record_everything(workspace: Path) -> None:
    with served(workspace) as one, served(workspace) as other:
        token, key = one.first["token"], one.first["key"]
        for _ in range(5):
            assert one.ask(KNOWN)[0] == 204
            assert other.ask(KNOWN, token, key)[0] == 204
        assert one.stop()[0] == other.stop()[0] == 0
    assert len(run(workspace, "runs", "--json").json) == 10


@pytest.mark.slow
def test_the_request_that_trigger_prints_is_one_that_curl_sends(workspace: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    with served(workspace) as server:
        words = ("trigger", "order-update", "--profile", "8", "--to", server.first["url"])
        for more in ((), ("--new-profile",)):
            command = run(workspace, *words, *more, "--as", "curl").out
            assert "$SPRINKLR_TOKEN" in command
            done = subprocess.run(
                ["sh", "-c", command.rstrip() + " -s -o /dev/null -w '%{http_code}'"],
                env={**os.environ, **server.env}, capture_output=True, timeout=30, check=True,
            )  # fmt: skip
            assert done.stdout == b"204"
        server.stop()
    assert len(run(workspace, "runs", "--json").json) == 2


@pytest.mark.slow
def test_the_commands_of_the_page_do_what_it_says(workspace: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    page = (Path(__file__).parents[2] / "docs" / "serve.md").read_text(encoding="utf-8")
    commands = [
        block.rstrip()
        for block in re.findall(r"```sh\n(.*?)```", page, re.S)
        if block.startswith("curl")
    ]
    assert len(commands) == 3
    with served(workspace) as server:
        said = ""
        for command in commands:
            said += subprocess.run(
                ["sh", "-ec", command.replace("http://127.0.0.1:8766", server.first["url"])],
                env={**os.environ, **server.env}, capture_output=True, timeout=30, check=True,
                text=True,
            ).stdout  # fmt: skip
        server.stop()
    assert said.count("HTTP/1.1 204 ") == 2
    assert '"journeyId":"order-update"' in said
    assert '"openapi":"3.1.0"' in said
    rows = run(workspace, "runs", "--json").json
    assert [row["profile"] for row in rows] == ["id8", "8"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("serve", "--help"),
        ("trigger", "order-update", "--profile", "8", "--as", "curl"),
    ],
    ids=" ".join,
)
def test_nothing_but_serving_loads_a_server(workspace: Path, words: tuple[str, ...]) -> None:
    code = (
        "import sys; from sandbox.cli import main; main(sys.argv[1:]);"
        "print(sorted({'starlette', 'uvicorn', 'httpx', 'textual'} & set(sys.modules)),"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment(workspace), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stderr == "[]\n"


@pytest.mark.slow
def test_trigger_sends_it_and_shows_the_reply(workspace: Path) -> None:
    with served(workspace) as server:
        words = (
            "trigger", "order-update", "--profile", "8", "--to", server.first["url"],
            "--live", "--allow-host", "127.0.0.1",
        )  # fmt: skip
        step = run(workspace, *words, "--json", "--set", "order_id=ü", env=server.env).json
        assert step["response"]["status"] == 204
        assert step["request"]["headers"]["Authorization"] == "Bearer ••••"
        assert step["request"]["headers"]["Key"] == "••••"
        said = run(workspace, *words, env={**server.env, "SPRINKLR_KEY": "wrong"})
        assert said.code == 0
        assert "401" in said.out
        wrong = run(
            workspace, *words, "--fail-on", "any", env={**server.env, "SPRINKLR_KEY": "wrong"}
        )
        assert wrong.code == 1
        server.stop()
    with Workspace.open(workspace) as opened:
        (row,) = opened.history.runs()
        trace = opened.history.trace(row.id)
    assert trace is not None
    assert trace["trigger"]["event"]["order_id"] == "ü"


def test_a_live_request_needs_the_word_the_host_and_the_secrets(sandbox: Console) -> None:
    words = ("trigger", "order-update", "--profile", "8", "--to", "http://127.0.0.1:9")
    assert "--live" in sandbox.refused(*words, code=4)
    assert "not allowed" in sandbox.refused(*words, "--live", code=4)
    allowed = ("--live", "--allow-host", "127.0.0.1")
    assert "SPRINKLR_TOKEN and SPRINKLR_KEY" in sandbox.refused(*words, *allowed)


def test_the_secrets_may_come_from_a_file(sandbox: Console, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.env"
    secrets.write_text("SPRINKLR_TOKEN=t\nSPRINKLR_KEY=k\n", encoding="ascii")
    words = ("trigger", "order-update", "--profile", "8", "--to", "http://127.0.0.1:9")
    more = ("--env-file", secrets)
    assert "not allowed" in sandbox.refused(*words, "--live", *more, code=4)
    shown = sandbox.ok(*words, "--as", "http", "--reveal", *more).out
    assert "Authorization: Bearer t\r\nKey: k\r\n" in shown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("order-update", "--new-profile"), "--new-profile belongs to a request"),
        (("order-update", "--as", "curl", "--live"), "--as prints and --live sends"),
        (("order-update", "--as", "curl", "--seed", "0"), "--seed"),
        (("order-update", "--as", "curl", "--answer", "crm=503"), "--answer"),
        (("order-update", "--as", "curl", "--no-user-info"), "--no-user-info"),
        (("newsletter", "--as", "curl"), "not started by API but by event"),
        (("order-updat", "--as", "curl"), "did you mean order-update"),
        (("newsletter_register", "--as", "curl"), "is an event; a system outside starts a journey"),
        (("order-update", "--as", "http", "--to", "nowhere"), "--to"),
    ],
)
def test_what_does_not_fit_is_refused(sandbox: Console, words: tuple[str, ...], says: str) -> None:
    assert says in sandbox.refused("trigger", *words, "--profile", "8")


def test_someone_without_identities_is_sent_along(sandbox: Console) -> None:
    words = ("trigger", "order-update", "--profile", "9", "--as", "http")
    assert "--new-profile" in sandbox.refused(*words)
    shown = sandbox.ok(*words, "--new-profile").out
    head, _, body = shown.partition("\r\n\r\n")
    assert head.startswith("POST /api/marketing-journey/triggerWithNewProfile HTTP/1.1\r\n")
    assert "Authorization: Bearer $SPRINKLR_TOKEN\r\nKey: $SPRINKLR_KEY\r\n" in head
    assert json.loads(body)["unifiedProfile"]["id"] == "9"
    assert f"Content-Length: {len(body.encode())}" in head


def test_printing_runs_nothing(sandbox: Console) -> None:
    sandbox.ok("trigger", "order-update", "--profile", "8", "--as", "curl")
    assert sandbox.ok("runs", "--json").json == []
