"""Recording on a real socket: a live run becomes rules that give the same run again."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from sandbox.mocks.replaying import identity_of
from sandbox.model.base import Json
from tests.cli.console import Console
from tests.cli.raw_server import RawServer, listening, raw_server

TOKEN = "a-real-looking-token"
AT = "2026-03-01T10:00:00Z"
LIVE = ("--live", "--allow-host", "127.0.0.1")


def http(status: int, body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    lines = [f"HTTP/1.1 {status} X", "Date: Sun, 01 Mar 2026 10:00:00 GMT",
             f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers,
             "Connection: close"]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


GOOD = http(
    200,
    b'{"id": 5, "items": [{"sku": "a"}], "access_token": "t0ps3cret", "said": "%s"}'
    % TOKEN.encode(),
    "Set-Cookie: session=s3ss10n",
    "X-Auth-Token: h34d3r",
    "X-Request-Id: r-1",
)
ANSWERS: dict[str, list[bytes | None]] = {
    "/flap": [http(503, b'{"error": "busy"}', "Retry-After: 2"), GOOD],
    "/old": [http(302, b"", "Location: /new?token=t0ps3cret", kind="text/html")],
    "/new": [http(200, gzip.compress(b"<p>{{user.name}} h\xc3\xa9</p>"), "Content-Encoding: gzip",
                  "Server: x/1", kind="text/html; charset=utf-8")],
    "/broken": [http(200, b'{"id": 1, ')],
    "/slow": [None],
}  # fmt: skip
JOURNEY: Json = {
    "id": "recorded",
    "dialect": "usercom",
    "trigger": {"kind": "manual", "sample": {}},
    "steps": [
        {"id": "flap", "kind": "call_api", "url": "{{env.BASE_URL}}/flap?token={{env.APP_TOKEN}}",
         "headers": {"Authorization": "Bearer {{env.APP_TOKEN}}"}, "body": {"a": "{{user.name}}"},
         "on_success": "moved", "on_failure": "pause"},
        {"id": "pause", "kind": "wait", "for": "5m", "next": "flap"},
        {"id": "moved", "kind": "call_api", "method": "GET", "url": "{{env.BASE_URL}}/old",
         "follow_redirects": True, "on_success": "broken", "on_failure": "end"},
        {"id": "broken", "kind": "call_api", "method": "GET", "url": "{{env.BASE_URL}}/broken",
         "on_success": "slow", "on_failure": "end"},
        {"id": "slow", "kind": "call_api", "url": "{{env.BASE_URL}}/slow", "timeout_s": 0.2,
         "on_success": "end", "on_failure": "tag"},
        {"id": "tag", "kind": "add_tag", "tag": "slow", "next": "end"},
    ],
}  # fmt: skip


class Scripted(RawServer):
    """Answers each path's requests in order; None: takes the request and says nothing."""

    def __init__(self, answers: dict[str, list[bytes | None]]) -> None:
        super().__init__()
        self._answers = {path: list(given) for path, given in answers.items()}

    def answer_to(self, request: bytes) -> bytes | None:
        path = request.split(b" ", 2)[1].decode().partition("?")[0]
        given = self._answers[path]
        return given.pop(0) if len(given) > 1 else given[0]


