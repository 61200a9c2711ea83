"""Insider's tags that are nearly right: where, which rule, and the nearest spelling."""

from __future__ import annotations

import pytest

from sandbox.engine.check import check_journey
from sandbox.model.base import Json
from tests.engine.walking import call, compiled
from tests.seeds.journeys import journey

JSON = {"Content-Type": "application/json"}


def said(dialect: str = "insider", trigger: Json = None, **fields: Json) -> list[tuple[str, str]]:
    document = journey(call(headers=JSON, **fields), dialect=dialect)
    if trigger is not None:
        document["trigger"] = trigger
    found = check_journey(compiled(document), frozenset({"BASE_URL"}))
    return [(one.code, one.message) for one in found if one.code.startswith("insider.")]


@pytest.mark.parametrize(
    ("body", "place", "better"),
    [
        ({"a": "hi {name"}, "{name in body.a, character 4", "{name}"),
        ({"a": ["x", "{name} and {happened.amount"]},
         "{happened.amount in body.a[1], character 12", "{happened.amount}"),
        ({"a": "{name, how are you"}, "{name in body.a, character 1", "{name}"),
    ],
)  # fmt: skip
def test_a_brace_that_is_never_closed(body: Json, place: str, better: str) -> None:
    ((code, message),) = said(body=body)
    assert code == "insider.open_brace"
    assert message.startswith(place)
    assert message.endswith(f"a tag is {better}")


def test_json_and_closed_tags_are_none() -> None:
    assert said(body='{"a": "{name}", "b": {"c": "{happened.amount}"}}') == []
    assert said("usercom", body={"a": "hi {name"}) == []


def test_a_dot_after_something_else_than_the_event() -> None:
    ((code, message),) = said(body={"a": "{hapened.amount}"})
    assert code == "insider.unknown_event"
    assert "the trigger's event is called happened" in message
    assert "{happened.amount}" in message
    assert said(body={"a": "{address.city}"}, trigger={"kind": "manual"})[0][0] != code
