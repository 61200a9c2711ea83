"""The JSON Schemas take what the program takes: an editor must not underline a good document."""

from __future__ import annotations

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from sandbox.errors import DocumentError
from sandbox.formats.documents import read
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json, Model
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Variable
from tests.engine.fixtures import FIXTURES
from tests.engine.journeys import journeys
from tests.engine.walking import call, journey
from tests.mocks.calls import call as request
from tests.mocks.documents import rule_sets

MODELS: dict[type[Model], Draft202012Validator] = {
    model: Draft202012Validator(model.model_json_schema(by_alias=True))
    for model in (Journey, Profile, RuleSet, Variable)
}
DOCUMENTS = [
    *((Journey, path) for path in sorted((FIXTURES / "journeys").iterdir())),
    *((RuleSet, path) for path in sorted((FIXTURES / "rules").iterdir())),
    (Profile, FIXTURES / "profiles" / "demo.json"),
    (Variable, FIXTURES / "env.yaml"),
]


@pytest.mark.parametrize(("model", "path"), DOCUMENTS, ids=[path.name for _, path in DOCUMENTS])
def test_the_demo_documents_fit_their_schemas(model: type[Model], path: object) -> None:
    text = (FIXTURES / str(path)).read_text("utf-8")
    document = read(text, str(path))
    for one in document if isinstance(document, list) else [document]:
        parsed = model.parse(one)
        MODELS[model].validate(one)
        MODELS[model].validate(parsed.document())


@pytest.mark.slow
@given(journeys())
def test_generated_journeys_fit_the_schema(document: Json) -> None:
    Journey.parse(document)
    MODELS[Journey].validate(document)
    MODELS[Journey].validate(Journey.parse(document).document())


@pytest.mark.slow
@given(rule_sets)
def test_generated_rules_fit_the_schema_and_compile(document: Json) -> None:
    parsed = RuleSet.parse(document)
    MODELS[RuleSet].validate(document)
    MODELS[RuleSet].validate(parsed.document())
    assert RuleSet.parse(parsed.document()) == parsed
    session = MockEngine(parsed).session()
    answer = session.answer(request())
    assert (answer.status is None) != (answer.error is None)
    session.findings()


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (Profile, {"id": 7}),
        (Journey, journey(call(method="post", retry={"delay": "1h 30m"}))),
        (Journey, journey(call(next=["call", "end"], on_success="end"))),
        (RuleSet, {"rules": [{"id": "a", "match": {"url": "/x", "attempt": 2, "step": "a"},
                              "respond": {"items": [{"status": 200, "json": None}]}}]}),
        (RuleSet, {"rules": [{"id": "a", "match": {"url": {"path": "/x"}, "visit": {"gte": 2}},
                              "respond": {"items": [{"fault": "reset"}]}}]}),
        (Variable, {"name": "A", "from": "B", "secret": True}),
    ],
)  # fmt: skip
def test_short_forms_are_in_the_schema(model: type[Model], document: Json) -> None:
    model.parse(document)
    MODELS[model].validate(document)


@pytest.mark.parametrize(
    ("model", "document"),
    [
        (Journey, journey(call(next=[]))),
        (Journey, journey(call(method="FETCH"))),
        (Journey, journey(call(retry={"delay": "9 0s"}))),
        (Journey, journey(call(retry={"delay": ""}))),
        (Journey, journey({"id": "x", "kind": "nothing"})),
        (Journey, journey(foo=1)),
        (Profile, {"id": 1.5}),
        (RuleSet, {"rules": [{"id": "a", "respond": {"items": []}}]}),
        (Variable, {"name": "A", "from_": "B"}),
    ],
)
def test_the_schema_refuses_what_the_program_refuses(model: type[Model], document: Json) -> None:
    with pytest.raises(DocumentError):
        model.parse(document)
    assert not MODELS[model].is_valid(document)
