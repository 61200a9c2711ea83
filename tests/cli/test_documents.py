"""``import``, ``export``, ``check`` and ``schema``."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sandbox.formats.documents import read
from tests.cli.console import Console
from tests.cli.test_workspace import contents, write

KINDS = [
    ("journey", "newsletter"), ("profile", "7"), ("rules", "flaky"),
    ("profiles", None), ("env", None), ("settings", None),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), KINDS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_out_and_in_again(
    sandbox: Console, tmp_path: Path, kind: str, name: str | None, form: str
) -> None:
    words = ("export", kind, *([name] if name else []), "--reveal")
    text = sandbox.ok(*words, "--as", form).out
    path = tmp_path / f"document.{form}"
    path.write_text(text, encoding="utf-8")
    assert read(text, path.name) == sandbox.ok(*words).json
    sandbox.ok("init", "--empty", tmp_path / "other")
    other = ("--workspace", tmp_path / "other")
    sandbox.ok("import", path, *other)
    assert sandbox.ok(*words, *other, "--as", form).out == text
    sandbox.ok("check", path)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), KINDS[:3])
def test_documents_are_as_their_schemas_say(sandbox: Console, kind: str, name: str) -> None:
    schema = sandbox.ok("schema", kind).json
    assert schema["$schema"].startswith("https://json-schema.org/")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(sandbox.ok("export", kind, name).json, schema)


def test_an_existing_id_is_refused_and_nothing_is_lost(
    sandbox: Console, workspace: Path, tmp_path: Path
) -> None:
    document = sandbox.ok("export", "journey", "newsletter").json | {"name": "Mine"}
    before = contents(workspace)
    told = sandbox.refused("import", write(tmp_path, document))
    assert "newsletter" in told
    assert "--replace" in told
    assert contents(workspace) == before
    sandbox.ok("import", write(tmp_path, document), "--replace")
    assert sandbox.ok("export", "journey", "newsletter").json["name"] == "Mine"


def test_no_file_goes_in_when_one_cannot(sandbox: Console, workspace: Path, tmp_path: Path) -> None:
    fresh = sandbox.ok("export", "journey", "newsletter").json | {"id": "fresh"}
    (tmp_path / "fresh.json").write_text(json.dumps(fresh), encoding="utf-8")
    (tmp_path / "people.csv").write_text("id,name\nnew,Me\n7,Me\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("id: [", encoding="utf-8")
    before = contents(workspace)
    told = sandbox.refused("import", tmp_path / "fresh.json", tmp_path / "people.csv")
    assert "profile 7" in told
    sandbox.refused("import", tmp_path / "fresh.json", tmp_path / "bad.yaml")
    told = sandbox.refused("import", tmp_path / "fresh.json", tmp_path / "fresh.json")
    assert "comes twice" in told
    assert contents(workspace) == before


def test_columns_that_look_typed_are_told_and_stay_text(sandbox: Console, tmp_path: Path) -> None:
    table = (
        "id,age,vip,zip,phone,data,note,gone,score:number,code:text\n"
        '1,41,true,01234,+49301,"{""a"": 1}",7,,3,9\n'
        "2,1.5,FALSE,10115,49302,,x,,4,8\n"
    )
    (tmp_path / "people.csv").write_text(table, encoding="utf-8")
    said = sandbox.ok("import", tmp_path / "people.csv", "--as", "profiles", "--replace")
    first, note = said.err.splitlines()
    assert first == "sandbox: imported 2 profiles"
    assert (
        "every value looks like another type: age (numbers: age:number), "
        "vip (true or false: vip:bool), data (JSON: data:json);"
    ) in note
    assert sandbox.ok("export", "profile", "1").json["attributes"]["age"] == "41"

    typed = table.replace("age,vip", "age:number,vip:bool").replace(",data,", ",data:json,")
    (tmp_path / "people.csv").write_text(typed, encoding="utf-8")
    said = sandbox.ok("import", tmp_path / "people.csv", "--as", "profiles", "--replace", "--json")
    assert said.err == "sandbox: imported 2 profiles\n"
    assert sandbox.ok("export", "profile", "1").json["attributes"]["age"] == 41


def test_people_from_csv_and_jsonl(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,name,city\na,Ada,İzmir\nb,Bo,\n", encoding="utf-8")
    (tmp_path / "more.jsonl").write_text('{"id":"c"}\n{"id":"d"}\n', encoding="utf-8")
    said = sandbox.ok("import", tmp_path / "people.csv", tmp_path / "more.jsonl")
    assert said.err == "sandbox: imported 4 profiles\n"
    assert sandbox.ok("export", "profile", "a").json["attributes"]["city"] == "İzmir"
    trace = sandbox.ok("fire", "newsletter", "--profile", "a", "--json").json
    assert trace["steps"][1]["request"]["body"]["user"]["name"] == "Ada"


def test_a_call_from_curl(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "crm.curl").write_text(
        "curl -X PUT https://api.test/v1/people -H 'X-Env: test' --json '{\"a\": 1}'\n",
        encoding="utf-8",
    )
    sandbox.ok("import", tmp_path / "crm.curl", "--as", "curl", "--id", "crm")
    request = sandbox.ok("render", "crm", "call", "--profile", "7", "--as", "json").json["request"]
    assert (request["method"], request["url"]) == ("PUT", "https://api.test/v1/people")
    assert request["body"] == {"a": 1}
    assert request["headers"]["X-Env"] == "test"
    sandbox.ok("import", tmp_path / "crm.curl", "--id", "crm-2")  # told by its content
    assert "--id" in sandbox.refused("import", write(tmp_path, {"id": "x"}), "--id", "y")


def test_check_finds_what_will_not_work(sandbox: Console, tmp_path: Path) -> None:
    journey = {
        "id": "loop", "dialect": "usercom", "trigger": {"kind": "event", "name": "x"},
        "steps": [
            {"id": "a", "kind": "add_tag", "tag": "{{event.never}}", "next": "a"},
            {"id": "b", "kind": "add_tag", "tag": "x"},
        ],
    }  # fmt: skip
    said = sandbox("check", write(tmp_path, journey))
    assert said.code == 1
    found = sandbox("check", write(tmp_path, journey), "--json").json[0]["findings"]
    assert {one["step"] for one in found} >= {"a", "b"}
    for one in found:
        assert one["code"] in said.out


def test_check_says_everything_about_every_source(sandbox: Console, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"id":\n}', encoding="utf-8")
    said = sandbox("check", "newsletter", tmp_path / "bad.json", "newslettr", "--json")
    assert said.code == 2
    assert [len(one.get("problems", [])) for one in said.json] == [0, 1, 1]
    assert said.json[1]["problems"][0]["path"].startswith("line 2")


def test_two_imports_at_once_lose_nothing(sandbox: Console, tmp_path: Path) -> None:
    # In this process the store's lock cannot be seen; real processes are in test_process.
    for number in range(3):
        (tmp_path / f"p{number}.json").write_text(json.dumps({"id": f"p{number}"}), "utf-8")
    sandbox.ok("import", *(tmp_path / f"p{number}.json" for number in range(3)))
    names = [one["id"] for one in sandbox.ok("list", "profiles", "--json").json]
    assert {"p0", "p1", "p2"} <= set(names)
