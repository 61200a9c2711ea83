from __future__ import annotations

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import DocumentError
from sandbox.formats.documents import MAX_DEPTH, read, read_all, write_json, write_yaml
from sandbox.model.base import Json

REFUSED_JSON = {
    '{"a": 1,}': ("line 1, column 8", "comma", "take the comma out"),
    "[1, 2,\n]": ("line 1, column 6", "comma", "take the comma out"),
    "[1,,2]": ("line 1, column 4", "a value is expected", "extra comma"),
    "{'a': 1}": ("line 1, column 2", "single quotes", "double quotes"),
    "{“a”: 1}": ("line 1, column 2", "curly quote", "by hand"),
    '{"a": 1\n "b": 2}': ("line 1, column 7", "comma or }", "put a comma"),
    '{\n  "a": "x\n}': ("line 2, column 8", "not closed", "end it"),
    '["abc': ("line 1, column 2", "never closed", "end it"),
    '{"a": 1, "b": {"c": 1, "c": 2}}': ("line 1, column 24", '"c" stands twice', "keep one"),
    "[NaN]": ("line 1, column 2", "NaN", "null"),
    "[-Infinity]": ("line 1, column 2", "-Infinity", "null"),
    "[1e999]": ("line 1, column 2", "too large", "text"),
    "[" + "9" * 5000 + "]": ("line 1, column 2", "too large", "text"),
    "[01]": ("line 1, column 2", "01", "leading zeros"),
    "[+1]": ("line 1, column 2", "+1", "plus"),
    '{"a": [1, 2}': ("line 1, column 12", "does not close the [", "]"),
    '{"a": [1, 2]': ("line 1, column 1", "never closed", "add }"),
    "{a: 1}": ("line 1, column 2", "without quotes", '"a"'),
    '{"a": True}': ("line 1, column 7", "True", "true"),
    '{"a": None}': ("line 1, column 7", "None", "null"),
    '{"a" 1}': ("line 1, column 6", "colon", '"key": value'),
    "{1: 2}": ("line 1, column 2", "double quotes", '"key": value'),
    "[1] [2]": ("line 1, column 5", "more text follows", "one list"),
    "": ("line 1, column 1", "nothing in it", "{}"),
    '["a\tb"]': ("line 1, column 4", "control character", "\\t"),
    r'["C:\users"]': ("line 1, column 5", "\\u", "backslash"),
    "[1, // x\n2]": ("line 1, column 5", "no comments", "YAML"),
    '{"a":\u00a01}': ("line 1, column 6", "invisible", "delete"),
    "[" * 100_000: ("line 1, column 501", "nested deeper", ""),
    "[" * 65 + "]" * 65: ("", "nested deeper than 64", ""),
}

REFUSED_YAML = {
    "a: 1\nb: 2\na: 3": ("line 3, column 1", "stands twice (first on line 1)", "keep one"),
    "a:\n\t- 1": ("line 2, column 1", "tab", "spaces"),
    "a: b: c": ("line 1, column 5", "mapping values", "quoted"),
    "a: {x: 1": ("line 1", "not YAML", "not closed"),
    "a: 'x": ("line 1", "not YAML", "never closed"),
    "a:\n  b: 1\n c: 2": ("line 3, column 2", "not YAML", "indentation"),
    "a:\n  503: x": ("line 2, column 3", "the key 503 is not text", '"503":'),
    "true: x": ("line 1, column 1", "the key true is not text", '"true":'),
    "url: {{env.BASE}}/x": ("line 1, column 7", "cannot be a key", "quoted"),
    "a: @x": ("line 1, column 4", "cannot start", "@"),
    "a: *x": ("line 1, column 4", "refers to nothing", "quoted"),
    "a: &a [*a]": ("line 1, column 8", "inside", ""),
    "a: &x {b: 1}\nc: {<<: *x}": ("line 2, column 5", "merge keys", "write the fields out"),
    "a: !!python/object:os.system x": ("line 1, column 4", "tag", "take the tag out"),
    "a: !!binary aGk=": ("line 1, column 4", "!!binary", ""),
    "a: !!int x": ("line 1, column 4", "not a value of !!int", ""),
    "a: .nan": ("line 1, column 4", ".nan", "null"),
    "a: 1e999": ("line 1, column 4", "too large", "text"),
    "a: \x01": ("line 1, column 4", "U+0001", "delete"),
    'a: "\\q"': ("line 1, column 5", "escape", "backslash"),
    "": ("", "nothing in it", ""),
    "# only a remark": ("", "nothing in it", ""),
    "a: 1\n---\nb: 2": ("", "2 YAML documents", "own file"),
    "[" * 70 + "]" * 70: ("line 1, column 65", "nested deeper", ""),
    "a: \ud800": ("line 1, column 4", "surrogate", ""),
    "a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
    "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
    "e: [*d,*d,*d,*d]": ("line 5", "references repeat", "write them out"),
}


