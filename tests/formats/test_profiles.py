from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import DocumentError
from sandbox.formats.csv_profiles import untyped_columns
from sandbox.formats.documents import write_yaml
from sandbox.formats.profiles import read_profiles
from sandbox.model.base import Json
from sandbox.model.profile import Profile

ADA: Json = {"id": "7", "attributes": {"name": "Ada"}, "tags": ["vip"]}
BOB: Json = {"id": "8"}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("p.json", json.dumps([ADA, BOB])),
        ("p.json", json.dumps({"profiles": [ADA, BOB]})),
        ("p.jsonl", json.dumps(ADA) + "\r\n\n" + json.dumps(BOB) + "\n"),
        ("p.ndjson", json.dumps(ADA) + "\n" + json.dumps(BOB)),
        ("p.yaml", write_yaml([ADA, BOB])),
        ("p.yml", write_yaml(ADA) + "---\n" + write_yaml(BOB)),
        ("p.csv", "\ufeffid,name,tags\r\n7,Ada,vip\r\n8,,\r\n"),
        ("p.csv", "ID;attributes.name;Tags\n7;Ada;vip\n\n8;;\n"),
        ("p.tsv", "id\tname\ttags\n7\tAda\tvip\n8\t\t\n"),
        ("-", json.dumps([ADA, BOB])),
    ],
)
def test_the_same_two_people_in_every_form(source: str, text: str) -> None:
    assert [profile.document() for profile in read_profiles(text, source)] == [ADA, BOB]


def test_one_person() -> None:
    assert read_profiles("id: 7\nattributes: {on: yes}", "p.yaml")[0].attributes == {"on": "yes"}
    assert read_profiles('{"id": 7}', "p.json")[0].id == "7"


@pytest.mark.parametrize(
    ("cells", "looks"),
    [
        (["1", "-2.5", "1e3"], "number"), (["1", ""], "number"), (["true", "False"], "bool"),
        (['"{}"', '"[1]"'], "json"), (["1", "true"], ""), (["01", "2"], ""), (["+1"], ""),
        (["", ""], ""), (["1", "x"], ""), (["NaN"], ""), (["1_000"], ""), (["null"], ""),
    ],
)  # fmt: skip
def test_a_column_looks_typed_when_all_its_cells_do(cells: list[str], looks: str) -> None:
    rows = "".join(f"{number},{cell},\n" for number, cell in enumerate(cells))
    expected = {"address.x": looks} if looks else {}
    assert untyped_columns(f"id,address.x,tags\n{rows}", "p.csv") == expected
    for kind in ("text", "number", "bool", "json"):
        assert untyped_columns(f"id,address.x:{kind},tags\n{rows}", "p.csv") == {}


def test_cells_stay_text_unless_their_column_says_otherwise() -> None:
    text = (
        "id,zip,age:number,vip:bool,data:json,address.city,attributes.address.street,note,tags\n"
        '007,01234,41,TRUE,"{""a"": [1]}",Łódź,Main,"two\nlines, and ""quotes""","a|b;c"\n'
        '8,,,,,,,,"[""x,y"", {""name"": ""z""}]"\n'
    )
    first, second = read_profiles(text, "p.csv")
    assert first.id == "007"
    assert first.attributes == {
        "zip": "01234",
        "age": 41,
        "vip": True,
        "data": {"a": [1]},
        "address": {"city": "Łódź", "street": "Main"},
        "note": 'two\nlines, and "quotes"',
    }
    assert first.tags == ("a", "b", "c")
    assert second.attributes == {}
    assert second.tags == ("x,y", {"name": "z"})


def problems(text: str, source: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read_profiles(text, source)
    return [str(problem) for problem in caught.value.problems]


def test_every_problem_of_a_table_at_once_with_its_line() -> None:
    text = 'id,age:number,vip:bool\n7,old,true\n"8",1,"may\nbe"\n9\n,1,\n10,NaN,\n11,1,\n11,2,\n'
    found = problems(text, "p.csv")
    assert [line.partition(":")[0] for line in found] == [
        "line 2, column age",
        "line 3, column vip",
        "line 5",
        "line 6, id",
        "line 7, column age",
        "line 9, id",
    ]
    assert '(got "old")' in found[0]
    assert "1 cells, the first row has 3" in found[2]
    assert "stands twice (first at line 8)" in found[5]


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("ident,name", "there is no column id"),
        ("Id,id", "are the same"),
        ("id,name,attributes.name", "are the same"),
        ("id,address,address.city", "is a part of address"),
        ("id,,x", "column 2 has no proper name"),
        ("id,a..b", "column 2 has no proper name"),
    ],
)
def test_a_first_row_that_cannot_be(head: str, message: str) -> None:
    assert any(message in one for one in problems(head + "\n", "p.csv"))


def test_broken_tables() -> None:
    assert problems("", "p.csv") == ["there is nothing in it"]
    assert problems("id,name\n", "p.csv") == ["there is no profile in it"]
    assert "line 2: the row cannot be read" in problems('id,name\n7,"a"b\n', "p.csv")[0]


def test_every_problem_of_a_list_at_once_with_its_place() -> None:
    people = [ADA, {"id": ""}, {"nme": 1}, {"id": "7"}, 5]
    found = problems(json.dumps({"profiles": people}), "p.json")
    assert any(one.startswith("profiles[1].id: ") for one in found)
    assert any(one.startswith("profiles[2].id: is required") for one in found)
    assert any(one.startswith("profiles[2].nme: unknown field") for one in found)
    assert any(
        'profiles[3].id: the id "7" stands twice (first at profiles[0])' in one for one in found
    )
    assert any(one.startswith("profiles[4]") for one in found)


def test_every_broken_line_of_jsonl_is_named() -> None:
    found = problems('{"id": "1"}\n{"id": 2,}\n\n{"id": ""}\nnope\n', "p.jsonl")
    assert [one.partition(":")[0] for one in found] == [
        "line 2, column 9",
        "line 4, id",
        "line 5, column 1",
    ]


def test_lists_that_are_none() -> None:
    assert problems("[]", "p.json") == ["there is no profile in it"]
    assert problems('{"profiles": {}}', "p.json") == ["profiles: must be a list of profiles"]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@given(
    st.lists(st.dictionaries(st.sampled_from("abc"), CELLS), min_size=1, max_size=5),
    st.sampled_from(",;\t"),
)
def test_a_table_gives_back_its_cells(people: list[dict[str, str]], separator: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "a", "b", "c"])
    for number, one in enumerate(people):
        writer.writerow([f"p{number}", *(one.get(name, "") for name in "abc")])
    found = read_profiles(out.getvalue(), "p.csv")
    assert [profile.attributes for profile in found] == [
        {name: value for name, value in sorted(one.items()) if value} for one in people
    ]


@given(st.text('{}[]",:id7ab\n;\t', max_size=40), st.sampled_from(["csv", "json", "jsonl", "yaml"]))
def test_any_text_is_read_or_refused(text: str, ending: str) -> None:
    try:
        found = read_profiles(text, f"p.{ending}")
    except DocumentError as wrong:
        assert wrong.message.startswith(f"p.{ending}: ")
    else:
        assert all(isinstance(one, Profile) for one in found)
