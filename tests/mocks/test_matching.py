from __future__ import annotations

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
matches = st.fixed_dictionaries(
    {},
    optional={
        "journey": some_names,
        "step": some_names,
        "profile": some_names,
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
    method=st.sampled_from(["GET", "POST", "put"]),
    journey=names,
    step=names,
    profile=names,
    attempt=st.integers(1, 3),
    visit=st.integers(1, 3),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(matches, max_size=12), st.lists(calls, min_size=1, max_size=5))
def test_the_index_finds_what_trying_each_rule_finds(found: list[Match], asked: list[Send]) -> None:
    matchers = [Matcher(match, rank) for rank, match in enumerate(found)]
    index = RuleIndex(matchers)
    for send in asked:
        seen = Call(send, split_url(send.request.url))
        expected = [one.rank for one in matches_one_by_one(matchers, seen)]
        assert [one.rank for one in index.matches(seen)] == expected
        for matcher in matchers:
            assert matcher.fits(seen) == (not list(matcher.differences(seen)))


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


def test_a_rule_for_very_many_people_is_still_found() -> None:
    match = Match.parse({"profile": [str(n) for n in range(9000)], "method": ["POST", "PUT"]})
    index = RuleIndex([Matcher(match, 0)])
    seen = Call(call(profile="8999"), split_url("http://api.test/"))
    assert [one.rank for one in index.matches(seen)] == [0]
