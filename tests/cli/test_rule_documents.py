"""Rule documents from files: checked, refused as a whole, with schemas beside them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.model.base import Json
from tests.cli.console import Console

OK: Json = {"items": [{"status": 200}]}


def write(path: Path, *rules: Json) -> Path:
    path.write_text(json.dumps({"rules": rules}), encoding="utf-8")
    return path


def test_check_tells_doubts_and_what_is_refused(sandbox: Console, tmp_path: Path) -> None:
    fine = write(tmp_path / "fine.json", {"id": "a", "respond": OK})
    assert sandbox.ok("check", fine).out == f"{fine}: nothing to report\n"
    doubtful = write(
        tmp_path / "doubtful.json", {"id": "a", "respond": OK}, {"id": "b", "respond": OK}
    )
    said = sandbox("check", doubtful, "--json")
    assert said.code == 1
    assert [one["code"] for one in said.json[0]["findings"]] == ["rule_shadowed"]
    wrong = write(
        tmp_path / "wrong.json",
        {"id": "a", "respond": OK},
        {"id": "b", "match": {"headers": {"x": {"like": "1"}}}, "respond": OK},
    )
    said = sandbox("check", wrong)
    assert said.code == 2
    assert "rules[1].match.headers.x.like: unknown field" in said.err
    assert '(rule "b")' in said.err


@pytest.mark.parametrize(
    "command",
    [("check",), ("import", "--as", "rules"), ("fire", "newsletter", "--profile", "7", "--rules")],
)
def test_what_only_compiling_finds_names_the_file(
    sandbox: Console, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = write(tmp_path / "odd.json", {"id": "a", "respond": {"items": [{"fault": "rest"}]}})
    said = sandbox(*command, path)
    assert said.code == 2
    assert f"{path}: rules[0].respond.items[0].fault: unknown fault" in said.err
    assert '(rule "a")' in said.err


def test_one_bad_rule_loads_nothing(sandbox: Console, tmp_path: Path) -> None:
    bad = {"id": "bad", "window": {"from": "2h", "to": "1h"}, "respond": OK}
    path = write(tmp_path / "mixed.json", {"id": "good", "respond": OK}, bad)
    before = sandbox.ok("list", "rules", "--json").json
    error = sandbox.refused("import", path, "--as", "rules")
    assert 'rules[1].window.to: is not after from (2h) (rule "bad")' in error
    assert sandbox.ok("list", "rules", "--json").json == before


@pytest.mark.parametrize("command", [("check",), ("import", "--as", "rules")])
def test_a_schema_in_a_file_of_its_own_is_read_in(
    sandbox: Console, tmp_path: Path, command: tuple[str, ...]
) -> None:
    match = {"any": [{"body": {"schema": "contact.schema.json"}}]}
    path = write(tmp_path / "with-schema.json", {"id": "a", "match": match, "respond": OK})
    error = sandbox(*command, path).err
    assert "rules[0].match.any[0].body.schema" in error
    assert "contact.schema.json" in error
    schema = {"type": "object", "required": ["path"]}
    (tmp_path / "contact.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    sandbox.ok(*command, path)
    fire = ("fire", "api-call", "--profile", "7", "--rules", path, "--json")
    assert sandbox.ok(*fire).json["steps"][0]["rule"] == "a"
    if command[0] == "import":
        kept = sandbox.ok("export", "rules", "with-schema").json
        assert kept["rules"][0]["match"]["any"][0]["body"]["schema"] == schema


SECRET = "hunter2-of-somebody-else"


def with_schema(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    rule = {"id": "a", "match": {"body": {"schema": name}}, "respond": OK}
    return write(folder / "rules.json", rule)


@pytest.mark.parametrize(
    "name",
    ["../outside.json", "{folder}/outside.json", "/etc/passwd", "sub/../../outside.json",
     "link.json", "linked/outside.json", "sub/../inside.json", "C:/outside.json",
     "..\\outside.json", "\\\\host\\outside.json"],
)  # fmt: skip
@pytest.mark.parametrize("command", [("check",), ("import", "--as", "rules")])
def test_a_schema_outside_the_folder_of_the_rules_is_not_read(
    sandbox: Console, tmp_path: Path, name: str, command: tuple[str, ...]
) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps({"type": SECRET}), encoding="utf-8")
    path = with_schema(tmp_path / "rules", name.format(folder=tmp_path))
    (path.parent / "inside.json").write_text("{}", encoding="utf-8")
    (path.parent / "link.json").symlink_to(outside)
    (path.parent / "linked").symlink_to(tmp_path)
    said = sandbox(*command, path)
    assert said.code == 2
    assert "rules[0].match.body.schema: a schema's file stands in the folder" in said.err
    assert SECRET not in said.err + said.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"root:x:0:0:{SECRET}", "holds no JSON Schema"),
        (f"[{json.dumps(SECRET)}]", "holds no JSON Schema"),
        (f'{{"a": {SECRET}', "is neither JSON nor YAML"),
        (json.dumps({"type": SECRET}), "is not a JSON Schema"),
        (json.dumps({"$ref": f"#/{SECRET}"}), "a $ref leads nowhere"),
        (json.dumps({"$ref": f"file:///{SECRET}"}), "a $ref stays in the schema"),
    ],
)
def test_a_file_that_is_no_schema_is_not_quoted(
    sandbox: Console, tmp_path: Path, text: str, why: str
) -> None:
    path = with_schema(tmp_path, "notes.json" if text[0] in "[{" else "notes.yaml")
    for name in ("notes.json", "notes.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    said = sandbox("check", path)
    assert said.code == 2
    assert why in said.err
    assert SECRET not in said.err + said.out


@pytest.mark.parametrize("name", ["-", "", ".", "no\0name", "n" * 5000, "~/x.json", "circle"])
def test_a_name_that_is_no_file_is_said(sandbox: Console, tmp_path: Path, name: str) -> None:
    path = with_schema(tmp_path, name)
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    said = sandbox("check", path)
    assert said.code == 2
    assert "rules[0].match.body.schema: " in said.err


def test_a_schema_may_stand_in_a_folder_inside(sandbox: Console, tmp_path: Path) -> None:
    path = with_schema(tmp_path, "schemas/a.json")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.json").write_text('{"type": "object"}', encoding="utf-8")
    sandbox.ok("check", path)


def test_what_a_run_should_have_done_is_a_finding(sandbox: Console, tmp_path: Path) -> None:
    expect = {"calls": {"min": 2}, "unique_by": "header:idempotency-key"}
    path = write(tmp_path / "strict.json", {"id": "a", "expect": expect, "respond": OK})
    trace = sandbox.ok("fire", "api-call", "--profile", "7", "--rules", path, "--json").json
    told = [(one["code"], one["level"]) for one in trace["findings"]]
    assert told == [("expected_calls", "error"), ("expected_unique", "error")]
    assert trace["findings"][0]["message"] == "rule a expects 2 calls at least; it had 1"
