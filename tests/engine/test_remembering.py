"""A request that is remembered is the request that would have been made anew."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.engine.call import CallPlan
from sandbox.engine.compile import compile_journey
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.templates.noticing import Found
from tests.engine.walking import OK, START_US, Asked, call, codes, compiled, go, journey, someone

TEXTS: dict[str, list[str]] = {
    "usercom": ["{{ user.name }}", "{{ event.id }}", "{{ event.absent }}", "{{ env.KEY }}", "a"],
    "insider": ["{name}", "{happened.id}", "{happened.absent}", "{{env.KEY}}", "a"],
    "kustomer": [
        "/#steps.1.id", "/#steps.1.absent", "/#event.absent", "/#", "/#user.name", "/#env.KEY",
        "/#fn:parseInt,steps.1.id", "{{steps.1.id}}", "{{user.name}}", "a",
        "{{#if steps.1.id}}{{user.name}}{{/if}}", "{{#each event.items}}{{../user.name}}{{/each}}",
    ],
}  # fmt: skip
CASES = [(dialect, text) for dialect, texts in TEXTS.items() for text in texts]
ENVELOPE = {"envelope": [["at", "now"], ["data", "body"], ["user", "user"]]}


def _plan(document: Json) -> tuple[Any, CallPlan]:
    made = compile_journey(Journey.parse(document))
    node = made.call("call")
    assert node is not None
    return made, node.plan


@pytest.mark.parametrize("settings", [{}, ENVELOPE], ids=["plain", "envelope"])
@pytest.mark.parametrize(("dialect", "text"), CASES)
def test_it_is_the_one_made_anew(dialect: str, text: str, settings: dict[str, Json]) -> None:
    document = journey(
        call(method="POST", headers={"X-One": text}, body={"a": text, "b": [text]}),
        dialect=dialect,
        settings=settings,
    )
    made, plan = _plan(document)
    events = [{"id": "1", "items": [1]}, {"id": "2", "items": []}, {"absent": ""}]
    envs = [{"KEY": "k"}, {"KEY": "l"}]
    people = [someone(name="Ada"), someone(name=""), someone()]
    for event in events:
        for env in envs:
            for person in (*people, *people):
                user = {**person.attributes, "id": person.id}
                scope = made.scope(user, event, env, {}, "", {})
                remembered: Found = []
                anew: Found = []
                _, fresh = _plan(document)
                old = plan.build(scope, person, START_US, True, 10_000, remembered)
                new = fresh.build(scope, person, START_US, True, 10_000, anew)
                assert (old, remembered) == (new, anew)


def test_a_step_that_is_named_1_is_not_the_event() -> None:
    """From the second time on ``steps.1`` is what the step saw."""
    made, plan = _plan(journey(call(body={"a": "/#steps.1.id"}), dialect="kustomer"))
    person, event, env = someone(), {"id": "e"}, {"KEY": "k"}
    scope = made.scope({}, event, env, {}, "", {})
    first = plan.build(scope, person, START_US, True, 10_000, [])
    scope["steps"]["1"] = {"id": "other"}
    second = plan.build(scope, person, START_US, True, 10_000, [])
    assert (first.request.body, second.request.body) == (b'{"a":"e"}', b'{"a":"other"}')


@pytest.mark.parametrize("dialect", ["usercom", "insider", "kustomer"])
def test_whoever_comes_again_gets_their_own_call_of_that_moment(dialect: str) -> None:
    document = journey(
        call(method="POST", body={"a": TEXTS[dialect][0], "b": "x"}),
        dialect=dialect,
        settings=ENVELOPE,
    )
    made, plan = _plan(document)
    event, env = {"id": "1", "items": [1]}, {"KEY": "k"}
    ada, bob = someone(name="Ada"), someone(name="Bob")
    for person in (ada, ada, bob, ada, bob, bob):
        scope = made.scope({**person.attributes, "id": person.id}, event, env, {}, "", {})
        usual = (START_US, True, 10_000)
        later, without, smaller = (
            (START_US + 1, True, 10_000),
            (START_US, False, 10_000),
            (START_US, True, 10),
        )
        for moment in (usual, usual, usual, later, usual, without, usual, smaller, usual):
            _, fresh = _plan(document)
            remembered: Found = []
            anew: Found = []
            old = plan.build(scope, person, *moment, remembered)
            assert old == fresh.build(scope, person, *moment, anew)
            assert remembered == anew


@pytest.mark.parametrize("shown", [False, True])
def test_an_empty_value_is_told_whether_or_not_the_payload_is_kept(shown: bool) -> None:
    """User.com's envelope is joined from parts when no step reads what was sent."""
    more = [{"id": "say", "kind": "notify", "text": "{{ steps.call.input }}"}] if shown else []
    made = compiled(journey(call(body={"a": "{{ event.a }}"}), *more))
    for _ in range(2):
        trace = go(made, Asked(OK), event={"a": ""})
        assert "ok_but_input_missing" in codes(trace)
