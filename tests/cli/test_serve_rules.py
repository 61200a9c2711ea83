"""``sandbox serve --rules`` as a process, and curl and httpx in processes of their own."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.mocks.faults import FAULTS
from sandbox.model.base import Json
from tests.cli.console import Console
from tests.cli.test_serve import Server, served

FAULTY = [name for name, fault in FAULTS.items() if "server" in fault.deliveries]
RULES = {
    "seed": 7,
    "rules": [
        *(
            {"id": name, "match": {"url": f"/{name}"}, "respond": {"items": [{"fault": name}]}}
            for name in FAULTY
        ),
        {"id": "plain", "match": {"url": "/plain", "step": "call"},
         "respond": {"items": [{"status": 503}, {"status": 200, "json": {"ok": True}}]}},
    ],
}  # fmt: skip

ASK = """
import json, sys, httpx
found = {}
with httpx.Client(base_url=sys.argv[1], timeout=20, trust_env=False) as client:
    for name in sys.argv[2:]:
        try:
            limit = 0.4 if "timeout" in name else 20
            headers = {"X-Sandbox-Step": "call"}
            with client.stream("GET", name, headers=headers, timeout=limit) as reply:
                reply.read()
            found[name] = [reply.status_code, reply.headers["x-sandbox-rule"]]
        except httpx.HTTPError as error:
            found[name] = [type(error).__name__, None]
print(json.dumps(found))
"""


def url_of(server: Server) -> str:
    url = server.first["rules_url"]
    assert isinstance(url, str)
    assert url.startswith("http://127.0.0.1:")
    return url


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(RULES), encoding="utf-8")
    return path


@pytest.mark.slow
def test_httpx_in_another_process_meets_every_fault(workspace: Path, written: Path) -> None:
    with served(workspace, "--rules", str(written), "--rules-port", "0") as server:
        done = subprocess.run(
            [sys.executable, "-c", ASK, url_of(server), *FAULTY, "plain", "plain"],
            capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        found = json.loads(done.stdout)
        code, out, err = server.stop(signal.SIGINT)
    for name in FAULTY:
        fault = FAULTS[name]
        expected: Json = [fault.status, name]
        if fault.raised:
            expected = [fault.raised, None]
        elif name in ("huge", "gzip_truncated"):
            # httpx sees nothing wrong in either.
            expected = [200, name]
        assert found[name] == expected, name
    assert found["plain"] == [200, "plain"]
    assert (code, out) == (130, "")
    assert "GET /reset  reset  reset" in err
    assert "GET /plain  503  plain" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_curl_meets_the_same_faults(workspace: Path, written: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    with served(workspace, "--rules", str(written), "--rules-port", "0") as server:

        def ask(name: str, *words: str) -> tuple[int, bytes]:
            done = subprocess.run(
                [curl, "-s", "-m", "3", *words, f"{url_of(server)}/{name}"],
                capture_output=True, timeout=30, check=False,
            )  # fmt: skip
            return done.returncode, done.stdout

        # 18 partial, 28 time-out, 47 redirects, 52 empty, 56 receive, 61 coding.
        assert ask("empty_response") == (52, b"")
        assert ask("reset") == (56, b"")
        assert ask("read_timeout", "-m", "0.3") == (28, b"")
        assert ask("read_timeout_mid_body", "-m", "0.3") == (28, b'{"id":1,"st')
        assert ask("reset_mid_body") == (56, b'{"id":1,"st')
        assert ask("truncated") == (18, b'{"id":1,"st')
        assert ask("truncated_chunked")[0] in (18, 56)
        assert ask("bad_chunk") == (56, b'{"id":1,"st')
        assert ask("garbage")[0] == 1
        assert ask("gzip_corrupt", "--compressed")[0] in (23, 61)
        assert ask("length_mismatch") == (0, b'{"id":1,"st')
        assert ask("drip") == (0, b'{"id":1,"status":"ok"}')
        assert ask("huge", "-o", "/dev/null", "-w", "%{size_download}")[1] == b"50000000"
        assert ask("redirect_loop", "-L")[0] == 47
        assert ask("body_on_204", "-w", "%{http_code}") == (0, b"204")
        assert ask("html_instead")[1].startswith(b"<!doctype html>")
        step = ("-H", "X-Sandbox-Step: call", "-w", "%{http_code}")
        assert [ask("plain", *step)[1] for _ in range(2)] == [b"503", b'{"ok":true}200']
        status = json.loads(ask("plain")[1])
        assert status["error"]["kind"] == "unmatched"


@pytest.mark.slow
def test_rules_of_the_workspace_and_presets_are_served_by_name(workspace: Path) -> None:
    with served(workspace, "--rules", "all-ok", "--rules-port", "0") as server:
        done = subprocess.run(
            [sys.executable, "-c", ASK, url_of(server), "x"],
            capture_output=True, timeout=60, check=True,
        )  # fmt: skip
    assert json.loads(done.stdout)["x"][0] == 200


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--rules-port", "0"), "belong to --rules"),
        (("--skip-unservable",), "belong to --rules"),
        (("--rules", "flakey"), "did you mean flaky"),
    ],
)
def test_what_does_not_fit_is_refused(sandbox: Console, words: tuple[str, ...], says: str) -> None:
    assert says in sandbox.refused("serve", "--port", "0", *words)


@pytest.mark.slow
def test_what_no_server_can_play_is_named_before_anything_listens(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "rules:\n"
        "  - {id: gone, respond: {items: [{fault: dns}]}}\n"
        "  - {id: fine, respond: {items: [{status: 202}]}}\n",
        encoding="utf-8",
    )
    said = sandbox.refused("serve", "--port", "0", "--rules", path, "--rules-port", "0")
    assert "gone: dns cannot be played by the server" in said
    assert "--skip-unservable" in said
    words = ("--rules", str(path), "--rules-port", "0", "--skip-unservable")
    with served(workspace, *words) as server:
        done = subprocess.run(
            [sys.executable, "-c", ASK, url_of(server), "x"],
            capture_output=True, timeout=60, check=True,
        )  # fmt: skip
        _, _, err = server.stop()
    assert json.loads(done.stdout)["x"] == [202, "fine"]
    assert "left out, as no server can play them: gone" in err
