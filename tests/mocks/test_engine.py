from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.draws import draw
from sandbox.errors import DocumentError
from sandbox.mocks.answerer import PureAnswerer
from sandbox.mocks.engine import MockEngine, Session
from sandbox.mocks.faults import FAULTS, find_fault
from sandbox.mocks.latency import latency_ms
from sandbox.mocks.messages import SENTENCES
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import PHASES_OF, Answer, Difference
from sandbox.model.rules import Latency
from tests.mocks.calls import call, engine, rules


def statuses(session: Session, count: int) -> list[int | None]:
    return [session.answer(call()).status for _ in range(count)]


def sequence(at_end: str = "repeat_last", per: str = "run", **more: Json) -> dict[str, Json]:
    items = [{"status": 503, "times": 2}, {"status": 429}, {"status": 200}]
    return {"respond": {"items": items, "at_end": at_end, "per": per}, **more}


@pytest.mark.parametrize(
    ("at_end", "expected"),
    [
        ("repeat_last", [503, 503, 429, 200, 200, 200]),
        ("cycle", [503, 503, 429, 200, 503, 503]),
        ("next_rule", [503, 503, 429, 200, 202, 202]),
        ("fail", [503, 503, 429, 200, None, None]),
    ],
)
def test_sequences(at_end: str, expected: list[int | None]) -> None:
    made = engine(sequence(at_end), [{"status": 202}])
    assert statuses(made.session(), 6) == expected


def test_a_used_up_sequence_says_so() -> None:
    session = engine(sequence("fail")).session()
    statuses(session, 4)
    answer = session.answer(call())
    assert answer.error is not None
    assert answer.error[:2] == ("unmatched", "sandbox")
    assert "the 4 answers of r0 are used up (at_end: fail)" in answer.error.message
    session = engine(sequence("next_rule")).session()
    statuses(session, 4)
    error = session.answer(call()).error
    assert error is not None
    assert "nearest: r0 (its 4 answers are used up)" in error.message


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("run", {"again": 503, "other profile": 503, "other journey": 503}),
        ("profile", {"again": 200, "other profile": 503, "other journey": 200}),
        ("journey", {"again": 200, "other profile": 200, "other journey": 503}),
        ("all", {"again": 200, "other profile": 200, "other journey": 200}),
    ],
)
def test_how_far_a_sequence_reaches(per: str, expected: dict[str, int]) -> None:
    for who, status in expected.items():
        items = [{"status": 503}, {"status": 200}]
        made = engine({"respond": {"items": items, "per": per}})
        assert made.session().answer(call()).status == 503
        profile = "8" if who == "other profile" else "7"
        journey = "other" if who == "other journey" else "newsletter"
        assert made.session().answer(call(profile=profile, journey=journey)).status == status
        made.reset()
        assert made.session().answer(call()).status == 503


def test_sequences_of_two_rules_do_not_count_for_each_other() -> None:
    first = {**sequence(), "match": {"step": "a"}}
    second = {**sequence(), "match": {"step": "b"}}
    session = engine(first, second).session()
    got = [session.answer(call(step=step)).status for step in "abaabb"]
    assert got == [503, 503, 503, 429, 503, 429]


def test_single_gives_the_first_item_for_ever() -> None:
    items = [{"status": 201}, {"status": 500}]
    session = engine({"respond": {"mode": "single", "items": items}}).session()
    assert statuses(session, 3) == [201, 201, 201]


WEIGHTED = {
    "respond": {
        "mode": "weighted",
        "items": [
            {"status": 200, "weight": 3},
            {"status": 599, "weight": 0},
            {"status": 500, "weight": 1},
            {"status": 598, "weight": 0},
        ],
    }
}


def test_weights_depend_on_who_calls_and_not_on_the_order() -> None:
    made = engine(WEIGHTED)
    people = [str(n) for n in range(400)]
    forth = {one: made.session().answer(call(profile=one)).status for one in people}
    back = {one: made.session().answer(call(profile=one)).status for one in reversed(people)}
    assert forth == back
    counted = Counter(forth.values())
    assert set(counted) == {200, 500}
    assert 60 < counted[500] < 140
    other = {one: made.session().answer(call(profile=one, seed=43)).status for one in people}
    assert other != forth


def test_a_weight_is_drawn_with_the_documented_key() -> None:
    status = engine(WEIGHTED).session().answer(call(visit=2, attempt=3)).status
    drawn = draw(42, "r0", "newsletter", "7", "call", 2, 3)
    assert status == (200 if drawn < 0.75 else 500)


