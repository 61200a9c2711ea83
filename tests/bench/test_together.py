"""Several runs fired at once: what they share is used up in the order of virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sandbox.bench.options import RunOptions
from sandbox.bench.together import Wanted, fire_together
from sandbox.errors import UnknownName
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import FindingDocument, TraceDocument
from sandbox.runner import Crowd
from tests.bench.memory import World, world
from tests.engine.walking import call, journey, tag

SHARED: Json = {
    "id": "shared", "version": 1, "rules": [
        {"id": "in-turn", "respond": {"per": "all", "at_end": "cycle", "items": [
            {"status": 200}, {"times": 2, "status": 503}]}},
    ],
}  # fmt: skip
NAMES = [f"p{n:02}" for n in range(12)]


def crowded(*steps: Json, rules: Json = SHARED) -> tuple[World, RunOptions]:
    there = world(journey(*(steps or (call(), tag("done")))))
    there.bench.repository.put_profiles([Profile(id=name) for name in NAMES])
    return there, RunOptions(rules=RuleSet.parse(rules), seed=7)


async def codes(order: list[str], *steps: Json) -> dict[str, list[str]]:
    """Profile → what each attempt got."""
    there, options = crowded(*steps)
    seen: list[int] = []
    traces = await fire_together(
        there.bench, [Wanted("j", name, options) for name in order],
        lambda place, trace: seen.append(place),
    )  # fmt: skip
    assert [trace["run"]["profile"] for trace in traces] == order
    assert sorted(seen) == list(range(len(order)))
    assert len(there.history.traces) == len(order)
    return {trace["run"]["profile"]: _codes(trace) for trace in traces}


def _codes(trace: TraceDocument) -> list[str]:
    found = []
    for step in trace["steps"]:
        if "request" in step:
            error, response = step["error"], step["response"]
            found.append(error["kind"] if error else str(response and response["status"]))
    return found


async def test_the_order_of_the_list_changes_nothing() -> None:
    forward = await codes(NAMES)
    assert forward["p00"] == ["200"]
    assert forward["p01"] == forward["p02"] == ["503"]
    assert await codes(NAMES[::-1]) == forward
    assert await codes(NAMES[6:] + NAMES[:6]) == forward


async def test_who_waits_less_is_answered_first() -> None:
    retry: Json = {"on": [503], "times": 2, "delay": "10s", "jitter": "full"}
    steps = (call(retry=retry), tag("done"))
    assert await codes(NAMES, *steps) == await codes(NAMES[::-1], *steps)


async def test_people_fired_together_share_a_limit_and_one_alone_does_not() -> None:
    step = call(throttle={"per_s": 4})
    found = await codes(NAMES, step)
    held = {name: kinds.count("throttled") for name, kinds in found.items()}
    assert list(held.values()) == [0] * 4 + [1] * 4 + [2] * 4
    there, options = crowded(step)
    for name in NAMES[:6]:
        alone = await there.bench.fire("j", name, options)
        assert _codes(alone)[0] != "throttled"


EXPECTING: Json = {
    "id": "expecting", "version": 1, "rules": [
        {"id": "create", "latency": {"ms": 500}, "respond": {"items": [{"status": 201}]},
         "expect": {"per": "all", "calls": {"max": 2}, "max_concurrent": 1}},
    ],
}  # fmt: skip


@pytest.mark.parametrize("limit", [{}, {"throttle": {"per_s": 99}}], ids=["apart", "in turn"])
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, []),
        (2, ["expected_concurrency: all runs together: rule create expects 1 call at once at most; "
             "there were 2"]),
        (3, ["expected_calls: all runs together: rule create expects 2 calls at most; it had 3",
             "expected_concurrency: all runs together: rule create expects 1 call at once at most; "
             "there were 3"]),
    ],
)  # fmt: skip
async def test_what_is_expected_of_all_runs_is_judged_over_those_that_are_fired_together(
    number: int, said: list[str], limit: Json
) -> None:
    there, options = crowded(call(**limit), rules=EXPECTING)
    for _ in range(2):  # the batch before does not count
        found: list[FindingDocument] = []
        wanted = [Wanted("j", name, options) for name in NAMES[:number]]
        traces = await fire_together(there.bench, wanted, judged=found.extend)
        assert [f"{one['code']}: {one['message']}" for one in found] == said
        assert {(one["level"], one["step"]) for one in found} <= {("error", "call")}
        kept = [*traces, *there.history.traces]
        assert all(trace["findings"] == [] for trace in kept), "it belongs to no run"


async def test_an_event_is_judged_over_whom_it_let_in() -> None:
    rule = {"id": "create", "expect": {"per": "all", "calls": {"min": 2}},
            "respond": {"items": [{"status": 201}]}}  # fmt: skip
    late = {"kind": "event", "name": "e", "count": 2}
    always = {"kind": "event", "name": "e"}
    there = world(journey(call(), trigger=late), {**journey(call(), trigger=always), "id": "k"})
    options = RunOptions(rules=RuleSet.parse({"rules": [rule]}))
    both: list[FindingDocument] = []
    await there.bench.trigger("e", "7", options, both.extend)
    assert both == []
    options = replace(options, occurrence=1)
    one: list[FindingDocument] = []
    await there.bench.trigger("e", "7", options, one.extend)
    assert [said["message"].partition("; ")[2] for said in one] == ["it had 1"]
    nobody: list[FindingDocument] = []
    there = world(journey(call(), trigger=late))
    await there.bench.trigger("e", "7", options, nobody.extend)
    assert nobody == []


async def test_one_wrong_run_ends_them_all() -> None:
    there, options = crowded()
    wanted = [Wanted("j", name, options) for name in (*NAMES, "nobody")]
    with pytest.raises(UnknownName, match="nobody"):
        await asyncio.wait_for(fire_together(there.bench, wanted), 10)


async def test_a_run_that_is_given_up_while_it_waits_holds_nobody_back() -> None:
    crowd = Crowd(3)
    asked: list[str] = []

    class Answering:
        async def answer(self, send: Send) -> Answer:
            asked.append(send.profile)
            return Answer(200)

        async def close(self) -> None: ...

    there, options = crowded()
    compiled = there.bench.compiled("j")

    async def run(place: int) -> None:
        person = there.bench.person(NAMES[place], options)
        walk = there.bench.new_run(compiled, person, options).go(None, False, False)
        send = next(walk)
        assert isinstance(send, Send)
        try:
            await crowd.member(place, Answering()).answer(send)
        finally:
            crowd.end(place)

    first, second = (asyncio.ensure_future(run(place)) for place in (0, 1))
    await asyncio.sleep(0)
    assert asked == [], "the third has not asked yet"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.wait_for(asyncio.gather(second, run(2)), 10)
    assert asked == ["p01", "p02"]
