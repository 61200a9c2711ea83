"""``import --as kustomer`` and what a run of it left for later steps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.model.base import Json
from tests.cli.console import Console
from tests.cli.test_workspace import contents, write

ORDER_CARE = Path(__file__).parents[1] / "data" / "kustomer" / "order-care.json"
ANSWER = 'sync=201:{"externalId":"1234","items":[{"n":42}],"links":{"self":"http://b.test/1"}}'


def test_in_and_run(sandbox: Console) -> None:
    said = sandbox.ok("import", ORDER_CARE, "--as", "kustomer")
    assert "order-care  " in said.out
    assert "approximated" in said.out
    assert "action kustomer.note.create" in said.out
    assert "env.VARIABLE_64b0c0ffee0000000000beef: a secret, from $VARIABLE_" in said.out
    assert "declared VARIABLE_64b0c0ffee0000000000abcd" in said.err
    assert "…" not in said.out  # nothing of the report is cut off into a pipe
    trace = sandbox.ok("fire", "order-care", "--profile", "7", "--answer", ANSWER, "--json").json
    assert trace["run"]["status"] == "completed"
    sync = next(step for step in trace["steps"] if step["step"] == "sync")
    assert sync["request"]["body"]["total"] == 201
    assert sync["request"]["headers"]["Authorization"] == "Bearer ••••"


def test_the_report_as_json(sandbox: Console) -> None:
    told = sandbox.ok("import", ORDER_CARE, "--json").json
    assert told["imported"] == {"journey": ["order-care"]}
    (report,) = told["reports"]
    assert report["journey"] == "order-care"
    assert sum(report["summary"].values()) == len(report["report"])
    assert report["summary"]["not understood"] == 0
    assert {tuple(one) for one in report["report"]} == {("grade", "where", "what", "how")}
    assert {one["secret"] for one in report["variables"]} == {True, False}


def test_it_is_known_by_its_content_and_checked_like_a_journey(sandbox: Console) -> None:
    sandbox.ok("import", ORDER_CARE)
    said = sandbox("check", "order-care")
    assert {line.split()[0] for line in said.out.splitlines()[1:] if line[0] != " "} <= {"info"}


def test_an_existing_journey_needs_replace_and_values_stay(
    sandbox: Console, workspace: Path
) -> None:
    sandbox.ok("import", ORDER_CARE)
    before = contents(workspace)
    assert "--replace" in sandbox.refused("import", ORDER_CARE)
    assert contents(workspace) == before
    again = sandbox.ok("import", ORDER_CARE, "--replace", "--json").json
    assert again["declared"] == []


def test_another_id(sandbox: Console) -> None:
    sandbox.ok("import", ORDER_CARE, "--id", "care-2")
    assert sandbox.ok("export", "journey", "care-2").json["name"] == "Order care"


def test_broken_json_is_refused_with_line_and_column(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    text = ORDER_CARE.read_text(encoding="utf-8")
    broken = tmp_path / "broken.json"
    broken.write_text(text.replace('"enabled": true,', '"enabled": true'), encoding="utf-8")
    before = contents(workspace)
    told = sandbox.refused("import", broken, "--as", "kustomer")
    assert "line 4, column 14" in told
    assert "comma" in told
    assert contents(workspace) == before


def test_a_broken_workflow_is_refused_with_its_paths_and_nothing_is_stored(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    document = json.loads(ORDER_CARE.read_text(encoding="utf-8"))
    del document["steps"][0]["params"]["uri"]
    document["steps"][0]["transitions"][0]["target"] = "fille"
    envelope: Json = {"data": {"type": "workflow", "id": "x", "attributes": document}}
    before = contents(workspace)
    told = sandbox.refused("import", write(tmp_path, envelope), "--as", "kustomer")
    assert "data.attributes.steps[0].params.uri: is required" in told
    assert "did you mean file?" in told
    assert contents(workspace) == before


def test_a_journey_of_ours_is_no_workflow(sandbox: Console, tmp_path: Path) -> None:
    journey = sandbox.ok("export", "journey", "newsletter").json
    told = sandbox.refused("import", write(tmp_path, journey), "--as", "kustomer")
    assert "trigger.eventName: is required" in told


def test_what_a_run_left_can_be_copied_into_later_steps(sandbox: Console) -> None:
    sandbox.ok("import", ORDER_CARE)
    sandbox.ok("fire", "order-care", "--profile", "7", "--answer", ANSWER)
    shown = sandbox.ok("show", "1", "--paths").out
    assert "/#steps.sync.body.externalId " in shown
    assert "/#steps.sync.body.items.0.n " in shown
    paths = sandbox.ok("show", "1", "--paths", "--json").json["paths"]
    left = {one["path"]: (one["type"], one["value"]) for one in paths}
    assert left["/#steps.sync.response.statusCode"] == ("number", 201)
    assert left["/#steps.sync.body.externalId"] == ("string", "1234")
    assert left["/#steps.sync.body.items.0.n"] == ("number", 42)


def test_a_copied_path_reads_what_was_shown(sandbox: Console, tmp_path: Path) -> None:
    sandbox.ok("import", ORDER_CARE)
    sandbox.ok("fire", "order-care", "--profile", "7", "--answer", ANSWER)
    paths = sandbox.ok("show", "1", "--paths", "--json").json["paths"]
    left = {one["path"]: one["value"] for one in paths if one["step"] == "sync"}
    document = json.loads(ORDER_CARE.read_text(encoding="utf-8"))
    raw = document["steps"][2]["params"]
    raw["data"] = json.dumps({name: "{{{" + name[2:] + "}}}" for name in left})
    sandbox.ok("import", write(tmp_path, document), "--replace")
    trace = sandbox.ok("fire", "order-care", "--profile", "7", "--answer", ANSWER, "--json").json
    body = next(step for step in trace["steps"] if step["step"] == "callback")["request"]["body"]
    assert body == {name: str(value) for name, value in left.items()}


@pytest.mark.parametrize(
    ("journey", "path"),
    [
        ("newsletter", "{{steps.call.response.statusCode}}"),
        ("loyalty-credit", "{steps.credit.response.statusCode}"),
    ],
)
def test_other_vendors_have_their_own_tags(sandbox: Console, journey: str, path: str) -> None:
    sandbox.ok("fire", journey, "--profile", "7")
    assert f"\n{path} " in sandbox.ok("show", "1", "--paths").out


def test_a_run_without_calls_left_nothing(sandbox: Console, tmp_path: Path) -> None:
    quiet: Json = {"id": "quiet", "trigger": {"kind": "manual"},
                   "steps": [{"id": "say", "kind": "notify", "text": "hello"}]}  # fmt: skip
    sandbox.ok("import", write(tmp_path, quiet))
    sandbox.ok("fire", "quiet", "--profile", "7")
    assert "no answer left anything to read" in sandbox.ok("show", "1", "--paths").out


def test_the_log_shows_the_exact_call_as_input_and_the_answer_as_output(sandbox: Console) -> None:
    sandbox.ok("fire", "contact-sync", "--profile", "7", "--answer", "sync=404")
    shown = sandbox.ok("show", "1").out
    given, _, made = shown.partition("output:")
    assert "input, the exact call:" in given
    assert "PUT http://127.0.0.1:8765/v1/contacts/7" in given
    assert "404 There is nothing at this address." in made
    assert "check: Check the URL's path" in made
