"""A URL that was made ready is final: nobody on the way changes or refuses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.urls import encode_value, header_problem, host_of, normalise, redirect_target
from sandbox.mocks.urls import split_url

PIECES = st.lists(
    st.sampled_from(
        ["http://", "https://", "HTTP://", "api.test", "[::1]", "bücher.de", "a_b", ":80", ":443",
         ":8080", ":0", ":", "1.2.3.4", "1.2.3.999", "[::g]", "l" * 40, ".",
         "/", "//", "..", "a b", "é", "%", "%2", "%2F", "?", "&", "=", "#", "@", "\\", "|",
         "[", "]", "{", "\t", "\x00", "\u00a0", "\u2028", "🦊", "\udc80", ";", "'", '"', "<", "x"]
    ),
    max_size=8,
).map("".join)  # fmt: skip
URLS = PIECES | st.tuples(st.sampled_from(["http://", "https://"]), PIECES).map("".join) | st.text()


@given(URLS)
def test_what_was_made_ready_stays_as_it_is_and_can_be_sent(url: str) -> None:
    made, fail = normalise(url)
    if fail is not None:
        assert made == ""
        assert fail.phase == "build"
        assert fail.kind in ("invalid_url", "unsupported_scheme")
        return
    assert made.isascii()
    assert made.isprintable()
    assert " " not in made
    assert normalise(made) == (made, None)
    assert split_url(made).authority == host_of(made)


@given(URLS)
def test_a_location_leads_somewhere_that_can_be_sent_or_is_an_error(location: str) -> None:
    made, fail = redirect_target("http://api.test/a/b?c=d", location)
    if fail is None:
        assert normalise(made) == (made, None)
    else:
        assert (made, fail.kind, fail.phase) == ("", "bad_redirect", "redirect")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_value_in_a_url_stays_one_value(value: str) -> None:
    made, fail = normalise(f"http://api.test/{encode_value(value)}?q={encode_value(value)}")
    assert fail is None
    assert made == f"http://api.test/{encode_value(value)}?q={encode_value(value)}"


@given(st.text(), st.text())
def test_any_header_is_sendable_or_has_a_reason(name: str, value: str) -> None:
    assert isinstance(header_problem(name, value), str)
    if not header_problem(name, value):
        assert name.isascii()
        assert not any(char in name + value for char in "\r\n\x00")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:0", "port that is no number from 1 to 65535"),
        ("http://api.test:65536/", "port that is no number from 1 to 65535"),
        (f"http://{'a' * 64}.test/", "a part of more than 63 characters"),
        (f"http://{'ü' * 64}.test/", "no name"),
        ("http://1.2.3.999/", "no address"),
        ("http://[::1::]/", "has a host that is no"),
        ("http:///path", "has no host"),
        (f"http://api.test/{'é' * 12_000}", "once it is encoded"),
    ],
)
def test_what_no_client_can_call_is_refused_before_anything_asks_for_it(url: str, why: str) -> None:
    made, fail = normalise(url)
    assert made == ""
    assert fail is not None
    assert fail[:2] == ("invalid_url", "build")
    assert why in fail.message


def test_the_longest_label_can_be_called() -> None:
    url = f"http://{'a' * 63}.test:65535/"
    assert normalise(url) == (url, None)
