from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.model.exchange import Fail
from sandbox.wire.decoding import decode_body

TEXT = b"hello " * 100


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("X-GZIP", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\0\0 padding"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", bare(TEXT)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
        ("identity", TEXT),
        ("", TEXT),
        ("br", TEXT),
        ("gzip, br", TEXT),
    ],
)
def test_codings(coding: str, body: bytes) -> None:
    assert decode_body(body, [("Content-Encoding", coding)], 10_000) == TEXT


def test_codings_in_two_headers_are_one_list() -> None:
    body = gzip.compress(zlib.compress(TEXT), mtime=0)
    headers = [("content-encoding", "deflate"), ("X", "y"), ("Content-Encoding", "gzip")]
    assert decode_body(body, headers, 10_000) == TEXT


@pytest.mark.parametrize(
    ("coding", "body", "expected"),
    [
        ("gzip", b"not gzip", "decoding"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:-9], "decoding"),
        ("gzip", gzip.compress(TEXT, mtime=0)[:10] + b"\xff" * 9, "decoding"),
        ("deflate", b"\xff\xff\xff", "decoding"),
        ("deflate", zlib.compress(TEXT)[:-4], "decoding"),
        ("gzip, gzip, gzip, gzip, gzip", gzip.compress(TEXT, mtime=0), "decoding"),
        ("gzip", gzip.compress(b"x" * 10_001, mtime=0), "too_large"),
        ("gzip", gzip.compress(b"x" * 6_000, mtime=0) * 2, "too_large"),
        ("deflate", zlib.compress(b"x" * 10_001), "too_large"),
        (
            "gzip, gzip",
            gzip.compress(gzip.compress(bytes(50_000_000), mtime=0), mtime=0),
            "too_large",
        ),
    ],
)
def test_broken_and_swollen_bodies(coding: str, body: bytes, expected: str) -> None:
    found = decode_body(body, [("content-encoding", coding)], 10_000)
    assert isinstance(found, Fail)
    assert (found.kind, found.phase) == (expected, "body")
    assert len(found.message) > 20


def test_no_body_is_no_stream_that_stops_early() -> None:
    assert decode_body(b"", [("content-encoding", "gzip")], 10) == b""


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_any_bytes_give_bytes_or_a_failure(body: bytes, coding: str) -> None:
    found = decode_body(body, [("content-encoding", coding)], 50)
    assert isinstance(found, Fail) or len(found) <= 50