def test_editing_one_rule_leaves_the_draws_of_every_other_as_they_were() -> None:
    uniform = {"dist": "uniform", "max_ms": 1000}
    kept = {"id": "kept", "match": {"step": "a"}, "latency": uniform, **WEIGHTED}
    edited = {"id": "edited", "match": {"step": "b"}, **WEIGHTED}
    more: list[Json] = [
        {"id": "new", "priority": 1, "match": {"step": "c"}, **WEIGHTED},
        {**edited, "respond": {"mode": "weighted", "items": [{"status": 404}, {"status": 405}]}},
        kept,
    ]
    people = [call(step="a", profile=str(n)) for n in range(100)]

    def drawn(documents: list[Json]) -> list[Answer]:
        session = engine(*documents).session()
        return [session.answer(one) for one in people]

    assert drawn([kept, edited]) == drawn(more) == drawn([kept])


@given(st.floats(0, 1, exclude_max=True))
def test_an_item_of_weight_0_is_never_chosen(drawn: float) -> None:
    assert engine(WEIGHTED).rules[0].weighted(drawn).status in (200, 500)


@pytest.mark.parametrize(
    ("item", "headers", "body"),
    [
        ({"status": 200, "json": {"a": [1, "é"]}},
         (("content-type", "application/json"),), '{"a":[1,"é"]}'.encode()),
        ({"status": 200, "json": None}, (("content-type", "application/json"),), b"null"),
        ({"status": 200, "json": 1, "headers": {"Content-Type": "text/html"}},
         (("Content-Type", "text/html"),), b"1"),
        ({"status": 500, "text": "où?"}, (), "où?".encode()),
        ({"status": 200}, (), b""),
        ({"status": 204, "json": {"a": 1}}, (), b""),
        ({"status": 304, "text": "x", "headers": {"ETag": "1"}}, (("ETag", "1"),), b""),
        ({"status": 302, "headers": {"Location": "/x"}}, (("Location", "/x"),), b""),
    ],
)  # fmt: skip
def test_answers(item: Json, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
    answer = engine([item]).session().answer(call())
    assert answer == Answer(item["status"], headers, body, None, 0.0, "model", "r0")


def test_head_has_no_body() -> None:
    answer = engine([{"status": 200, "json": 1}]).session().answer(call(method="HEAD", body=b""))
    assert (answer.status, answer.body) == (200, b"")


def test_a_body_over_the_cap_is_too_large() -> None:
    session = engine([{"status": 200, "text": "x" * 11}]).session()
    assert session.answer(call(max_received=11)).status == 200
    error = session.answer(call(max_received=10)).error
    assert error is not None
    assert error[:2] == ("too_large", "body")
    assert "10 bytes" in error.message


def test_latency_of_the_item_goes_before_the_rule_before_the_set() -> None:
    documents: list[Json] = [
        {"match": {"step": "a"}, "latency": {"ms": 20},
         "respond": {"items": [{"status": 200, "latency": {"ms": 30}}, {"status": 200}]}},
        {"respond": {"items": [{"status": 200}]}},
    ]  # fmt: skip
    session = engine(*documents, defaults={"latency": {"ms": 10}}).session()
    took = [session.answer(call(step=step)).took_ms for step in "aab"]
    assert took == [30, 20, 10]


def test_an_answer_later_than_the_timeout_is_a_read_timeout_and_takes_the_timeout() -> None:
    session = engine([{"status": 200, "latency": {"ms": 6000}}]).session()
    answer = session.answer(call())
    assert answer.error is not None
    assert answer.error[:2] == ("read_timeout", "head")
    assert "5 s" in answer.error.message
    assert answer.took_ms == 5000
    assert session.answer(call(timeout_s=6)).status == 200
    slow_refusal = engine([{"fault": "refused", "latency": {"ms": 6000}}]).session().answer(call())
    assert slow_refusal.error is not None
    assert slow_refusal.error[:2] == ("connect_timeout", "connect")


@given(
    st.sampled_from(["fixed", "uniform", "normal", "lognormal"]),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.floats(0, 100),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=2).map(sorted),
)
def test_latency_stays_in_its_bounds_and_grows_with_the_draw(
    dist: str, low: float, more: float, sigma: float, drawn: list[float]
) -> None:
    latency = Latency.parse(
        {"dist": dist, "ms": low, "min_ms": low, "max_ms": low + more, "mean_ms": more,
         "stddev_ms": sigma, "median_ms": more, "sigma": sigma}
    )  # fmt: skip
    first, second = (latency_ms(latency, one) for one in drawn)
    assert low <= first <= second <= low + more


