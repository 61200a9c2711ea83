"""``__all__`` tells the truth: it is there, it is sorted, and it is what the module offers."""

from __future__ import annotations

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import sandbox

MODULES = [
    one.name
    for one in pkgutil.walk_packages(sandbox.__path__, "sandbox.")
    if not one.name.endswith("__main__")
]


def defined(tree: ast.Module) -> set[str]:
    """The public functions and classes that stand in this very module."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree.body if isinstance(node, kinds) and node.name[0] != "_"}


@pytest.mark.parametrize("name", MODULES)
def test_all_is_what_the_module_offers(name: str) -> None:
    module = import_module(name)
    path = Path(module.__file__ or "")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.name == "__init__.py" and len(tree.body) == 1:
        return  # a docstring only: nothing is offered here
    offered = module.__all__
    assert isinstance(offered, list)
    assert len(offered) == len(set(offered))
    for one in offered:
        assert hasattr(module, one), f"{name}.__all__ names {one!r}, which is not there"
        assert not one.startswith("_") or one == "__version__"
    left_out = defined(tree) - set(offered)
    assert left_out == set(), f"public in {name} and not in __all__"


def test_no_module_has_a_name_that_says_nothing() -> None:
    for name in MODULES:
        last = name.rpartition(".")[2]
        assert last not in {"utils", "util", "helpers", "common", "manager", "misc", "base_utils"}