def check(name: str, text: str, expected: tuple[str, str, str]) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text, name)
    place, message, hint = expected
    said = caught.value.message
    assert said.startswith(f"{name}: {place}")
    assert message in said
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", REFUSED_JSON, ids=lambda text: text[:20])
def test_json_is_refused_with_the_place_and_what_to_do(text: str) -> None:
    check("deal.json", text, REFUSED_JSON[text])


@pytest.mark.parametrize("text", REFUSED_YAML, ids=lambda text: ascii(text[:20]))
def test_yaml_is_refused_with_the_place_and_what_to_do(text: str) -> None:
    check("deal.yaml", text, REFUSED_YAML[text])


def test_the_line_is_shown_with_the_place_underlined() -> None:
    with pytest.raises(DocumentError) as caught:
        read('{\n  "url": "/hook"\n  "method": "POST"\n}', "call.json")
    assert str(caught.value) == (
        "call.json: line 2, column 10: a comma or } is missing after this\n"
        '      "url": "/hook"\n'
        "             ^\n"
        "  put a comma between two entries"
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("2021-01-01", "2021-01-01"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("0o14", 12),
        ("0x1F", 31),
        ("014", 14),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("~", None),
        ("", None),
        ("null", None),
        ("TRUE", True),
        ("False", False),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
        ("=", "="),
        ("{{user.id}}x", None),
    ],
)
def test_plain_text_in_yaml_has_the_core_types_only(text: str, value: Json) -> None:
    if text.startswith("{{"):
        with pytest.raises(DocumentError):
            read(f"a: {text}", "x.yaml")
        return
    found = read(f"a: {text}", "x.yaml")["a"]
    assert found == value
    assert type(found) is type(value)


def test_the_form_follows_the_ending_then_the_text() -> None:
    assert read('{"a": 1}', "x.yml") == {"a": 1}
    assert read("\ufeff{}", "x.json") == {}
    assert read("\ufeffa: 1", "x.yaml") == {"a": 1}
    assert read('  {"a": 1}', "-") == {"a": 1}
    assert read("a: 1", "-") == {"a": 1}
    with pytest.raises(DocumentError, match="single quotes"):
        read("{'a': 1}", "-")
    assert read_all("a: 1\n---\nb: 2", "x.yaml") == [{"a": 1}, {"b": 2}]


def test_references_are_read_while_they_stay_small() -> None:
    text = "base: &b {path: /x}\nother: *b\nn: &n 3\nm: [*n, *n]"
    found = read(text, "x.yaml")
    assert found == {"base": {"path": "/x"}, "other": {"path": "/x"}, "n": 3, "m": [3, 3]}


def test_as_deep_as_allowed() -> None:
    deep = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read(deep, "x.json") == read(deep, "x.yaml")


WORDS = """no yes on off y n null ~ true 1e3 2021-01-01 0123 0o17 0x1F 1_000 12:30 .5 -.inf .nan =
<< - -1 +48123 1.5. 2001-01-01T00:00:00Z {{user.id}} @x *x &x !x %x `x #c a:b a: '' | > ? 1e5 .e1
--- ..."""
TRICKY = st.sampled_from(WORDS.split())
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | TRICKY
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def same(one: Json, other: Json) -> bool:
    """Equal in value and in type, all the way down."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@given(VALUES)
def test_what_is_written_reads_back_the_same(value: Json) -> None:
    assert same(read(write_json(value), "x.json"), value)
    assert same(read(write_yaml(value), "x.yaml"), value)


@given(VALUES)
def test_readers_of_the_older_yaml_understand_the_same(value: Json) -> None:
    assert same(yaml.safe_load(write_yaml(value)), value)


@given(st.text(max_size=40) | st.text("{}[],:\"'\n\t -#&*!ab01", max_size=40))
def test_any_text_is_read_or_refused_with_a_message(text: str) -> None:
    for name in ("x.json", "x.yaml", "x"):
        try:
            value = read(text, name)
        except DocumentError as wrong:
            assert wrong.message.startswith(f"{name}: ")
        else:
            if name == "x.json":
                assert same(value, json.loads(text.removeprefix("\ufeff")))


def test_yaml_for_people() -> None:
    document = {
        "id": "newsletter",
        "steps": [{"id": "call", "body": {"v": "{{event.v}}"}, "query": {}}],
        "text": "two\nlines\n",
    }
    assert write_yaml(document) == (
        "id: newsletter\n"
        "steps:\n"
        "  - id: call\n"
        "    body:\n"
        "      v: '{{event.v}}'\n"
        "    query: {}\n"
        "text: |\n"
        "  two\n"
        "  lines\n"
    )