@pytest.fixture
def journey(sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "recorded.json"
    file.write_text(json.dumps(JOURNEY), encoding="utf-8")
    sandbox.ok("import", file)
    monkeypatch.setenv("APP_TOKEN", TOKEN)


FIRE = ("fire", "recorded", "--profile", "7", "--at", AT, "--json")


@pytest.mark.usefixtures("journey")
def test_a_live_run_is_recorded_without_secrets_and_played_again(
    sandbox: Console, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Scripted(ANSWERS)) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        said = sandbox.ok(*FIRE, *LIVE, "--record", "tuesday")
        sent = len(server.requests)
    live = said.json
    assert "recorded 6 answers as the rule set tuesday" in said.err
    assert [one["outcome"] for one in live["steps"] if "request" in one] == [
        "failure", "success", "success", "success", "failure",
    ]  # fmt: skip
    document = sandbox.ok("export", "rules", "tuesday").out
    for secret in (TOKEN, "t0ps3cret", "s3ss10n", "h34d3r", "uthorization", "ookie"):
        assert secret not in document
    stored = (workspace / "workspace.json").read_text(encoding="utf-8")
    assert TOKEN not in stored and "t0ps3cret" not in stored
    rules = {one["id"]: one for one in json.loads(document)["rules"]}
    assert list(rules) == ["flap", "moved", "moved-2", "broken", "slow"]
    assert rules["flap"]["match"] == {
        "journey": "recorded", "step": "flap", "method": "POST", "url": {"path": "/flap"},
    }  # fmt: skip
    busy, good = rules["flap"]["respond"]["items"]
    assert (busy["status"], busy["headers"]["Retry-After"]) == (503, "2")
    assert good["json"]["items"] == [{"sku": "a"}] and good["headers"]["X-Request-Id"] == "r-1"
    assert rules["slow"]["respond"]["items"] == [{"fault": "read_timeout"}]

    played = sandbox.ok(*FIRE, "--rules", "tuesday").json
    assert sent == len(server.requests)
    assert {one["source"] for one in played["steps"] if "source" in one} == {"mock"}
    assert identity_of(played) == identity_of(live)
    assert [one.get("request") for one in played["steps"]] == [
        one.get("request") for one in live["steps"]
    ]
    assert identity_of(sandbox.ok(*FIRE, "--answer", "broken=500").json) != identity_of(live)


@pytest.mark.slow
@pytest.mark.usefixtures("journey")
def test_a_live_run_of_the_history_becomes_the_same_rules_but_for_its_redirects(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Scripted(ANSWERS)) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        live = sandbox.ok(*FIRE, *LIVE).json
    rules = tmp_path / "rules.yaml"
    text = sandbox.ok("export", "run", live["run"]["id"], "--as", "rules").out
    rules.write_text(text, encoding="utf-8")
    assert TOKEN not in text and "t0ps3cret" not in text
    played = sandbox.ok(*FIRE, "--rules", rules).json
    assert identity_of(played) == identity_of(live)


def test_an_access_token_is_recorded_masked_and_fetched_again(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = {"kind": "oauth2_client", "token_url": "{{env.BASE_URL}}/token", "client_id": "me",
            "client_secret": "{{env.APP_TOKEN}}"}  # fmt: skip
    steps = [{"id": "call", "kind": "call_api", "url": "{{env.BASE_URL}}/a", "auth": auth,
              "on_success": "end", "on_failure": "end"}]  # fmt: skip
    file = tmp_path / "signed.json"
    file.write_text(json.dumps({**JOURNEY, "id": "signed", "steps": steps}), encoding="utf-8")
    sandbox.ok("import", file)
    monkeypatch.setenv("APP_TOKEN", TOKEN)
    token = http(200, b'{"access_token": "t0ps3cret-t0ps3cret", "expires_in": 60}')
    with listening(Scripted({"/token": [token], "/a": [http(200, b'{"id": 1}')]})) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        live = sandbox.ok("fire", "signed", *FIRE[2:], *LIVE, "--record", "signed").json
    rules = sandbox.ok("export", "rules", "signed").json["rules"]
    assert [(one["id"], one["match"]["step"]) for one in rules] == [
        ("call-token", "call:token"), ("call", "call"),
    ]  # fmt: skip
    assert rules[0]["respond"]["items"][0]["json"] == {"access_token": "masked", "expires_in": 60}
    played = sandbox.ok("fire", "signed", *FIRE[2:], "--rules", "signed").json
    assert played["steps"][0]["outcome"] == "success"
    assert identity_of(played) == identity_of(live)


@pytest.mark.slow
@pytest.mark.usefixtures("journey")
def test_later_answers_of_another_shape_are_named(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(Scripted(ANSWERS)) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        sandbox.ok(*FIRE, *LIVE, "--record", "tuesday")
    with listening(Scripted(ANSWERS)) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        same = sandbox.ok(*FIRE, *LIVE, "--compare-with", "tuesday")
    assert same.json["differences"] == []
    changed: dict[str, list[bytes | None]] = {
        **ANSWERS,
        "/flap": [http(201, b'{"id": "5", "items": [{"sku": "b", "n": 1}], "access_token": 7}')],
        "/new": [http(200, b"{}")],
    }
    with listening(Scripted(changed)) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        said = sandbox(*FIRE, *LIVE, "--compare-with", "tuesday")
        shown = sandbox(*FIRE[:-1], *LIVE, "--compare-with", "tuesday")
    assert said.code == 1
    found = [(one["step"], one["message"]) for one in said.json["differences"]]
    assert found == [
        ("flap", "answer: 5xx became 2xx"),
        ("moved", "content type: text/html became application/json"),
        ("moved", "body: text became JSON"),
    ]
    assert shown.code == 1
    assert "not as recorded in tuesday:" in shown.out
    assert "moved: content type: text/html became application/json" in shown.out


@pytest.mark.usefixtures("journey")
def test_fields_that_went_came_or_changed_their_type_are_named(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = ("send", "recorded", "flap", "--profile", "7", "--json")
    with listening(Scripted({"/flap": [GOOD]})) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        sandbox.ok(*only, *LIVE, "--record", "good")
    other = b'{"id": "5", "items": [{"code": "a"}], "access_token": 7, "said": "x"}'
    with listening(Scripted({"/flap": [http(200, other)]})) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        said = sandbox(*only, *LIVE, "--compare-with", "good")
    assert said.code == 1
    assert [one["message"] for one in said.json["differences"]] == [
        "$.id: number became text",
        "$.items[].sku is missing (it was text)",
        "$.items[].code is new (text)",
    ]


@pytest.mark.usefixtures("journey")
def test_a_name_that_is_taken_sends_nothing_unless_it_is_to_be_replaced(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server() as server:
        monkeypatch.setenv("BASE_URL", server.url)
        only = ("send", "recorded", "flap", "--profile", "7")
        refused = sandbox.refused(*only, *LIVE, "--record", "down")
        assert "the rule set 'down' exists; nothing was sent" in refused
        assert "--compare-with down" in refused
        assert server.requests == []
        sandbox.ok(*only, *LIVE, "--record", "down", "--replace")
        assert len(server.requests) == 1
    rules = sandbox.ok("export", "rules", "down").json["rules"]
    assert rules[0]["respond"]["items"][0]["json"] == {"ok": True}


def test_an_event_is_recorded_with_every_journey_it_starts(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []
    for name in ("one", "two"):
        step = {"id": "call", "kind": "call_api", "url": f"{{{{env.BASE_URL}}}}/{name}",
                "on_success": "end", "on_failure": "end"}  # fmt: skip
        document = {"id": name, "dialect": "usercom", "steps": [step],
                    "trigger": {"kind": "event", "name": "both", "sample": {}}}  # fmt: skip
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(document), encoding="utf-8")
    sandbox.ok("import", *files)
    words = ("trigger", "both", "--profile", "7", "--at", AT, "--json")
    with listening(Scripted({"/one": [http(200, b"{}")], "/two": [http(500, b"[]")]})) as server:
        monkeypatch.setenv("BASE_URL", server.url)
        live = sandbox.ok(*words, *LIVE, "--record", "both").json
    played = sandbox.ok(*words, "--rules", "both", "--compare-with", "both").json
    assert [one.pop("differences") for one in played] == [[], []]
    assert [identity_of(one) for one in played] == [identity_of(one) for one in live]
    assert [one["counts"]["call"]["by_code"] for one in played] == [{"200": 1}, {"500": 1}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--record", "x"), "a mocked run hears only rules"),
        (("--record", "a b", *LIVE), "is not a name for a rule set"),
        (("--replace",), "--replace is for --record NAME"),
        (("--compare-with", "flakey"), "did you mean flaky?"),
    ],
)
def test_what_cannot_be_recorded_is_said_before_anything_is_sent(
    sandbox: Console, words: tuple[str, ...], said: str
) -> None:
    assert said in sandbox.refused("fire", "newsletter", "--profile", "7", *words)


def test_without_an_allowed_host_nothing_is_sent_or_recorded(sandbox: Console) -> None:
    sandbox.refused("fire", "newsletter", "--profile", "7", "--live", "--record", "x", code=4)
    assert "unknown rule set 'x'" in sandbox.refused("export", "rules", "x")


def test_mocked_answers_can_be_compared_with_a_recording_too(sandbox: Console) -> None:
    said = sandbox("fire", "newsletter", "--profile", "7", "--compare-with", "down", "--json")
    assert said.code == 1
    assert [one["message"] for one in said.json["differences"]] == ["answer: 5xx became 2xx"]


def test_a_call_that_no_rule_matched_becomes_a_rule_that_does(
    sandbox: Console, tmp_path: Path
) -> None:
    none = tmp_path / "none.yaml"
    none.write_text(
        "rules: [{id: a, match: {step: b}, respond: {items: [{status: 200}]}}]", encoding="utf-8"
    )
    fired = sandbox.ok("fire", "newsletter", "--profile", "7", "--rules", none)
    assert "nearest rule a: step is 'call', not 'b'" in fired.out
    command = next(line for line in fired.out.splitlines() if "a rule from this call" in line)
    made = tmp_path / "made.yaml"
    made.write_text(sandbox.ok(*command.partition("sandbox ")[2].split()).out, encoding="utf-8")
    again = sandbox.ok("fire", "newsletter", "--profile", "7", "--rules", made, "--json").json
    call = next(one for one in again["steps"] if one["step"] == "call")
    assert (call["rule"], call["response"]["status"]) == ("call", 200)
    sandbox.ok("import", made, "--as", "rules")
    assert "newsletter-call" in sandbox.ok("list", "rules").out


def test_a_replay_invents_no_answer_for_what_the_limits_of_the_journey_held_back(
    sandbox: Console, tmp_path: Path
) -> None:
    step = {"kind": "call_api", "url": "http://api.test/hook", "breaker": {"failures": 1}}
    steps = [{**step, "id": "a", "on_success": "b", "on_failure": "b"},
             {**step, "id": "b", "on_success": "end", "on_failure": "end"}]  # fmt: skip
    file = tmp_path / "broken.json"
    file.write_text(json.dumps({**JOURNEY, "id": "broken", "steps": steps}), encoding="utf-8")
    sandbox.ok("import", file)
    fire = ("fire", "broken", "--profile", "7", "--json")
    run = sandbox.ok(*fire, "--answer", "a=503").json
    assert [one["error"] and one["error"]["kind"] for one in run["steps"]] == [None, "breaker_open"]
    export = ("export", "run", run["run"]["id"], "--as", "rules")
    made = tmp_path / "made.yaml"
    made.write_text(sandbox.ok(*export).out, encoding="utf-8")
    assert identity_of(sandbox.ok(*fire, "--rules", made).json) == identity_of(run)
    assert "no call of b was sent" in sandbox.refused(*export, "--step", "b")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("export", "journey", "newsletter", "--as", "rules"), "only a run becomes rules"),
        (("export", "run", "1", "--step", "call"), "--step is for --as rules"),
        (("export", "run", "1", "--as", "rules", "--step", "cal"), "did you mean call?"),
    ],
)
def test_what_does_not_become_rules(sandbox: Console, words: tuple[str, ...], said: str) -> None:
    sandbox.ok("fire", "newsletter", "--profile", "7")
    assert said in sandbox.refused(*words)
