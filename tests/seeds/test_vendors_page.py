"""``docs/vendors.md`` names every test of the five documents, and none that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.stem)
def test_every_row_has_an_origin(module: Path) -> None:
    (number,) = re.findall(r"_(00\d)_", module.name)
    (part,) = re.findall(rf"^## {number} · (.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    rows = [line for line in part.splitlines() if line.startswith("| ") and "`test_" in line]
    for row in rows:
        origin = row.strip("| ").rpartition("| ")[2]
        assert re.search(r"documented|reported|assumed|ours", origin), row
    assert "Out of scope:" in part