@pytest.mark.parametrize(
    ("drawn", "expected"), [(0.0, 80), (0.499, 80), (0.5, 400), (0.9499, 400), (0.95, 2500)]
)
def test_latency_in_steps_reads_a_table_of_percentiles(drawn: float, expected: float) -> None:
    steps = [{"p": 50, "ms": 80}, {"p": 95, "ms": 400}, {"p": 99, "ms": 2500}]
    assert latency_ms(Latency.parse({"dist": "steps", "steps": steps}), drawn) == expected


def test_latency_is_drawn_per_call() -> None:
    latency = {"dist": "lognormal", "median_ms": 90, "sigma": 0.4}
    made = engine([{"status": 200, "latency": latency}])
    took = [made.session().answer(call(profile=str(n))).took_ms for n in range(200)]
    assert took == [made.session().answer(call(profile=str(n))).took_ms for n in range(200)]
    assert len(set(took)) == 200
    assert 80 < sorted(took)[100] < 100


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault(name: str) -> None:
    fault = find_fault(name)
    answer = engine([{"fault": name, "latency": {"ms": 7}}]).session().answer(call())
    assert answer.rule == "r0"
    assert fault.sentence.endswith(".")
    if fault.is_answer:
        assert answer.status == fault.status
        assert answer.error is None
        assert answer.took_ms == {"drip": 1207, "bandwidth": 307}.get(name, 7)
        return
    assert answer.status is None
    assert answer.error is not None
    kind, phase, message = answer.error[:3]
    assert (kind, phase) == (fault.kind, fault.phase)
    assert phase in PHASES_OF[kind]
    assert len(message) > 10
    assert "{" not in message.replace("{host}", "")
    if kind.endswith("_timeout"):
        assert answer.took_ms == (5007 if phase == "body" else 5000)
        assert "5 s" in message
    else:
        assert answer.took_ms == 7


def test_the_closed_list_has_a_sentence_for_each_kind_and_phase() -> None:
    assert set(SENTENCES) == {(kind, phase) for kind, all_ in PHASES_OF.items() for phase in all_}


def test_timeout_is_a_read_timeout() -> None:
    assert find_fault("timeout").name == "read_timeout"


def test_legal_but_bad_answers_take_a_body_and_headers_of_their_own() -> None:
    item = {"fault": "error_in_200", "json": {"ok": False}, "headers": {"X-Id": "1"}}
    answer = engine([item]).session().answer(call())
    assert answer.body == b'{"ok":false}'
    assert answer.headers == (("X-Id", "1"), ("content-type", "application/json"))


@pytest.mark.parametrize(
    ("documents", "send", "expected"),
    [
        ([], {}, "no rule matched POST http://api.test/v1/contacts/7: the rule set is empty"),
        ([{"id": "crm-down", "match": {"step": "crm"}}], {},
         "nearest: crm-down (step is 'call', not 'crm')"),
        ([{"match": {"method": "GET"}}], {}, "nearest: r0 (method is 'POST', not 'GET')"),
        ([{"match": {"url": "/v1/contacts/7/"}}], {}, "a slash at the end"),
        ([{"match": {"url": {"host": "crm.test:81"}}}], {},
         "host is 'api.test:80', not 'crm.test:81'"),
        ([{"match": {"attempt": {"gte": 2, "lte": 3}}}], {},
         "attempt is 1, not >= 2 and <= 3"),
        ([{"match": {"step": "call"}, "enabled": False}], {}, "nearest: r0 (it is disabled)"),
        ([{"match": {"step": "x", "method": "GET"}}, {"match": {"profile": "8"}}], {},
         "nearest: r1 (profile is '7', not '8')"),
        ([{"match": {"profile": list("abcd")}}], {}, "not 'a' or 'b' or 'c' or …"),
        ([{"match": {"url": {"regex": "^x"}}}], {}, "the URL does not match '^x'"),
        ([{"match": {"url": "https://a.b/"}}], {"url": "http://a.b/?token=s3cret"},
         "no rule matched POST http://a.b/; nearest: r0 (the URL does not start with"),
    ],
)  # fmt: skip
def test_nothing_matched_names_the_nearest_rule(
    documents: list[Json], send: dict[str, Json], expected: str
) -> None:
    written = [{**one, "respond": {"items": [{"status": 200}]}} for one in documents]
    answer = engine(*written).session().answer(call(**send))
    assert answer.status is None
    assert answer.rule is None
    assert answer.error is not None
    assert answer.error[:2] == ("unmatched", "sandbox")
    assert expected in answer.error.message
    assert "s3cret" not in answer.error.message


