"""A person's way through a journey: entering, steps, waits, splits, lists, loops."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import iso
from sandbox.dialects import dialect_names
from sandbox.engine.counting import add_counts, counts_of
from sandbox.engine.person import person_of
from sandbox.engine.walk import MAX_STEPS, drive_pure
from sandbox.errors import InputError
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer, Send
from sandbox.model.profile import Profile
from sandbox.model.trace import CallCounts, StepFact, Trace
from tests.engine.journeys import ANSWERS, journeys
from tests.engine.walking import (
    START_US,
    Asked,
    call,
    calls,
    codes,
    compiled,
    fixture,
    go,
    journey,
    neutral,
    notify,
    path,
    shown,
    someone,
    start,
    tag,
)


def split(*weights: float) -> dict[str, Json]:
    arms = [{"weight": weight, "next": f"a{at}"} for at, weight in enumerate(weights)]
    return {"id": "split", "kind": "split", "arms": arms}


def ends(count: int) -> list[dict[str, Json]]:
    return [tag(f"a{at}", next="end") for at in range(count)]


def wait(step_id: str = "wait", **fields: Json) -> dict[str, Json]:
    return {"id": step_id, "kind": "wait", **fields}


def choose(*branches: tuple[Json, Json], otherwise: Json = None) -> dict[str, Json]:
    step: dict[str, Json] = {
        "id": "choose",
        "kind": "condition",
        "branches": [{"when": when, "next": way} for when, way in branches],
    }
    return step if otherwise is None else step | {"else": otherwise}


def update(attribute: str, value: Json, **fields: Json) -> dict[str, Json]:
    return {
        "id": "update", "kind": "update_attribute", "attribute": attribute, "value": value, **fields
    }  # fmt: skip


# Entering ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "occurrence", "been_here", "enters"),
    [
        ({}, None, False, True),
        ({}, 1, False, True),
        ({}, 2, False, False),
        ({"count": 3}, None, False, True),
        ({"count": 3}, 3, False, True),
        ({"count": 3}, 1, False, False),
        ({"count": 3}, 4, False, False),
        ({}, None, True, True),
        ({"reentry": "once"}, None, True, False),
        ({"reentry": "once"}, None, False, True),
        ({"when": {"path": "event.n", "op": "gt", "value": 3}}, None, False, True),
        ({"when": {"path": "event.n", "op": "gt", "value": 5}}, None, False, False),
        ({"when": {"path": "user.vip", "op": "exists"}}, None, False, False),
    ],
)
def test_who_enters(trigger: Json, occurrence: int | None, been_here: bool, enters: bool) -> None:
    document = journey(
        call(), trigger={"kind": "event", "name": "e", "sample": {"n": 5}, **trigger}
    )
    asked = Asked(200)
    trace = go(document, asked, occurrence=occurrence, been_here=been_here)
    assert (trace.status == "completed") is enters
    assert bool(asked.sends) is enters
    if not enters:
        assert (trace.status, codes(trace), trace.facts) == ("not_entered", ["not_entered"], ())
        assert trace.before == trace.after


# Steps -------------------------------------------------------------------------------------------


def test_attributes_and_tags_change_and_are_read_by_later_steps() -> None:
    trace = go(
        journey(
            update("n", "{{event.n}}"),
            tag("t1", tag="t-{{user.n}}"),
            tag("t2", tag="vip"),
            {"id": "r", "kind": "remove_tag", "tag": "t-5"},
            notify("{{user.tags}} {{user.n}}"),
        ),
        event={"n": 5},
        person=person_of(Profile.parse({"id": "7", "tags": ["a", {"id": 1, "name": "vip"}]})),
    )
    assert trace.after.attributes == {"n": 5}
    assert trace.after.tags == ["a", {"id": 1, "name": "vip"}]
    assert [fact.output for fact in trace.facts[:4]] == [5, True, False, True]
    assert trace.facts[-1].output == '["a",{"id":1,"name":"vip"}] 5'


def test_an_attribute_keeps_its_type_whatever_the_vendor() -> None:
    value = {"a": ["{{event.n}}", True], "b": "n {{event.n}}"}
    for dialect in dialect_names():
        trace = go(neutral(update("x", value), dialect=dialect), event={"n": 5})
        assert trace.after.attributes["x"] == {"a": [5, True], "b": "n 5"}


@pytest.mark.parametrize("name", ["id", "tags", "lists", "identities"])
def test_what_is_no_attribute_cannot_be_set(name: str) -> None:
    with pytest.raises(InputError, match="reserved"):
        compiled(journey(update(name, 1)))


@pytest.mark.parametrize(
    ("channel", "to", "attributes", "found"),
    [
        ("email", "{{user.email}}", {"email": "a@b"}, []),
        ("email", "{{user.email}}", {"email": ""}, ["message_no_address"]),
        ("email", "{{user.email}}", {}, ["message_no_address", "value_missing"]),
        ("email", "a@b", {"emails_enabled": False}, ["message_no_opt_in"]),
        ("sms", "+1", {}, ["message_no_opt_in"]),
        ("sms", "+1", {"sms_optin": True}, []),
        ("push", "x", {}, []),
    ],
)
def test_a_message_that_reaches_nobody_is_a_finding(
    channel: str, to: str, attributes: dict[str, Json], found: list[str]
) -> None:
    step = {"id": "m", "kind": "message", "channel": channel, "to": to, "text": "Hi {{user.id}}"}
    trace = go(journey(step), person=someone(**attributes))
    assert sorted(codes(trace)) == found
    assert trace.facts[0].output["text"] == "Hi 7"


COMPARED = {
    "n": 5,
    "s": "5",
    "t": "ten",
    "b": True,
    "z": None,
    "l": [1, "a", {"name": "vip"}],
    "o": {"k": 1},
}


@pytest.mark.parametrize(
    ("name", "op", "value", "holds"),
    [
        ("n", "eq", 5, True), ("n", "eq", "5", True), ("n", "eq", 5.0, True),
        ("n", "eq", "5x", False),
        ("s", "eq", 5, True), ("s", "eq", "5", True), ("s", "eq", "5.0", False),
        ("b", "eq", True, True), ("b", "eq", 1, False), ("b", "eq", "true", False),
        ("z", "eq", None, True), ("none", "eq", None, False), ("none", "ne", 5, True),
        ("n", "ne", 5, False), ("l", "eq", [1, "a", {"name": "vip"}], True),
        ("n", "gt", 4, True), ("n", "gt", "4", True), ("n", "gt", 5, False), ("n", "gte", 5, True),
        ("n", "lt", 5.5, True), ("s", "lte", 5, True), ("t", "gt", 5, False),
        ("t", "gt", "abc", True),
        ("b", "gt", 0, False), ("z", "lt", 1, False), ("none", "lt", 1, False),
        ("none", "gte", 0, False),
        ("n", "in", [1, "5"], True), ("n", "in", [], False), ("none", "in", [None], False),
        ("t", "contains", "e", True), ("t", "contains", 5, False), ("l", "contains", "a", True),
        ("l", "contains", 1, True), ("l", "contains", "vip", True), ("l", "contains", "b", False),
        ("o", "contains", "k", True), ("o", "contains", [1], False), ("o", "contains", {}, False),
        ("n", "contains", 5, False), ("t", "starts_with", "te", True),
        ("n", "starts_with", "5", False),
        ("z", "exists", True, False), ("z", "exists", False, True), ("n", "exists", True, True),
        ("none", "exists", False, True), ("n", "eq", "{{event.n}}", True),
        ("t", "eq", "{{event.t | upper}}", False),
    ],
)  # fmt: skip
def test_a_comparison_holds_or_not(name: str, op: str, value: Json, holds: bool) -> None:
    when = {"path": f"event.{name}", "op": op, "value": value}
    step = choose((when, "yes"), otherwise="no")
    trace = go(journey(step, tag("yes", next="end"), tag("no")), event=COMPARED)
    assert path(trace)[1] == ("yes" if holds else "no")
    assert trace.facts[0].decided_by == "condition"
    negated = go(
        journey(choose(({"not": when}, "yes"), otherwise="no"), tag("yes", next="end"), tag("no")),
        event=COMPARED,
    )
    assert path(negated)[1] == ("no" if holds else "yes")


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "Infinity", "1_000"])
def test_a_name_that_python_would_read_as_a_number_is_a_text(text: str) -> None:
    for op in ("gt", "lt", "gte", "lte"):
        step = choose(({"path": "user.name", "op": op, "value": 5}, "yes"), otherwise="end")
        assert path(go(journey(step, tag("yes")), person=someone(name=text))) == ["choose"]


def test_the_first_branch_that_holds_wins_and_all_and_any_join() -> None:
    yes: Json = {"path": "event.n", "op": "eq", "value": 5}
    no: Json = {"not": yes}
    for when, holds in [
        ({"all": [yes, yes]}, True), ({"all": [yes, no]}, False), ({"all": []}, True),
        ({"any": [no, yes]}, True), ({"any": [no, no]}, False), ({"any": []}, False),
    ]:  # fmt: skip
        step = choose((when, "a"), (yes, "b"))
        trace = go(journey(step, tag("a", next="end"), tag("b")), event={"n": 5})
        assert path(trace)[1] == ("a" if holds else "b")


def test_no_branch_and_no_else_ends_the_path() -> None:
    trace = go(journey(choose(({"path": "event.x", "op": "exists"}, "a")), tag("a")))
    assert (path(trace), trace.status, trace.facts[0].next) == (["choose"], "ended", "")
    assert trace.facts[0].output == "no branch"


# Time --------------------------------------------------------------------------------------------


def test_a_wait_costs_nothing_and_now_follows_it() -> None:
    trace = go(journey(notify("{{now}}", "a"), wait(**{"for": "3d"}), notify("{{now}}", "b")))
    assert [trace.facts[0].output, trace.facts[2].output] == [
        "2026-01-01T00:00:00+00:00", "2026-01-04T00:00:00+00:00",
    ]  # fmt: skip
    assert (trace.ended_us - trace.started_us) == 3 * 86_400_000_000
    assert iso(trace.facts[2].at_us) == "2026-01-04T00:00:00+00:00"


@pytest.mark.parametrize(
    ("until", "ended", "found"),
    [
        ("2026-03-01T09:00:00+01:00", "2026-03-01T08:00:00+00:00", []),
        ("2020-01-01", "2026-01-01T00:00:00+00:00", []),
        ("{{user.birthday}}", "2026-06-01T00:00:00+00:00", []),
        ("{{user.nothing}}", "2026-01-01T00:00:00+00:00", ["bad_moment", "value_missing"]),
        ("{{user.id}}", "2026-01-01T00:00:00+00:00", ["bad_moment"]),
        ("9999-12-31T23:00:00-05:00", "9999-12-31T00:00:00+00:00", []),
    ],
)
def test_waiting_until_a_moment(until: str, ended: str, found: list[str]) -> None:
    trace = go(journey(wait(until=until)), person=someone(birthday="2026-06-01"))
    assert shown(trace)["run"]["ended"] == ended
    assert sorted(codes(trace)) == found


def test_what_an_answer_took_moves_the_clock() -> None:
    trace = go(journey(call(), notify("{{now}}")), Asked(Answer(200, took_ms=1500)))
    assert trace.facts[-1].output == "2026-01-01T00:00:01.500000+00:00"


# Splits ------------------------------------------------------------------------------------------


def test_a_split_sends_each_person_down_the_same_arm_every_time() -> None:
    made = compiled(journey(split(1, 1), *ends(2)))
    for number in range(20):
        person = person_of(Profile.parse({"id": number}))
        first = path(go(made, person=person))
        assert first == path(go(made, person=person))
    arms = {path(go(made, person=someone(), seed=seed))[1] for seed in range(20)}
    assert arms == {"a0", "a1"}


def test_a_split_is_proportional() -> None:
    made = compiled(journey(split(0.2, 0, 0.8), *ends(3)))
    taken = Counter(
        path(go(made, person=person_of(Profile.parse({"id": number}))))[1] for number in range(3000)
    )
    assert 0.17 < taken["a0"] / 3000 < 0.23
    assert taken["a1"] == 0


def test_the_draw_does_not_depend_on_the_other_arms_names_or_steps() -> None:
    plain = compiled(journey(split(1, 1), *ends(2)))
    longer = compiled(journey(notify("first", "first"), split(1, 1), *ends(2)))
    for number in range(20):
        person = person_of(Profile.parse({"id": number}))
        assert path(go(plain, person=person)) == path(go(longer, person=person))[1:]


# Lists and loops ---------------------------------------------------------------------------------


def test_the_steps_of_a_list_run_one_after_the_other() -> None:
    document = journey(
        call(on_success=["one", "two", "three"], on_failure=["two", "end"]),
        tag("one", next="end"),
        tag("two", next="end"),
        tag("three"),
        tag("four"),
    )
    good = go(document)
    assert path(good) == ["call", "one", "two", "three", "four"]
    assert [fact.next for fact in good.facts] == ["one", "two", "three", "four", "end"]
    assert path(go(document, Asked(500))) == ["call", "two"]
    assert go(document, Asked(500)).status == "completed"


def test_a_call_inside_a_list_goes_on_with_the_list() -> None:
    document = journey(
        tag("start", next=["call", "two"]),
        call(on_failure="bad"),
        tag("two", next="end"),
        tag("bad"),
    )
    assert path(go(document, Asked(500))) == ["start", "call", "two"]
    assert path(go(document, Asked(500), dialect="insider-glossary")) == ["start", "call"]


def test_a_loop_that_nothing_leaves_is_ended_with_a_finding() -> None:
    trace = go(journey(tag("a"), tag("b", next="a")))
    assert (trace.status, codes(trace), len(trace.facts)) == ("failed", ["endless_loop"], MAX_STEPS)
    assert shown(trace)["findings"][0]["level"] == "error"


@pytest.mark.slow
def test_an_attribute_that_nests_itself_in_a_loop_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.engine.state.MAX_STEPS", 100)
    trace = go(journey(update("x", {"a": "{{user.x}}", "b": "{{user.x}}"}, next="update")))
    assert trace.status == "failed"
    assert "value_too_large" in codes(trace)
    assert len(dump_json(trace.after.attributes)) < 1_000_000


def test_visits_are_counted() -> None:
    leave: Json = {"path": "steps.call.response.statusCode", "op": "eq", "value": 200}
    step = choose((leave, "end"), otherwise="call")
    asked = Asked(503, 503, 200)
    trace = go(journey(call(), step, dialect="kustomer"), asked)
    assert [send.visit for send in asked.sends] == [1, 2, 3]
    assert shown(trace)["counts"]["call"] == {
        "success": 1, "failure": 2, "attempts": 3, "retried": 0, "by_code": {"503": 2, "200": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([tag("a")], "completed"),
        ([tag("a", next="end"), tag("b")], "completed"),
        ([{"id": "e", "kind": "end"}, tag("b")], "completed"),
        ([tag("a", next="e"), tag("b"), {"id": "e", "kind": "end"}], "completed"),
    ],
)
def test_how_a_path_ends(steps: list[dict[str, Json]], status: str) -> None:
    trace = go(journey(*steps))
    assert trace.status == status
    assert trace.facts[-1].next == "end"
    assert "b" not in path(trace)


def test_win_back_waits_three_days_in_no_time_and_retries() -> None:
    asked = Asked(429, 429, 201, 200)
    trace = go(fixture("win-back"), asked, seed=1, person=someone(user_id="u"))
    for seed in range(2, 9):
        if "coupon" in path(trace):
            break
        asked = Asked(429, 429, 201, 200)
        trace = go(fixture("win-back"), asked, seed=seed, person=someone(user_id="u"))
    assert path(trace) == [
        "pause", "half", "coupon", "coupon", "coupon", "offer", "later", "crm", "won",
    ]  # fmt: skip
    assert shown(trace)["run"]["ended"] == "2026-01-05T00:45:00+00:00"
    assert json.loads(asked.sends[-1].request.body)["extra"]["at"] == "2026-01-05T00:45:00+00:00"


# Overrides for a run -----------------------------------------------------------------------------


def test_a_persons_parts_can_be_replaced_for_a_run() -> None:
    profile = Profile.parse({"id": "7", "attributes": {"a": 1}, "tags": ["x"]})
    person = person_of(profile, {"a": 2, "b": 3, "tags": ["y", {"id": 1, "name": "z"}]})
    assert person.attributes == {"a": 2, "b": 3}
    assert person.tags == ["y", {"id": 1, "name": "z"}]
    assert person_of(profile, {"lists": []}).tags == ["x"]


@pytest.mark.parametrize(
    "overrides",
    [{"tags": "vip"}, {"tags": [5]}, {"tags": [{}]}, {"lists": {"a": 1}}, {"tags": [""]},
     {"tags": None}, {"identities": []}],
)  # fmt: skip
def test_labels_that_are_none_are_refused(overrides: dict[str, Json]) -> None:
    with pytest.raises(InputError, match=r"user\.(tags|lists|identities)"):
        person_of(Profile.parse({"id": "7"}), overrides)


# Whatever the journey ----------------------------------------------------------------------------

LISTS = st.lists(ANSWERS, min_size=1, max_size=6)


def recount(facts: tuple[StepFact, ...]) -> dict[str, CallCounts]:
    """The counters as a person would add them up with a pencil."""
    counted: dict[str, CallCounts] = {}
    for step in dict.fromkeys(fact.step for fact in facts if fact.answer is not None):
        mine = [fact for fact in facts if fact.step == step]
        answers = [fact.answer for fact in mine if fact.answer is not None]
        final = {fact.visit: fact.outcome for fact in mine}
        counted[step] = {
            "success": list(final.values()).count("success"),
            "failure": list(final.values()).count("failure"),
            "attempts": len(mine),
            "retried": sum(fact.attempt > 1 for fact in mine),
            "by_code": dict(
                Counter(one.error.kind if one.error else str(one.status) for one in answers)
            ),
        }
    return counted


@pytest.mark.slow
@given(journeys(), LISTS, st.integers(0, 3), st.sampled_from([None, *dialect_names()]))
def test_every_walk_ends_and_is_the_same_again(
    document: Json, answers: list[Answer], seed: int, dialect: str | None
) -> None:
    made = compiled(document, dialect)

    def once() -> tuple[Trace, list[Send]]:
        asked = Asked(*answers)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sandbox.engine.state.MAX_STEPS", 50)  # loops end soon
            return go(made, asked, person=someone(name="A"), seed=seed), asked.sends

    trace, sends = once()
    assert once() == (trace, sends)
    assert counts_of(trace.facts) == recount(trace.facts)
    assert trace.status in ("completed", "dropped", "ended", "failed", "not_entered")
    assert trace.ended_us >= trace.started_us == START_US
    times = [fact.at_us for fact in trace.facts]
    assert times == sorted(times)
    for fact, following in zip(trace.facts, trace.facts[1:], strict=False):
        assert fact.next == following.step
    assert trace.before == someone(name="A")
    printed = shown(trace)
    assert json.loads(dump_json(printed))["counts"] == json.loads(dump_json(recount(trace.facts)))
    sent = sum(1 for fact in calls(trace) if fact.answer and fact.answer.error is None)
    assert len(sends) >= sent


@pytest.mark.slow
@given(journeys(loops=False), LISTS)
def test_pausing_at_every_fact_changes_nothing(document: Json, answers: list[Answer]) -> None:
    made = compiled(document)
    straight = drive_pure(start(made), Asked(*answers))
    paused: list[StepFact] = []
    walk, asked = start(made, pause=True), Asked(*answers)
    try:
        step = next(walk)
        while True:
            if isinstance(step, StepFact):
                paused.append(step)
                step = next(walk)
            else:
                step = walk.send(asked(step))
    except StopIteration as end:
        assert end.value == straight
    assert tuple(paused) == straight.facts


@given(st.lists(st.tuples(st.sampled_from("ab"), ANSWERS), max_size=6))
def test_counts_of_two_runs_add_up(pairs: list[tuple[str, Answer]]) -> None:
    facts = tuple(
        StepFact(step, "call_api", visit, 1, 0, "success", "", "", None, answer)
        for visit, (step, answer) in enumerate(pairs)
    )
    for at in range(len(facts) + 1):
        total: dict[str, CallCounts] = {}
        add_counts(total, counts_of(facts[:at]))
        add_counts(total, counts_of(facts[at:]))
        assert total == counts_of(facts)
