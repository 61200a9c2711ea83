"""Insider's tags in single braces, and User.com's with other delimiters."""

from __future__ import annotations

import pytest

from sandbox.engine.urls import encode_value
from sandbox.errors import TemplateError
from sandbox.model.base import Json
from sandbox.templates.noticing import Found
from sandbox.templates.single import Known
from sandbox.templates.snippet import parse
from sandbox.templates.syntax import Syntax

INSIDER = Syntax("insider", "{", "}", Known("purchase", frozenset({"balance"})))
SCOPE: Json = {
    "user": {"em": "ada@x.test", "name": "Ada", "phone_number": "+655551234567", "n": 5,
             "address": {"city": "Łódź"}, "d_uuid": "u-1"},
    "event": {"amount": 59.9, "na": "Shoes", "items": [1, 2]},
    "env": {"BASE_URL": "https://api.test"}, "now": "2026", "balance": 10,
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("{em}", "ada@x.test"),
        ("{ name } {d_uuid}", "Ada u-1"),
        ("{purchase.amount} {event.na}", "59.9 Shoes"),
        ("{balance} {now} {user.name}", "10 2026 Ada"),
        ("{address.city}", "Łódź"),
        ('{gone | default:"friend"} {gone|default:5}', "friend 5"),
        ('{gone | default:"a}b"}', "a}b"),
        ("{name | upper}", "ADA"),
        ('{"id": "{em}", "n": {n}, "o": {}}', '{"id": "ada@x.test", "n": 5, "o": {}}'),
        ("{} { } {1} {a b} {name", "{} { } {1} {a b} {name"),
        ("[{gone}]", "[]"),
        ('{"a": {"b": {n}}}', '{"a": {"b": 5}}'),
        ("{{user.name}}", "Ada"),
        ("{purchase.items[1]}", "2"),
    ],
)
def test_a_text_of_insider(source: str, rendered: str) -> None:
    assert INSIDER.text(source, "body").text(SCOPE, []) == rendered


def test_values_in_the_path_are_percent_encoded() -> None:
    url = INSIDER.text("{env.BASE_URL}/users/{phone_number}", "url", encode_value)
    assert url.text(SCOPE, []) == "https://api.test/users/%2B655551234567"


def test_another_vendors_braces_are_told_with_the_right_ones() -> None:
    text = INSIDER.text("Hi {{user.name}}, {{event.na}}", "text")
    assert [notice.code for notice in text.notices] == ["insider.double_braces"] * 2
    assert "character 4" in text.notices[0].message
    assert "{name}" in text.notices[0].message
    assert "{purchase.na}" in text.notices[1].message
    assert INSIDER.text("Hi {name}", "text").notices == []


def test_a_missing_value_is_told_with_the_tag() -> None:
    found: Found = []
    assert INSIDER.text("<{gone}>", "body.a").text(SCOPE, found) == "<>"
    assert found[0].message == "{gone} in body.a: nothing at user.gone"


def test_a_wrong_filter_has_its_place() -> None:
    with pytest.raises(TemplateError) as refused:
        INSIDER.text("ab {name | uper}")
    assert refused.value.position == 11
    assert "did you mean upper?" in refused.value.hint


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("{{", "}}"), ("{%", "%}"), ("<<", ">>"), ("%", "%"), ("[[", "]]"), ("${", "}")],
)
def test_delimiters_are_a_setting(opens: str, closes: str) -> None:
    syntax = Syntax("snippet", opens, closes)
    source = f'a {opens} user.name {closes}{opens}user.gone | default:"x"{closes}'
    assert syntax.text(source, "body").text(SCOPE, []) == "a Adax"
    with pytest.raises(TemplateError) as refused:
        parse(f"a {opens}user.name | uper{closes}", opens, closes)
    assert "did you mean upper?" in refused.value.hint
    with pytest.raises(TemplateError, match="not closed with"):
        parse(f"a {opens}user.name ", opens, closes)


def test_explaining_is_the_same_for_every_syntax() -> None:
    (line,) = INSIDER.text("to {em}", "to").explain(SCOPE)
    assert line == ("to", "{em}", "user.em", "ada@x.test", "string", "ada@x.test", "")
