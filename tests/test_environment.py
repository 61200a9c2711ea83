from __future__ import annotations

import pytest

from sandbox.environment import parse_env_file, resolve
from sandbox.errors import DocumentError
from sandbox.model.workspace import Variable

URL = Variable.parse({"name": "BASE_URL", "value": "http://dummy", "from": "BASE_URL"})
TOKEN = Variable.parse({"name": "APP_TOKEN", "secret": True, "value": "dummy", "from": "MY_TOKEN"})


def test_only_declared_variables_are_seen() -> None:
    found = resolve([URL], {"BASE_URL": "http://real", "HOME": "/root"})
    assert found.values == {"BASE_URL": "http://real"}


def test_the_process_wins_over_the_dummy_and_the_file_over_both() -> None:
    assert resolve([TOKEN], {}).values["APP_TOKEN"] == "dummy"
    assert resolve([TOKEN], {"MY_TOKEN": "real"}).values["APP_TOKEN"] == "real"
    assert resolve([TOKEN], {"APP_TOKEN": "other"}).values["APP_TOKEN"] == "dummy"
    file = {"APP_TOKEN": "filed"}
    assert resolve([TOKEN], {"MY_TOKEN": "real"}, file).values["APP_TOKEN"] == "filed"


def test_a_variable_without_from_does_not_read_the_process() -> None:
    plain = Variable(name="HOME", value="mine")
    assert resolve([plain], {"HOME": "/root"}).values == {"HOME": "mine"}


def test_a_variable_with_no_value_at_all_is_missing_not_empty() -> None:
    assert resolve([Variable(name="X")], {}).values == {}


def test_secrets_are_known_by_the_name_they_can_be_exported_under() -> None:
    found = resolve([URL, TOKEN], {"MY_TOKEN": "real"}, {"SOME_PASSWORD": "p", "PLAIN": "q"})
    assert found.secrets == {"real": "MY_TOKEN", "p": "SOME_PASSWORD"}
    assert found.values["PLAIN"] == "q"


def test_an_empty_secret_masks_nothing() -> None:
    assert resolve([TOKEN], {"MY_TOKEN": ""}).secrets == {}


def test_an_env_file_is_read() -> None:
    text = "\ufeff# a comment\n\nexport A=1\nB = two words \nC=\"quoted = yes\"\nD='x'\nE=\nF=a=b\n"
    assert parse_env_file(text, ".env") == {
        "A": "1", "B": "two words", "C": "quoted = yes", "D": "x", "E": "", "F": "a=b",
    }  # fmt: skip


def test_every_bad_line_of_an_env_file_is_named() -> None:
    with pytest.raises(DocumentError) as refused:
        parse_env_file("A=1\nnonsense\n2B=3\n", ".env")
    assert [problem.path for problem in refused.value.problems] == ["line 2", "line 3"]
    assert "nonsense" not in str(refused.value)  # it may be half a secret
