"""A rule's regular expression never hangs a run: what could is refused when rules are compiled."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import DocumentError
from sandbox.mocks.ambiguity import ambiguity
from sandbox.mocks.compiled import compile_rules
from sandbox.mocks.doubts import doubts
from sandbox.model.base import Json
from tests.mocks.calls import rules

EVERYDAY = [
    "contacts/[0-9]+",
    "^Bearer .+",
    "^https://[^/]+/v[0-9]+/",
    ".*foo.*bar.*",
    r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$",
    r"^([a-zA-Z0-9_.-]+)@([\da-z.-]+)\.([a-z.]{2,6})$",
    r"^(\d+,)*\d+$",
    r'"(?:[^"\\]|\\.)*"',
    r"^(https?://)?([\w-]+\.)+[\w-]+(/[\w ./?%&=-]*)?$",
    "^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$",
    "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
    r"^((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)$",
    r"(?i)^content-type:\s*application/(json|xml)",
    r"^\s*(\w+)\s*=\s*(.*?)\s*$",
    "(foo|bar|baz)+$",
    r"^(GET|POST|PUT) /\S* HTTP/1\.[01]$",
    "^(?!.*(password|secret)).*$",
    r"^(\w+ )*\w+$",
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "<[^>]*>",
    "(?:ab|cd|ef)*x",
    r"^(?:/[^/?#]+)*/orders/(\d+)(?:\?.*)?$",
    r"^(\+|00)\d{1,3}[ -]?(\d+[ -])*\d+$",
    r"^[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?$",
    r"(\w+)\s+\1$",
    "^(?:a{3})+$",
    "(?>a+)+x",
    "^#?([a-f0-9]{6}|[a-f0-9]{3})$",
    "^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^(?:[^,\n]*,){4}x",
    r"(?s)\{.*\}",
    "",
    r"^\$\{[A-Z_][A-Z0-9_]*\}$",
    r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$",
    r"(\w|_)+!",
    "(?i)(a|A)*b",
]
EXPONENTIAL = [
    "(a|a)*b$",
    "(a+)+$",
    "(a*)*b",
    r"^(\w+\s?)*$",
    "(.*,)*x",
    "^([a-z0-9]+[-._]?)*@",
    "(a|aa)+$",
    "(?:a?b?)*c",
    "(x+x+)+y",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(a|b|ab)*c",
    r"(\d{1,3})*x",
    r"(.|\s)*z",
    "(?=(a+)+$)",
    "(?:(a|a)*b)*",
    r"([^/]+/?)*\?id=",
    "(x(?:a*)?)*y",
    "^(?:.*?,?)+;$",
    "(a+){10,}$",
    "(?:[a-z]+|[a-f0-9]+)*x",
    r"(\r\n|\n|\r)*end$",
    "(?i)(?:ab|Ab)*c",
]
NOTHING_BEHIND = ["(a+)+", r"^(\w+\s?)*", r"(\w+\s?)*.*", r"(\s*\w+\s*)+"]


@pytest.mark.parametrize("regex", EVERYDAY)
def test_everyday_expressions_pass(regex: str) -> None:
    assert ambiguity(regex) == ""


@pytest.mark.parametrize("regex", EXPONENTIAL)
def test_what_takes_exponential_time_is_told(regex: str) -> None:
    assert ambiguity(regex) == "exponential"


@pytest.mark.parametrize("regex", NOTHING_BEHIND)
def test_a_loop_that_nothing_behind_can_fail_is_a_doubt(regex: str) -> None:
    assert ambiguity(regex) == "harmless"
    re.search(regex, "a" * 200 + "!")


@pytest.mark.parametrize(
    "regex",
    ["(?:" * 90 + "a" + ")" * 90, "((((?:x?){300}){300}){300})", "((?:){900}){900}", "a{5000}b",
     "(" + "|".join(f"word{n}" for n in range(300)) + ")*x"],
)  # fmt: skip
def test_large_expressions_are_judged_soon_or_left_open(regex: str) -> None:
    assert ambiguity(regex) in ("", "unknown")


PIECES = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "a?", r"\w", "c"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        inner.map(lambda one: f"(?:{one})*"),
        inner.map(lambda one: f"(?:{one}){{1,3}}"),
    ),
    max_leaves=6,
)


@given(PIECES)
def test_any_expression_has_a_verdict(regex: str) -> None:
    assert ambiguity(f"{regex}!") in ("", "exponential")


@pytest.mark.parametrize(
    ("match", "path"),
    [
        ({"url": {"regex": "(a|a)*b$"}}, "rules[0].match.url.regex"),
        ({"headers": {"x": {"regex": "(a+)+$"}}}, "rules[0].match.headers.x.regex"),
        ({"any": [{"body": {"text": {"regex": "(a+)+$"}}}]},
         "rules[0].match.any[0].body.text.regex"),
        ({"body": {"schema": {"properties": {"a": {"pattern": "(a|aa)+$"}}}}},
         "rules[0].match.body.schema"),
        ({"body": {"schema": {"patternProperties": {"(a|aa)+$": True}}}},
         "rules[0].match.body.schema"),
    ],
)  # fmt: skip
def test_a_rule_that_could_hang_everything_is_refused(match: Json, path: str) -> None:
    with pytest.raises(DocumentError, match="would take exponential time") as refused:
        compile_rules(rules({"match": match, "respond": {"items": [{"status": 200}]}}))
    assert refused.value.problems[0].path.startswith(path)


def test_a_slow_expression_is_a_doubt_wherever_it_stands() -> None:
    slow: Json = {"regex": "(a+)+"}
    match: Json = {
        "url": {**slow, "query": {"q": slow}}, "headers": {"x": slow}, "profile": {"a.b": slow},
        "body": {"json_path": {"$.a": slow, "$.b": {"eq": slow}}}, "not": {"body": {"text": slow}},
        "any": [{"url": "/a"}, {"body": {"form": {"f": slow}}}],
    }  # fmt: skip
    found = doubts(rules({"match": match, "respond": {"items": [{"status": 200}]}}))
    assert {one.code for one in found} == {"slow_regex"}
    places = [one.message.split(" ")[0].removeprefix("rules[0].match.") for one in found]
    assert sorted(places) == [
        "any[1].body.form.f.regex", "body.json_path.$.a.regex", "headers.x.regex",
        "not.body.text.regex", "profile.a.b.regex", "url.query.q.regex", "url.regex",
    ]  # fmt: skip
