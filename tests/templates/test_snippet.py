"""Snippet tags: what they find, what they make of it, and what they cannot do."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.person import person_of, template_view
from sandbox.engine.urls import encode_value
from sandbox.errors import DocumentError, TemplateError
from sandbox.model.base import Json
from sandbox.model.profile import Profile
from sandbox.templates.compiled import Template
from sandbox.templates.filters import FILTERS
from sandbox.templates.noticing import Found
from sandbox.templates.paths import MISSING, PathError, dotted, look_up, parse_path
from sandbox.templates.snippet import MAX_TAGS, MAX_TEXT, TooLarge
from sandbox.templates.values import MAX_VALUES, Value, check_size
from tests.engine.journeys import TAGS, TEXT, VALUES

SCOPE: Json = {
    "user": {
        "name": "Ada", "empty": "", "null": None, "age": 36, "ratio": 0.5, "vip": True,
        "address": {"city": "Łódź", "street name": "Długa"}, "items": ["a", {"b": [1, 2]}],
        "off": False, "id": "7", "tags": [],
        "markup": '<"&\'>', "big": 2**70, "when": "2026-03-01T09:05:00+01:00",
        "padded": "  x ", "number": " 12 ", "price": "59.90", "length": "long",
    },
    "now": "2026-01-01T00:00:00+00:00",
    "first name": "root",
}  # fmt: skip


def text(source: str, scope: Json = SCOPE) -> str:
    return str(Template(source).text(scope, []))


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("", ""),
        ("no tags, } } { { here", "no tags, } } { { here"),
        ("Hello {{user.name}}!", "Hello Ada!"),
        ("{{ user.name }}{{user.age}}", "Ada36"),
        ("{{user.address.city}}", "Łódź"),
        ('{{user.address["street name"]}}', "Długa"),
        ("{{user['address']['city']}}", "Łódź"),
        ("{{user.items.0}}-{{user.items[1].b.1}}", "a-2"),
        ("{{user.items.length}}", "2"),
        ("{{user.length}}", "long"),
        ("{{now}}", "2026-01-01T00:00:00+00:00"),
        ("{{user.vip}} {{user.off}} {{user.null}} {{user.ratio}}", "true false  0.5"),
        ("{{user.address}}", '{"city":"Łódź","street name":"Długa"}'),
        ("{{user.items}}", '["a",{"b":[1,2]}]'),
        ("{{user.big}}", str(2**70)),
        ("{{user.markup}}", "<\"&'>"),
        ('{{"a literal"}}', "a literal"),
        (r'{{"say \"x\" \\"}}', 'say "x" \\'),
        ("{{'}}'}}", "}}"),
        ('{{user.none | default:"friend"}}', "friend"),
        ('{{user.empty|default:"friend"}}', "friend"),
        ('{{user.null | default:"friend"}}', "friend"),
        ('{{user.off | default:"friend"}}', "false"),
        ('{{user.name | default:"friend"}}', "Ada"),
        ("{{user.none | default:5}} {{user.none | default:-1.5}}", "5 -1.5"),
        ("{{user.none | default:true}} {{user.none | default:null}}", "true "),
        ('{{user.none | default:"x" | upper}}', "X"),
        ("{{user.name | upper}} {{user.name | lower}}", "ADA ada"),
        ('{{ "hELLO wORLD" | capitalize }}', "Hello world"),
        ("[{{user.padded | trim}}]", "[x]"),
        ('{{user.name | replace:"d","dd"}}', "Adda"),
        ('{{user.name | replace : "A" , "" }}', "da"),
        ("{{user.name | truncate:2}}{{user.name | truncate:-2}}", "Ad"),
        ('{{ "a b/ü&" | urlencode }}', "a%20b%2F%C3%BC%26"),
        ("{{user.markup | json}}", '"<\\"&\'>"'),
        ("{{user.items | json}}", '["a",{"b":[1,2]}]'),
        ("{{user.big | json}}", str(2**70)),
        ("{{user.number | number}} {{user.price | number}}", "12 59.9"),
        ("{{user.price | round}} {{user.price | round:1}}", "60 59.9"),
        ("{{user.age | round:-1}}", "40"),
        ("{{user.name | length}} {{user.items | length}} {{user.address | length}}", "3 2 2"),
        ("{{user.name | first}}{{user.name | last}} {{user.items | first}}", "Aa a"),
        ('{{user.items | join}} {{user.items | join:"-"}}', 'a, {"b":[1,2]} a-{"b":[1,2]}'),
        ('{{user.when | date:"%d.%m.%Y %H:%M"}}', "01.03.2026 09:05"),
        ("{{user.age | string}}", "36"),
    ],
)
def test_a_text_is_rendered(source: str, rendered: str) -> None:
    found: Found = []
    assert Template(source).text(SCOPE, found) == rendered
    assert found == []


@pytest.mark.parametrize(
    "tag",
    [
        "{{user.none}}",
        "{{nobody.home}}",
        "{{user.name.first}}",
        "{{user.items.2}}",
        "{{user.items.-1}}",
        "{{user.items.x}}",
        "{{user.age.0}}",
        "{{user.items.%s}}" % ("9" * 5000),
        "{{user.none | upper}}",
        "{{user.name | number}}",
        '{{ "nan" | number }}',
        '{{ "inf" | number }}',
        '{{ "1_000" | number }}',
        "{{user.vip | number}}",
        "{{user.tags | first}}",
        "{{user.age | length}}",
        '{{user.name | date:"%Y"}}',
        '{{user.age | date:"%Y"}}',
    ],
)
def test_a_missing_value_is_visible(tag: str) -> None:
    found: Found = []
    template = Template(f"<{tag}>", "body.a")
    assert template.text(SCOPE, found) == "<>"
    (notice,) = found
    assert notice.code == "value_missing"
    assert notice.message.startswith(f"{tag} in body.a: nothing at ")
    (line,) = template.explain(SCOPE)
    assert (line.type, line.value) == ("missing", None)


@pytest.mark.parametrize(
    ("source", "says", "at", "underlined"),
    [
        ("Hi {{user.name", "not closed with }}", 3, "{{"),
        ("Hi {{", "not closed", 3, "{{"),
        ("{{}}", "empty tag", 0, "{{}}"),
        ("a {{ }} b", "empty tag", 2, "{{ }}"),
        ("{{user.name | uper}}", "did you mean upper", 14, "uper"),
        ("{{user.name | }}", "name is missing", 14, "}"),
        ("{{user..name}}", "unexpected '.'", 6, "."),
        ("{{user.}}", "unexpected '.'", 6, "."),
        ("{{.user}}", "unexpected '.'", 2, "."),
        ("{{user name}}", "unexpected 'n'", 7, "n"),
        ("{{user.name | default}}", "takes 1 argument(s), not 0", 14, "default"),
        ('{{user.name | replace:"a"}}', "takes 2 argument(s), not 1", 14, "replace"),
        ("{{user.name | round:1,2}}", "takes 0 or 1 argument(s), not 2", 14, "round"),
        ("{{user.name | default:friend}}", "quoted text or a number", 22, "f"),
        ('{{user.name | default:"x}}', "quote that is not closed", 22, '"'),
        ("{{user.name {{user.age}}", "not closed", 0, "{{"),
        ("line one\n{{ {x} }}", "unexpected '{'", 12, "{"),
        ("{{user[0}}", "unexpected '['", 6, "["),
        ("{{a:b}}", "unexpected ':'", 3, ":"),
        ("{{1 + 1}}", "unexpected '+'", 4, "+"),
    ],
)
def test_what_cannot_be_parsed_is_shown_with_its_position_underlined(
    source: str, says: str, at: int, underlined: str
) -> None:
    with pytest.raises(TemplateError) as wrong:
        Template(source)
    _, line, mark = str(wrong.value).split("\n")[:3]
    assert says in str(wrong.value)
    assert f"at character {at + 1}" in str(wrong.value)
    start = mark.index("^")
    assert line[start : start + mark.count("^")] == underlined


def test_every_problem_of_a_body_is_named_with_its_field() -> None:
    with pytest.raises(DocumentError) as refused:
        Value({"a": "{{", "b": [{"c": "{{x | nope}}"}], "d": "{{fine}}"}, "body", False)
    assert [one.path for one in refused.value.problems] == ["body.a", "body.b[0].c"]


PYTHON = [
    "__class__", "__class__.__mro__", "__dict__", "__init__.__globals__", "items", "keys", "get",
    "pop", "copy", "__len__", "0", "_replace", "attributes", "document",
]  # fmt: skip


@pytest.mark.parametrize("attribute", PYTHON)
def test_no_attribute_of_a_python_object_can_be_reached(attribute: str) -> None:
    person = template_view(person_of(Profile.parse({"id": "7", "attributes": {"name": "Ada"}})))
    scope = {"user": person, "env": dict(os.environ), "steps": {}}
    for source in (f"user.{attribute}", f"user.name.{attribute}", f"user.tags.x.{attribute}"):
        found: Found = []
        Template("{{" + source + "}}").text(scope, found)
        assert found, source


def test_an_attribute_that_is_called_like_a_method_is_the_attribute() -> None:
    assert text("{{user.items.0}}") == "a"
    assert text("{{user.keys}}", {"user": {"keys": "mine"}}) == "mine"


def test_a_rendered_value_is_not_rendered_again() -> None:
    scope = {"user": {"name": "{{env.SECRET}}"}, "env": {"SECRET": "x"}}
    assert text("{{user.name}}", scope) == "{{env.SECRET}}"


def test_a_text_that_grows_too_large_is_stopped() -> None:
    long = {"x": "a" * MAX_TEXT}
    assert len(text("{{x}}", long)) == MAX_TEXT
    for source in ("{{x}}!", "!{{x}}", "{{x}}{{x}}", '{{x | replace:"a","aa"}}', "{{x | json}}"):
        with pytest.raises(TooLarge, match="1,000,000"):
            text(source, long)


@pytest.mark.parametrize(
    "source",
    [
        "{{x" + ' | replace:"a","aaaaaaaaaa"' * 30 + "}}",
        "{{x" + ' | replace:"","' + "b" * 1000 + '"' + ' | replace:"","' + "b" * 1000 + '"}}',
        "{{x" + " | json" * 60 + "}}",
        '{{l | join:"' + "-" * 2000 + '"}}',
    ],
)
def test_a_chain_of_filters_cannot_fill_the_memory(source: str) -> None:
    with pytest.raises(TooLarge):
        text(source, {"x": 'a"', "l": list(range(1000))})
    (line,) = Template(source).explain({"x": 'a"', "l": list(range(1000))})
    assert line.type == "too large"


def test_rounding_to_a_million_digits_is_quick() -> None:
    assert text("{{x | round:-99999999}} {{y | round:99999999}}", {"x": 5, "y": 1.5}) == "0 1.5"


def test_the_number_of_tags_is_limited() -> None:
    assert Template("{{a}}" * MAX_TAGS)
    with pytest.raises(TemplateError, match="more than 2000 tags"):
        Template("{{a}}" * (MAX_TAGS + 1))


def test_an_object_that_holds_itself_again_and_again_is_stopped() -> None:
    value: Json = None
    with pytest.raises(TooLarge, match="values"):
        for _ in range(100):
            value = {"a": value, "b": value}
            check_size(value, "x")
    value = None
    with pytest.raises(TooLarge, match="nested deeper"):
        for _ in range(100):
            value = [value]
            check_size(value, "x")
    check_size([1] * (MAX_VALUES - 1), "x")
    with pytest.raises(TooLarge, match="characters"):
        check_size(["a" * MAX_TEXT, "b"], "x")


@pytest.mark.parametrize(
    ("source", "typed", "texted"),
    [
        ("{{user.age}}", 36, "36"),
        (" {{user.age}}", " 36", " 36"),
        ("{{user.vip}}", True, "true"),
        ("{{user.null}}", None, ""),
        ("{{user.none}}", None, ""),
        ("{{user.address}}", SCOPE["user"]["address"], '{"city":"Łódź","street name":"Długa"}'),
        ("{{user.items}}", SCOPE["user"]["items"], '["a",{"b":[1,2]}]'),
        ("{{user.age | string}}", "36", "36"),
        ("{{user.number | number}}", 12, "12"),
        ("{{user.none | default:5}}", 5, "5"),
    ],
)
def test_a_whole_tag_keeps_its_type_where_the_dialect_says_so(
    source: str, typed: Json, texted: str
) -> None:
    assert Value({"a": [source]}, "body", True).render(SCOPE, []) == {"a": [typed]}
    assert Value({"a": [source]}, "body", False).render(SCOPE, []) == {"a": [texted]}


def test_keys_are_not_templates() -> None:
    assert Value({"{{user.name}}": 1}, "body", True).render(SCOPE, []) == {"{{user.name}}": 1}


def test_values_in_a_url_are_encoded_but_not_the_first_nor_env() -> None:
    scope = {"a": "x/y z", "env": {"A": "http://h/b?c=d", "B": "e/f"}, "n": None}

    def render(source: str) -> str:
        return Template(source, "url", False, encode_value).text(scope, [])

    assert (
        render("{{env.A}}/{{a}}?q={{a}}&r={{env.B}}")
        == "http://h/b?c=d/x%2Fy%20z?q=x%2Fy%20z&r=e/f"
    )
    assert render("{{a}}/{{a}}") == "x/y z/x%2Fy%20z"
    assert render("{{a}}") == "x/y z"
    assert render("/{{n}}/{{missing}}") == "//"


@given(TEXT, VALUES, st.booleans(), st.booleans())
def test_what_explain_says_is_what_is_rendered(
    source: str, value: Json, keep_types: bool, encoded: bool
) -> None:
    scope = {
        "user": {"name": value, "id": "7", "tags": ["a"]}, "event": {"n": value, "list": [value]},
        "steps": {}, "now": "now", "run": {"id": "r"}, "journey": {"id": "j"}, "env": {},
    }  # fmt: skip
    template = Template(source, "url", keep_types, encode_value if encoded else None)
    found: Found = []
    rendered = template.render(scope, found)
    lines = template.explain(scope)
    assert [line.tag for line in lines] == [tag.source for tag in template.tags()]
    missing = [line.tag for line in lines if line.type == "missing"]
    assert len(missing) == len(found)
    assert all(one.message.startswith(tag) for tag, one in zip(missing, found, strict=True))
    if keep_types and len(template.parts) == 1 and lines:
        assert rendered == lines[0].rendered
    else:
        parts = iter(lines)
        joined = [
            part if isinstance(part, str) else next(parts).rendered for part in template.parts
        ]
        assert rendered == "".join(joined)
    assert template.render(scope, []) == rendered


@given(st.text(max_size=40) | st.lists(TAGS | st.sampled_from(list("{}|:\"'.[] a1"))).map("".join))
def test_any_text_is_parsed_or_refused_with_a_position(source: str) -> None:
    try:
        template = Template(source)
    except TemplateError as wrong:
        assert 0 <= wrong.position <= len(source)
        assert "^" in str(wrong)
    else:
        rebuilt = [part if isinstance(part, str) else part.source for part in template.parts]
        assert "".join(rebuilt) == source


@given(
    st.lists(st.text(st.characters(exclude_characters="\"'"), max_size=5), min_size=1, max_size=4)
)
def test_a_path_is_written_as_it_is_read(names: list[str]) -> None:
    path = tuple(names)
    assert parse_path(dotted(path)) == path or isinstance(parse_path(dotted(path)), PathError)
    value: Json = "here"
    for name in reversed(path):
        value = {name: value}
    assert look_up(value, path) == "here"
    assert look_up(value, (*path, "more")) is MISSING


@given(st.sampled_from(sorted(FILTERS)), VALUES, st.lists(VALUES, min_size=2, max_size=2))
def test_no_filter_raises_whatever_it_is_given(
    name: str, value: Json, arguments: list[Json]
) -> None:
    wanted = FILTERS[name]
    for count in range(wanted.least, wanted.most + 1):
        written = "".join(
            f"{', ' if at else ': '}{one}" for at, one in enumerate(['"%Y"', "3"][:count])
        )
        template = Template("{{x | " + name + written + "}}")
        template.text({"x": value}, [])
        template.explain({"x": value})
