"""The kept suite, walked once more through httpx and respx: nothing may differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.bench.bench import Bench
from sandbox.bench.options import RunOptions
from sandbox.bench.questions import confirm, sweep
from sandbox.cli.compose import LateAnswerers, create_demo
from sandbox.formats.documents import read
from sandbox.lab.differences import trace_differences
from sandbox.lab.suite import Scenario
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.rules import Item
from tests.lab.sweeping import call

DEMO = ("api-call", "newsletter", "loyalty-credit", "contact-sync", "order-update", "win-back")
PLANTED = sorted((Path(__file__).parent / "journeys").glob("*.yaml"))
ENDING = [path.stem for path in PLANTED if path.stem != "never-ends"]
"""One endless run is confirmed where the command is tested; it makes a thousand calls."""
DIALECTS = ("usercom", "insider-glossary", "kustomer")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("confirm") / "workspace"
    with create_demo(folder) as workspace:
        for path in PLANTED:
            document = read(path.read_text("utf-8"), path.name)
            workspace.repository.put_journeys([Journey.parse(document)])
        workspace.repository.put_journeys([Journey.parse(one) for one in ODD])
        yield Bench(workspace.repository, workspace.history, LateAnswerers(), {})


def odd(name: str, *steps: dict[str, Json], dialect: str = "usercom") -> dict[str, Json]:
    trigger = {"kind": "event", "name": "e"}
    return {"id": name, "dialect": dialect, "trigger": trigger, "steps": list(steps)}


ODD = [
    odd("follows", call("a", follow_redirects=True, method="GET"), call("b")),
    odd(
        "token",
        call(
            "a",
            auth={
                "kind": "oauth2_client", "token_url": "http://api.test/token", "client_id": "x",
                "client_secret": "{{env.APP_TOKEN}}",
            },
        ),
    ),
    odd("head", call("a", method="HEAD", save=[{"name": "kept", "path": "$.id"}]),
        {"id": "say", "kind": "notify", "text": "{{kept}} at {{now}} in {{run.id}}"}),
    odd("retries", call("a", retry={"on": [429, "5xx", "timeout", "dns", "tls"], "times": 3})),
    odd("unsendable", call("a", url="http://api.test/{{user.id}}", headers={"X": "{{user.none}}"}),
        call("b", url="{{steps.a.body.next}}")),
    odd("limited", call("a", retry={"on": ["5xx"], "times": 4, "delay": "1s"},
                        breaker={"failures": 2, "for": "1m"}),
        call("b", url="http://api.test/a", throttle={"per_s": 1}), call("c", url="http://api.test/a",
        throttle={"per_s": 1})),
    odd("held-back", call("a", throttle={"per_s": 1}, on_success="b", on_failure="b"),
        call("b", url="http://api.test/a", throttle={"per_s": 1}, on_failure="end",
             retry={"on": ["throttled", 503], "times": 2, "delay": "2s"})),
    odd("opened", call("a", breaker={"failures": 1, "for": "30s"}, on_success="b", on_failure="b"),
        call("b", url="http://api.test/a", breaker={"failures": 1, "for": "30s"},
             on_failure="end")),
    odd("faults", call("a", follow_redirects=True, on_failure="which"),
        {"id": "which", "kind": "condition", "else": "end", "branches": [
            {"when": {"path": "steps.a.error.kind", "op": "eq", "value": kind}, "next": "end"}
            for kind in ("bad_redirect", "too_many_redirects", "decoding", "truncated", "protocol")
        ]}),
    odd("texts", call("a"),
        call("b", body='{"x": "{{{steps.a.body.x}}}", "y": {{#if steps.a.body.y}}1{{/if}} }'),
        dialect="kustomer"),
]  # fmt: skip


@pytest.mark.parametrize(
    "journey",
    [
        *DEMO[:2],
        *(pytest.param(one, marks=pytest.mark.slow) for one in DEMO[2:]),
        *(
            pytest.param(path.stem, marks=pytest.mark.slow)
            for path in PLANTED
            if path.stem != "never-ends"
        ),
        *(pytest.param(one["id"], marks=pytest.mark.slow) for one in ODD),
    ],
)
async def test_every_kept_scenario_is_the_same_through_respx(bench: Bench, journey: str) -> None:
    for dialect in (None, *DIALECTS):
        options = RunOptions(dialect=dialect, seed=7)
        report = sweep(bench, journey, None, options, "pairs")
        assert report.suite
        assert await confirm(bench, journey, report.suite, options) == []


async def test_the_active_rules_and_their_latency_do_not_matter(bench: Bench) -> None:
    options = RunOptions(rules=bench.repository.rule_set("slow"))
    report = sweep(bench, "win-back", ["7"], options)
    assert await confirm(bench, "win-back", report.suite, options) == []


async def test_a_difference_is_told_with_its_place(bench: Bench) -> None:
    options = RunOptions(seed=7)
    report = sweep(bench, "newsletter", ["7"], options)
    planted: list[Scenario] = [
        report.suite[1]._replace(path=("consent", "call", "tag_ok")),
        report.suite[0]._replace(status="dropped"),
    ]
    found = await confirm(bench, "newsletter", [*planted, *report.suite], options)
    assert found == [
        "call=3xx (profile 7) differs: the sweep saw consent → call → tag_ok and completed",
        "everything succeeds (profile 7) differs: the sweep saw consent → call → tag_ok and "
        "dropped",
    ]


async def test_traces_are_compared_whole(bench: Bench) -> None:
    options = RunOptions(seed=7)
    before = await bench.fire("newsletter", "7", options, record=False)
    other = RunOptions(seed=7, answers={"call": (Item(status=201, headers={"x-a": "1"}),)})
    after = await bench.fire("newsletter", "7", other, record=False)
    assert "steps[1].response.status: 200 purely, 201 through respx" in trace_differences(
        before, after, 50
    )
    assert len(trace_differences(before, after)) == 3  # the first few
    assert trace_differences(before, before) == []


def test_a_sweep_does_not_depend_on_the_wall_clock(bench: Bench) -> None:
    first, second = (sweep(bench, "head", None, RunOptions(), "full") for _ in range(2))
    assert (first.matrix, first.suite, first.findings) == (
        second.matrix, second.suite, second.findings,
    )  # fmt: skip
