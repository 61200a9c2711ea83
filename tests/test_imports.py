"""What is loaded by whom: each case in a process of its own, because an import cannot be undone."""

from __future__ import annotations

import ast
import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sandbox

CLIENTS = {"httpx", "respx", "httpcore", "h11", "anyio"}
STORES = {"tinydb", "sqlite3", "filelock", "platformdirs"}
SCREENS = {"textual", "rich"}
PURE = ("engine", "mocks", "lab", "charts", "dialects", "templates", "formats", "model")
SOURCES = Path(sandbox.__file__).parent


def modules_of(room: str) -> list[str]:
    found = import_module(f"sandbox.{room}")
    walked = pkgutil.walk_packages(getattr(found, "__path__", []), f"sandbox.{room}.")
    return [f"sandbox.{room}", *(one.name for one in walked)]


def loaded(code: str, *arguments: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after ``code``."""
    told = (
        "import atexit, json, sys; sys.dont_write_bytecode = True\n"
        "atexit.register(lambda: print('loaded:' + json.dumps(sorted(sys.modules)),"
        " file=sys.stderr))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", told + code, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("loaded:"), done.stderr
    return {name.partition(".")[0] for name in json.loads(last.removeprefix("loaded:"))}


# The engine stands for the others here; the gate asks them all.
@pytest.mark.parametrize(
    "room", [one if one == "engine" else pytest.param(one, marks=pytest.mark.slow) for one in PURE]
)
def test_a_pure_room_loads_no_client_no_database_and_no_screen(room: str) -> None:
    unwanted = CLIENTS | STORES | SCREENS | {"asyncio", "jsonschema"}
    # All modules at once: what none of them loads together, none of them loads alone.
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    assert loaded(code, *modules_of(room)) & unwanted == set()


@pytest.mark.slow
@pytest.mark.parametrize("room", ["seams", "runner", "bench"])
def test_the_core_under_the_fronts_loads_none_of_them_either(room: str) -> None:
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    assert loaded(code, *modules_of(room)) & (CLIENTS | STORES | SCREENS) == set()


def test_the_store_loads_no_client_and_no_screen() -> None:
    code = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    assert loaded(code, *modules_of("store")) & (CLIENTS | SCREENS) == set()


@pytest.mark.slow
def test_live_sending_does_not_load_the_mocks_library() -> None:
    found = loaded("import sandbox.wire.live")
    assert "httpx" in found
    assert found & {"respx", "textual", *STORES} == set()


COMMAND = "import sys; from sandbox.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("imports") / "demo"
    subprocess.run(
        [sys.executable, "-m", "sandbox", "init", str(folder)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return str(folder)


def test_help_loads_only_what_parsing_needs() -> None:
    heavy = {"pydantic", "orjson", "yaml", *CLIENTS, *STORES, *SCREENS}
    assert loaded(COMMAND, "--help") & heavy == set()
    assert loaded(COMMAND, "fire", "--help") & heavy == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "newsletter", "call", "--profile", "7"],
        pytest.param(
            ["render", "newsletter", "call", "--profile", "7", "--explain"], marks=pytest.mark.slow
        ),
        pytest.param(["map", "newsletter"], marks=pytest.mark.slow),
        pytest.param(["map", "newsletter", "--mermaid"], marks=pytest.mark.slow),
        pytest.param(["list"], marks=pytest.mark.slow),
        pytest.param(["counts"], marks=pytest.mark.slow),
        pytest.param(["check", "newsletter"], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_looking_loads_neither_a_screen_nor_a_client(arguments: list[str], workspace: str) -> None:
    found = loaded(COMMAND, *arguments, "--workspace", workspace)
    assert "tinydb" in found
    assert found & (SCREENS | CLIENTS) == set()


@pytest.mark.slow
def test_firing_loads_no_screen(workspace: str) -> None:
    found = loaded(COMMAND, "fire", "newsletter", "--profile", "7", "--workspace", workspace)
    assert {"httpx", "respx"} <= found
    # httpx takes rich in by itself where click is installed, for a command of its own.
    assert "textual" not in found


def test_the_command_imports_the_workbench_inside_its_function() -> None:
    for path in (SOURCES / "cli").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("sandbox.tui"), path
            elif isinstance(node, ast.Import):
                assert not any(one.name.startswith("sandbox.tui") for one in node.names), path


@pytest.mark.slow
def test_nobody_below_the_drivers_reads_the_wall_clock() -> None:
    below = [path for room in PURE for path in (SOURCES / room).rglob("*.py")]
    below += [
        SOURCES / f"{name}.py" for name in ("draws", "spellings", "masking", "environment", "seams")
    ]
    for path in below:
        names = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute | ast.Name)
        }
        assert names & {"wall_us", "utcnow", "today", "perf_counter", "monotonic"} == set(), path
