"""Handlebars: what is refused and where, the vendor's helpers, limits, and where values come from.

That it renders as handlebars.js does is in ``test_agreement``.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import TemplateError
from sandbox.model.base import Json
from sandbox.templates.filters import MAX_TEXT, TooLarge
from sandbox.templates.handlebars.library import HELPERS
from sandbox.templates.handlebars.text import HandlebarsText
from sandbox.templates.noticing import Found
from tests.engine.journeys import VALUES

SCOPE: Json = {
    "user": {"name": "Ada & Co", "tags": ["a", "b"], "vip": True, "none": None},
    "steps": {"1": {"id": "c_1", "at": "2026-03-01T09:05:07+01:00", "qty": "42"}},
    "now": "2026-01-01T00:00:00+00:00",
    "run": {"id": "r1"},
}


def text(source: str, scope: Json = SCOPE) -> str:
    return HandlebarsText(source).text(scope, [])


@pytest.mark.parametrize(
    ("source", "position", "says", "hint"),
    [
        ("a {{user.name", 2, "not closed with }}", ""),
        ("{{{user.name}}", 12, "opened with {{{ and closed with }}", ""),
        ("{{user.name}}}", 11, "opened with {{ and closed with }}}", ""),
        ("{{}}", 0, "an empty tag", ""),
        ("x{{#if user.vip}}y", 1, "the block if is not closed", "{{/if}}"),
        ("{{#if user.vip}}y{{/each}}", 17, "closes nothing", "{{/if}}"),
        ("y{{/if}}", 1, "without its beginning", ""),
        ("y{{else}}", 1, "without its beginning", ""),
        ("{{user.tags.0}}", 12, "cannot end with the bare number 0", "items.[0]"),
        ("{{user.name | upper}}", 12, "unexpected '|'", "Handlebars has no filters"),
        ("{{toLowr user.name}}", 2, "unknown helper 'toLowr'", "did you mean toLower?"),
        ("{{qqq user.name}}", 2, "unknown helper 'qqq'", "helpers: if,"),
        ("{{transform user.name}}", 2, "not supported by the sandbox", "helpers"),
        ("{{> footer}}", 0, "partials ({{> name}}) are not supported", ""),
        ("{{#> layout}}{{/layout}}", 0, "partial blocks", ""),
        ("{{* deco}}", 0, "decorators", ""),
        ("{{{{raw}}}}x{{{{/raw}}}}", 0, "raw blocks", ""),
        ("{{#if user.vip user.name}}x{{/if}}", 0, "#if takes exactly one value, not 2", ""),
        ("{{#if user.vip includeZro=true}}x{{/if}}", 0, "no argument named includeZro", "Zero=?"),
        ("{{#each user.tags}}{{@indx}}{{/each}}", 21, "nothing is known as @indx", "@index?"),
        ("{{toLower}}", 0, "takes 1 value(s), not 0", ""),
        ("{{if user.vip}}", 2, "if is a block helper", "{{#if value}}"),
        ("{{#toLower user.name}}{{/toLower}}", 3, "toLower is no block helper", ""),
        ("{{#with user as |a b|}}{{/with}}", 0, "#with gives 1 name(s)", ""),
        ("{{(toLower user.name)}}", 2, "a subexpression cannot stand first", ""),
        ("{{randomId size}}", 0, "takes 0 value(s)", ""),
        ("{{randomId siez=3}}", 0, "no argument named siez", "did you mean size=?"),
        ("{{/#steps.1.id}}", 3, "unexpected '#'", "a reference (/#steps.1.id) is a whole value"),
        ("{{user name=1 name}}", 14, "a plain value after a named one", ""),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    source: str, position: int, says: str, hint: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        HandlebarsText(source)
    assert refused.value.position == position
    assert says in refused.value.reason
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        # Documented, help centre: data validation, date and math, JSON data, conditional helpers.
        ("{{{date 'days' count=0}}}", "2026-01-01T00:00:00.000Z"),
        ("{{{date 'days' count=1}}}", "2025-12-31T00:00:00.000Z"),
        ("{{{date 'hour' count=-24}}}", "2026-01-02T00:00:00.000Z"),
        ("{{{date 'years' count=1}}}", "2025-01-01T00:00:00.000Z"),
        ("{{{dateFormat steps.1.at format='LL'}}}", "March 1, 2026"),
        ("{{{dateFormat steps.1.at format='YYYY-MM-DD[T]HH:mm:ss'}}}", "2026-03-01T08:05:07"),
        ("{{{dateFormat steps.1.at format='ddd Do MMM, h:mm a' timezone='Europe/Berlin'}}}",
         "Sun 1st Mar, 9:05 am"),
        ("{{{dateFormat 'yesterday' format='LL'}}}", "Invalid date"),
        ("{{#if true}}Hello {{steps.1.id}}{{/if}}", "Hello c_1"),
        ("{{#if 0 includeZero=true}}zero is true{{/if}}", "zero is true"),
        ("{{parseInt steps.1.qty}}", "42"),
        ("{{parseBool 'true'}}{{parseBool 'no'}}", "truefalse"),
        ("{{{toJSON user.tags}}}", '["a","b"]'),
        ("{{toJSON user.tags}}", "[&quot;a&quot;,&quot;b&quot;]"),
        ("{{{hmac 'text' 'key'}}}",
         "6afa9046a9579cad143a384c1b564b9a250d27d6f6a63f9f20bf3a7594c9e2c6"),
        ("{{{substring user.name 0 3}}}", "Ada"),
        ("{{#if (or user.none user.vip)}}yes{{/if}}", "yes"),
        ("{{default user.nothing 'friend'}}", "friend"),
    ],
)  # fmt: skip
def test_the_vendors_helpers(source: str, rendered: str) -> None:
    assert text(source) == rendered


def test_a_random_id_is_the_same_in_a_run_and_another_in_the_next() -> None:
    first = text("{{{randomId}}}")
    assert re.fullmatch(r"[A-Z0-9]{10}", first)
    assert text("{{{randomId}}}") == first
    assert text("{{{randomId}}}", {**SCOPE, "run": {"id": "r2"}}) != first
    assert re.fullmatch(r"[A-Z0-9]{6}", text("{{{randomId size=6}}}"))
    assert len(set(text("{{#each user.tags}}{{{randomId}}} {{/each}}").split())) == 2


def test_what_finds_nothing_is_empty_and_told() -> None:
    found: Found = []
    assert HandlebarsText("<{{steps.1.gone}}>", "body.a").text(SCOPE, found) == "<>"
    (notice,) = found
    assert notice.message == "{{steps.1.gone}} in body.a: nothing at steps.1.gone"


@pytest.mark.parametrize(
    "source",
    ["{{user.none.city}}", "a {{{user.none.a.b}}}", "{{#if user.vip}}{{user.none.city}}{{/if}}"],
)
def test_what_lies_beyond_null_is_null_and_told_to_be_missing(source: str) -> None:
    found: Found = []
    assert "null" not in HandlebarsText(source, "body").text(SCOPE, found)
    (notice,) = found
    assert "nothing at user.none." in notice.message


@pytest.mark.parametrize(
    "source", ["{{#if steps.1.gone}}x{{/if}}", "{{default steps.1.gone 'x'}}", "{{user.none}}"]
)
def test_what_asks_whether_a_value_is_there_tells_nothing(source: str) -> None:
    found: Found = []
    HandlebarsText(source).text(SCOPE, found)
    assert found == []


def test_an_escape_that_changes_what_is_sent_is_told() -> None:
    found: Found = []
    plain = HandlebarsText("{{user.name}}", "url", escapes_harm=True)
    assert plain.text(SCOPE, found) == "Ada &amp; Co"
    (notice,) = found
    assert notice.code == "kustomer.html_escaped"
    assert "{{{user.name}}} leaves it as it is" in notice.message
    found.clear()
    assert HandlebarsText("{{{user.name}}}", "url", True).text(SCOPE, found) == "Ada & Co"
    assert HandlebarsText("{{user.name}}", "text").text(SCOPE, found) == "Ada &amp; Co"
    assert found == []


def test_where_each_value_came_from() -> None:
    source = "{{#each user.tags}}{{@index}}{{this}}{{/each}}{{toUpper user.name}}{{steps.1.gone}}"
    lines = HandlebarsText(source, "body").explain(SCOPE)
    assert [(line.tag, line.path, line.value, line.type, line.rendered) for line in lines] == [
        ("{{@index}}", "@index", 0, "number", "0"),
        ("{{this}}", "user.tags.0", "a", "string", "a"),
        ("{{@index}}", "@index", 1, "number", "1"),
        ("{{this}}", "user.tags.1", "b", "string", "b"),
        ("{{toUpper user.name}}", "user.name", "ADA & CO", "string", "ADA &amp; CO"),
        ("{{steps.1.gone}}", "steps.1.gone", None, "missing", ""),
    ]


def test_a_condition_is_explained_with_what_it_decided() -> None:
    lines = HandlebarsText("{{#if user.vip}}a{{else}}b{{/if}}", "body").explain(SCOPE)
    assert [(line.path, line.value) for line in lines] == [("user.vip", True)]


def test_the_paths_it_reads_are_known_before_rendering() -> None:
    source = "{{#with steps.[1]}}{{id}}{{/with}}{{#if user.vip}}{{@root.now}}{{/if}}{{date}}"
    paths = {tag.path for tag in HandlebarsText(source).tags()}
    assert paths == {("steps", "1"), ("steps", "1", "id"), ("user", "vip"), ("now",)}


def test_nothing_of_python_can_be_reached() -> None:
    for path in ("user.__class__", "user.items", "user.tags.append", "user.name.format",
                 "user.__init__.__globals__", "user.tags.length.real", "lookup.x"):  # fmt: skip
        assert text(f"{{{{{path}}}}}") == ""
    assert text("{{lookup user '__class__'}}") == ""


@pytest.mark.slow
def test_loops_and_texts_are_held() -> None:
    many: Json = {"a": list(range(400))}
    with pytest.raises(TooLarge, match="turns of a loop"):
        text("{{#each a}}{{#each ../a}}{{#each ../../a}}{{/each}}{{/each}}{{/each}}", many)
    long: Json = {"a": ["x" * 1000] * 2000}
    with pytest.raises(TooLarge, match="1,000,000 characters"):
        text("{{#each a}}{{this}}{{/each}}", long)
    with pytest.raises(TooLarge, match="characters"):
        text("{{{a}}}", {"a": "x" * (MAX_TEXT + 1)})
    (line,) = HandlebarsText("{{#each a}}{{this}}{{/each}}").explain(long)
    assert line.type == "too large"


@pytest.mark.parametrize("part", ["{{#if a}}", "(toLower "])
def test_nesting_is_held(part: str) -> None:
    if part.startswith("{{"):
        source = part * 40 + "x" + "{{/if}}" * 40
    else:
        source = "{{toLower " + part * 40 + "a" + ")" * 40 + "}}"
    with pytest.raises(TemplateError, match="nested deeper than 32"):
        HandlebarsText(source)


def test_every_helper_is_described_and_marked() -> None:
    for name, helper in HELPERS.items():
        assert helper.says, name
        assert helper.origin in ("documented", "assumed")
    notices = HandlebarsText("{{toUpper user.name}}", "body").notices
    assert [notice.code for notice in notices] == ["kustomer.helper_assumed"]
    assert HandlebarsText("{{toLower user.name}}", "body").notices == []


@given(st.text(st.sampled_from("{}#/^!~ abif@.else\"'[]()|=&>\\\n"), max_size=40))
def test_any_text_is_read_or_refused(source: str) -> None:
    try:
        template = HandlebarsText(source)
    except TemplateError:
        return
    assert isinstance(template.text({"a": 1}, []), str)


@given(
    VALUES,
    st.sampled_from(
        ["{{v}}", "{{{v}}}", "{{#each v}}{{@key}}{{this}}{{/each}}", "{{{toJSON v}}}",
         "{{#with v}}{{a}}{{/with}}", "{{v.length}}{{v.[0]}}", "{{parseInt v}}{{toLower v}}",
         "{{dateFormat v format='LLLL'}}", "{{join v ','}}{{split v}}", "{{substring v 1 -2}}"]
    ),
)  # fmt: skip
def test_any_value_can_be_printed(value: Json, source: str) -> None:
    template = HandlebarsText(source, "body", True)
    assert isinstance(template.text({"v": value}, []), str)
    template.explain({"v": value})
