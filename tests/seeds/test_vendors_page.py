"""``docs/vendors.md`` names every test of the five documents, and none that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sandbox.cli.parser import parse
from sandbox.dialects import NAMES

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "vendors.md").read_text(encoding="utf-8")
MODULES = sorted(one for one in HERE.glob("test_*.py") if re.search(r"_00\d_", one.name))


def declared(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    }


def named_for(module: Path) -> set[str]:
    """The tests that the module's part of the page names."""
    (number,) = re.findall(r"_(00\d)_", module.name)
    (part,) = re.findall(rf"^## {number} · (.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`(test_\w+)`", part))


def test_there_is_one_module_for_each_document() -> None:
    numbers = sorted(re.findall(r"_(00\d)_", one.name)[0] for one in MODULES)
    assert numbers == ["000", "001", "002", "003", "004"]


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.stem)
def test_the_page_names_every_test(module: Path) -> None:
    assert named_for(module) == declared(module)


SCREENS = {"map", "counts", "log", "Payload", "Headers", "Response", "curl", "Diff", "lab",
           "vendor", "–"}  # fmt: skip


def rows_of(module: Path) -> list[list[str]]:
    """The cells of each row that names a test."""
    (number,) = re.findall(r"_(00\d)_", module.name)
    (part,) = re.findall(rf"^## {number} · (.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for line in part.splitlines() if line.startswith("| ") and "`test_" in line]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.stem)
def test_every_row_names_a_command_and_a_screen_that_there_are(
    module: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in rows_of(module):
        assert len(row) == 5, row
        _, _, command, screen, _ = row
        if command.startswith("settings "):
            assert set(re.findall(r"`([\w.]+)`", command)) <= set(NAMES), row
        else:
            (given,) = re.findall(r"`([^`]+)`", command)
            name, *words = given.split()
            with pytest.raises(SystemExit):
                parse([name, "--help"])
            offered = capsys.readouterr().out
            assert all(word in offered for word in words if word.startswith("--")), row
        said = re.split(r", ?|: | \(", screen)
        assert said[0] in SCREENS, row


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.stem)
def test_every_row_has_an_origin(module: Path) -> None:
    (number,) = re.findall(r"_(00\d)_", module.name)
    (part,) = re.findall(rf"^## {number} · (.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    rows = [line for line in part.splitlines() if line.startswith("| ") and "`test_" in line]
    for row in rows:
        origin = row.strip("| ").rpartition("| ")[2]
        assert re.search(r"documented|reported|assumed|ours", origin), row
    assert "Out of scope:" in part
