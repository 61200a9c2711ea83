"""Silent traps: answers that a client takes for good, or reads wrongly, without an exception.

``gzip_truncated``: most clients, httpx among them, take a gzip stream that stops early for the
whole body; the sandbox calls it a failure, and says what others would have done.
``timeout_not_total``: the time-out is for connecting, sending and each read (``timeout_s``), so a
body that drips may take any time.
``error_in_200``: the status counts, the body says that it went wrong.
``empty_body_read``: a success without a body, which later steps read; ``json()`` fails on it.
``wrong_charset``: bytes that are not in the charset that the answer names, or not in UTF-8.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from functools import lru_cache

from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.response import parse_body
from sandbox.model.base import Json, shorten
from sandbox.model.exchange import Answer
from sandbox.model.trace import Finding

__all__ = ["traps"]

_SHORT = 4096
"""Bytes of a body that may be remembered."""
_VERDICTS = ("success", "ok")
_WORDS = ("status", "result", "state", "type")
_BAD = ("error", "errored", "fail", "failed", "failure")
_TEXTUAL = ("json", "text/", "xml", "javascript", "x-www-form-urlencoded")


def traps(journey: CompiledJourney, node: CallNode, answer: Answer, hops: int) -> Sequence[Finding]:
    """Findings about the last answer of a call.

    Args:
        journey: who may read the body.
        node: the call.
        answer: what came back.
        hops: how many redirects were followed; the answer's time is then that of all requests.
    """
    error, body = answer.error, answer.body
    # Every call of every walk comes by here, and hardly any stays. The marks lack their first
    # letters, which may be capitals.
    if error is None:
        if answer.took_ms <= node.timeout_s * 1000 and (
            (_quiet(body) if len(body) <= _SHORT else _is_quiet(body)) if body else not node.exposed
        ):
            return ()
    elif error.kind != "decoding":
        return ()
    return list(_traps(journey, node, answer, hops))


def _is_quiet(body: bytes) -> bool:
    return body.isascii() and b"rror" not in body and b"alse" not in body and b"ail" not in body


_quiet = lru_cache(maxsize=512)(_is_quiet)
"""The same few answers come to many people."""


def _traps(
    journey: CompiledJourney, node: CallNode, answer: Answer, hops: int
) -> Iterator[Finding]:
    if answer.error is not None:
        if "stops before its end" in answer.error.message:
            message = (
                f"the compressed body of {node.id} stops before its end; many HTTP clients take "
                "what came for the whole body and call it a success"
            )
            yield Finding("gzip_truncated", "warning", node.id, message)
        return
    if not hops and answer.took_ms > node.timeout_s * 1000:
        message = (
            f"{node.id} took {answer.took_ms / 1000:g} s, longer than its time-out of "
            f"{node.timeout_s:g} s, and did not fail: that is for connecting, sending and each "
            "read, not for the call as a whole"
        )
        yield Finding("timeout_not_total", "warning", node.id, message)
    status, body = answer.status or 0, answer.body
    if not body:
        if 200 <= status < 300 and node.exposed:
            yield from _unread(journey, node, status)
        return
    if not body.isascii() and (wrong := _charset(answer)):
        yield Finding("wrong_charset", "warning", node.id, f"{node.id} answered with {wrong}")
    if 200 <= status < 300:
        says = _complaint(parse_body(answer))
        if says:
            message = f"{node.id} answered {status}, a success, and its body says {says}"
            yield Finding("error_in_200", "warning", node.id, message)


def _unread(journey: CompiledJourney, node: CallNode, status: int) -> Iterator[Finding]:
    own = ("steps", node.id, "body")
    readers = [
        step or "the trigger"
        for path, steps in journey.reads.items()
        if path[:3] == own
        for step in steps
    ]
    if readers:
        names = " and ".join(dict.fromkeys(readers))
        message = f"{node.id} answered {status} without a body, and it is read by {names}"
        yield Finding("empty_body_read", "warning", node.id, message)


def _complaint(body: Json) -> str:
    """What in a body says that the call went wrong; empty when nothing does."""
    if not isinstance(body, dict):
        return ""
    for name, value in body.items():
        key = name.lower()
        wrong = (
            (key in _VERDICTS and value is False)
            or (key in _WORDS and isinstance(value, str) and value.lower() in _BAD)
            or (key in ("error", "errors") and bool(value))
        )
        if wrong:
            return f"{name}: {shorten(value)}"
    return ""


def _charset(answer: Answer) -> str:
    """What is wrong with the encoding of a body that is not plain ASCII; empty: nothing."""
    kind = next((v for name, v in answer.headers if name.lower() == "content-type"), "").lower()
    named = kind.partition("charset=")[2].partition(";")[0].strip(" \"'")
    if not named and not any(word in kind for word in _TEXTUAL):
        return ""
    try:
        charset = codecs.lookup(named or "utf-8").name
    except LookupError:
        return f"a charset that nobody knows ({named}); its body was read as UTF-8"
    if charset != "utf-8":
        return f"charset={named} and characters beyond ASCII; its body was read as UTF-8"
    try:
        answer.body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"a body that is not UTF-8 (byte {wrong.start + 1}), though it says or implies so"
    return ""
