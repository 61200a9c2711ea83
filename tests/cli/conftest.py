"""One demo workspace, made once and copied for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.cli import main
from tests.cli.console import Console


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    assert main(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def workspace(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace that commands of this test work in."""
    folder = tmp_path / "workspace"
    shutil.copytree(demo_folder, folder)
    monkeypatch.setenv("SANDBOX_WORKSPACE", str(folder))
    for name in ("NO_COLOR", "SANDBOX_ASCII", "BASE_URL", "APP_TOKEN", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def sandbox(workspace: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Console:
    capsysbinary.readouterr()
    return Console(capsysbinary)
