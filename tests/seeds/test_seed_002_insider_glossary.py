"""Seed 002, "Application Programming Interface" (Insider's glossary), sentence by sentence."""

from __future__ import annotations

import json

import pytest

from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from tests.cli.console import Console
from tests.engine.walking import OK, TIMEOUT, Asked, call, go, someone, tag
from tests.engine.walking import path as path_of
from tests.seeds.journeys import journey


def glossary(*steps: dict[str, Json]) -> dict[str, Json]:
    return journey(*steps, dialect="insider-glossary")


def test_personal_campaigns_with_dynamic_content() -> None:
    asked = Asked(OK)
    go(glossary(call(body={"hello": "{name}"})), asked, person=someone(name="Zoë"))
    assert json.loads(asked.sends[0].request.body) == {"hello": "Zoë"}


@pytest.mark.parametrize(
    "purpose", ["real-time information", "a backend system", "Salesforce, SMS and e-mail vendors"]
)
def test_a_request_in_a_journey_triggers_other_systems(purpose: str) -> None:
    asked = Asked(OK)
    go(glossary(call(body={"purpose": purpose})), asked)
    assert json.loads(asked.sends[0].request.body) == {"purpose": purpose}


def test_when_it_is_successfully_sent_the_user_proceeds() -> None:
    trace = go(glossary(call(), tag("after")), Asked(OK))
    assert (path_of(trace), trace.status) == (["call", "after"], "completed")


@pytest.mark.parametrize("answer", [Answer(404), Answer(503), Answer(302), TIMEOUT])
def test_if_the_request_fails_the_user_is_dropped_from_the_element(answer: Answer) -> None:
    trace = go(glossary(call(), tag("after")), Asked(answer))
    assert (path_of(trace), trace.status) == (["call"], "dropped")


def test_the_two_pages_contradict_each_other_and_a_setting_switches() -> None:
    document = journey(call(), tag("after"), dialect="insider")
    assert go(document, Asked(503)).status == "completed"
    document["settings"] = {"policy.failure": "drop"}
    assert go(document, Asked(503)).status == "dropped"


def test_compare_shows_the_contradiction(sandbox: Console) -> None:
    words = ("compare", "loyalty-credit", "--dialects", "insider,insider-glossary")
    said = sandbox(*words, "--profile", "7")
    assert said.code == 1
    assert "dropped" in said.out


def test_both_policies_are_documented_each_by_its_page(sandbox: Console) -> None:
    for name, value in (("insider", "proceed"), ("insider-glossary", "drop")):
        setting = sandbox.ok("dialects", name, "--json").json["values"]["policy.failure"]
        assert (setting["value"], setting["origin"]) == (value, "documented")
