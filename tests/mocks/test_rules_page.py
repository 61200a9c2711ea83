"""The page about rules: its examples are rules, and it leaves no field out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandbox.formats.documents import read
from sandbox.mocks.doubts import doubts
from sandbox.mocks.filling import ROOTS
from sandbox.model.base import Model
from sandbox.model.match import BodyMatch, Match, TextMatch, UrlMatch, ValueMatch
from sandbox.model.rules import (
    CallsExpected,
    Drip,
    Expect,
    Item,
    Latency,
    LatencyStep,
    RateLimit,
    Respond,
    Rule,
    RuleDefaults,
    RuleSet,
    Scenario,
    Window,
)

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
MODELS: list[type[Model]] = [
    BodyMatch, CallsExpected, Drip, Expect, Item, Latency, LatencyStep, Match, RateLimit, Respond,
    Rule, RuleDefaults, RuleSet, Scenario, TextMatch, UrlMatch, ValueMatch, Window,
]  # fmt: skip


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_rule_set_without_a_doubt(text: str) -> None:
    assert doubts(RuleSet.parse(read(text, "example.yaml"))) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_on_the_page(model: type[Model]) -> None:
    words = set(re.findall(r"[a-z_]+", PAGE))
    assert {field.alias or name for name, field in model.model_fields.items()} <= words


def test_every_root_of_a_tag_is_on_the_page() -> None:
    assert set(ROOTS) <= set(re.findall(r"[a-z]+", PAGE))