def test_the_three_nearest_rules_are_told_field_by_field() -> None:
    documents: list[Json] = [
        {"id": "far", "match": {"step": "x", "method": "GET", "url": "/other"}},
        {"id": "near", "match": {"step": "call", "url": "/v1/contacts/8", "visit": 2}},
        {"id": "off", "match": {"step": "call"}, "enabled": False},
        {"id": "method", "match": {"method": ["GET", "PUT"]}},
    ]
    written = [{**one, "respond": {"items": [{"status": 200}]}} for one in documents]
    error = engine(*written).session().answer(call()).error
    assert error is not None
    assert [one.rule for one in error.near] == ["off", "method", "near"]
    told = [[(d.field, d.expected, d.actual) for d in one.differences] for one in error.near]
    assert told == [
        [("enabled", "true", "false")],
        [("method", "GET or PUT", "POST")],
        [("url.path", "/v1/contacts/8", "/v1/contacts/7"), ("visit", "2", "1")],
    ]
    assert error.near[0].rule in error.message


@pytest.mark.parametrize(
    ("rule", "field", "expected", "actual", "message"),
    [
        ({"match": {"headers": {"x-a": "1"}}}, "headers.x-a", '"1"', '"2"',
         'headers.x-a is "2", not "1"'),
        ({"match": {"headers": {"authorization": "Bearer a"}}}, "headers.authorization", "", "",
         "headers.authorization is not what the rule asks for"),
        ({"match": {"body": {"json_path": {"$.a": {"gt": 2}}}}}, "body.$.a", "> 2", "1",
         "body.$.a is 1, not > 2"),
        ({"match": {"body": {"json_path": {"$.a": {"not": 1}}}}}, "body.$.a", "not 1", "1",
         "body.$.a is 1, and must not be"),
        ({"match": {"body": {"json_path": {"$.b": 1}}}}, "body.$.b", "1", "",
         "body.$.b is missing, not 1"),
        ({"match": {"body": {"json_path": {"$.user.password": 1}}}}, "body.$.user.password",
         "", "", "body.$.user.password is missing"),
        ({"match": {"body": {"schema": {"type": "array"}}}}, "body.schema", "array", "an object",
         "the body is not valid by the rule's schema: $ is an object, not array"),
        ({"match": {"body": {"schema": {"properties": {"a": False}}}}}, "body.schema",
         "a valid body", "", "the body is not valid by the rule's schema"),
        ({"match": {"profile": {"country": "TR"}}}, "profile.country", '"TR"', '"DE"',
         'profile.country is "DE", not "TR"'),
        ({"match": {"url": {"query": {"q": "1"}}}}, "query.q", '"1"', "",
         'query.q is missing, not "1"'),
        ({"match": {"trigger": "e"}}, "trigger", "e", "t", "trigger is 't', not 'e'"),
        ({"match": {"any": [{"step": "x", "method": "GET"}, {"visit": 2}]}}, "any",
         "one that fits", "", "none of the 2 in any fits, the nearest: visit is 1, not 2"),
        ({"match": {"not": {"step": "call"}}}, "not", "", "", "it fits what not excludes"),
        ({"match": {"url": "/V1/contacts/7"}}, "url.path", "/V1/contacts/7", "/v1/contacts/7",
         "path is '/v1/contacts/7', not '/V1/contacts/7', capital letters"),
        ({"window": {"from": "1h"}}, "window", "from 1h", "1970-01-01T00:00:00+00:00",
         "1970-01-01T00:00:00+00:00 is outside of its window"),
        ({"scenario": {"name": "s", "in": "up"}}, "scenario.in", "up", "started",
         "the scenario s is in the state 'started', not 'up'"),
    ],
)  # fmt: skip
def test_what_differs_is_told_field_by_field(
    rule: Json, field: str, expected: str, actual: str, message: str
) -> None:
    headers = (("x-a", "2"), ("Authorization", "Bearer secret"))
    send = call(headers=headers, user={"country": "DE"}, trigger="t")
    error = engine({**rule, "respond": {"items": [{"status": 200}]}}).session().answer(send).error
    assert error is not None
    assert error.near[0].differences == (Difference(field, expected, actual, message),)
    assert "secret" not in error.message


