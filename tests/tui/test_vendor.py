"""The vendor's page: every value with its origin, the vendor's words, and how one gets there."""

from __future__ import annotations

import pytest

from sandbox.bench.vendors import vendor_lines
from sandbox.charts.line import plain
from sandbox.dialects import dialect, dialect_names
from sandbox.model.journey import Journey
from sandbox.tui.ink import plain as inked
from sandbox.tui.palette import Palette
from sandbox.tui.screens.vendor import Vendor
from sandbox.tui.vendor_actions import VENDOR_ACTIONS
from tests.tui.fake_bench import FakeBench
from tests.tui.stage import Person, open_workbench


def page(person: Person) -> str:
    screen = person.app.screen
    assert isinstance(screen, Vendor)
    return "\n".join(inked(line) for line in screen.page.sheet.head)


@pytest.mark.parametrize("name", dialect_names())
@pytest.mark.parametrize("cells", [50, 72, 140])
def test_every_value_has_its_origin_source_and_date(name: str, cells: int) -> None:
    one = dialect(name)
    lines = [plain(line) for line in vendor_lines(one, cells)]
    assert max(map(len, lines)) <= cells
    text = " ".join(" ".join(lines).split())
    for key, setting in one.values.items():
        after = text[text.index(f"{key} = ") :]
        assert setting.origin in after[: 400 + len(str(setting.value))]
        assert f"{setting.source}, {setting.date}" in after
    assert all(theirs in text for theirs in one.words.values())
    assert "LIVE calls leave from this machine" in text


@pytest.mark.slow
async def test_d_opens_the_page_of_the_journeys_vendor_and_escape_leaves() -> None:
    async with open_workbench(FakeBench(), 80, 24, journey="loyalty-credit") as person:
        await person.press("d")
        assert "Vendor 1 of 5: insider" in person.screen()
        text = page(person)
        place = text.index("52.213.194.109, 52.19.197.71, 3.248.68.7")
        assert "LIVE calls leave from this machine" in text[place : place + 150]
        assert "timeout_s = 30  assumed" in text
        assert "Base URL and Path" in text
        await person.press("l", "l")
        assert "Vendor 3 of 5: kustomer" in person.screen()
        assert "URI" in page(person)
        await person.press("h", "escape")
        assert not isinstance(person.app.screen, Vendor)


@pytest.mark.slow
async def test_one_origin_at_a_time_and_a_search() -> None:
    async with open_workbench(FakeBench(), 80, 24) as person:
        await person.press("d", "o")
        assert "only what is assumed" in person.screen()
        assert "timeout_s" in page(person)
        assert "success.status" not in page(person)
        await person.press("o", "o")
        assert "success.status" in page(person)
        assert "timeout_s" not in page(person)
        await person.press("o", "slash")
        await person.type("redirects")
        assert "redirects: 1/" in person.screen()
        await person.press("enter", "n")
        assert "redirects: 2/" in person.screen()
        await person.press("escape")
        assert "redirects: 2/" not in person.screen()
        assert isinstance(person.app.screen, Vendor)


@pytest.mark.slow
async def test_what_the_journey_sets_itself_says_so() -> None:
    journey = Journey.parse(
        {"id": "odd", "dialect": "insider", "trigger": {"kind": "manual"},
         "settings": {"policy.failure": "drop"},
         "steps": [{"id": "call", "kind": "call_api", "url": "http://x.test/"}]}
    )  # fmt: skip
    async with open_workbench(FakeBench(journeys=[journey])) as person:
        await person.press("d")
        assert 'policy.failure = "drop"  set by odd' in page(person)
        assert 'the vendor\'s own: "proceed", documented' in page(person)
        await person.press("l")
        assert "set by odd" not in page(person)


@pytest.mark.slow
async def test_the_palette_the_help_and_the_footer_read_one_registry() -> None:
    async with open_workbench(FakeBench()) as person:
        texts = [str(hit.text) async for hit in Palette(person.bench).discover()]
        assert "view: Vendor  (d)" in texts
        await person.press("d")
        for action in VENDOR_ACTIONS:
            assert f"{action.shown} {action.verb}" in person.screen()
        texts = [str(hit.text) async for hit in Palette(person.app.screen).discover()]
        assert [text for text in texts if not text.startswith("theme")] == [
            f"vendor: {action.verb}  ({action.shown})" for action in VENDOR_ACTIONS
        ]
        await person.press("question_mark")
        for action in VENDOR_ACTIONS:
            assert action.help.split(":")[0][:40] in person.screen()


@pytest.mark.slow
async def test_the_bars_name_the_counters_as_the_vendor_does() -> None:
    async with open_workbench(FakeBench(), journey="loyalty-credit") as person:
        await person.press("5", "f", "f")
        assert "insider: ✓ Success 1  ✗ Failed 1  Retried 0  (reported)" in person.screen()


@pytest.mark.slow
async def test_the_inspector_says_what_check_says_and_names_the_vendors_fields() -> None:
    call = {"id": "call", "kind": "call_api", "method": "PUT", "url": "http://x.test/upsert",
            "body": {"a": "{name", "b": "{hapened.x}"}}  # fmt: skip
    journey = Journey.parse(
        {"id": "odd", "dialect": "insider", "trigger": {"kind": "event", "name": "happened"},
         "steps": [call]}
    )  # fmt: skip
    async with open_workbench(FakeBench(journeys=[journey]), 200, 50) as person:
        shown = person.inspector()
        for code in ("json_post", "not_bulk", "open_brace", "unknown_event"):
            assert f"insider.{code}" in shown
        assert "url: Base URL and Path   body: Payload" in shown


@pytest.mark.slow
async def test_the_answer_says_what_the_run_found() -> None:
    call = {"id": "call", "kind": "call_api", "method": "POST", "url": "http://x.test/",
            "body": {"a": "/#steps.1.nope"}}  # fmt: skip
    journey = Journey.parse(
        {"id": "odd", "dialect": "kustomer", "trigger": {"kind": "event", "name": "happened"},
         "steps": [call]}
    )  # fmt: skip
    async with open_workbench(FakeBench(journeys=[journey])) as person:
        await person.press("f")
        person.bench.go_to("inspector")
        await person.press("right", "right")
        assert "! ok_but_input_missing call answered 200" in person.inspector()
        assert "/#steps.call.response.statusCode  number" in person.inspector()
