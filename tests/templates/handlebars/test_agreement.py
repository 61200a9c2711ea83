"""Every template of ``cases.json`` renders what handlebars.js renders (``make_expected.mjs``)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.errors import TemplateError
from sandbox.model.base import Json
from sandbox.templates.handlebars.text import HandlebarsText

HERE = Path(__file__).parent
CASES: Json = json.loads((HERE / "cases.json").read_text("utf-8"))
EXPECTED: Json = json.loads((HERE / "expected.json").read_text("utf-8"))["expected"]
PAIRS = list(zip(CASES["templates"], EXPECTED, strict=True))
SCOPE: Json = CASES["contexts"]["main"]


@pytest.mark.parametrize(("template", "expected"), PAIRS, ids=range(len(PAIRS)))
def test_a_template_renders_as_in_handlebars_js(template: str, expected: Json) -> None:
    if isinstance(expected, dict):
        with pytest.raises(TemplateError):
            HandlebarsText(template)
        return
    text = HandlebarsText(template, "body")
    assert text.text(SCOPE, []) == expected
    lines = text.explain(SCOPE)
    for line in lines:
        assert str(line.rendered) == "(else)" or str(line.rendered) in expected
    assert lines or text.static or text.pieces() is None


def test_there_are_enough_of_them() -> None:
    assert len(PAIRS) >= 200
