"""One registry: bindings, footer, palette and help say the same, and no key is a trap."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sandbox.tui.actions import ACTIONS, GROUPS, PANE_HELP, actions_for, bindings
from sandbox.tui.app import SandboxApp
from sandbox.tui.arrangement import PANES
from sandbox.tui.forcing import QUICK
from sandbox.tui.ink import plain
from sandbox.tui.palette import Palette
from sandbox.tui.screens.help import help_lines
from sandbox.tui.screens.workbench import Workbench
from sandbox.tui.theme import PLAIN_ROLES, ROLES, THEMES
from sandbox.tui.widgets.rows import Rows
from tests.tui.fake_bench import FakeBench
from tests.tui.stage import open_workbench

TRAPS = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+left_square_bracket", "ctrl+c"}


def test_no_key_is_the_same_byte_as_another_and_none_is_taken_twice() -> None:
    for where in ("everywhere", "rows", "inspector", "body"):
        keys = [key for action in actions_for(where) for key in action.keys.split(",")]
        assert len(keys) == len(set(keys)), where
        assert not TRAPS & set(keys)


def test_ids_are_unique_and_in_a_group_of_the_help() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(ids) == len(set(ids))
    assert {action.group for action in ACTIONS} == set(GROUPS)
    assert all(binding.id in ids for binding in bindings("everywhere"))
    assert set(PANE_HELP) == set(PANES)


def test_every_action_is_there() -> None:
    """A binding whose action is gone does nothing, and says nothing."""
    for action in actions_for("everywhere"):
        name = action.call.partition("(")[0].removeprefix("app.")
        owners = (SandboxApp,) if action.call.startswith("app.") else (Workbench, SandboxApp)
        assert any(hasattr(owner, f"action_{name}") for owner in owners), action.id


def test_quick_keys_mean_the_same_in_the_window_and_outside() -> None:
    calls = {action.keys: action.call for action in ACTIONS if action.id.startswith("mock.force_")}
    assert calls == {key: f"force('{answer}')" for key, answer in QUICK.items()}


@pytest.mark.parametrize("pane", PANES)
def test_help_names_every_key(pane: str) -> None:
    page = "\n".join(map(plain, help_lines(pane)))
    for action in actions_for("everywhere"):
        assert f"  {action.shown}" in page
        assert action.help.split()[0] in page


@pytest.mark.slow
async def test_help_opens_for_the_focused_pane_and_closes() -> None:
    async with open_workbench(FakeBench()) as person:
        await person.press("question_mark")
        assert "Help: Journey map" in person.screen()
        await person.press("escape")
        person.bench.go_to("calls")
        await person.press("f1")
        assert "Help: Calls" in person.screen()


@pytest.mark.slow
async def test_the_footer_shows_eight_at_eighty_and_all_when_wide() -> None:
    ranked = sorted((one for one in ACTIONS if one.rank), key=lambda one: one.rank)
    async with open_workbench(FakeBench(), 80, 24) as person:
        footer = person.screen().splitlines()[-1]
        for action in ranked[:8]:
            assert f"{action.shown} {action.verb}" in footer
        assert ranked[8].verb not in footer
        await person.pilot.resize_terminal(220, 50)
        await person.settle()
        footer = person.screen().splitlines()[-1]
        assert all(f"{action.shown} {action.verb}" in footer for action in ranked)


@pytest.mark.slow
async def test_the_palette_finds_actions_journeys_and_people() -> None:
    async with open_workbench(FakeBench()) as person:
        palette = Palette(person.bench)
        texts = [str(hit.text) async for hit in palette.discover()]
        for action in actions_for("everywhere"):
            if action.id not in ("view.palette", "go.next"):
                assert any(action.verb in text for text in texts), action.id
        await person.pilot.press("ctrl+p")
        await person.type("win-back")
        await person.press("enter")
        await person.settle()
        assert person.bench.choice.journey == "win-back"


@pytest.mark.slow
async def test_every_theme_knows_every_role_and_can_be_chosen() -> None:
    async with open_workbench(FakeBench()) as person:
        for theme in THEMES:
            await person.bench.run_action(f"app.theme('{theme.name}')")
            await person.settle()
            assert person.app.roles is ROLES[theme.name]
            assert "MOCK" in person.header()
    roles = set(PLAIN_ROLES)
    assert all(set(one) == roles for one in ROLES.values())


@pytest.mark.slow
async def test_no_color_means_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_workbench(FakeBench()) as person:
        await person.press("5", "f")
        strips = person.app.screen._compositor.render_strips(person.app.size)
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        assert styles
        coloured = [
            style for style in styles
            for filtered in [style]
            if (filtered.color and not filtered.color.is_default and filtered.color.triplet)
            or (filtered.bgcolor and not filtered.bgcolor.is_default and filtered.bgcolor.triplet)
        ]  # fmt: skip
        assert not coloured
        assert "✗ 1" in person.header()


@pytest.mark.slow
async def test_ascii_draws_ascii_only() -> None:
    people = [one for one in FakeBench().documents.profiles() if one.name.isascii()]
    bench = FakeBench(profiles=people)
    async with open_workbench(bench, ascii=True) as person:
        await person.press("5", *"ffffffff")
        assert any(rows.show_vertical_scrollbar for rows in person.app.screen.query(Rows))
        for size in ((80, 24), (120, 40), (200, 50)):
            await person.pilot.resize_terminal(*size)
            for keys in (("ctrl+o", "m"), ("ctrl+o", "i", "right"), ("r",), ("escape",)):
                await person.press(*keys)
                odd = {char for char in person.screen() if not " " <= char <= "~"} - {"\n"}
                assert odd <= {"•"}, (size, keys)  # masks


@pytest.mark.slow
def test_the_first_frame_waits_for_no_client_no_database_and_nothing_that_runs() -> None:
    code = (
        "import sys, sandbox.tui.app, sandbox.bench.opened\n"
        "bad = {'httpx', 'respx', 'tinydb', 'sqlite3', 'filelock', 'sandbox.lab',\n"
        "       'sandbox.engine.compiled', 'sandbox.mocks.engine', 'sandbox.bench.bench',\n"
        "       'sandbox.templates.handlebars'} & set(sys.modules)\n"
        "print(sorted(bad))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
