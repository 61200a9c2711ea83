"""The credentials of a run that no variable holds: made for a call, fetched, or told by an answer.

An endpoint may say them again anywhere: in a text, under another name, in the path of a later
call. So whoever shows or keeps a run masks them wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qsl

import orjson

from sandbox.masking import is_secret_header, is_secret_key
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Request
from sandbox.model.trace import StepFact

__all__ = ["credentials_of", "learned_secrets", "sent_secrets"]

_LONG: Final = 12
"""Characters from which on a credential can be told from a word."""
_CERTAIN: Final = 6
"""The same, of what certainly is one: an access token, a name and password in base64."""


def credentials_of(facts: Iterable[StepFact], tokens: Iterable[str] = ()) -> set[str]:
    """What a run's calls sent and were told; ``tokens`` are the access tokens that it got."""
    found = {token for token in tokens if len(token) >= _CERTAIN}
    for fact in facts:
        if fact.request is not None and fact.answer is not None:
            found |= sent_secrets([fact.request])
            found |= learned_secrets([fact.answer])
    return found


def sent_secrets(requests: Iterable[Request]) -> set[str]:
    """The credentials in headers, query and body of requests, going by their names."""
    found: set[str] = set()
    for request in requests:
        fields = request.url.partition("?")[2]
        for name, value in request.headers:
            if is_secret_header(name):
                found.update(_sent(name.lower(), value))
            elif name.lower() == "content-type" and "x-www-form-urlencoded" in value.lower():
                fields += "&" + request.body.decode("utf-8", "replace")
        if "=" in fields:
            found.update(
                value
                for name, value in parse_qsl(fields, errors="replace")
                if len(value) >= _LONG and is_secret_key(name)
            )
        found |= {one for one in _told(request.body) if len(one) >= _LONG}
    return found


def _sent(name: str, value: str) -> Iterator[str]:
    if name == "cookie":
        for pair in value.split(";"):
            cookie = pair.partition("=")[2].strip()
            if len(cookie) >= _LONG:
                yield cookie
        return
    scheme, space, rest = value.partition(" ")
    credential = rest.strip() if space else value
    if len(credential) >= (_CERTAIN if space and scheme.lower() == "basic" else _LONG):
        yield credential


def learned_secrets(answers: Iterable[Answer], certain: bool = False) -> set[str]:
    """The credentials that answers brought: long enough to be told from a word.

    An access token may come again under another name, or in the path of a later call. ``certain``
    are the answers of token endpoints, whose tokens may be shorter.
    """
    shortest = _CERTAIN if certain else _LONG
    found: set[str] = set()
    for answer in answers:
        for name, value in answer.headers:
            if is_secret_header(name):
                found.update(part.partition("=")[2] or part for part in value.split(";")[:1])
        found |= _told(answer.body)
    return {one for one in found if len(one) >= shortest and one.isascii()}


def _told(body: bytes) -> set[str]:
    """What a JSON body holds under names of credentials."""
    if b'"' not in body:
        return set()
    try:
        return set(_credentials(orjson.loads(body)))
    except orjson.JSONDecodeError:
        return set()


def _credentials(value: Json) -> Iterator[str]:
    waiting: list[tuple[str, Json]] = [("", value)]
    while waiting:
        key, one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.items()
        elif isinstance(one, list):
            waiting += [(key, item) for item in one]
        elif isinstance(one, str) and is_secret_key(key):
            yield one
