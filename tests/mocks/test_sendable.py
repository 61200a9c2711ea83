from __future__ import annotations

import pytest

from sandbox.mocks.urls import BadUrl, split_url
from tests.mocks.calls import call, engine

OK = engine([{"status": 200}])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("X", "a\nb"),), "'X' has a line break at character 2"),
        ((("X", "a\rb"),), "a carriage return"),
        ((("X", "a\x00b"),), "a zero byte"),
        ((("X", "a\x07b"),), "the control character U+0007"),
        ((("X", "héllo"),), "the character U+00E9, which is not ASCII at character 2"),
        ((("X", " a"),), "starts or ends with a space"),
        ((("X Y", "a"),), "'X Y' is not a header name"),
        ((("", "a"),), "a header has no name"),
        ((("Host", "a"), ("host", "b")), "two Host headers"),
        ((("Content-Length", "1"),), "Content-Length says '1', and the body has 7 bytes"),
        ((("Transfer-Encoding", "chunked"),), "Transfer-Encoding"),
    ],
)
def test_headers_that_cannot_be_sent(headers: tuple[tuple[str, str], ...], expected: str) -> None:
    answer = OK.session().answer(call(headers=headers))
    assert answer.error is not None
    assert answer.error[:2] == ("unsendable", "build")
    assert expected in answer.error.message
    assert answer.rule is None


def test_a_secret_in_a_header_is_not_told() -> None:
    error = OK.session().answer(call(headers=(("Authorization", "Bearer s3cret\n"),))).error
    assert error is not None
    assert "s3cret" not in error.message


@pytest.mark.parametrize("method", ["", "GE T", "CONNECT", "GET\n"])
def test_methods_that_cannot_be_sent(method: str) -> None:
    error = OK.session().answer(call(method=method)).error
    assert error is not None
    assert error[:2] == ("unsendable", "build")


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", "invalid_url"),
        ("/x", "invalid_url"),
        ("api.test/x", "invalid_url"),
        ("http:///x", "invalid_url"),
        ("http://", "invalid_url"),
        ("http://a b/", "invalid_url"),
        ("http://a/\u00e9", "invalid_url"),
        ("http://a/\n", "invalid_url"),
        ("http://a:99999/", "invalid_url"),
        ("http://a:0/", "invalid_url"),
        ("http://a:b/", "invalid_url"),
        ("http://1.2.3.999/", "invalid_url"),
        ("http://[::zz]/", "invalid_url"),
        ("http://[::1/", "invalid_url"),
        ("http://a..b/", "invalid_url"),
        ("http://" + "a" * 64 + "/", "invalid_url"),
        ("http://me:pw@a/", "invalid_url"),
        ("http://a/" + "x" * 66_000, "invalid_url"),
        ("ftp://a/", "unsupported_scheme"),
        ("mailto:a", "invalid_url"),
        ("file:///etc/passwd", "unsupported_scheme"),
    ],
)
def test_urls_that_cannot_be_called(url: str, kind: str) -> None:
    error = OK.session().answer(call(url)).error
    assert error is not None
    assert error[:2] == (kind, "build")
    assert "pw" not in error.message.replace("passwd", "")
    later = OK.session().answer(call(url, hop=1)).error
    assert later is not None
    assert later[:2] == ("bad_redirect", "redirect")


def test_an_unsendable_call_takes_no_turn_in_a_sequence() -> None:
    session = engine([{"status": 503}, {"status": 200}]).session()
    session.answer(call(headers=(("X", "\n"),)))
    assert session.answer(call()).status == 503


def test_the_parts_of_a_url() -> None:
    parts = split_url("HTTP://API.test:8080/a%20b/../c?q=%C3%A9#frag")
    assert (parts.scheme, parts.host, parts.port) == ("http", "api.test", 8080)
    assert parts.authority == "api.test:8080"
    assert parts.target == "/a%20b/../c?q=%C3%A9"
    assert parts.paths == ("/a%20b/../c", "/a b/../c")
    assert split_url("https://a:443?x").plain == "https://a/?x"
    with pytest.raises(BadUrl, match="user name"):
        split_url("https://a@b/")
