"""Pictures of the workbench at three sizes, compared with the ones that a person has looked at.

To accept a changed picture, look at it first: ``pytest tests/tui/test_snapshots.py
--snapshot-update``, then the diff of the SVG files.
"""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.tui.app import SandboxApp
from tests.tui.fake_bench import FakeBench
from tests.tui.pictures import Compare, after, pictured

pytestmark = pictured


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> SandboxApp:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return SandboxApp(FakeBench().opened)


SIZES = [(80, 24), (120, 40), (200, 50)]
STORY = ("f", "5", "f", "f")


@pytest.mark.parametrize(
    "size",
    [SIZES[0], *(pytest.param(one, marks=pytest.mark.slow) for one in SIZES[1:])],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_workbench(snap_compare: Compare, app: SandboxApp, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=after(*STORY))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "size"),
    [(("question_mark",), (80, 24)), (("r", "j"), (120, 40)), (("m",), (80, 24))],
    ids=["help", "rules", "live"],
)
def test_windows(
    snap_compare: Compare, app: SandboxApp, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    assert snap_compare(app, terminal_size=size, run_before=after(*keys))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_vendor(
    snap_compare: Compare, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = SandboxApp(FakeBench().opened, journey="loyalty-credit")
    assert snap_compare(app, terminal_size=size, run_before=after("d"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "keys", "size"),
    [
        ("opened call", (*STORY, "ctrl+o", "c", "j", "enter"), (200, 50)),
        ("difference", ("ctrl+o", "i", "left"), (120, 40)),
        ("stepping", ("s", "s"), (80, 24)),
        ("payload narrow", ("u", "ctrl+o", "i"), (80, 24)),
        ("jump", ("ctrl+o",), (80, 24)),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "at",
)
def test_states(
    snap_compare: Compare, app: SandboxApp, name: str, keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    assert snap_compare(app, terminal_size=size, run_before=after(*keys))


@pytest.mark.slow
def test_light(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = SandboxApp(FakeBench().opened, theme="sandbox-light", journey="win-back")
    assert snap_compare(app, terminal_size=(120, 40), run_before=after("9", "f"))


@pytest.mark.slow
def test_no_color(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app: Any = SandboxApp(FakeBench().opened, ascii=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=after("5", "f"))
