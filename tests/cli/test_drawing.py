"""What a person sees: in 80 columns, in ASCII, without colours."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.charts.cells import width
from sandbox.charts.line import Span, line_width, plain
from sandbox.charts.spans_of_time import lasting, utc
from sandbox.cli.output import Output
from sandbox.cli.wrapping import wrap
from sandbox.model.base import Json
from tests.cli.console import Console

FIRE = ("fire", "win-back", "--profile", "16", "--seed", "1", "--answer", "coupon=429,timeout,503")
SHOWN = [
    FIRE,
    ("fire", "newsletter", "--profile", "11", "--answer", "call=302", "--dialect", "insider"),
    ("fire", "loyalty-credit", "--profile", "16", "--answer", "credit=html_instead"),
    ("send", "contact-sync", "sync", "--profile", "16"),
    ("show", "1"), ("list",), ("runs",), ("counts",), ("map", "win-back"), ("map", "contact-sync"),
    ("dialects",), ("dialects", "kustomer"), ("check", "newsletter"),
]  # fmt: skip


@pytest.mark.parametrize("columns", [80, 60, 120])
def test_no_line_is_longer_than_the_terminal(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    sandbox.ok(*FIRE)
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in SHOWN:
        for line in sandbox.ok(*words).out.splitlines():
            assert width(line) <= columns, (words, line)


def test_ascii_is_ascii(sandbox: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.ok(*FIRE)
    every = [
        *SHOWN,
        ("render", "newsletter", "call", "--profile", "7"),
        ("render", "newsletter", "call", "--profile", "7", "--explain"),
        ("render", "newsletter", "call", "--profile", "7", "--diff"),
    ]
    for words in [*every, *((*words, "--json") for words in every[1:])]:
        said = sandbox.ok(*words, "--ascii")
        assert said.raw.isascii(), words
        assert said.err.isascii(), words
    said = sandbox("fire", "newslettr…", "--profile", "7", "--ascii")
    assert said.err.isascii()
    monkeypatch.setenv("SANDBOX_ASCII", "1")
    assert sandbox.ok("map", "win-back").raw.isascii()


def test_ascii_json_is_the_same_json(sandbox: Console) -> None:
    words = ("render", "newsletter", "call", "--profile", "11", "--json")
    assert sandbox.ok(*words, "--ascii").json == sandbox.ok(*words).json


def test_no_escape_codes_into_a_pipe(sandbox: Console) -> None:
    for words in SHOWN[:4]:
        assert b"\x1b" not in sandbox.ok(*words).raw


ESCAPES = "a\x1b]0;owned\x07b\x7fc\x9bd\u202ee"


def steering(data: bytes) -> set[str]:
    return {char for char in data.decode() if not char.isprintable()} - {"\n", "\r"}


def test_nothing_that_a_person_wrote_steers_the_terminal(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: Json = [
        {"id": "text", "kind": "call_api", "url": "https://api.test/{{event.x}}",
         "body_kind": "text", "body": "{{event.x}}", "on_success": "end", "on_failure": "end"},
    ]  # fmt: skip
    trigger = {"kind": "manual", "sample": {"x": ESCAPES}}
    journey = {"id": "odd", "name": ESCAPES, "trigger": trigger, "steps": steps}
    (tmp_path / "odd.json").write_text(json.dumps(journey), encoding="utf-8")
    sandbox.ok("import", tmp_path / "odd.json")
    render = ("render", "odd", "text", "--profile", "7")
    pages = [
        render, (*render, "--as", "http"), (*render, "--as", "curl"), (*render, "--json"),
        (*render, "--explain"), (*render, "--diff"), ("fire", "odd", "--profile", "7"),
        ("fire", "odd", "--profile", "7", "--json"), ("show", "1"), ("show", "1", "--json"),
        ("export", "journey", "odd"), ("export", "journey", "odd", "--as", "yaml"),
        ("export", "journey", "odd", "--as", "markdown"), ("export", "run", "1", "--as", "rules"),
        ("map", "odd"), ("map", "odd", "--as", "mermaid"), ("list", "journeys"), ("check", "odd"),
    ]  # fmt: skip
    piped = {words: sandbox(*words).raw for words in pages}
    body = piped[pages[1]].partition(b"\r\n\r\n")[2]
    assert body.decode() == ESCAPES, "into a pipe the bytes are what is sent"
    assert steering(piped["export", "journey", "odd", "--as", "markdown"]) == set()
    assert steering(piped[(*render, "--as", "curl")]) == set()
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    for words in pages:
        assert steering(sandbox(*words).raw) == set(), words
    assert "\\u001b]0;owned\\u0007" in sandbox(*render).out
    shown = json.loads(sandbox.ok(*render, "--json").raw)
    assert shown["request"]["text"] == ESCAPES, "JSON stays the same JSON"


def test_colours_on_a_terminal_and_not_with_no_color(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = argparse.Namespace(ascii=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert b"\x1b[" in sandbox.ok("map", "newsletter").raw
    monkeypatch.setenv("NO_COLOR", "1")
    assert b"\x1b" not in sandbox.ok("map", "newsletter").raw
    monkeypatch.setenv("NO_COLOR", "")  # no-color.org: only when it is not empty
    assert b"\x1b[" in sandbox.ok("map", "newsletter").raw
    monkeypatch.setenv("TERM", "dumb")
    assert b"\x1b" not in sandbox.ok("map", "newsletter").raw
    assert Output(arguments).terminal


def test_an_endpoint_cannot_write_on_the_terminal(sandbox: Console, tmp_path: Path) -> None:
    nasty = "\x1b[2J\x1b]0;owned\x07\u202eevil"
    rules = {"version": 1, "rules": [{"id": "nasty", "respond": {"items": [
        {"status": 200, "headers": {"X-Note": "a"}, "text": f"\n{nasty}\n"}]}}]}  # fmt: skip
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    words = ("api-call", "--profile", "7", "--rules", tmp_path / "rules.json")
    for shown in (sandbox.ok("fire", *words).out, sandbox.ok("show", "1").out):
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "\u202e" not in shown
        assert "owned" in shown


@given(
    st.lists(st.tuples(st.text(max_size=40), st.sampled_from(["", "dim", "success"])), max_size=6),
    st.integers(20, 60),
    st.integers(0, 30),
)
def test_wrapping_fits_and_keeps_every_word(
    parts: list[tuple[str, str]], cells: int, hang: int
) -> None:
    line = [Span(text, style) for text, style in parts]  # type: ignore[arg-type]
    pieces = wrap(line, cells, hang)
    assert all(line_width(piece) <= cells for piece in pieces)
    squeezed = "".join("".join(map(plain, pieces)).split())
    from sandbox.charts.cells import clean

    assert squeezed == "".join("".join(clean(span.text) for span in line).split())


def test_a_wide_character_that_no_longer_fits_goes_to_the_next_line() -> None:
    pieces = wrap([Span("x" * 19 + " "), Span("語" * 30)], 21, 2)
    assert all(line_width(piece) <= 21 for piece in pieces)


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0, "0s"), (0.0002, "0s"), (0.0123, "12ms"), (0.9999, "1s"), (1.5, "1.5s"), (30, "30s"),
        (59.9, "1m"), (90, "1m 30s"), (900, "15m"), (28800, "8h"), (86400, "1d"),
        (87300.1, "1d 15m"), (259200, "3d"), (90061, "1d 1h"),
    ],
)  # fmt: skip
def test_durations_are_said_as_people_say_them(seconds: float, says: str) -> None:
    assert lasting(seconds) == says


def test_moments(sandbox: Console) -> None:
    assert utc("2026-01-02T09:00:00.237+00:00") == "2026-01-02 09:00 UTC"
    assert utc("2026-01-02T09:00:07+00:00") == "2026-01-02 09:00:07 UTC"


COMMANDS = [
    "tui", "init", "reset", "list", "fire", "trigger", "send", "echo", "serve", "render", "map",
    "counts", "runs", "show", "check", "dialects", "import", "export", "schema",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = sandbox.ok(command, "--help").out
    assert f"usage: sandbox {command}" in shown
    assert f"\n  sandbox {command} " in shown.partition("example")[2]
    assert all(len(line) <= 80 for line in shown.splitlines())
    whole = sandbox.ok("--help").out
    assert f"\n  {command} " in whole
    assert all(len(line) <= 80 for line in whole.splitlines())


def test_options_stand_before_or_after_the_command(sandbox: Console, workspace: Path) -> None:
    for words in (
        ("--workspace", workspace, "--ascii", "list", "rules"),
        ("list", "rules", "--workspace", workspace, "--ascii"),
        (f"--workspace={workspace}", "list", "--ascii", "rules"),
    ):
        assert sandbox.ok(*words).out.startswith("id  ")
    assert sandbox.ok("--version").out.startswith("sandbox 0.")
    assert "usage: sandbox [-h]" in sandbox.ok("-h").out
    assert "usage: sandbox fire" in sandbox.ok("--ascii", "fire", "--help").out
