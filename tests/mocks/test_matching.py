from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.mocks.matching import Call, Matcher, RuleIndex, matches_one_by_one
from sandbox.mocks.urls import split_url
from sandbox.model.base import Json
from sandbox.model.exchange import Send
from sandbox.model.rules import Match
from tests.mocks.calls import call, engine


def answers(match: Json, send: Send) -> bool:
    session = engine({"match": match, "respond": {"items": [{"status": 200}]}}).session()
    return session.answer(send).status == 200


@pytest.mark.parametrize(
    ("match", "url", "expected"),
    [
        ({}, "http://api.test/", True),
        ({"url": "/x/{id}"}, "http://api.test/x/7", True),
        ({"url": "/x/{id}"}, "http://api.test/x/7?q=1", True),
        ({"url": "/x/{id}"}, "http://api.test/x/", False),
        ({"url": "/x/{id}"}, "http://api.test/x/7/y", False),
        ({"url": "/x/{id}/y"}, "http://api.test/x/7/y", True),
        ({"url": "/x/{id}.json"}, "http://api.test/x/7.json", True),
        ({"url": "/x/{id}.json"}, "http://api.test/x/.json", False),
        ({"url": "/x/*"}, "http://api.test/x/", True),
        ({"url": "/x/*"}, "http://api.test/x/a/b", True),
        ({"url": "/x/*"}, "http://api.test/x", False),
        ({"url": "/x*"}, "http://api.test/xyz", True),
        ({"url": "*"}, "http://api.test", True),
        ({"url": "/*/end"}, "http://api.test/a/b/end", True),
        ({"url": "/x"}, "http://api.test/x/", False),
        ({"url": "/"}, "http://api.test", True),
        ({"url": "/caf\u00e9"}, "http://api.test/caf%C3%A9", True),
        ({"url": "/caf%C3%A9"}, "http://api.test/caf%C3%A9", True),
        ({"url": "http://api.test/x"}, "http://api.test/xyz", True),
        ({"url": "http://API.test:80/x"}, "http://api.TEST/xyz", True),
        ({"url": "https://api.test/x"}, "http://api.test/x", False),
        ({"url": "http://api.test"}, "http://api.test:8080/", True),
        ({"url": {"host": "API.test"}}, "http://api.test:8080/", True),
        ({"url": {"host": "api.test:8080"}}, "http://api.test:8080/", True),
        ({"url": {"host": "api.test:443"}}, "https://api.test/", True),
        ({"url": {"host": "api.test:80"}}, "https://api.test/", False),
        ({"url": {"host": "[::1]"}}, "http://[::1]:8000/", True),
        ({"url": {"regex": r"[?&]q=\d+$"}}, "http://api.test/x?q=12", True),
        ({"url": {"regex": r"^/x"}}, "http://api.test/x", False),
        ({"url": {"host": "api.test", "path": "/y"}}, "http://api.test/x", False),
    ],
)
def test_url(match: Json, url: str, expected: bool) -> None:
    assert answers(match, call(url)) is expected


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"method": "post"}, True),
        ({"method": ["GET", "POST"]}, True),
        ({"method": "GET"}, False),
        ({"step": "call"}, True),
        ({"step": ["a", "b"]}, False),
        ({"journey": "newsletter", "profile": ["6", "7"]}, True),
        ({"journey": "other"}, False),
        ({"profile": "8"}, False),
        ({"attempt": 2}, True),
        ({"attempt": {"gte": 2, "lte": 3}}, True),
        ({"attempt": {"gte": 3}}, False),
        ({"attempt": {"lte": 1}}, False),
        ({"visit": 3}, True),
        ({"visit": {"eq": 1}}, False),
    ],
)
def test_who_calls(match: Json, expected: bool) -> None:
    assert answers(match, call(attempt=2, visit=3)) is expected


FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)
TWICE = (("X-A", "1"), ("x-a", "2"))


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"headers": {"x-a": "2"}}, True),
        ({"headers": {"X-A": {"regex": "^[12]$"}}}, True),
        ({"headers": {"x-a": {"not": "1"}}}, False),
        ({"headers": {"x-a": {"not": "3"}}}, True),
        ({"headers": {"x-b": {"not": "3"}}}, True),
        ({"headers": {"x-b": {"exists": False}}}, True),
        ({"headers": {"x-a": {"exists": False}}}, False),
        ({"headers": {"x-a": {"exists": True}}}, True),
        ({"headers": {"x-b": {"exists": True}}}, False),
        ({"headers": {"x-b": {"exists": True, "not": "1"}}}, False),
        ({"headers": {"x-a": 2}}, True),
        ({"headers": {"x-a": {"in": ["7", "2"]}}}, True),
        ({"headers": {"x-a": "2", "x-b": "2"}}, False),
        ({"url": {"query": {"q": "a b"}}}, True),
        ({"url": {"query": {"q": {"starts_with": "b"}}}}, False),
        ({"url": {"query": {"empty": ""}}}, True),
        ({"url": {"query": {"n": 7}}}, True),
        ({"trigger": "newsletter_register"}, True),
        ({"trigger": ["manual", "other"]}, False),
        ({"profile": {"country": "TR"}}, True),
        ({"profile": {"address.city": {"in": ["Bursa", "Izmir"]}}}, True),
        ({"profile": {"age": {"gte": 18, "lt": 40}}}, True),
        ({"profile": {"age": {"gt": 39}}}, False),
        ({"profile": {"age": "39"}}, False),
        ({"profile": {"tags": {"contains": "vip"}}}, True),
        ({"profile": {"gone": {"exists": False}}}, True),
        ({"profile": {"nothing": None}}, True),
        ({"profile": {"nothing": {"exists": True}}}, True),
        ({"profile": {"opted": True}}, True),
        ({"profile": {"opted": 1}}, False),
        ({"any": [{"method": "GET"}, {"step": "call", "headers": {"x-a": "1"}}]}, True),
        ({"any": [{"method": "GET"}, {"step": "other"}]}, False),
        ({"not": {"method": "GET"}}, True),
        ({"not": {"method": "POST", "step": "call"}}, False),
        ({"not": {"any": [{"method": "GET"}, {"not": {"step": "call"}}]}}, True),
    ],
)
def test_who_calls_and_what_the_head_says(match: Json, expected: bool) -> None:
    user = {
        "id": "7", "country": "TR", "age": 39, "address": {"city": "Izmir"}, "tags": ["vip"],
        "nothing": None, "opted": True,
    }  # fmt: skip
    url = "http://api.test/x?q=a%20b&empty=&n=7"
    send = call(url, headers=TWICE, user=user, trigger="newsletter_register")
    assert answers(match, send) is expected


BODY = b'{"user":{"email":"","age":39},"items":[{"sku":"a"},{"sku":"b","n":2}],"ok":true}'


@pytest.mark.parametrize(
    ("match", "body", "expected"),
    [
        ({"json_path": {"$.user.age": 39}}, BODY, True),
        ({"json_path": {"$.user.age": 39.0}}, BODY, True),
        ({"json_path": {"$.user.email": {"not": ""}}}, BODY, False),
        ({"json_path": {"$.items[1].sku": "b"}}, BODY, True),
        ({"json_path": {"$.items[*].sku": "b"}}, BODY, True),
        ({"json_path": {"$.items[*].sku": "c"}}, BODY, False),
        ({"json_path": {"$.items[*].sku": {"not": "b"}}}, BODY, False),
        ({"json_path": {"$.items": {"contains": {"sku": "a"}}}}, BODY, True),
        ({"json_path": {"$.user": {"contains": "age"}}}, BODY, True),
        ({"json_path": {"$['user']['age']": {"gt": 38, "lte": 39}}}, BODY, True),
        ({"json_path": {"$.ok": 1}}, BODY, False),
        ({"json_path": {"$.ok": True, "$.gone": {"exists": False}}}, BODY, True),
        ({"json_path": {"$.user": {"eq": {"email": "", "age": 39}}}}, BODY, True),
        ({"json_path": {"$": {"exists": True}}}, b"7", True),
        ({"json_path": {"$.a": {"exists": True}}}, b"no json", False),
        ({"json_path": {"$.a": {"exists": False}}}, b"no json", True),
        ({"schema": {"type": "object", "required": ["user"]}}, BODY, True),
        ({"schema": {"type": "object", "required": ["name"]}}, BODY, False),
        ({"schema": True}, b"no json", False),
        ({"text": {"contains": "email"}}, BODY, True),
        ({"text": {"regex": "^.{3}$"}}, b"caf\xff", False),
        ({"text": "7"}, b"7", True),
        ({"form": {"a": "1", "b": {"exists": False}}}, b"a=1&c=x+y", True),
        ({"form": {"c": "x y"}}, b"a=1&c=x+y", True),
        ({"form": {"c": "z"}}, b"a=1&c=x+y", False),
    ],
)
def test_what_the_body_says(match: Json, body: bytes, expected: bool) -> None:
    assert answers({"body": match}, call(body=body, headers=FORM)) is expected


