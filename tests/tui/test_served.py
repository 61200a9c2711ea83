"""A workbench that is open on the workspace of a running ``sandbox serve`` shows its runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.bench.bench import Bench
from sandbox.cli.compose import LateAnswerers, create_demo
from tests.cli.test_serve import KNOWN, TRIGGER, served
from tests.tui.stage import Person, open_workbench

pytestmark = pytest.mark.slow


NEW = {
    "journeyId": "order-update",
    "contextParams": {"order_id": "2"},
    "unifiedProfile": {
        "id": "id8",
        "contact": {"firstName": "Parth"},
        "profiles": [{"channelType": "EMAIL", "channelId": "acme@x.test", "name": "John Snow"}],
        "createdTime": 1599816142000,
    },
}


async def seen(person: Person, words: str) -> None:
    """Until the screen has these words: a workbench looks once a second."""
    for _ in range(200):
        await asyncio.sleep(0.05)
        await person.settle()
        if words in person.screen():
            return
    raise AssertionError(f"{words!r} was never shown:\n{person.screen()}")


async def test_a_served_run_is_seen_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "w"
    with create_demo(folder) as made:
        bench = Bench(made.repository, made.history, LateAnswerers(), {})
        async with open_workbench(bench, 120, 40, journey="order-update") as person:
            assert "✓ 0  ✗ 0" in person.header()
            with served(folder) as server:
                assert await asyncio.to_thread(server.ask, KNOWN) == (204, None)
                await seen(person, "newest run: for 8, completed")
                assert "✓ 1  ✗ 0" in person.header()
                (row,) = person.bench.calls.shown
                assert (row.journey, row.profile, row.step) == ("order-update", "8", "crm")
                # Somebody who did not exist comes with the request, and is in the list.
                made_new = await asyncio.to_thread(server.ask, NEW, path=f"{TRIGGER}WithNewProfile")
                assert made_new == (204, None)
                await seen(person, "newest run: for id8, completed")
                assert "✓ 2  ✗ 0" in person.header()
                assert bench.repository.profile("id8").attributes["firstName"] == "Parth"
                assert person.bench.catalogue.profile("id8") is not None
                # The newest call opens like any other: exactly what was sent for this order.
                person.bench.go_to("calls")
                await person.press("g", "enter")
                person.bench.go_to("inspector")
                await person.press("left", "left")
                assert '"order": "2"' in person.inspector()
                assert server.stop()[0] == 0
