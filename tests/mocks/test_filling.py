"""Answers with tags."""

from __future__ import annotations

import pytest

from sandbox.clock import parse_at
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from tests.mocks.calls import call, engine

START = parse_at("2026-01-01")


def ask(item: Json, send: Send, match: Json | None = None) -> Answer:
    document = {"match": match or {}, "respond": {"items": [{"status": 200, **item}]}}
    return engine(document).session().answer(send)


def asked() -> Send:
    return call(
        "http://api.test/v1/contacts/a%20b?page=2&tag=x&tag=y",
        headers=(("X-Key", "k"),), body=b'{"user":{"email":"a@b.c","n":3},"on":true}',
        user={"id": "7", "country": "TR"}, at_us=START + 5_000_000, start_us=START, attempt=2,
        trigger="signed_up",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("{{request.path.id}}", b'"a b"'),
        ("{{request.path.rest}}", b"null"),
        ("{{request.method}}", b'"POST"'),
        ("{{request.host}}", b'"api.test"'),
        ("{{request.query.page}}", b'"2"'),
        ("{{request.query.tag}}", b'["x","y"]'),
        ("{{request.headers.x-key}}", b'"k"'),
        ("{{request.body.user.n}}", b"3"),
        ("{{request.body.on}}", b"true"),
        ("{{request.body.user}}", b'{"email":"a@b.c","n":3}'),
        ("n={{request.body.user.n}}", b'"n=3"'),
        ("{{request.body.gone}}", b"null"),
        ('{{request.body.gone | default:"none"}}', b'"none"'),
        ("{{profile.id}}", b'"7"'),
        ("{{user.country | lower}}", b'"tr"'),
        ("{{call.number}}", b"1"),
        ("{{call.attempt}}", b"2"),
        ("{{step}}", b'"call"'),
        ("{{run.journey}}/{{run.trigger}}", b'"newsletter/signed_up"'),
        ("{{run.started}}", b'"2026-01-01T00:00:00+00:00"'),
        ("{{now}}", b'"2026-01-01T00:00:05+00:00"'),
    ],
)
def test_json_keeps_the_type_of_a_whole_tag(tag: str, expected: bytes) -> None:
    match = {"url": "/v1/contacts/{id}"}
    assert ask({"json": {"v": [tag]}}, asked(), match).body == b'{"v":[' + expected + b"]}"


def test_a_form_and_a_text_are_bodies_too() -> None:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    send = call(body=b"a=1&b=2", headers=form)
    assert ask({"text": "{{request.body.b}}"}, send).body == b"2"
    assert ask({"text": "<{{request.text}}>"}, send).body == b"<a=1&b=2>"


def test_headers_are_filled_in_and_stay_sendable() -> None:
    send = call(body=b'{"a":"x\\r\\nSet-Cookie: y","b":"\xc3\xa9"}')
    item = {"headers": {"Location": "/c/{{request.body.b}}", "X-A": "{{request.body.a}}", "X": "1"}}
    assert ask(item, send).headers == (
        ("Location", "/c/\\xe9"), ("X-A", "x  Set-Cookie: y"), ("X", "1"),
    )  # fmt: skip


def test_calls_are_numbered_in_every_mode_within_the_scope() -> None:
    for respond in ({"mode": "single"}, {"mode": "weighted", "per": "all"}, {"at_end": "cycle"}):
        items = [{"status": 200, "json": "{{call.number}}"}]
        made = engine({"respond": {**respond, "items": items}})
        session = made.session()
        assert [session.answer(call()).body for _ in range(3)] == [b"1", b"2", b"3"]
        again = b"4" if "per" in respond else b"1"
        assert made.session().answer(call()).body == again


def test_tags_are_text_where_templates_are_off() -> None:
    item = {"json": {"t": "{{user.name}} {{"}, "templates": False}
    assert ask(item, call()).body == b'{"t":"{{user.name}} {{"}'


def test_a_text_that_grows_past_the_limit_is_too_large() -> None:
    send = call(body=b'"' + b"x" * 900_000 + b'"')
    answer = ask({"text": "{{request.body}}" * 20}, send)
    assert answer.error is not None
    assert answer.error.kind == "too_large"


def test_a_body_that_is_no_json_is_nothing() -> None:
    send = call(body=b"<a>")
    assert ask({"json": {"v": "{{request.body}}"}}, send).body == b'{"v":null}'
    assert ask({"text": "<{{request.body}}>"}, send).body == b"<>"