def test_a_body_that_is_no_form_has_no_fields() -> None:
    assert not answers({"body": {"form": {"a": "1"}}}, call(body=b"a=1", headers=()))


def test_lower_priority_wins_then_the_order_and_disabled_rules_never() -> None:
    made = engine(
        {"id": "off", "enabled": False, "priority": 0, "respond": {"items": [{"status": 500}]}},
        {"id": "plain", "respond": {"items": [{"status": 501}]}},
        {"id": "first", "priority": 1, "respond": {"items": [{"status": 502}]}},
        {"id": "same", "priority": 1, "respond": {"items": [{"status": 503}]}},
    )
    assert made.session().answer(call()).rule == "first"


names = st.sampled_from(["a", "b", "c"])
some_names = st.lists(names, min_size=1, max_size=3)
segments = st.sampled_from(["x", "y", "{id}", "x-{n}", "%C3%A9", "\u00e9", "*"])
paths = st.lists(segments, max_size=4).map(lambda parts: "/" + "/".join(parts))
hosts = st.sampled_from(["h.test", "h.test:80", "h.test:8080", "i.test"])
prefixes = st.sampled_from(["http://h.test", "http://h.test/x", "HTTP://i.test:80/", "https://h"])
urls = st.one_of(
    st.fixed_dictionaries({"path": paths}),
    st.fixed_dictionaries({"host": hosts}, optional={"path": paths}),
    st.fixed_dictionaries({"prefix": prefixes}, optional={"path": paths}),
    st.fixed_dictionaries({"regex": st.sampled_from(["x", "y$", r"^http://h"])}),
)
numbers = st.one_of(
    st.integers(1, 3),
    st.fixed_dictionaries({}, optional={name: st.integers(1, 3) for name in ("eq", "gte", "lte")}),
)
texts = st.one_of(
    st.sampled_from(["1", "2", ""]),
    st.fixed_dictionaries({"eq": st.sampled_from(["1", "2"])}, optional={"not": st.just("2")}),
    st.sampled_from([{"not": "1"}, {"exists": False}, {"exists": True}, {"regex": "1"}]),
)
values = st.one_of(
    st.sampled_from([1, 1.0, True, None, "1", [1]]),
    st.sampled_from([{"not": 1}, {"exists": False}, {"gte": 1}, {"in": [1, "1"]}]),
)
contents = {
    "headers": st.dictionaries(st.sampled_from(["x-a", "X-B"]), texts, max_size=2),
    "profile": st.one_of(
        some_names, st.dictionaries(st.sampled_from(["age", "country"]), values, min_size=1)
    ),
    "body": st.fixed_dictionaries(
        {"json_path": st.dictionaries(st.sampled_from(["$.a", "$.l[*]"]), values, max_size=2)}
    ),
    "trigger": some_names,
}
simple = st.fixed_dictionaries(
    {}, optional={**contents, "step": some_names, "method": st.sampled_from(["GET", "post"])}
)
matches = st.fixed_dictionaries(
    {},
    optional={
        **contents,
        "any": st.lists(simple, min_size=1, max_size=2),
        "not": simple,
        "journey": some_names,
        "step": some_names,
        "method": st.sampled_from(["GET", "post", ["PUT", "POST"]]),
        "url": urls,
        "attempt": numbers,
        "visit": numbers,
    },
).map(lambda document: Match.parse(document))
real_segments = st.sampled_from(["x", "y", "x-7", "%C3%A9", "", "a%2Fb", "é".encode().hex()])
calls = st.builds(
    call,
    st.builds(
        "http://{}/{}{}".format,
        st.sampled_from(["h.test", "h.test:8080", "i.test", "H.test"]),
        st.lists(real_segments, max_size=4).map("/".join),
        st.sampled_from(["", "?x=1"]),
    ),
    headers=st.lists(
        st.tuples(st.sampled_from(["X-A", "x-a", "x-b"]), st.sampled_from(["1", "2", ""])),
        max_size=3,
    ).map(tuple),
    body=st.sampled_from([b"", b'{"a":1,"l":[1,2]}', b'{"a":true}', b'{"a":"1","l":[]}']),
    user=st.fixed_dictionaries(
        {}, optional={"age": st.sampled_from([1, True, 3.5]), "country": st.just("1")}
    ),
    trigger=names,
    method=st.sampled_from(["GET", "POST", "put"]),
    journey=names,
    step=names,
    profile=names,
    attempt=st.integers(1, 3),
    visit=st.integers(1, 3),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(matches, max_size=10), st.lists(calls, min_size=1, max_size=4))
