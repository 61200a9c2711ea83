from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import InputError
from sandbox.formats.diff import diff
from sandbox.formats.http import to_http, to_http_bytes
from sandbox.formats.pretty import pretty
from sandbox.model.base import Json
from sandbox.model.exchange import Request


def test_a_request_as_it_goes_over_the_wire() -> None:
    request = Request(
        "post",
        "http://127.0.0.1:8000/hook/../x?ref=7",
        (("Content-Type", "application/json"), ("X-Name", "a")),
        '{"é":1}'.encode(),
    )
    expected = (
        "POST /hook/../x?ref=7 HTTP/1.1\r\n"
        "Host: 127.0.0.1:8000\r\n"
        "Content-Type: application/json\r\n"
        "X-Name: a\r\n"
        "Content-Length: 8\r\n"
        "\r\n"
        '{"é":1}'
    )
    assert to_http_bytes(request) == expected.encode()
    assert to_http(request) == expected
    document = {
        "method": "POST",
        "url": request.url,
        "headers": dict(request.headers),
        "body": None,
        "text": '{"é":1}',
    }
    assert to_http(document) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "url", "start"),
    [
        ("GET", "https://h.example", "GET / HTTP/1.1\r\nHost: h.example\r\n\r\n"),
        ("GET", "https://h.example:443/?a", "GET /?a HTTP/1.1\r\nHost: h.example\r\n\r\n"),
        ("GET", "http://h.example:443/", "GET / HTTP/1.1\r\nHost: h.example:443\r\n\r\n"),
        ("DELETE", "http://[::1]:80/x#y", "DELETE /x HTTP/1.1\r\nHost: [::1]\r\n\r\n"),
        ("PUT", "http://h/", "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_request_line_host_and_length(method: str, url: str, start: str) -> None:
    assert to_http(Request(method, url, (), b"")) == start


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    request = Request("POST", "http://h/", (), b"\xff\x00\r\n")
    assert to_http_bytes(request).endswith(b"\r\n\r\n\xff\x00\r\n")
    assert to_http(request).endswith("\ufffd\x00\r\n")


def test_a_url_without_a_host_is_refused() -> None:
    for url in ("/hook", "nothing", "http://[x/"):
        with pytest.raises(InputError):
            to_http(Request("GET", url, (), b""))


def test_the_difference_that_user_info_makes() -> None:
    with_user = {"path": 6, "extra": {"v": 1}, "user": {"id": 7, "tags": []}}
    without = {"path": 6, "extra": {"v": 1}}
    assert diff(without, with_user) == [
        "  {",
        '    "path": 6,',
        '    "extra": {',
        '      "v": 1',
        "    },",
        '+   "user": {',
        '+     "id": 7,',
        '+     "tags": []',
        "+   }",
        "  }",
    ]
    assert diff(with_user, without, context=1) == [
        "  …",
        "    }",
        '-   "user": {',
        '-     "id": 7,',
        '-     "tags": []',
        "-   }",
        "  }",
    ]


def test_equal_values_have_no_difference() -> None:
    assert diff({"a": 1}, {"a": 1}) == ["  {", '    "a": 1', "  }"]
    assert diff({"a": list(range(9))}, {"a": list(range(9))}, context=0) == ["  …"]


JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    JSON.filter(lambda one: not isinstance(one, str)),
    JSON.filter(lambda one: not isinstance(one, str)),
)
def test_both_sides_can_be_read_off_a_difference(before: Json, after: Json) -> None:
    lines = diff(before, after)
    new = [line[2:] for line in lines if line[0] in " +"]
    old = [line[2:] for line in lines if line[0] in " -"]
    assert new == pretty(after)
    assert [line.removesuffix(",") for line in old] == [
        line.removesuffix(",") for line in pretty(before)
    ]


def test_pretty() -> None:
    assert pretty({"b": [1, {}], "a": "é"}) == [
        "{", '  "b": [', "    1,", "    {}", "  ],", '  "a": "é"', "}",
    ]  # fmt: skip
    assert pretty('{"a":1}') == ["{", '  "a": 1', "}"]
    assert pretty("\ufeff [1]") == ["[", "  1", "]"]
    assert pretty("{broken\r\nhtml") == ["{broken", "html"]
    assert pretty("plain\n\ntext") == ["plain", "", "text"]
    assert pretty("") == [""]
    assert pretty("[" + "9" * 30 + "]") == ["[", "  " + "9" * 30, "]"]
    assert pretty(5) == ["5"]
    assert pretty('{"n":1.10,"n":1e2,"t":"\\u00e9\\n\\ud83d"}') == [
        "{", '  "n": 1.10,', '  "n": 1e2,', '  "t": "\\u00e9\\n\\ud83d"', "}",
    ]  # fmt: skip
    assert pretty('["\\u00e9{,"]') == ["[", '  "é{,"', "]"]
    assert pretty("[" * 5000 + "]" * 5000)[0].startswith("[")


@given(JSON.filter(lambda one: isinstance(one, dict | list)))
def test_text_and_value_look_the_same(value: Json) -> None:
    assert pretty(json.dumps(value, ensure_ascii=False)) == pretty(value)


@pytest.mark.slow
def test_pretty_of_megabytes() -> None:
    body = json.dumps([{"id": number, "name": f"person {number}"} for number in range(50_000)])
    lines = pretty(body)
    assert len(lines) == 50_000 * 4 + 2
