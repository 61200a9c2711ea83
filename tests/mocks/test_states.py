"""Scenarios, windows and rate limits: what a rule remembers, on the virtual clock."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import parse_at
from sandbox.errors import DocumentError
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from tests.mocks.calls import call, engine, rules

S = 1_000_000
UP_AND_DOWN: list[Json] = [
    {
        "id": "fails",
        "scenario": {"name": "crm", "in": "started", "to": "down"},
        "respond": {"items": [{"status": 503}]},
    },
    {
        "id": "recovers",
        "scenario": {"name": "crm", "in": ["down"], "to": "up"},
        "respond": {"items": [{"status": 502}]},
    },
    {
        "id": "well",
        "scenario": {"name": "crm", "in": "up"},
        "respond": {"items": [{"status": 200, "json": "{{state.crm}}"}]},
    },
]


def scoped(scope: str) -> MockEngine:
    return engine(
        *({**one, "scenario": {**one["scenario"], "scope": scope}} for one in UP_AND_DOWN)
    )


def test_a_scenario_moves_from_state_to_state_in_a_run() -> None:
    made = scoped("run")
    for _ in range(2):
        session = made.session()
        assert [session.answer(call()).status for _ in range(4)] == [503, 502, 200, 200]
    assert session.answer(call()).body == b'"up"'
    assert not made.shares


def test_a_profiles_scenario_goes_on_in_its_next_run() -> None:
    made = scoped("profile")
    found = [made.session().answer(call(profile=who)).rule for who in "1121"]
    assert found == ["fails", "recovers", "fails", "well"]
    assert (made.widest, made.shares) == ("profile", False)
    made.reset()
    assert made.session().answer(call(profile="1")).rule == "fails"


def test_a_journeys_scenario_is_everybodys() -> None:
    made = scoped("journey")
    asked = [call(profile="1"), call(profile="2"), call(journey="other")]
    found = [made.session().answer(send).rule for send in asked]
    assert found == ["fails", "recovers", "fails"]
    assert (made.widest, made.shares) == ("journey", True)


def test_another_state_is_told_to_whoever_finds_no_rule() -> None:
    answer = engine(UP_AND_DOWN[2]).session().answer(call())
    assert answer.error is not None
    expected = "the scenario crm is in the state 'started', not 'up'"
    assert expected in answer.error.message


@pytest.mark.parametrize(
    ("window", "after_s", "expected"),
    [
        ({"from": "10m"}, 599, 200),
        ({"from": "10m"}, 600, 503),
        ({"to": "10m"}, 0, 503),
        ({"to": "10m"}, 600, 200),
        ({"from": "10m", "to": "1h 30m"}, 5_399, 503),
        ({"from": "2026-01-01T00:00:10Z"}, 9, 200),
        ({"from": "2026-01-01T00:00:10Z", "to": "15s"}, 10, 503),
        ({"from": "2026-01-01T00:00:10Z", "to": "15s"}, 15, 200),
        ({"from": "5s", "ramp": "10s"}, 5, 200),
        ({"from": "5s", "ramp": "10s"}, 15, 503),
    ],
)
def test_a_window_opens_and_closes_its_rule(window: Json, after_s: int, expected: int) -> None:
    start = parse_at("2026-01-01")
    made = engine(
        {"window": window, "respond": {"items": [{"status": 503}]}},
        {"id": "well", "respond": {"items": [{"status": 200}]}},
    )
    send = call(start_us=start, at_us=start + after_s * S)
    assert made.session().answer(send).status == expected
    elsewhere = call(start_us=start - 77 * S, at_us=start + after_s * S)
    assert made.session(start).answer(elsewhere).status == expected


def test_a_ramp_takes_more_and_more_and_never_lets_go_of_a_draw() -> None:
    made = engine(
        {"window": {"ramp": "100s"}, "respond": {"items": [{"status": 503}]}},
        [{"status": 200}],
    )
    taken = []
    for after_s in (0, 25, 50, 75, 99):
        answers = {
            who: made.session().answer(call(profile=str(who), at_us=after_s * S)).status
            for who in range(400)
        }
        taken.append({who for who, status in answers.items() if status == 503})
    assert [len(one) // 40 for one in taken] == [0, 2, 5, 7, 9]
    assert all(before <= after for before, after in pairwise(taken))


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 3), st.integers(1, 4)), min_size=2),
    st.text(min_size=1, max_size=5),
)
def test_whoever_a_ramp_has_taken_is_taken_at_every_later_call(
    calls: list[tuple[int, int, int]], who: str
) -> None:
    made = engine({"window": {"ramp": "100s"}, "respond": {"items": [{"status": 503}]}},
                  [{"status": 200}])  # fmt: skip
    statuses: list[Json] = [
        made.session().answer(
            call(profile=who, at_us=at * S, visit=visit, attempt=attempt, step=f"s{visit}",
                 journey=f"j{attempt}")
        ).status
        for at, visit, attempt in sorted(calls)
    ]  # fmt: skip
    assert statuses == sorted(statuses), "200 until it is taken, 503 from then on"


def test_each_rule_takes_its_own_people_and_a_call_of_nobody_is_drawn_by_itself() -> None:
    def taken(*ids: str, **about: Json) -> set[object]:
        made = engine(*({"id": one, "match": {"step": one}, "window": {"ramp": "100s"},
                         "respond": {"items": [{"status": 503}]}} for one in ids),
                      [{"status": 200}])  # fmt: skip
        key, values = next(iter(about.items()))
        return {one for one in values if made.session().answer(
            call(step="a", at_us=50 * S, **{"profile": "", key: one})).status == 503}  # fmt: skip

    people = [str(number) for number in range(100)]
    assert taken("a", profile=people) == taken("b", "a", profile=people)
    assert 20 < len(taken("a", visit=range(1, 101))) < 80


def limited(**limit: Json) -> MockEngine:
    return engine({"rate_limit": limit, "respond": {"items": [{"status": 200}]}})


def test_a_rate_limit_lets_so_many_through_and_names_the_rest_of_its_window() -> None:
    made = limited(limit=2, per_s=60)
    session = made.session()
    at = 10 * S
    answers = [session.answer(call(at_us=at)) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 429]
    assert answers[2].headers == (("retry-after", "50"),)
    assert answers[2].rule == "r0"
    assert session.answer(call(at_us=at + 50 * S)).status == 200
    assert made.session().answer(call(at_us=at, profile="8")).status == 429
    assert made.shares


@pytest.mark.parametrize(
    ("by", "other", "expected"),
    [
        ("host", {"url": "http://other.test/"}, 200),
        ("host", {"url": "http://api.test/other"}, 429),
        ("url", {"url": "http://api.test/v1/contacts/7?q=1"}, 429),
        ("url", {"url": "http://api.test/other"}, 200),
        ("profile", {"profile": "8"}, 200),
        ("rule", {"url": "http://other.test/", "profile": "8"}, 429),
    ],
)
def test_what_a_rate_limit_counts(by: str, other: Json, expected: int) -> None:
    made = limited(limit=1, per_s=60, by=by)
    assert made.session().answer(call()).status == 200
    assert made.session().answer(call(**other)).status == expected
    assert made.shares is (by != "profile")


@pytest.mark.parametrize(
    ("written", "expected"),
    [("none", ()), (7, (("retry-after", "7"),)), (1.5, (("retry-after", "1.5"),))],
)
def test_the_refusal_is_the_rules_own(written: Json, expected: Json) -> None:
    session = limited(limit=1, status=503, retry_after=written).session()
    assert session.answer(call()).status == 200
    answer = session.answer(call())
    assert (answer.status, answer.headers) == (503, expected)


def test_a_limit_in_front_lets_the_next_rules_answer() -> None:
    made = engine(
        {"id": "limit", "priority": 1, "respond": {"mode": "pass"}, "rate_limit": {"limit": 3}},
        {"id": "a", "match": {"step": "a"}, "respond": {"items": [{"status": 201}]}},
        {"id": "b", "respond": {"items": [{"status": 202}]}},
    )
    session = made.session()
    asked = [session.answer(call(step=step)) for step in "abab"]
    assert [(one.status, one.rule) for one in asked] == [
        (201, "a"), (202, "b"), (201, "a"), (429, "limit"),
    ]  # fmt: skip
    only = engine({"respond": {"mode": "pass"}}).session().answer(call())
    assert only.error is not None
    assert "mode: pass" in only.error.message


def test_a_refused_call_uses_up_no_answer() -> None:
    respond = {"items": [{"status": 201}, {"status": 202}]}
    session = engine({"rate_limit": {"limit": 1, "per_s": 1}, "respond": respond}).session()
    statuses = [session.answer(call(at_us=at)).status for at in (0, 0, S)]
    assert statuses == [201, 429, 202]


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        ({"window": {"from": "2h", "to": "1h"}}, "window.to", "is not after from (2h)"),
        ({"window": {"to": "1h", "ramp": "2h"}}, "window.ramp", "longer than the window"),
        ({"window": {"from": "soon"}}, "window.from", "2026-01-01T09:00:00+01:00"),
        ({"window": {}}, "window", "needs from, to or ramp"),
        ({"scenario": {"name": "crm"}}, "scenario", "needs in, to or both"),
        ({"rate_limit": {"limit": 0}}, "rate_limit.limit", "greater than or equal to 1"),
        ({"rate_limit": {"limit": 1, "by": "ip"}}, "rate_limit.by", "'host', 'url', 'rule'"),
        ({"rate_limit": {"limit": 1, "retry_after": "later"}}, "rate_limit.retry_after",
         "auto, none or a number"),
        ({"latency": {"dist": "steps"}}, "latency.steps", "at least one"),
        ({"latency": {"dist": "steps", "steps": [{"p": 9, "ms": 1}, {"p": 9, "ms": 2}]}},
         "latency.steps[1].p", "not more than the one before"),
        ({"expect": {"calls": {"min": 2, "max": 1}}}, "expect.calls.max", "less than min"),
        ({"expect": {"order_after": "gone"}}, "expect.order_after", "not the id of another rule"),
        ({"expect": {"unique_by": "cookie"}}, "expect.unique_by", "header:NAME or body:$.path"),
        ({"expect": {"unique_by": "body:$.a b"}}, "expect.unique_by", "unexpected"),
        ({"match": {"body": {"json_path": {"a.b": 1}}}}, "match.body.json_path", "begins with $"),
        ({"match": {"body": {"schema": "x.json"}}}, "match.body.schema", "names a file"),
        ({"match": {"body": {"schema": {"type": "text"}}}}, "match.body.schema.type",
         "not a JSON Schema"),
        ({"match": {"body": {"schema": {"$ref": "http://x.test/"}}}}, "match.body.schema",
         "nothing is fetched"),
        ({"match": {"headers": {"x y": "1"}}}, "match.headers", "not the name of a header"),
        ({"match": {"headers": {"x": {"regex": "("}}}}, "match.headers.x.regex",
         "not a regular expression"),
        ({"match": {"any": [{"url": {"regex": "("}}]}}, "match.any[0].url.regex",
         "not a regular expression"),
        ({"match": {"not": {"url": {"host": "a/b"}}}}, "match.not.url.host", "is a host"),
        ({"match": {"profile": {"age": {"above": 1}}}}, "match.profile.age.above", "allowed: eq"),
        ({"match": {"body": {"text": {}}}}, "match.body.text", "needs at least one of eq, not"),
        ({"respond": {"mode": "pass", "items": [{"status": 200}]}}, "respond", "no items"),
        ({"respond": {"items": []}}, "respond.items", "at least 1 item"),
        ({"respond": {"mode": "single"}}, "respond", "needs items"),
        ({"respond": {"items": [{"status": 200, "text": "{{request.}}"}]}},
         "respond.items[0]", "write templates: false"),
        ({"respond": {"items": [{"status": 200, "json": {"a": "{{env.X}}"}}]}},
         "respond.items[0]", "there is: request, profile"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(rule: Json, path: str, message: str) -> None:
    good = {"respond": {"items": [{"status": 200}]}}
    with pytest.raises(DocumentError) as wrong:
        MockEngine(rules(good, {"id": "bad", **good, **rule}))
    assert [problem.path for problem in wrong.value.problems] == [f"rules[1].{path}"]
    assert message in wrong.value.problems[0].message
    assert '(rule "bad")' in wrong.value.problems[0].message


def test_rules_of_one_scenario_agree_on_its_scope() -> None:
    other = {**UP_AND_DOWN[1], "scenario": {**UP_AND_DOWN[1]["scenario"], "scope": "profile"}}
    with pytest.raises(DocumentError, match=r"rules\[1\].scenario.scope.*scope run in rule fails"):
        engine(UP_AND_DOWN[0], other)