def test_the_index_finds_what_trying_each_rule_finds(found: list[Match], asked: list[Send]) -> None:
    matchers = [Matcher(match, rank) for rank, match in enumerate(found)]
    index = RuleIndex(matchers)
    for send in asked:
        seen = Call(send, split_url(send.request.url))
        expected = [one.rank for one in matches_one_by_one(matchers, seen)]
        assert [one.rank for one in index.matches(seen)] == expected
        for matcher in matchers:
            assert matcher.fits(seen) == (not list(matcher.differences(seen)))


@pytest.mark.slow
def test_thousands_of_rules_leave_few_to_be_tried() -> None:
    documents = [
        {"method": "POST", "url": f"/r{n}/{{id}}", "step": ["a", "b"]} for n in range(10_000)
    ]
    matchers = [Matcher(Match.parse(document), rank) for rank, document in enumerate(documents)]
    index = RuleIndex(matchers)
    seen = Call(call("http://api.test/r2999/7", step="a"), split_url("http://api.test/r2999/7"))
    assert [one.rank for one in index.matches(seen)] == [2999]
    drawers = [one for file in index._files.values() for one in file.values()]
    assert max(map(len, drawers)) == 1
    assert max(drawers, key=len)[0].rank == min(map(attrgetter("rank"), matchers))


@pytest.mark.slow
@pytest.mark.parametrize(
    "written",
    [
        lambda n: {"headers": {"x-tenant": str(n)}},
        lambda n: {"url": {"path": "/x", "query": {"id": str(n)}}},
        lambda n: {"method": "POST", "body": {"json_path": {"$.a": n}}},
        lambda n: {"profile": {"customer": f"c{n}"}},
        lambda n: {"journey": f"j{n}", "step": "call"},
        lambda n: {"url": {"host": f"h{n}.test"}, "headers": {"x-any": {"exists": False}}},
    ],
)
def test_a_call_tries_few_of_thousands_of_rules(written: Callable[[int], Json]) -> None:
    matchers = [Matcher(Match.parse(written(n)), n) for n in range(2_000)]
    tried = 0

    class Counted(Matcher):
        __slots__ = ()

        def fits(self, call: Call) -> bool:
            nonlocal tried
            tried += 1
            return super().fits(call)

    for one in matchers:
        one.__class__ = Counted
    send = call(
        "http://h1500.test/x?id=1500", headers=(("X-Tenant", "1500"),), body=b'{"a":1500}',
        user={"customer": "c1500"}, journey="j1500",
    )  # fmt: skip
    found = list(RuleIndex(matchers).matches(Call(send, split_url(send.request.url))))
    assert [one.rank for one in found] == [1500]
    assert tried <= 3


def test_a_rule_for_very_many_people_is_still_found() -> None:
    match = Match.parse({"profile": [str(n) for n in range(9000)], "method": ["POST", "PUT"]})
    index = RuleIndex([Matcher(match, 0)])
    seen = Call(call(profile="8999"), split_url("http://api.test/"))
    assert [one.rank for one in index.matches(seen)] == [0]
