from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.profile import Profile
from tests.engine.journeys import TEXTS, VALUES


@pytest.mark.parametrize(
    ("document", "path", "says"),
    [
        ({}, "id", "is required"),
        ({"id": ""}, "id", "not empty"),
        ({"id": " "}, "id", "not empty"),
        ({"id": "a\nb"}, "id", "control characters"),
        ({"id": 1.5}, "id", "string"),
        ({"id": True}, "id", "string"),
        ({"id": "7", "attributes": []}, "attributes", "object"),
        ({"id": "7", "tags": "vip"}, "tags", "array"),
        ({"id": "7", "tags": ["", "a"]}, "tags", "a name, or an object with a name"),
        ({"id": "7", "lists": [{"id": 1}]}, "lists", "a name, or an object with a name"),
        ({"id": "7", "identities": [{"value": "x"}]}, "identities[0].type", "is required"),
        ({"id": "7", "identities": [{"type": "E", "value": 5}]}, "identities[0].value", "string"),
        ({"id": "7", "name": "x"}, "name", "unknown field"),
        ({"id": "7", "attributes": {"a": [float("inf")]}}, "attributes.a[0]", "not a JSON number"),
        ({"id": "7", "attributes": {"a": {"b": 2**70}}}, "attributes.a.b", "64-bit"),
        ({"id": "7", "attributes": {"a": {1: 2}}}, "attributes.a", "must be text"),
        ({"id": "7", "attributes": {"a": {1}}}, "attributes.a", "type set"),
    ],
)
def test_a_refused_profile_says_where_and_why(document: Json, path: str, says: str) -> None:
    with pytest.raises(DocumentError) as refused:
        Profile.parse(document)
    hits = [one.message for one in refused.value.problems if one.path == path]
    assert any(says in message for message in hits), refused.value


def test_an_id_may_be_written_as_a_whole_number() -> None:
    assert Profile.parse({"id": 7}).id == "7"


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.lists(TEXTS.filter(bool), max_size=3))
def test_any_json_in_the_attributes_comes_back_as_it_was(
    attributes: dict[str, Json], tags: list[str]
) -> None:
    document = {"id": "7", "attributes": attributes, "tags": tags}
    assert Profile.parse(document).document() == document
    assert Profile.parse(Profile.parse(document).document()) == Profile.parse(document)


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"name": "Ada"}, "Ada"),
        ({"name": " ", "first_name": "A"}, "A"),
        ({"email": "a@b"}, "a@b"),
        ({"name": 5}, "(anonymous)"),
        ({}, "(anonymous)"),
    ],
)
def test_a_person_is_called_by_name_or_email(attributes: dict[str, Json], name: str) -> None:
    assert Profile.parse({"id": "7", "attributes": attributes}).name == name
