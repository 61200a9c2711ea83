"""What an item makes of a fault, and how a script is read."""

from __future__ import annotations

import pytest

from sandbox.errors import DocumentError
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.faults import FAULTS, find_fault
from sandbox.mocks.script import Fill, Late, Pieces, Playback, Say, Script, Torn
from sandbox.mocks.script_making import plain_script
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from tests.engine.walking import call as call_step
from tests.engine.walking import calls, go, journey
from tests.mocks.calls import call, engine, rules

TEXT = {"text": "0123456789"}


def answered(item: Json, **fields: Json) -> Answer:
    return engine([item]).session().answer(call(**fields))


@pytest.mark.parametrize(
    ("item", "received"),
    [
        ({"fault": "truncated", **TEXT}, 5),
        ({"fault": "truncated", **TEXT, "after_bytes": 0}, 0),
        ({"fault": "truncated", **TEXT, "after_bytes": 9}, 9),
        ({"fault": "truncated", **TEXT, "after_bytes": 99}, 10),
        ({"fault": "truncated", "text": ""}, 0),
        ({"fault": "reset_mid_body", **TEXT, "status": 503, "after_bytes": 3}, 3),
        ({"fault": "bad_chunk", **TEXT, "after_bytes": 0}, 0),
        ({"fault": "huge", **TEXT}, 0),
    ],
)
def test_so_much_of_the_body_comes(item: Json, received: int) -> None:
    got = answered(item)
    fault = FAULTS[item["fault"]]
    assert got.error is not None
    assert got.error[:2] == (fault.kind, fault.phase)
    assert got.received == received


@pytest.mark.parametrize(
    ("item", "took_ms", "kind", "received"),
    [
        ({"fault": "drip", **TEXT, "drip": {"bytes": 3, "every_ms": 500}}, 2000, None, 0),
        ({"fault": "drip", **TEXT, "drip": {"bytes": 3, "every_ms": 500}, "latency": {"ms": 7}},
         2007, None, 0),
        ({"fault": "drip", **TEXT, "drip": {"bytes": 1, "every_ms": 5000}}, 50_000, None, 0),
        ({"fault": "drip", **TEXT, "drip": {"bytes": 1, "every_ms": 5001}, "latency": {"ms": 90}},
         5090, "read_timeout", 0),
        ({"fault": "drip", **TEXT, "latency": {"ms": 5001}}, 5000, "read_timeout", 0),
        ({"fault": "bandwidth", **TEXT, "bytes_per_s": 2}, 5000, None, 0),
        ({"fault": "bandwidth", **TEXT, "bytes_per_s": 0.1}, 5000, "read_timeout", 0),
        ({"fault": "read_timeout_mid_body", **TEXT, "bytes_per_s": 10, "latency": {"ms": 90}},
         5590, "read_timeout", 5),
        ({"fault": "truncated", **TEXT, "drip": {"bytes": 2, "every_ms": 100}}, 300,
         "truncated", 5),
    ],
)  # fmt: skip
def test_time_is_charged_and_each_pause_held_against_the_time_out(
    item: Json, took_ms: float, kind: str | None, received: int
) -> None:
    got = answered(item)
    assert (got.error.kind if got.error else None, got.took_ms) == (kind, took_ms)
    assert got.received == received
    assert got.body == (b"" if kind else b"0123456789")


def test_a_body_of_a_bare_answer_cannot_break() -> None:
    assert answered({"fault": "truncated"}, method="HEAD").status == 200
    assert answered({"fault": "reset_mid_body", "status": 204}).status == 204
    assert answered({"fault": "gzip_corrupt"}, method="HEAD").error is None


@pytest.mark.parametrize("value", [{"name": "José"}, {"name": "Ann"}, {"name": "Łukasz"}])
def test_a_wrong_charset_is_wrong_whatever_the_body(value: Json) -> None:
    got = answered({"fault": "wrong_charset", "json": value})
    with pytest.raises(UnicodeDecodeError):
        got.body.decode("utf-8")
    assert got.headers == (("content-type", "application/json; charset=utf-8"),)


def test_the_length_is_the_servers_own_business() -> None:
    headers = {
        "Content-Length": "3",
        "Transfer-Encoding": "gzip",
        "Content-Type": "text/plain",
        "connection": "close",
    }
    got = answered({"fault": "length_mismatch", **TEXT, "headers": headers, "after_bytes": 4})
    assert (got.body, got.headers) == (b"0123", (("Content-Type", "text/plain"),))
    said = plain_script(200, (("Content-Length", "3"),), b"0123456789", 0).head
    assert b"Content-Length: 10" in said
    assert b"Content-Length: 3" not in said


@pytest.mark.parametrize("name", [n for n, one in FAULTS.items() if one.phase == "redirect"])
def test_a_redirect_that_is_followed_ends_as_the_catalogue_says(name: str) -> None:
    fault = find_fault(name)
    document = journey(call_step(follow_redirects=True, method="GET"))
    session = MockEngine(rules([{"fault": name}])).session()
    (fact,) = calls(go(document, session.answer))
    assert fact.answer is not None
    if fault.followed is None:
        assert fact.answer.status == 302
    else:
        assert fact.answer.error is not None
        assert fact.answer.error[:2] == fault.followed


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"fault": "reset", "after_bytes": 1}, "after_bytes"),
        ({"fault": "drip", "bytes_per_s": 1}, "bytes_per_s"),
        ({"fault": "bandwidth", "drip": {"bytes": 1, "every_ms": 1}}, "drip"),
        ({"fault": "wrong_charset", "drip": {"bytes": 1, "every_ms": 1}}, "drip"),
    ],
)
def test_a_field_that_a_fault_does_not_take_is_refused(item: Json, field: str) -> None:
    with pytest.raises(DocumentError, match=field):
        engine([item])


def test_a_script_is_read_in_the_pieces_that_are_asked_for() -> None:
    body = (Pieces(b"abcdef", 4, 100), Say(b"!"), Fill(70_000))
    playback = Playback(Script(50, b"head", body, "close"))
    assert playback.read(3, 60) == b"hea"
    assert playback.read(3, 60) == b"d"
    with pytest.raises(Late):
        playback.read(9, 99)
    assert playback.clock_us == 50 + 99
    playback = Playback(Script(50, b"head", body, "close"))
    found = b""
    while piece := playback.read(65_536, 100):
        found += piece
    assert found == b"headabcdef!" + b"x" * 70_000
    assert playback.clock_us == 50 + 2 * 100


def test_how_a_script_ends() -> None:
    with pytest.raises(Torn):
        Playback(Script(7, end="reset")).read(1, 8)
    assert Playback(Script(7, end="close")).read(1, 8) == b""
    for end in ("keep", "hold"):
        playback = Playback(Script(7, end=end))
        with pytest.raises(Late):
            playback.read(1, 8)
        assert playback.clock_us == 8
