"""The main job: fire a journey and see what happens."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.model.base import Json
from tests.cli.console import Console

GUIDE = json.loads(
    (Path(__file__).parent.parent / "data" / "usercom_module_guide.json").read_text("utf-8")
)
AT = "2021-02-01T07:27:44.469241+00:00"


def call_of(trace: Json, step: str = "call") -> Json:
    return next(one for one in trace["steps"] if one["step"] == step)


def test_the_payload_is_the_one_of_the_vendors_guide(sandbox: Console) -> None:
    trace = sandbox.ok("fire", "api-call", "--profile", "7", "--at", AT, "--json").json
    request = call_of(trace)["request"]
    assert request["body"] == GUIDE["with_user_info"]
    sent = json.loads(request["text"])
    # Types and the order of the fields, too: 7 is not "7", and false is not 0.
    assert json.dumps(sent) == json.dumps(GUIDE["with_user_info"])


def test_without_the_user_info_it_is_the_guides_other_one(sandbox: Console) -> None:
    trace = sandbox.ok(
        "fire", "api-call", "--profile", "7", "--at", AT, "--no-user-info", "--json"
    ).json
    expected = {**GUIDE["user_info_excluded"], "timestamp": AT}
    assert call_of(trace)["request"]["text"] == json.dumps(expected, separators=(",", ":"))


def test_the_difference_is_the_user(sandbox: Console) -> None:
    lines = sandbox.ok("render", "api-call", "call", "--profile", "7", "--diff").out.splitlines()
    gone = "\n".join(line[2:] for line in lines if line.startswith("-"))
    assert json.loads("{" + gone + "}") == {"user": GUIDE["with_user_info"]["user"]}
    assert not [line for line in lines if line.startswith("+")]


def test_the_consent_is_set_before_the_call(sandbox: Console) -> None:
    trace = sandbox.ok("fire", "newsletter", "--profile", "7", "--json").json
    assert [step["step"] for step in trace["steps"]] == ["consent", "call", "tag_ok"]
    user = call_of(trace)["request"]["body"]["user"]
    assert user["attributes"] == [{"name": "newsletter_consent", "value": True}]
    assert trace["profile"]["before"]["attributes"].get("newsletter_consent") is None
    assert trace["profile"]["after"]["attributes"]["newsletter_consent"] is True


@pytest.mark.parametrize(
    ("answer", "outcome", "tag"),
    [
        ("503", "failure", "sync_failed"),
        ("302", "failure", "sync_failed"),
        ("204", "success", "synced"),
    ],
)
def test_usercom_takes_the_exit_of_the_status(
    sandbox: Console, answer: str, outcome: str, tag: str
) -> None:
    trace = sandbox.ok(
        "fire", "newsletter", "--profile", "7", "--answer", f"call={answer}", "--json"
    ).json
    call = call_of(trace)
    assert (call["outcome"], call["decided_by"]) == (outcome, "edge")
    assert call["response"]["status"] == int(answer)
    other = "success" if outcome == "failure" else "failure"
    counts = trace["counts"]["call"]
    assert (counts[outcome], counts[other], counts["attempts"]) == (1, 0, 1)
    assert counts["by_code"] == {answer: 1}
    assert tag in trace["profile"]["after"]["tags"]
    assert trace["run"]["status"] == "completed"
    assert trace["findings"] == []


@pytest.mark.parametrize("answer", ["503", "302"])
def test_insider_proceeds_after_a_failure(sandbox: Console, answer: str) -> None:
    words = ("--profile", "7", "--answer", f"call={answer}", "--dialect", "insider", "--json")
    trace = sandbox.ok("fire", "newsletter", *words).json
    assert [step["step"] for step in trace["steps"]] == ["consent", "call", "tag_ok"]
    assert call_of(trace)["decided_by"] == "policy"
    assert trace["counts"]["call"]["failure"] == 1
    assert [(one["code"], one["step"]) for one in trace["findings"]] == [("edge_ignored", "call")]
    assert trace["run"]["status"] == "completed"


@pytest.mark.parametrize("answer", ["503", "302"])
def test_insiders_glossary_drops_after_a_failure(sandbox: Console, answer: str) -> None:
    words = ("--profile", "7", "--answer", f"call={answer}", "--dialect", "insider-glossary")
    trace = sandbox.ok("fire", "newsletter", *words, "--json").json
    assert [step["step"] for step in trace["steps"]] == ["consent", "call"]
    assert trace["run"]["status"] == "dropped"
    assert trace["counts"]["call"]["failure"] == 1


@pytest.mark.parametrize("dialect", ["insider", "insider-glossary"])
def test_204_is_a_success_everywhere(sandbox: Console, dialect: str) -> None:
    words = ("--profile", "7", "--answer", "call=204", "--dialect", dialect, "--json")
    trace = sandbox.ok("fire", "newsletter", *words).json
    assert trace["counts"]["call"]["success"] == 1
    assert trace["run"]["status"] == "completed"


def test_bars_grow_with_every_run(sandbox: Console) -> None:
    assert sandbox.ok("counts", "--json").json == {}
    for answer in ("200", "503", "503", "timeout"):
        sandbox.ok("fire", "newsletter", "--profile", "7", "--answer", f"call={answer}")
    counted = sandbox.ok("counts", "newsletter", "--json").json["newsletter"]["call"]
    assert (counted["success"], counted["failure"], counted["attempts"]) == (1, 3, 4)
    assert counted["by_code"] == {"200": 1, "503": 2, "read_timeout": 1}
    shown = sandbox.ok("counts").out
    assert "✓ 1  ✗ 3   25 %" in shown
    assert "503 " in shown
    assert sandbox.ok("counts", "--run", "2", "--json").json["newsletter"]["call"]["failure"] == 1
    assert "✓ 1  ✗ 3" in sandbox.ok("map", "newsletter").out


def test_a_newcomer_meets_no_finding(sandbox: Console) -> None:
    for journey in sandbox.ok("list", "journeys", "--json").json:
        assert sandbox.ok("fire", journey["id"], "--profile", "7", "--json").json["findings"] == []
        assert sandbox.ok("check", journey["id"]).out == f"{journey['id']}: nothing to report\n"


def test_the_same_seed_gives_the_same_run(sandbox: Console) -> None:
    words = ("fire", "win-back", "--profile", "9", "--rules", "flaky", "--seed", "11", "--json")
    runs = [sandbox.ok(*words).json for _ in range(2)]
    for run in runs:
        run["run"].pop("id")
    assert runs[0] == runs[1]
