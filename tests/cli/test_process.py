"""What only a real process shows: pipes, signals, neighbours."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.console import environment, first_document, run, started


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "sandbox", *words]


@pytest.mark.slow
def test_a_first_start_makes_the_demo_and_says_so(tmp_path: Path) -> None:
    said = run(tmp_path / "fresh", "fire", "newsletter", "--profile", "7", "--json")
    assert said.code == 0
    assert said.err == f"sandbox: made a demo workspace in {tmp_path / 'fresh'}\n"
    assert said.json["run"]["status"] == "completed"


@pytest.mark.slow
def test_exit_codes_of_a_process(workspace: Path) -> None:
    words = ("--profile", "7")
    failed = run(
        workspace, "fire", "newsletter", *words, "--answer", "call=503", "--fail-on", "any"
    )
    assert (failed.code, failed.err) == (1, "")
    assert run(workspace, "fire", "newslettr", *words).code == 2
    (workspace / "profiles.json").write_text("[", encoding="utf-8")
    assert run(workspace, "fire", "newsletter", *words).code == 3


@pytest.mark.slow
def test_nothing_reaches_a_socket_that_is_not_allowed(workspace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        words = ("fire", "newsletter", "--profile", "7", "--live", "--json")
        said = run(workspace, *words, "--allow-host", "127.0.0.2", env={"BASE_URL": base})
        assert said.code == 4
        assert said.raw == b""
        assert "nothing was sent" in said.err
        assert select.select([listening], [], [], 0.05)[0] == []


@pytest.mark.slow
def test_ctrl_c_ends_with_130(workspace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        env = {"BASE_URL": f"http://127.0.0.1:{listening.getsockname()[1]}"}
        words = ("fire", "newsletter", "--profile", "7", "--live", "--allow-host", "127.0.0.1")
        with started(workspace, *words, env=env) as process:
            connection, _ = listening.accept()
            with connection:
                assert connection.recv(100).startswith(b"POST /hook")
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert out == b""
        assert err.decode() == "sandbox: interrupted\n"
    assert run(workspace, "runs", "--json").json == []


@pytest.mark.slow
def test_a_reader_who_has_gone_is_no_error(workspace: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command("list"), env=environment(workspace), stdout=write, stderr=subprocess.PIPE,
        timeout=60, check=False,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


BUSY = """
import os, signal, sys, threading
from sandbox.cli import main
from sandbox.mocks.matching import RuleIndex
find = RuleIndex.matches
def matches(*given):
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    return find(*given)
RuleIndex.matches = matches
sys.exit(main())
"""


@pytest.mark.slow
def test_one_ctrl_c_ends_a_slow_regular_expression(workspace: Path, tmp_path: Path) -> None:
    rule = {"id": "a", "match": {"body": {"text": {"regex": "a.*" * 9 + "!"}}},
            "respond": {"items": [{"status": 200}]}}  # fmt: skip
    (tmp_path / "slow.json").write_text(json.dumps({"rules": [rule]}), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", BUSY, "fire", "newsletter", "--profile", "7", "--rules",
         str(tmp_path / "slow.json"), "--set", f"name={'a' * 3000}"],
        env=environment(workspace), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.decode() == "sandbox: interrupted\n"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_output_that_cannot_be_written_is_said(workspace: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("list", "rules"), env=environment(workspace), stdout=full,
            stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.decode() == (
        "sandbox: the output could not be written: No space left on device\n"
    )


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize(("to", "code"), [("> /dev/full 2>&-", 3), (">&- 2>&-", 0)])
def test_nobody_listening_changes_no_exit_code(workspace: Path, to: str, code: int) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$@" {to}', "sh", *command("list")], env=environment(workspace),
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code


@pytest.mark.slow
def test_a_terminal_without_unicode_gets_ascii(workspace: Path) -> None:
    said = run(workspace, "map", "newsletter", env={"PYTHONIOENCODING": "latin-1"})
    assert said.raw.isascii()
    assert said.err == ""


@pytest.mark.slow
def test_standard_input_is_a_file_too(workspace: Path) -> None:
    person = json.dumps({"id": "piped", "attributes": {"name": "Zoë"}}).encode()
    said = run(workspace, "import", "-", stdin=person)
    assert (said.code, said.err) == (0, "sandbox: imported 1 profile\n")
    said = run(workspace, "import", "-", stdin=b'{"id":')
    assert said.code == 2
    assert "standard input: line 1" in said.err


def at_once(workspace: Path, files: list[Path]) -> list[int]:
    processes = [
        subprocess.Popen(
            command("import", str(file)), env=environment(workspace), stderr=subprocess.PIPE
        )
        for file in files
    ]
    return sorted(process.wait(60) for process in processes if process.communicate(timeout=60))


@pytest.mark.slow
def test_imports_at_once_lose_nothing(workspace: Path, tmp_path: Path) -> None:
    files = []
    for number in range(3):
        people = [{"id": f"p{number}-{n}"} for n in range(20)]
        files.append(tmp_path / f"people{number}.json")
        files[-1].write_text(json.dumps(people), encoding="utf-8")
    assert at_once(workspace, files) == [0, 0, 0]
    stored = {one["id"] for one in run(workspace, "list", "profiles", "--json").json}
    assert {f"p{number}-{n}" for number in range(3) for n in range(20)} <= stored


@pytest.mark.slow
def test_of_two_imports_of_one_id_one_is_refused(workspace: Path, tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps({"id": "same", "attributes": {"name": name}}), "utf-8")
    assert at_once(workspace, files) == [0, 2]
    stored = run(workspace, "export", "profile", "same").json
    assert stored["attributes"]["name"] in ("one", "two")


@pytest.mark.slow
def test_echo_that_is_interrupted_says_so_by_its_code(workspace: Path) -> None:
    with started(workspace, "echo", "--port", "0", "--json") as echo:
        first_document(echo)
        echo.send_signal(signal.SIGINT)
        _, err = echo.communicate(timeout=30)
        assert (echo.returncode, b"Traceback" in err) == (130, False)


@pytest.mark.slow
def test_echo_answers_any_path_and_masks_what_it_shows(workspace: Path) -> None:
    with started(workspace, "echo", "--port", "0", "--json") as echo:
        assert echo.stdout is not None
        url = first_document(echo)["url"]
        words = ("fire", "newsletter", "--profile", "7", "--live", "--allow-host", "127.0.0.1")
        trace = run(workspace, *words, "--json", env={"BASE_URL": url}).json
        assert trace["run"]["status"] == "completed"
        assert trace["counts"]["call"]["by_code"] == {"200": 1}
        arrived = first_document(echo)
        assert (arrived["method"], arrived["target"], arrived["status"]) == ("POST", "/hook", 200)
        assert arrived["headers"]["Authorization"] == "Bearer ••••"
        assert json.loads(arrived["text"])["user"]["name"] == "John Doe"
        echo.send_signal(signal.SIGTERM)
        out, err = echo.communicate(timeout=30)
        assert (echo.returncode, out, err) == (0, b"", b"")