@pytest.mark.parametrize(
    ("schema", "expected", "actual", "why"),
    [
        ({"required": ["a", "user"]}, "$.user", "", "$.user is missing"),
        ({"properties": {"a": {"required": ["b", "c"]}}}, "$.a.c", "", "$.a.c is missing"),
        ({"properties": {"a": {"properties": {"b": {"items": {"type": ["null", "string"]}}}}}},
         "null or string", "a number", "$.a.b[1] is a number, not null or string"),
        ({"properties": {"mail": {"minLength": 3}}}, "minLength 3", '"x@"',
         '$.mail is "x@", which minLength 3 does not allow'),
        ({"properties": {"mail": {"enum": ["y", None]}}}, 'enum ["y",null]', '"x@"',
         '$.mail is "x@", which enum ["y",null] does not allow'),
        ({"properties": {"mail": {"anyOf": [{"type": "null"}, {"const": "y"}]}}}, "anyOf", '"x@"',
         '$.mail is "x@", which anyOf does not allow'),
        ({"properties": {"long": {"pattern": "^y"}}}, 'pattern "^y"', "a text",
         '$.long is a text, which pattern "^y" does not allow'),
        ({"properties": {"a": {"maxProperties": 0}}}, "maxProperties 0", "an object",
         "$.a is an object, which maxProperties 0 does not allow"),
        ({"properties": {"token": {"const": "s3cret"}}}, "const", "a text",
         "$.token is a text, which const does not allow"),
        ({"properties": {"a": {"additionalProperties": False}}}, "additionalProperties", "",
         "$.a has what additionalProperties false excludes"),
    ],
)  # fmt: skip
def test_the_first_thing_that_a_schema_does_not_accept_is_told_without_secrets(
    schema: Json, expected: str, actual: str, why: str
) -> None:
    body = dump_json({"a": {"b": [None, 2]}, "mail": "x@", "long": "x" * 50, "token": "t0ps3cret"})
    rule = {"match": {"body": {"schema": schema}}, "respond": {"items": [{"status": 200}]}}
    error = engine(rule).session().answer(call(body=body)).error
    assert error is not None
    assert error.near[0].differences[0] == (
        "body.schema", expected, actual, f"the body is not valid by the rule's schema: {why}"
    )  # fmt: skip
    assert "t0ps3cret" not in error.message and "s3cret" not in str(error.near)


def test_a_body_that_is_no_json_is_a_hint() -> None:
    match = {"body": {"json_path": {"$.a": 1}}}
    made = engine({"match": match, "respond": {"items": [{"status": 200}]}})
    error = made.session().answer(call(body=b"a=1")).error
    assert error is not None
    assert "body.$.a is missing, not 1, the body is not JSON" in error.message


def test_rules_that_are_used_up_are_the_nearest() -> None:
    used = {"respond": {"at_end": "next_rule", "items": [{"status": 200}]}}
    session = engine(used, {"match": {"step": "x"}, **used}).session()
    session.answer(call())
    error = session.answer(call()).error
    assert error is not None
    assert [(one.rule, one.differences[0].field) for one in error.near] == [
        ("r0", "respond"),
        ("r1", "step"),
    ]


def test_everything_wrong_in_a_rule_set_is_refused_at_once() -> None:
    documents: list[Json] = [
        {"priority": 9, "respond": {"items": [{"status": 200}, {"fault": "tiemout"}]}},
        {"match": {"url": {"regex": "("}}, "respond": {"items": [{"status": 200}]}},
        {"match": {"url": "x?y"}, "respond": {"items": [{"status": 200}]}},
        {"match": {"url": {"prefix": "/x", "host": "http://a"}},
         "respond": {"items": [{"status": 200, "headers": {"a": "b\nc"}}]}},
        {"latency": {"dist": "uniform", "min_ms": 2, "max_ms": 1},
         "respond": {"items": [{"status": 200}]}},
    ]  # fmt: skip
    with pytest.raises(DocumentError) as refused:
        engine(*documents, id="bad")
    assert [problem.path for problem in refused.value.problems] == [
        "rules[0].respond.items[1].fault",
        "rules[1].match.url.regex",
        "rules[2].match.url.path",
        "rules[3].match.url.host",
        "rules[3].match.url.prefix",
        "rules[3].respond.items[0].headers",
        "rules[4].latency.max_ms",
    ]
    text = str(refused.value)
    assert text.startswith("rules bad: 7 problems")
    assert "did you mean timeout" in text
    assert "character 1" in text


def test_the_pure_answerer_answers_with_and_without_a_loop() -> None:
    async def ask(answerer: PureAnswerer) -> Answer:
        answer = await answerer.answer(call())
        await answerer.close()
        return answer

    made = rules([{"status": 201}, {"status": 202}])
    answerer = PureAnswerer.of(made)
    assert answerer.answer_now(call()).status == 201
    assert asyncio.run(ask(answerer)).status == 202
    assert MockEngine(made).session().answer(call()).source == "model"
