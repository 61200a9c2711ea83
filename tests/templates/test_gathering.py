"""A payload that is gathered in one go is the one that is rendered text by text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model.base import Json
from sandbox.templates.filters import MAX_TEXT, TooLarge
from sandbox.templates.gathering import MAX_OBJECT
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING
from sandbox.templates.single import Known
from sandbox.templates.syntax import Syntax
from sandbox.templates.values import Value

NAMES = ("name", "mail", "count", "list", "none", "deep", "gone")
KUSTOMER = ("/#steps.1.{}", "/#user.{}", "/#user.deep.{}", "/#fn:parseInt,user.{}",
            "{{{{user.{}}}}}", "{{{{{{user.{}}}}}}}", "{{{{steps.1.{}}}}}", "a {{{{user.{}}}}}",
            "<{{{{user.deep.{}}}}}>", "{{{{user.{}}}}} and {{{{{{steps.1.{}}}}}}}",
            "{{{{toLower user.{}}}}}",
            "{{{{#if user.{}}}}}yes{{{{/if}}}}", "constant {}")  # fmt: skip
SNIPPET = ("{{{{user.{}}}}}", "{{{{event.{}}}}}", "{{{{ user.deep.{} }}}}", "a {{{{user.{}}}}} b",
           "{{{{user.{}|upper}}}}", "{{{{user.{}}}}}{{{{event.{}}}}}", "{{{{now}}}} {}",
           "constant {}")  # fmt: skip
INSIDER = ("{{{}}}", "a {{{}}}", "{{shop.{}}}", "{{{}}}{{shop.{}}}", "{{{} | default:\"x\"}}",
           '{{"a": "{{{}}}"}}')  # fmt: skip

TEXTS = st.text("ab<&\"'`= é\U0001f600", max_size=8)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.floats(allow_nan=False),
    st.text("ab<&\"'`= é\U0001f600", max_size=8), st.just("x" * 20_000),
)  # fmt: skip
FEW = st.dictionaries(st.sampled_from(NAMES), SCALARS | st.lists(SCALARS, max_size=2))
OBJECTS = (
    st.fixed_dictionaries(
        dict.fromkeys(NAMES[:5], SCALARS | TEXTS | TEXTS),
        optional={"deep": FEW},
    )
    | FEW
)


@st.composite
def payloads(draw: st.DrawFn, forms: tuple[str, ...]) -> Json:
    """An object whose texts are mostly of the same kind as their neighbours."""

    def fields(level: int) -> Json:
        made: dict[str, Json] = {}
        for _ in range(draw(st.integers(1, 5))):
            form = draw(st.sampled_from(forms))
            for _ in range(draw(st.integers(1, 4))):
                name = draw(st.sampled_from(NAMES[:5] * 3 + NAMES))
                made[f"k{len(made)}"] = form.format(name, name)
            if level < 2 and draw(st.integers(0, 4)) == 0:
                made[f"k{len(made)}"] = draw(
                    st.sampled_from(
                        [7, None, [form.format("name", "mail"), True], fields(level + 1)]
                    )
                )
        return made

    return fields(0)


def one_by_one(value: Json, texts: Iterator[Value], scope: Json, found: Found) -> Json:
    """The same document, each of its texts by itself and in order."""
    if isinstance(value, str):
        one = next(texts)
        return one.render(scope, found) if one.templates else value
    if isinstance(value, list):
        items = [one_by_one(item, texts, scope, found) for item in value]
        return [None if item is MISSING else item for item in items]
    if isinstance(value, dict):
        pairs = {key: one_by_one(item, texts, scope, found) for key, item in value.items()}
        return {key: item for key, item in pairs.items() if item is not MISSING}
    return value


def strings(value: Json, at: str) -> Iterator[tuple[str, str]]:
    """Every text of a document and the field it stands in."""
    if isinstance(value, str):
        yield value, at
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, f"{at}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, f"{at}.{key}")


@pytest.mark.parametrize(
    ("syntax", "forms", "keep"),
    [
        (Syntax("kustomer"), KUSTOMER, False),
        (Syntax("snippet"), SNIPPET, True),
        (Syntax("snippet"), SNIPPET, False),
        (Syntax("insider", known=Known("shop")), INSIDER, False),
    ],
    ids=["kustomer", "typed", "snippet", "insider"],
)
@given(data=st.data())
def test_it_is_the_same_and_says_the_same(
    syntax: Syntax, forms: tuple[str, ...], keep: bool, data: st.DataObject
) -> None:
    document = data.draw(payloads(forms))
    scope: Json = {"user": data.draw(OBJECTS), "now": "2026", "run": {"id": "r"}}
    scope["event"] = data.draw(OBJECTS)
    scope["steps"] = {"1": scope["event"]}
    value = syntax.value(document, "body", keep)
    found: Found = []
    rendered = value.render(scope, found)

    texts = iter([syntax.value(text, at, keep, MISSING) for text, at in strings(document, "body")])
    told: Found = []
    assert rendered == one_by_one(document, texts, scope, told)
    assert found == told
    assert value.render(scope, []) == rendered  # nothing is left over from the first time

    explained: Found = []
    for text in value.templates:
        pieces, lines = text.pieces(), iter(text.explain(scope))
        if pieces is None:
            continue
        parts = [piece if isinstance(piece, str) else next(lines).rendered for piece in pieces]
        told_of = text.render(scope, explained)
        if len(parts) == 1 and told_of is not MISSING:
            assert parts[0] == told_of
        elif told_of is not MISSING:
            assert "".join(parts) == told_of


def test_what_is_explained_is_what_stands_in_the_payload() -> None:
    document = {name: "{{user." + name + "}}" for name in ("a", "b", "c", "gone")}
    scope: Json = {"user": {"a": "x & y", "b": 2**60, "c": [1, None, "<"]}}
    value = Syntax("kustomer").value(document, "body")
    found: Found = []
    rendered = value.render(scope, found)
    assert rendered == {
        "a": "x &amp; y", "b": "1152921504606847000", "c": "1,,&lt;", "gone": "",
    }  # fmt: skip
    assert {line.at.removeprefix("body."): line.rendered for line in value.explain(scope)} == (
        rendered
    )
    assert [(notice.code, notice.message.split(" in ")[1][:6]) for notice in found] == [
        ("kustomer.html_escaped", "body.a"),
        ("kustomer.html_escaped", "body.c"),
        ("value_missing", "body.g"),
    ]


def test_neighbours_are_escaped_and_printed_each_by_itself() -> None:
    document = {name: "<{{user." + name + "}}>" for name in "abcd"}
    scope: Json = {"user": {"a": "it's", "b": 2**60, "c": "plain", "d": "x=1"}}
    found: Found = []
    rendered = Syntax("kustomer").value(document, "body").render(scope, found)
    assert rendered == {
        "a": "<it&#x27;s>", "b": "<1152921504606847000>", "c": "<plain>", "d": "<x&#x3D;1>",
    }  # fmt: skip
    assert [notice.message.split(" in ")[1][:6] for notice in found] == ["body.a", "body.d"]


def test_a_reference_that_finds_nothing_leaves_the_order_alone() -> None:
    document = {"a": "/#user.x", "b": 1, "c": "/#user.gone", "d": "/#user.y", "e": "/#event.z"}
    found: Found = []
    value = Syntax("kustomer").value(document, "body")
    rendered = value.render({"user": {"x": 42, "y": None}, "event": {"z": [1]}}, found)
    assert list(rendered.items()) == [("a", 42), ("b", 1), ("d", None), ("e", [1])]
    assert [notice.message for notice in found] == [
        "/#user.gone in body.c: nothing at user.gone, so the field is left out"
    ]
    assert document["c"] == "/#user.gone"


@pytest.mark.parametrize("source", ["{{{user.big}}}", "{{user.big}}", "{{{user.list}}}"])
def test_what_is_too_large_is_refused_however_it_is_gathered(source: str) -> None:
    scope: Json = {"user": {"big": "<" * (MAX_TEXT // 5), "list": ["y" * 1000] * 900}}
    whole = Syntax("kustomer").value({str(number): source for number in range(40)}, "body")
    with pytest.raises(TooLarge):
        whole.render({"user": {"big": "x" * MAX_TEXT, "list": ["y" * MAX_TEXT]}}, [])
        whole.render(scope, [])
    text = Syntax("kustomer").value("-" + source * 20, "body")
    with pytest.raises(TooLarge, match="body grew past"):
        text.render(scope, [])


@pytest.mark.slow
def test_an_object_of_large_texts_is_bounded() -> None:
    scope: Json = {"user": {"big": "x" * (MAX_TEXT // 2), "also": "y"}}
    fields = MAX_OBJECT // (MAX_TEXT // 2) + 1
    for source in ("{{{user.big}}}", "{{toLower user.big}}", "a {{user.big}}"):
        value = Syntax("kustomer").value({str(number): source for number in range(fields)}, "body")
        with pytest.raises(TooLarge, match="body holds more than"):
            value.render(scope, [])
