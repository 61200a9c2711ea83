"""Templates that are made to hang or to fill the memory: each ends soon, with its result or a word
on the limit that it met.
"""

from __future__ import annotations

import pytest

from sandbox.errors import TemplateError
from sandbox.model.base import Json
from sandbox.templates.filters import TooLarge
from sandbox.templates.paths import MISSING
from sandbox.templates.references import Reference
from sandbox.templates.syntax import Syntax

MANY = 50_000
KUSTOMER, SNIPPET, INSIDER = Syntax("kustomer"), Syntax(), Syntax("insider")
SCOPE: Json = {
    "user": {
        "big": "x" * 900_000,
        "grid": [[1] * 300] * 300,
        "list": list(range(1000)),
        "nested": "[" * 900 + "]" * 900,
        "hex": "f" * 900_000,
        "first": "0001-01-01T00:00:00+00:00",
        "digits": "9" * 5000,
    },
    "now": "2026-01-01T00:00:00+00:00",
    "run": {"id": "r1"},
}
GRID = "{{#each user.grid}}{{#each this}}%s{{/each}}{{/each}}"


@pytest.mark.parametrize(
    ("syntax", "source"),
    [
        (KUSTOMER, "\\{{" * MANY),
        (KUSTOMER, "/#a" * MANY + "\\{{" * MANY),
        (KUSTOMER, "\n" * MANY + "x{{#if a}}" + "\n" * MANY + "x{{/if}}"),
        (KUSTOMER, " " * MANY + "x{{~a}}" + " " * MANY + "x{{~b}}"),
        (KUSTOMER, "{{#if a}}" + "\t" * MANY + "x" + "\t" * MANY + "x{{/if}}"),
        (KUSTOMER, "{{parseInt user.hex 16}}"),
        (KUSTOMER, "{{toLower " + "1" * 5000 + "}}"),
        (KUSTOMER, "{{#if (eq (parseJson user.nested) (parseJson user.nested))}}x{{/if}}"),
        (KUSTOMER, '{{dateFormat now format="' + "[" * MANY + '"}}'),
        (KUSTOMER, "{{dateFormat now format=user.big}}"),
        (SNIPPET, '{{"' + "a" * MANY + '"}}'),
        (INSIDER, "{" * MANY),
        (INSIDER, "{a" + " " * MANY + "x"),
        (INSIDER, "{{" * MANY + "a}"),
    ],
    ids=range(14),
)
def test_it_renders(syntax: Syntax, source: str) -> None:
    syntax.text(source, "body").text(SCOPE, [])


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "{{join user.list user.big}}",
        "{{concat " + " ".join(["(concat " + " ".join(["user.big"] * 20) + ")"] * 20) + "}}",
        GRID % '{{#if (eq (toJSON @root.user) "")}}x{{/if}}',
        GRID % '{{#if (split @root.user.big "x")}}{{/if}}',
        GRID % ("{{gone}}" * 500),
    ],
    ids=range(5),
)
def test_it_meets_a_limit(source: str) -> None:
    with pytest.raises(TooLarge):
        KUSTOMER.text(source, "body").text(SCOPE, [])


@pytest.mark.parametrize(
    ("syntax", "source", "says"),
    [
        (KUSTOMER, "{{#if a}}" * MANY, "more than 2000 tags"),
        (KUSTOMER, "{{#if a}}" * 40 + "{{/if}}" * 40, "nested deeper than 32"),
        (KUSTOMER, "{{toLower " + "(" * MANY + "}}", "nested deeper than 32"),
        (KUSTOMER, "{{#if a}}" + "{{else if b}}" * 40 + "{{/if}}", "too many else if"),
        (INSIDER, "{a}" * MANY, "more than 2000 tags"),
        (SNIPPET, "{{a}}" * MANY, "more than 2000 tags"),
        (SNIPPET, "{{a" + "|upper" * MANY + "}}", "more than 100 filters"),
        (SNIPPET, "{{a|truncate:" + "1" * 5000 + "}}", "a number of more than 32 characters"),
        (SNIPPET, "{" * MANY, "not closed with }}"),
        (Syntax(opens="[[", closes="]]"), "[[a" * MANY, "not closed with ]]"),
    ],
    ids=range(10),
)
def test_it_is_refused_with_its_position(syntax: Syntax, source: str, says: str) -> None:
    with pytest.raises(TemplateError, match=says) as wrong:
        syntax.text(source, "body")
    assert 0 <= wrong.value.position < len(source)


@pytest.mark.parametrize(
    "source",
    [
        "/#" + "[" * MANY,
        "/#fn:dateFormat,now," + "[" * MANY,
        "/#fn:dateFormat,user.first,LL,America/New_York",
        "/#fn:dateFormat,now,LL,../../../etc/passwd",
    ],
    ids=range(4),
)
def test_a_reference_that_makes_no_sense_finds_nothing_or_reads_on(source: str) -> None:
    Reference(source, "body").render(SCOPE, [])


def test_a_number_past_any_double_is_what_javascript_makes_of_it() -> None:
    assert Reference("/#fn:parseInt,user.digits").render(SCOPE, []) == float("inf")
    assert Reference("/#fn:parseInt,user.big").render(SCOPE, []) is None


@pytest.mark.parametrize("name", ["__class__", "__dict__", "constructor", "__proto__", "get", "0"])
def test_no_path_reaches_an_attribute_of_a_python_object(name: str) -> None:
    for root in ("user", "user.list", "user.big.x", "now"):
        assert KUSTOMER.text(f"{{{{{root}.[{name}]}}}}").text(SCOPE, []) in ("", "0", "2")
        assert KUSTOMER.text(f"{{{{lookup {root} '{name}'}}}}").text(SCOPE, []) in ("", "0", "2")
        if name != "0":
            assert Reference(f"/#{root}.{name}").render(SCOPE, []) is MISSING
            assert SNIPPET.text(f"{{{{{root}.{name}}}}}").text(SCOPE, []) == ""
            assert INSIDER.text(f"{{{root}.{name}}}").text(SCOPE, []) == ""
