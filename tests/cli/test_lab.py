"""``sweep`` and ``compare`` as a person has them."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.bench.questions import confirm
from sandbox.lab.report import SweepReport
from sandbox.model.base import Json
from tests.cli.console import Console, environment, run

PLANTED = Path(__file__).parents[1] / "lab" / "journeys"
DEMO = ("api-call", "newsletter", "loyalty-credit", "contact-sync", "order-update", "win-back")


def plain(text: str) -> str:
    """Without line breaks, so that sentences can be looked for."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("journey", "sentences"),
    [
        (
            "missing-branch",
            [
                "failure_unhandled [crm] after 3xx, 401, 404, 409, 4xx, 429, 5xx, timeout, "
                "refused, reset the person ends there: nothing is connected for failure"
            ],
        ),
        (
            "empty-body-template",
            [
                "error payload_broken [report] after balance=204, 2xx unreadable, 2xx not JSON it "
                "cannot be sent: the body is not valid JSON at line 1"
            ],
        ),
        (
            "unreachable-branch",
            [
                "branch_unreachable [which] the way 'gone' to forget can never be taken: whenever "
                "its condition holds, an earlier branch holds too and goes first",
                "5 of 5 reachable edges covered (100 %); 2 can never be taken",
            ],
        ),
        (
            "no-content-as-json",
            [
                "empty_body_read [accepted] enrol may answer 204 or 2xx unreadable or 2xx not "
                "JSON, a success; then steps.enrol.body.accepted is not there, and accepted "
                "decides by it and goes to refused"
            ],
        ),
        (
            "dropped-silently",
            [
                "customer_dropped [credit] after 3xx, 401, 404, 409, 4xx, 429, 5xx, timeout, "
                "refused, reset the person is dropped silently: no later step sees them, and "
                "nobody is told"
            ],
        ),
        pytest.param(
            "never-ends",
            [
                "error endless_loop [ship] the journey never ends when ship answers 3xx",
                "every time: nothing leaves the loop ship → pause → ship",
                "never ends",
            ],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_planted_fault_is_found_by_one_command(
    sandbox: Console, journey: str, sentences: list[str]
) -> None:
    sandbox.ok("import", PLANTED / f"{journey}.yaml", "--as", "journey")
    said = sandbox("sweep", journey)
    assert said.code == 1
    assert said.err == ""
    for sentence in sentences:
        assert sentence in plain(said.out)


@pytest.mark.parametrize("journey", DEMO)
def test_a_demo_journey_is_swept_to_all_of_its_reachable_edges(
    sandbox: Console, journey: str
) -> None:
    said = sandbox("sweep", journey, "--json").json
    coverage = said["coverage"]
    assert coverage["edges_covered"] == coverage["edges_total"] - coverage["edges_unreachable"]
    assert coverage["edges_unreachable"] == 0
    assert coverage["uncovered"] == []
    assert said["differences"] == []
    assert said["complete"]


def test_the_json_has_the_shape_that_scripts_rely_on(sandbox: Console) -> None:
    said = sandbox("sweep", "newsletter", "--json", "--seed", "9").json
    assert {"runs", "coverage", "matrix", "suite", "findings"} <= said.keys()
    assert {"edges_total", "edges_covered", "uncovered"} <= said["coverage"].keys()
    assert said["runs"] == 2
    assert said["seed"] == 9
    assert said["matrix"]["call"]["2xx"] == "proceeded"
    assert said["matrix"]["call"]["5xx"] == "failure path"
    assert said["matrix"]["call"]["timeout"] == "failure path"
    assert [one["answers"] for one in said["suite"]] == [
        {"call": ["200:{}"]},
        {"call": ["302"]},
    ]
    assert all(one["rules"] is None for one in said["suite"])
    assert said["findings"] == []


def test_a_sweep_without_findings_exits_with_0(sandbox: Console) -> None:
    said = sandbox.ok("sweep", "newsletter")
    assert "6 of 6 reachable edges covered (100 %)" in said.out
    assert "sandbox fire newsletter --profile 7 --answer call=302" in said.out


@pytest.mark.slow
def test_what_the_suite_prints_repeats_the_run(sandbox: Console) -> None:
    said = sandbox("sweep", "contact-sync", "--json", "--dialect", "usercom").json
    for one in said["suite"]:
        answers = [f"{step}={','.join(texts)}" for step, texts in one["answers"].items()]
        words = [word for answer in answers for word in ("--answer", answer)]
        trace = sandbox.ok(
            "fire", "contact-sync", "--profile", one["profile"], "--dialect", "usercom", "--json",
            *words,
        ).json  # fmt: skip
        assert trace["run"]["status"] == one["status"]
        assert [step["step"] for step in trace["steps"]] == one["path"]


def test_a_sweep_changes_and_records_nothing(sandbox: Console, workspace: Path) -> None:
    before = {path.name: path.read_bytes() for path in workspace.glob("*.json")}
    sandbox("sweep", "win-back", "--profiles", "all")
    assert {path.name: path.read_bytes() for path in workspace.glob("*.json")} == before
    assert sandbox.ok("runs", "--json").json == []


# Whom -------------------------------------------------------------------------------------------


def test_all_profiles_are_swept_when_asked_for(sandbox: Console) -> None:
    people = len(sandbox.ok("list", "profiles", "--json").json)
    said = sandbox("sweep", "newsletter", "--profiles", "all", "--json").json
    assert len(said["profiles"]) == people
    assert said["runs"] == 2 * people


def test_some_profiles_are_swept_when_asked_for(sandbox: Console) -> None:
    said = sandbox("sweep", "newsletter", "--profiles", "8,7", "--profiles", "7", "--json").json
    assert said["profiles"] == ["8", "7"]
    assert said["runs"] == 4


def test_a_profile_that_is_not_there_is_refused(sandbox: Console) -> None:
    assert "unknown profile '70'" in sandbox.refused("sweep", "newsletter", "--profiles", "70")
    assert "names nobody" in sandbox.refused("sweep", "newsletter", "--profiles", ",")


def test_a_workspace_without_people_says_so(sandbox: Console, tmp_path: Path) -> None:
    sandbox.ok("init", tmp_path / "empty", "--empty")
    journey = PLANTED / "never-ends.yaml"
    at = ("--workspace", tmp_path / "empty")
    sandbox.ok(*at, "import", journey, "--as", "journey")
    assert "no profiles" in sandbox.refused(*at, "sweep", "never-ends")
    assert "no profiles" in sandbox.refused(
        *at, "compare", "never-ends", "--dialects", "usercom,insider"
    )


@pytest.mark.slow
def test_that_nobody_enters_is_said_and_not_shown_as_an_empty_matrix(sandbox: Console) -> None:
    said = sandbox("sweep", "win-back", "--set", "total=0")
    assert said.code == 1
    assert "Nobody enters, so there is nothing to show." in said.out
    assert "nobody enters, so nothing was swept" in plain(said.out)
    assert "the trigger's condition does not hold for this person and event" in plain(said.out)
    assert "%" not in said.out
    document = sandbox("sweep", "win-back", "--set", "total=0", "--json").json
    assert document["matrix"] == {}
    assert document["suite"] == []
    assert document["not_entered"].keys() == set(document["profiles"])


def test_the_occurrence_that_does_not_count_is_named(sandbox: Console) -> None:
    said = sandbox("sweep", "loyalty-credit", "--occurrence", "2")
    assert "the trigger waits for time number 3" in plain(said.out)


# Budget, depth, interrupts ------------------------------------------------------------------------


def test_beyond_the_budget_it_says_how_far_it_got_and_what_would_help(sandbox: Console) -> None:
    said = sandbox("sweep", "contact-sync", "--budget", "1")
    assert "1 run\n" in said.out
    assert "not covered: synced → tag_failed [else]: beyond the budget:" in plain(said.out)
    err = plain(said.err)
    assert err.startswith("sandbox: stopped after 1 run with 4 of 6 edges")
    assert "the budget of 1 run is spent" in err
    assert "not even every single failure was tried" in err
    assert "never made to fail: sync, notify-admin" in err
    assert "raise --budget" in err


def test_a_budget_that_is_just_enough_is_no_stop(sandbox: Console) -> None:
    said = sandbox("sweep", "newsletter", "--budget", "2", "--json")
    assert said.json["complete"]
    assert said.err == ""


def test_progress_is_for_terminals(sandbox: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.cli.commands import lab

    report = SweepReport("j", "usercom", "full", 10, 42, ["7"], runs=1200, edges_total=9)
    monkeypatch.setattr(lab, "_QUIET_S", -1.0)
    shown: list[str] = []
    monkeypatch.setattr(sys.stderr, "write", shown.append)
    stop = lab._Stop()
    assert stop.told(report)
    assert shown == []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert stop.told(report)
    assert "1,200 runs, 0 of 9 edges; Ctrl-C stops and prints" in shown[0]


def big_journey(calls: int = 10) -> dict[str, Json]:
    """Calls whose outcomes are all read at the end, so that no two runs come to the same state."""
    steps: list[dict[str, Json]] = []
    for n in range(calls):
        steps.append(
            {
                "id": f"c{n}", "kind": "call_api", "url": "{{env.BASE_URL}}/" + str(n),
                "body": {"id": "{{user.id}}"}, "on_failure": f"f{n}", "on_success": f"s{n}",
            }
        )  # fmt: skip
        after = f"c{n + 1}" if n + 1 < calls else "which"
        steps.append({"id": f"f{n}", "kind": "add_tag", "tag": f"failed-{n}", "next": after})
        steps.append({"id": f"s{n}", "kind": "add_tag", "tag": f"worked-{n}", "next": after})
    reads = [
        {"path": f"steps.c{n}.response.statusCode", "op": op, "value": value}
        for n in range(calls)
        for op, value in (("eq", 404), ("gte", 500))
    ]
    steps.append(
        {
            "id": "which", "kind": "condition", "else": "end",
            "branches": [{"name": "any", "when": {"any": reads}, "next": "end"}],
        }
    )  # fmt: skip
    trigger = {"kind": "event", "name": "e"}
    return {"id": "big", "dialect": "usercom", "trigger": trigger, "steps": steps}


def import_big(sandbox: Console, folder: Path, calls: int = 10) -> None:
    path = folder / "big.json"
    path.write_text(json.dumps(big_journey(calls)))
    sandbox.ok("import", path, "--as", "journey")


@pytest.mark.slow
def test_ctrl_c_prints_what_is_known(sandbox: Console, workspace: Path, tmp_path: Path) -> None:
    import_big(sandbox, tmp_path)
    words = ("sweep", "big", "--depth", "full", "--budget", "100000000", "--json")
    terminal, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", *words],
        env=environment(workspace), stdout=subprocess.PIPE, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    try:
        shown = b""
        while b"Ctrl-C stops and prints" not in shown:
            shown += os.read(terminal, 1_000)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        shown += os.read(terminal, 10_000)
    finally:
        process.kill()
        os.close(terminal)
    said = json.loads(out)
    assert process.returncode == 130
    assert not said["complete"]
    assert said["runs"] > 0
    assert said["matrix"]["c0"]["5xx"] == "failure path"
    assert b"it was interrupted" in shown
    assert b"Traceback" not in shown


@pytest.mark.slow
def test_the_same_seed_prints_the_same_report(sandbox: Console, workspace: Path) -> None:
    words = ("sweep", "win-back", "--profiles", "7,8", "--depth", "pairs", "--json")
    here = sandbox(*words).raw
    assert sandbox(*words).raw == here
    for seed in ("1", "2"):
        said = run(workspace, *words, env={"PYTHONHASHSEED": seed})
        assert said.raw == here


# Compare ------------------------------------------------------------------------------------------

VENDORS = "usercom,insider,insider-glossary,kustomer,sprinklr"
GOLDEN = Path(__file__).parents[1] / "lab" / "golden"


@pytest.mark.parametrize("journey", ["newsletter", "loyalty-credit"])
def test_the_vendor_table_is_as_it_was_read_and_approved(sandbox: Console, journey: str) -> None:
    said = sandbox("compare", journey, "--dialects", VENDORS, "--profile", "7", "--json")
    path = GOLDEN / f"{journey}.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_bytes(said.raw)
    assert said.json == json.loads(path.read_bytes())
    answers = ["200", "204", "302", "404", "429", "503", "timeout"]
    assert [row["answer"] for row in said.json["rows"]] == answers
    for row in said.json["rows"]:
        assert list(row["cells"]) == VENDORS.split(",")
        for cell in row["cells"].values():
            assert cell["rests_on"]
            for rule in cell["rests_on"]:
                assert rule["name"]
                assert rule["source"]
                assert rule["origin"] in ("documented", "reported", "assumed", "journey")
            assumed = [rule["name"] for rule in cell["rests_on"] if rule["origin"] == "assumed"]
            assert cell["assumed"] == assumed
            assert (cell["origin"] == "assumed") is bool(assumed)


def test_vendors_differ_where_their_documents_do(sandbox: Console) -> None:
    said = sandbox("compare", "newsletter", "--dialects", VENDORS, "--json")
    assert said.code == 1
    failing = next(row for row in said.json["rows"] if row["answer"] == "503")
    assert failing["diverges_at"] == "call"
    cells = failing["cells"]
    assert (cells["usercom"]["next"], cells["usercom"]["policy"]) == ("tag_failed", "")
    assert (cells["insider"]["next"], cells["insider"]["policy"]) == ("tag_ok", "proceed")
    assert cells["insider-glossary"]["status"] == "dropped"
    assert cells["insider-glossary"]["counts"]["failure"] == 1
    assert cells["kustomer"]["next"] == "tag_failed"


def test_the_printed_table_says_what_is_assumed(sandbox: Console) -> None:
    said = sandbox("compare", "newsletter", "--dialects", "usercom,insider", "--answers", "404,503")
    lines = said.out.splitlines()
    row = next(line for line in lines if " 404 " in line)
    assert "✗ → tag_failed  " in row  # documented: no number
    assert "✗ → tag_ok [1]" in row
    assert "differ at call" in row
    legend = plain(said.out.partition("Numbers:")[2])
    assert "1 insider: success.status = 2xx (Insider, Architect Channel: Call an API)" in legend
    assert "usercom:" not in legend


def test_vendors_that_agree_exit_with_0(sandbox: Console) -> None:
    said = sandbox.ok(
        "compare", "newsletter", "--dialects", "usercom,kustomer", "--answers", "200,404"
    )
    assert "differ" not in said.out


def test_a_comparison_needs_two_vendors_that_are_there(sandbox: Console) -> None:
    assert "at least two" in sandbox.refused("compare", "newsletter", "--dialects", "usercom")
    assert "at least two" in sandbox.refused(
        "compare", "newsletter", "--dialects", "usercom,usercom"
    )
    assert "insider" in sandbox.refused("compare", "newsletter", "--dialects", "usercom,insidr")
    assert "neither a status nor a fault" in sandbox.refused(
        "compare", "newsletter", "--dialects", "usercom,insider", "--answers", "200,nothing"
    )


def test_a_comparison_of_somebody_who_does_not_enter_says_why(sandbox: Console) -> None:
    words = ("compare", "win-back", "--dialects", "usercom,insider", "--set", "total=0")
    said = sandbox.ok(*words)
    assert "profile 7 does not enter" in said.out
    assert sandbox.ok(*words, "--json").json["rows"] == []


def test_nothing_secret_is_printed(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = {
        "id": "secret", "dialect": "usercom", "trigger": {"kind": "event", "name": "e"},
        "steps": [
            {"id": "a", "kind": "call_api", "url": "{{env.BASE_URL}}/a", "on_success": "same"},
            {
                "id": "same", "kind": "condition", "else": "end",
                "branches": [
                    {
                        "when": {
                            "path": "steps.a.body.token", "op": "eq", "value": "{{env.APP_TOKEN}}",
                        },
                        "next": "end",
                    }
                ],
            },
        ],
    }  # fmt: skip
    path = tmp_path / "secret.json"
    path.write_text(json.dumps(journey))
    monkeypatch.setenv("APP_TOKEN", "s3cr3t-of-the-test")
    sandbox.ok("import", path, "--as", "journey")
    for words in (("sweep", "secret"), ("sweep", "secret", "--json")):
        said = sandbox(*words)
        assert "••••" in said.out
        assert "s3cr3t-of-the-test" not in said.out + said.err


def test_a_difference_of_ours_is_an_error(
    sandbox: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sandbox.cli.commands import lab

    async def differing(*given: object) -> list[str]:
        assert confirm is not differing
        return ["call=503 (profile 7) differs: steps[0].next: a purely, b through respx"]

    monkeypatch.setattr(lab, "confirm", differing)
    said = sandbox("sweep", "newsletter")
    assert said.code == 1
    assert "a mistake of ours, please report it: call=503" in said.err
