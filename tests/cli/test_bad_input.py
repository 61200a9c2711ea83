"""Wrong input gets one clear message and exit 2, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.console import Console

FIRE = ("fire", "newsletter", "--profile", "7")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("fire", "newslettr", "--profile", "7"), "did you mean newsletter?"),
        (("fire", "newsletter", "--profile", "77"), "did you mean 7"),
        (("trigger", "newsletter_registr", "--profile", "7"), "did you mean newsletter_register?"),
        (("render", "newsletter", "cal", "--profile", "7"), "did you mean call?"),
        (("send", "newsletter", "consent", "--profile", "7"), "there is: call"),
        ((*FIRE, "--dialect", "usrcom"), "did you mean usercom"),
        ((*FIRE, "--rules", "flakey"), "did you mean flaky?"),
        ((*FIRE, "--answer", "cal=503"), "did you mean call?"),
        ((*FIRE, "--answer", "consent=503"), "there is: call"),
        ((*FIRE, "--answer", "call=timeoot"), "did you mean timeout"),
        (("trigger", "purchase", "--profile", "7", "--answer", "call=503"), "there is: credit"),
        (("map", "newslettr"), "did you mean newsletter?"),
        (("map", "newsletter", "--dialect", "kustomr"), "did you mean kustomer"),
        (("counts", "newslettr"), "did you mean newsletter?"),
        (("runs", "--journey", "newslettr"), "did you mean newsletter?"),
        (("runs", "--profile", "77"), "did you mean 7"),
        (("show", "r000009"), "there are no runs yet"),
        (("counts", "--run", "9"), "there are no runs yet"),
        (("check", "newslettr"), "did you mean newsletter?"),
        (("dialects", "insidr"), "did you mean insider"),
        (("export", "journey", "newslettr"), "did you mean newsletter?"),
        (("export", "profile", "77"), "did you mean 7"),
        (("export", "rules", "flakey"), "did you mean flaky?"),
        (("tui", "newslettr"), "needs a terminal"),
        (("fyre", "newsletter"), "did you mean fire?"),
        (("list", "profile"), "did you mean profiles"),
        (("schema", "journeys"), "did you mean journey?"),
        (("fire", "newsletter", "--profile", "7", "--sed", "4"), "did you mean --seed"),
        (("fire", "newsletter"), "give --profile"),
        (("fire",), "give JOURNEY, --profile"),
        ((*FIRE, "again"), "one argument too many: 'again'"),
    ],
)
def test_a_name_that_is_not_there(sandbox: Console, words: tuple[str, ...], says: str) -> None:
    assert says in sandbox.refused(*words)
    assert sandbox.ok("runs", "--json").json == []


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--answer", "call", "is not STEP=A,B,C"),
        ("--answer", "call=", "is not STEP=A,B,C"),
        ("--answer", "=503", "is not STEP=A,B,C"),
        ("--answer", "call=,", "an answer is missing"),
        ("--answer", "call=99", "not a status between 200 and 999"),
        ("--answer", 'call=201:{"id":1', "not JSON"),
        ("--answer", "call=503,banana", "neither a status nor a fault"),
        ("--set", "amount", "is not K=V"),
        ("--set", "=1", "is not K=V"),
        ("--set", "user.=1", "is not K=V"),
        ("--at", "yesterday", "is not a date and time"),
        ("--at", "", "is not a date and time"),
        ("--at", "0001-01-01T00:00:00+14:00", "calendar"),
        ("--at", "9999-12-31T23:59:59-12:00", "calendar"),
        ("--seed", "x", "--seed: 'x' is not a whole number"),
        ("--seed", "1.5", "is not a whole number"),
        ("--occurrence", "0", "from 1 up"),
        ("--occurrence", "often", "is not a whole number"),
        ("--fail-on", "some", "there is no --fail-on 'some'"),
        ("--event", "nowhere.json", "nowhere.json: No such file or directory"),
        ("--env-file", "nowhere.env", "nowhere.env: No such file or directory"),
        ("--rules", "nowhere.yaml", "nowhere.yaml: No such file or directory"),
        ("--rules", "", "rule set"),
    ],
)
def test_an_option_that_makes_no_sense(
    sandbox: Console, option: str, value: str, says: str
) -> None:
    assert says in sandbox.refused(*FIRE, f"{option}={value}")


DOCUMENTS = {
    "brace.json": ('{"id": "x",\n "attributes": {,}}', "line 2, column 17"),
    "comma.json": ('{"id": "x",\n}', "line 1, column 11"),
    "twice.json": ('{"id": "x",\n "id": "y"}', "line 2, column 2"),
    "nan.json": ('{"id": NaN}', "line 1, column 8"),
    "flow.yaml": ("id: x\nsteps:\n  - {id: a, kind: end\n  url: b\n", "line 4"),
    "tab.yaml": ("id: x\nsteps:\n\t- a\n", "line 3, column 1"),
    "empty.yaml": ("", "there is nothing in it"),
    "number.json": ("42", "neither a journey, rules nor profiles"),
    "list.json": ("[]", "neither a journey, rules nor profiles"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("command", ["check", "import"])
def test_a_document_that_cannot_be_read(
    sandbox: Console, tmp_path: Path, command: str, name: str
) -> None:
    text, says = DOCUMENTS[name]
    (tmp_path / name).write_text(text, encoding="utf-8")
    told = sandbox.refused(command, tmp_path / name)
    assert says in told
    assert name in told


@pytest.mark.parametrize("name", ["brace.json", "flow.yaml"])
def test_the_place_is_underlined(sandbox: Console, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(DOCUMENTS[name][0], encoding="utf-8")
    lines = sandbox.refused("fire", "api-call", "--profile", "7", "--event", tmp_path / name)
    assert [line.strip() for line in lines.splitlines()].count("^") == 1


def journey(tmp_path: Path, **call: object) -> Path:
    document = {
        "id": "mine", "dialect": "usercom", "trigger": {"kind": "manual"},
        "steps": [{"id": "call", "kind": "call_api", "url": "https://api.test/", **call}],
    }  # fmt: skip
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"url": "example.com/hook"}, ["steps[0].url", "scheme", "https://"]),
        ({"url": "ftp://example.com/hook"}, ["steps[0].url", "ftp"]),
        ({"headers": {"X-A": "a\nb"}}, ["steps[0].headers.X-A", "line break"]),
        ({"headers": {"bad name": "v"}}, ["steps[0].headers.bad name"]),
        ({"headers": {"X-A": "ä"}}, ["steps[0].headers.X-A"]),
        ({"method": "BREW"}, ["steps[0].method", "BREW", "POST"]),
        ({"kind": "cal_api"}, ["steps[0]", "call_api"]),
        ({"on_succes": "end"}, ["steps[0].on_succes", "on_success"]),
        ({"on_failure": "nowhere"}, ["steps[0].on_failure", "nowhere"]),
        ({"timeout_s": -1}, ["steps[0].timeout_s", "-1"]),
        ({"body": {"a": "{{user..x}}"}}, ["steps[0].body.a", "^"]),
        ({"body": "{{user.name | shout}}"}, ["steps[0].body", "'shout'", "^^^^^"]),
        ({"url": "https://api.test/{{user.id"}, ["steps[0].url", "not closed", "^^"]),
    ],
)
@pytest.mark.parametrize("command", ["check", "import"])
def test_a_journey_that_can_never_work(
    sandbox: Console, tmp_path: Path, command: str, call: dict[str, object], says: list[str]
) -> None:
    told = sandbox.refused(command, journey(tmp_path, **call))
    for piece in says:
        assert piece in told
    assert "mine" not in [one["id"] for one in sandbox.ok("list", "journeys", "--json").json]


def test_every_problem_is_named_at_once(sandbox: Console, tmp_path: Path) -> None:
    path = journey(tmp_path, url="nope", method="BREW", headers={"X": "a\nb"}, nxt="end")
    told = sandbox.refused("import", path)
    assert "steps[0].method" in told
    assert "steps[0].nxt" in told
    documents = [json.loads(path.read_text()), {"id": "y", "steps": []}]
    path.write_text(json.dumps(documents), encoding="utf-8")
    told = sandbox.refused("import", path)
    assert "[0].steps[0].method" in told
    assert "[1].trigger" in told
    other = tmp_path / "other.yaml"
    other.write_text("id: {", encoding="utf-8")
    said = sandbox("import", path, other)
    assert said.code == 2
    assert "mine.json" in said.err
    assert "other.yaml" in said.err


def test_files_that_cannot_be_read(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nid: caf\xe9\n")
    for words in (("check",), ("import",), (*FIRE, "--event"), (*FIRE, "--env-file")):
        assert "not UTF-8 text (line 2)" in sandbox.refused(*words, tmp_path / "latin.yaml")
        assert "Is a directory" in sandbox.refused(*words, tmp_path)

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "mine.yaml").touch()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", denied)
        assert "Permission denied" in sandbox.refused("import", tmp_path / "mine.yaml")


@pytest.mark.parametrize("text", ["[1]", "a: [1", "text"])
def test_an_event_is_an_object(sandbox: Console, tmp_path: Path, text: str) -> None:
    (tmp_path / "event.yaml").write_text(text, encoding="utf-8")
    assert "event.yaml" in sandbox.refused(*FIRE, "--event", tmp_path / "event.yaml")


def test_an_env_file_line_is_named(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "my.env").write_text("A=1\nnonsense\n", encoding="utf-8")
    assert "line 2: must be NAME=value" in sandbox.refused(*FIRE, "--env-file", tmp_path / "my.env")


def test_a_damaged_workspace_is_the_stores_matter(sandbox: Console, workspace: Path) -> None:
    (workspace / "workspace.json").write_text("{", encoding="utf-8")
    for words in (("list",), FIRE, ("import", "-")):
        if words != ("import", "-"):
            assert "workspace.json" in sandbox.refused(*words, code=3)
    assert (workspace / "workspace.json").read_text(encoding="utf-8") == "{"


def test_nothing_is_sent_to_a_host_that_is_not_allowed(sandbox: Console) -> None:
    for words in (("fire", "newsletter"), ("send", "newsletter", "call"),
                  ("trigger", "newsletter_register")):  # fmt: skip
        told = sandbox.refused(*words, "--profile", "7", "--live", code=4)
        assert "nothing was sent" in told
        assert "--allow-host 127.0.0.1:8765" in told
        sandbox.refused(*words, "--profile", "7", "--live", "--allow-host", "127.0.0.1:1", code=4)
    assert sandbox.ok("runs", "--json").json == []


def test_a_missing_workspace_is_not_made_by_accident(sandbox: Console, tmp_path: Path) -> None:
    missing = tmp_path / "lesson"
    for words in (("list",), FIRE, ("runs",), ("reset",)):
        told = sandbox.refused(*words, "--workspace", missing)
        assert f"sandbox init --workspace {missing}" in told
    assert not missing.exists()
    assert "names no folder" in sandbox.refused("--workspace", "", "list")
    shutil.rmtree(tmp_path / "workspace")


def test_what_says_one_thing_is_said_once(sandbox: Console) -> None:
    told = sandbox.refused(*FIRE, "--profile", "8")
    assert "--profile is given twice, 7 and 8" in told


def test_a_forced_answer_and_a_live_call_contradict_each_other(sandbox: Console) -> None:
    told = sandbox.refused(*FIRE, "--live", "--allow-host", "127.0.0.1", "--answer", "call=503")
    assert "the endpoint answers for itself" in told


def test_who_may_not_send_is_told_before_a_token_is_asked_for(sandbox: Console) -> None:
    words = ("trigger", "order-update", "--profile", "8", "--to", "http://a.example", "--live")
    assert "live calls to a.example are not allowed" in sandbox.refused(*words, code=4)
    assert "SPRINKLR_TOKEN" in sandbox.refused(*words, "--allow-host", "a.example")


def test_a_variable_without_a_value_shows_none(sandbox: Console) -> None:
    values = {one["name"]: one["value"] for one in sandbox.ok("list", "env", "--json").json}
    assert values["APP_TOKEN"] == "••••"
    assert values["SPRINKLR_TOKEN"] is None


def test_counts_of_a_run_of_another_journey_say_so(sandbox: Console) -> None:
    sandbox.ok(*FIRE)
    told = sandbox.refused("counts", "api-call", "--run", "1")
    assert "the run r000001 is of newsletter, not of api-call" in told


def test_send_tells_what_render_tells(sandbox: Console, tmp_path: Path) -> None:
    call = {"id": "call", "kind": "call_api", "url": "http://x.test/", "body": "{{user.nosuch}}"}
    document = {"id": "odd", "dialect": "insider", "trigger": {"kind": "manual"}, "steps": [call]}
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    sandbox.ok("import", path, "--as", "journey")
    words = ("odd", "call", "--profile", "7")
    said = sandbox("send", *words, "--answer", "call=200", "--json")
    rendered = sandbox.ok("render", *words, "--json").json
    assert said.json["findings"] == rendered["findings"] != []


def test_an_expectation_that_does_not_hold_fails_where_that_is_asked_for(
    sandbox: Console, tmp_path: Path
) -> None:
    rule = {"id": "never", "expect": {"calls": {"max": 0}}, "respond": {"items": [{"status": 200}]}}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [rule]}), encoding="utf-8")
    assert sandbox(*FIRE, "--rules", path).code == 0
    said = sandbox(*FIRE, "--rules", path, "--fail-on", "any")
    assert (said.code, "expected_calls" in said.out) == (1, True)
