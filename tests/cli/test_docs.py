"""Commands in the documentation work as they stand, and what stands below them is what they print.

Of a page, every ``sandbox …`` line of its ``sh`` blocks is run in one demo workspace, in order. A
``text`` block shows lines of what the block before it printed (blanks are not compared). A ``yaml``
block that begins with ``# name.yaml`` is the file of that name.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from tests.cli.console import Console

DOCS: Final = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SERVERS = ("echo", "serve", "tui")
"""Commands that go on until they are stopped; live ones need such a server."""

JUDGES = ("compare", "sweep")
"""Commands whose exit code 1 is an answer: they differ, somebody is lost."""


def squeezed(text: str) -> str:
    return " ".join(text.split())


def commands(block: str) -> list[list[str]]:
    """The words of every line that begins with ``sandbox``; comments and redirections left out."""
    lines = block.replace("\\\n", " ").splitlines()
    found = [shlex.split(line, comments=True) for line in lines if line.startswith("sandbox ")]
    return [words[1 : words.index(">") if ">" in words else None] for words in found]


def played(page: str, sandbox: Console, folder: Path) -> int:
    """Run a page; how many commands it has."""
    printed, ran = "", 0
    for kind, block in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
        if kind == "yaml" and (name := re.match(r"# (\S+\.yaml)\n", block)):
            (folder / name[1]).write_text(block, encoding="utf-8")
        elif kind == "sh":
            printed = ""
            for words in commands(block):
                if words[0] in SERVERS or "--live" in words:
                    continue
                said = sandbox(*words)
                assert said.code in ((0, 1) if words[0] in JUDGES else (0,)), (words, said)
                printed += said.out
                ran += 1
        elif kind == "text":
            for line in block.splitlines():
                assert squeezed(line) in squeezed(printed), (line, printed)
    return ran


def test_the_case_study(sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert played("case-study.md", sandbox, tmp_path) >= 18


def test_the_integrators_page(
    sandbox: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("id,name,email\n901,Eve,eve@example.com\n")
    workflow = Path(__file__).parents[1] / "data" / "kustomer" / "order-care.json"
    (tmp_path / "workflow.json").write_bytes(workflow.read_bytes())
    (tmp_path / "my-journey.yaml").write_bytes(
        sandbox.ok("export", "journey", "api-call", "--as", "yaml").raw.replace(
            b"id: api-call", b"id: my-journey"
        )
    )
    for _ in range(2):
        sandbox.ok("fire", "newsletter", "--profile", "7")
    assert played("integrator.md", sandbox, tmp_path) >= 12


def test_the_readme(sandbox: Console, tmp_path: Path) -> None:
    assert played("../README.md", sandbox, tmp_path) >= 7


def test_the_table_of_the_reference_is_read_as_it_says(sandbox: Console, tmp_path: Path) -> None:
    page = (DOCS / "reference.md").read_text("utf-8")
    table = page.partition("```csv\n")[2].partition("```")[0]
    (tmp_path / "people.csv").write_text(table, encoding="utf-8")
    said = sandbox.ok("import", tmp_path / "people.csv", "--as", "profiles")
    assert said.err == "sandbox: imported 1 profile\n"
    assert sandbox.ok("export", "profile", "901").json == {
        "id": "901", "tags": ["vip", "new"],
        "attributes": {"name": "Eve", "page_views": 12, "newsletter": True,
                       "plan": {"name": "pro"}, "address": {"city": "Izmir"}},
    }  # fmt: skip
