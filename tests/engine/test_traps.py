"""Answers that look well and are not."""

from __future__ import annotations

import pytest

from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail
from sandbox.model.rules import RuleSet
from tests.engine.walking import Asked, call, codes, go, notify
from tests.engine.walking import neutral as journey  # fmt: skip

JSON = (("Content-Type", "application/json"),)


def found(answer: Answer | int, *more: dict[str, Json], **fields: Json) -> list[str]:
    return codes(go(journey(call(**fields), *more), Asked(answer)))


@pytest.mark.parametrize(
    ("body", "trap"),
    [
        ('{"status": "error", "message": "no"}', True),
        ('{"success": false}', True),
        ('{"ok": false, "id": 1}', True),
        ('{"errors": [{"code": 1}]}', True),
        ('{"Error": "nothing was saved"}', True),
        ('{"status": "ok", "error": null, "errors": []}', False),
        ('{"success": true, "failed": 0}', False),
        ('{"opted_in": false}', False),
        ('[{"error": "x"}]', False),
        ("error", False),
        ("{", False),
    ],
)
def test_a_success_whose_body_says_otherwise(body: str, trap: bool) -> None:
    assert found(Answer(200, JSON, body.encode())) == ["error_in_200"] * trap
    assert found(Answer(500, JSON, body.encode())) == []


def test_a_success_without_a_body_that_somebody_reads() -> None:
    reading = notify("{{ steps.call.body.id | default:'none' }}")
    assert "empty_body_read" in found(Answer(204), reading)
    assert found(Answer(204), save=[{"name": "id", "path": "$.id"}]) == ["save_missing"]
    assert found(Answer(204)) == []
    assert found(Answer(204), notify("{{ steps.call.response.statusCode }}")) == []
    assert "empty_body_read" not in found(Answer(503), reading)


@pytest.mark.parametrize(
    ("kind", "body", "trap"),
    [
        ("application/json; charset=utf-8", '{"a": "é"}'.encode(), False),
        ("application/json", '{"a": "é"}'.encode(), False),
        ("application/json; charset=utf-8", '{"a": "é"}'.encode("latin-1"), True),
        ("application/json", '{"a": "é"}'.encode("latin-1"), True),
        ('text/plain; charset="ISO-8859-1"', "é".encode("latin-1"), True),
        ("text/plain; charset=iso-8859-1", b"plain", False),
        ("text/plain; charset=klingon", "é".encode(), True),
        ("image/png", b"\x89PNG", False),
        ("", b"\xff", False),
    ],
)
def test_a_body_in_another_charset(kind: str, body: bytes, trap: bool) -> None:
    assert found(Answer(200, (("Content-Type", kind),), body)) == ["wrong_charset"] * trap


def test_an_answer_that_drips_past_its_time_out() -> None:
    assert found(Answer(200, took_ms=5_001), timeout_s=5) == ["timeout_not_total"]
    assert found(Answer(200, took_ms=5_000), timeout_s=5) == []
    late = Answer(error=Fail("read_timeout", "head", ""), took_ms=6_000)
    assert found(late, timeout_s=5) == []
    moved = Answer(302, (("Location", "http://api.test/there"),), took_ms=3_000)
    trace = go(
        journey(call(timeout_s=5, follow_redirects=True)),
        Asked(moved, Answer(200, took_ms=3_000)),
    )
    assert codes(trace) == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("gzip_truncated", "gzip_truncated"),
        ("error_in_200", "error_in_200"),
        ("wrong_charset", "wrong_charset"),
        ("gzip_corrupt", None),
        ("invalid_json", None),
    ],
)
def test_the_faults_of_the_catalogue_are_told_as_traps(fault: str, code: str | None) -> None:
    item: Json = {"fault": fault}
    if code == "gzip_truncated":
        item["text"] = "a long enough body " * 20
    rules = {"version": 1, "rules": [{"id": "r", "respond": {"items": [item]}}]}
    session = MockEngine(RuleSet.parse(rules)).session()
    trace = go(journey(call()), session.answer)
    assert codes(trace) == ([code] if code else [])
