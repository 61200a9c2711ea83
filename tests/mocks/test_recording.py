"""What was heard becomes rules that say it again, whatever it was, and never a secret."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.engine.credentials import learned_secrets
from sandbox.masking import Masker
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.faults import FAULTS
from sandbox.mocks.recording import heard_of, heard_of_trace, recorded
from sandbox.mocks.shapes import shape_changes
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail
from sandbox.model.rules import RuleSet
from tests.engine import walking
from tests.engine.walking import Asked, go, journey, shown
from tests.mocks.calls import call

SECRET = "s3cr3t/value"
HIDING = Masker([SECRET])
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def answered(
    status: int, body: bytes = b"", *headers: tuple[str, str], took_ms: float = 0
) -> Answer:
    return Answer(status, headers, body, took_ms=took_ms, source="live")


def rules_of(*answers: Answer, masker: Masker = HIDING, **about: Json) -> RuleSet:
    """Recorded, written down and read again."""
    made = recorded([heard_of(call(**about), one, masker) for one in answers], "made")
    again = RuleSet.parse(orjson.loads(orjson.dumps(made.document())), "made")
    assert again == made
    return again


def said_again(*answers: Answer, **about: Json) -> list[Answer]:
    session = MockEngine(rules_of(*answers, **about)).session()
    return [session.answer(call(**about)) for _ in answers]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(200, 599), JSONS), min_size=1, max_size=4))
def test_json_answers_are_said_again_in_order(heard: list[tuple[int, Json]]) -> None:
    answers = []
    for status, value in heard:
        body = b"" if status in (204, 304) else orjson.dumps(value, option=orjson.OPT_NAIVE_UTC)
        answers.append(answered(status, body, ("Content-Type", "application/json")))
    for before, after in zip(answers, said_again(*answers), strict=True):
        assert after.status == before.status
        assert bool(after.body) == bool(before.body)
        assert not before.body or orjson.loads(after.body) == orjson.loads(before.body)


@given(st.text(max_size=40), st.text(max_size=20))
def test_texts_are_said_again_and_any_path_matches(text: str, path: str) -> None:
    from urllib.parse import quote

    url = f"https://api.test:8443/{quote(path)}?q=1"
    (again,) = said_again(answered(200, text.encode(), ("Content-Type", "text/plain")), url=url)
    assert again.status == 200
    body = again.body.decode()
    assert body == text or orjson.loads(body) == orjson.loads(text.removeprefix("\ufeff"))


@pytest.mark.parametrize("fault", [one for one in FAULTS.values() if one.kind], ids=str)
def test_every_failure_is_said_again(fault: Json) -> None:
    failed = Answer(error=Fail(fault.kind, fault.phase, f"… ({fault.text('api.test')})"))
    (again,) = said_again(failed)
    assert again.error is not None
    assert again.error[:2] == (fault.kind, fault.phase)


def test_what_was_never_sent_is_left_out() -> None:
    build = Answer(error=Fail("unsendable", "build", "no"))
    assert rules_of(build).rules == ()


@pytest.mark.parametrize(
    ("kind", "phase", "statuses"),
    [
        ("unmatched", "sandbox", [503, 200]),
        ("throttled", "sandbox", [503]),
        ("breaker_open", "sandbox", [503]),
        ("unsendable", "build", [503]),
    ],
)
def test_only_a_call_that_no_rule_took_begins_as_a_success(
    kind: str, phase: Json, statuses: list[int]
) -> None:
    asked = Asked(Answer(503), Answer(error=Fail(kind, phase, "…")))
    retry: Json = {"on": [503], "times": 1, "delay": "1s"}
    walked = go(journey(walking.call(retry=retry)), asked)
    heard = heard_of_trace(shown(walked))
    (rule,) = recorded(heard, "made", start=True).rules
    assert [item.status for item in rule.respond.items] == statuses
    assert recorded(heard[1:], "made").rules == ()


def test_no_secret_is_kept_and_a_masked_path_still_matches() -> None:
    body = b'{"token": "abc", "note": "say s3cr3t/value", "list": [{"password": 7}]}'
    heard = answered(
        200, body, ("Set-Cookie", "a=b"), ("X-Api-Key", "k3y"), ("Authorization", "Basic x"),
        ("Location", "https://x.test/?token=abc"), ("Date", "today"), ("X-Note", SECRET),
    )  # fmt: skip
    url = "https://api.test/v1/s3cr3t%2Fvalue/x?key=abc"
    document = rules_of(heard, url=url).document()
    text = orjson.dumps(document).decode()
    for gone in ("abc", "s3cr3t", "k3y", "Basic", "Cookie", ": 7"):
        assert gone not in text
    assert document["rules"][0]["match"]["url"] == {"path": "/v1/{masked}/x"}
    (again,) = said_again(heard, url=url)
    assert again.status == 200
    assert dict(again.headers)["Location"] == "https://x.test/?token=masked"


def test_a_credential_that_an_answer_brought_is_known_under_any_name() -> None:
    body = (
        b'{"login": [{"refresh_token": "abcdef-123456"}], "token": "short", "id": "abcdef-999999"}'
    )
    answers = [
        answered(200, body),
        answered(200, b"<a>", ("Set-Cookie", "sid=0123456789ab; Path=/")),
    ]
    learned = learned_secrets(answers)
    assert learned == {"abcdef-123456", "0123456789ab"}
    short = [answered(200, b'{"access_token": "tok-42"}')]
    assert learned_secrets(short) == set()
    assert learned_secrets(short, certain=True) == {"tok-42"}
    again = answered(200, b'{"jwt": "abcdef-123456"}')
    rules = rules_of(again, masker=Masker(learned), url="https://api.test/s/0123456789ab")
    text = orjson.dumps(rules.document()).decode()
    assert "abcdef-123456" not in text and "0123456789ab" not in text


def test_a_form_is_masked_by_its_names() -> None:
    form = ("Content-Type", "application/x-www-form-urlencoded")
    items = rules_of(answered(200, b"access_token=abc&n=1", form)).rules[0].respond.items
    assert items[0].text == "access_token=••••&n=1"


def test_delays_are_kept_but_never_longer_than_the_call_waited() -> None:
    answers = [answered(200, took_ms=120.4567), answered(200, took_ms=90_000)]
    assert [one.took_ms for one in said_again(*answers, timeout_s=5)] == [120.456, 5000]


@given(st.floats(0, 5000))
def test_a_replay_takes_the_same_microseconds(took_ms: float) -> None:
    (again,) = said_again(answered(200, took_ms=took_ms))
    assert int(again.took_ms * 1000) == int(took_ms * 1000)


def test_equal_answers_in_a_row_are_one_item() -> None:
    items = rules_of(*[answered(503)] * 3, answered(200)).rules[0].respond.items
    assert [(item.status, item.times) for item in items] == [(503, 3), (200, 1)]


def test_a_step_that_calls_two_hosts_is_told_apart_by_them() -> None:
    sends = [call("http://a.test/x"), call("http://b.test/x", hop=1)]
    heard = [heard_of(one, answered(200 + n), HIDING) for n, one in enumerate(sends)]
    made = recorded(heard, "made")
    assert [rule.id for rule in made.rules] == ["call", "call-2"]
    session = MockEngine(made).session()
    assert [session.answer(one).status for one in sends] == [200, 201]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"a": 1, "b": [1]}, {"a": 2.5, "b": []}, []),
        ({"a": 1}, {"a": None}, ["$.a: number became null"]),
        ({"a": {"b": 1}}, {}, ["$.a is missing (it was object)"]),
        ({}, {"a": [1]}, ["$.a is new (list)"]),
        ([{"a": 1}, {"a": "x"}], [{"a": "y"}], []),
        ([{"a": 1}], [{"a": 1}, {"a": True}], ["$[].a: number became number or true or false"]),
        ({"token": "masked"}, {"token": 1}, []),
        ([], {}, ["$: list became object"]),
    ],
)
def test_changes_of_shape(before: Json, after: Json, said: list[str]) -> None:
    changes = shape_changes(answered(200, orjson.dumps(before)), answered(201, orjson.dumps(after)))
    assert [one.words for one in changes] == said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (answered(200), answered(299), []),
        (answered(200), answered(404), ["answer: 2xx became 4xx"]),
        (answered(200), Answer(error=Fail("reset", "head", "x")),
         ["answer: 2xx became reset @ head"]),
        (answered(200, b"a", ("Content-Type", "Text/HTML; charset=x")),
         answered(200, b"b", ("content-type", "text/html")), []),
        (answered(200, b"{}"), answered(200), ["body: JSON became empty"]),
        (Answer(error=Fail("unmatched", "sandbox", "x")), answered(200),
         ["this call was not recorded (now 2xx)"]),
    ],
)  # fmt: skip
def test_changes_of_answers(before: Answer, after: Answer, said: list[str]) -> None:
    assert [one.words for one in shape_changes(before, after)] == said
