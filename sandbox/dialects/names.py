"""The names of a dialect's values, what each means and which values it can have.

The same names are the keys of a journey's ``settings``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from sandbox.model.base import Json
from sandbox.model.exchange import KINDS

__all__ = ["NAMES", "Name", "check_setting"]


class Name(NamedTuple):
    """One name: what it means, what it allows, and a check."""

    says: str
    allows: str
    fits: Callable[[Json], bool]


def _one_of(*words: str) -> tuple[str, Callable[[Json], bool]]:
    return "one of " + ", ".join(words), lambda value: value in words


def _whole(least: int) -> tuple[str, Callable[[Json], bool]]:
    return (
        f"a whole number from {least}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least,
    )


def _times(least: int) -> tuple[str, Callable[[Json], bool]]:
    says, fits = _whole(least)
    return f"{says} to 100", lambda value: fits(value) and value <= 100


def _or_null(check: tuple[str, Callable[[Json], bool]]) -> tuple[str, Callable[[Json], bool]]:
    return f"{check[0]}, or null", lambda value: value is None or check[1](value)


_YEAR_S = 31_536_000
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_PARTS = ("path", "now", "body", "user")
_yes_no = ("true or false", lambda value: isinstance(value, bool))
_methods = (
    "a list of methods",
    lambda value: isinstance(value, list) and all(one in _METHODS for one in value),
)
_texts = (
    "an object of texts",
    lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
)
_object = ("an object", lambda value: isinstance(value, dict))
_word = ("text", lambda value: isinstance(value, str))
_delimiter = (
    "one to eight signs that are no letters, digits, quotes, blanks or |",
    lambda value: isinstance(value, str) and re.fullmatch(r"[^\w\s\"'|]{1,8}", value) is not None,
)
_words = (
    "a list of texts",
    lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
)
_seconds = (
    "a number of seconds above 0",
    lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value > 0,
)


def _is_status(value: Json) -> bool:
    if isinstance(value, str):
        return value in ("1xx", "2xx", "3xx", "4xx", "5xx")
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 999


_statuses = (
    'a list of statuses and classes, such as ["2xx", 304]',
    lambda value: isinstance(value, list) and all(_is_status(one) for one in value),
)
_reasons = (
    "a list of statuses, classes such as 5xx, timeout, and kinds of transport errors",
    lambda value: (
        isinstance(value, list)
        and all(_is_status(one) or one == "timeout" or one in KINDS for one in value)
    ),
)
_wait = (
    "a number of seconds from 0 to a year (31536000)",
    lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _YEAR_S
    ),
)
_open = (
    "a number of seconds above 0, to a year (31536000)",
    lambda value: _wait[1](value) and value > 0,
)
_rate = (
    "a number of calls a second above 0",
    lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value > 0,
)
_envelope = (
    "a list of [key, part] with the parts " + ", ".join(_PARTS),
    lambda value: (
        isinstance(value, list)
        and all(
            isinstance(pair, list)
            and len(pair) == 2
            and isinstance(pair[0], str)
            and pair[1] in _PARTS
            for pair in value
        )
    ),
)

NAMES: Final[Mapping[str, Name]] = {
    "template.syntax": Name(
        "how values are written into texts; the journey's own dialect decides, whoever plays it",
        *_one_of("snippet", "kustomer", "insider"),
    ),
    "template.open": Name("what begins a tag of the snippet syntax", *_delimiter),
    "template.close": Name("what ends a tag of the snippet syntax", *_delimiter),
    "template.fallback": Name(
        "how a value is written that stands in for a missing one; null: the vendor has no way",
        *_or_null(_word),
    ),
    "template.keep_types": Name(
        "whether a value that is one whole snippet tag keeps its JSON type; else it becomes text",
        *_yes_no,
    ),
    "url.tags": Name(
        "where tags in the URL are replaced: everywhere, or in the query of a GET only; "
        "those of env, which are the sandbox's own, always are",
        *_one_of("everywhere", "get_query"),
    ),
    "url.encode_values": Name(
        "whether values in the URL are percent-encoded; one at its very start and env never are",
        *_yes_no,
    ),
    "request.methods": Name("the methods the vendor offers", *_methods),
    "request.no_body_methods": Name("methods that are sent without a body", *_methods),
    "request.headers": Name("headers the vendor sets when the author does not", *_texts),
    "request.sources": Name(
        "addresses the vendor's calls come from; LIVE calls leave from this machine instead",
        *_words,
    ),
    "request.max_body_bytes": Name("the largest body the vendor sends", *_or_null(_whole(1))),
    "envelope": Name(
        "the object the vendor wraps around the author's body; null: the body as it is",
        *_or_null(_envelope),
    ),
    "path": Name("the envelope's path number", *_whole(0)),
    "user.fields": Name(
        "the fields of the user object, in order, with what is sent when the profile has none",
        *_or_null(_object),
    ),
    "user.custom_into": Name("the field that takes custom attributes", *_or_null(_word)),
    "channels.need": Name(
        "the attribute a person needs when a call is for a channel: email, sms", *_texts
    ),
    "checks": Name(
        "what the vendor's pages ask of a call besides: json_post, not_bulk",
        "a list of json_post and not_bulk",
        lambda value: (
            isinstance(value, list) and all(one in ("json_post", "not_bulk") for one in value)
        ),
    ),
    "success.status": Name("the statuses that count as success", *_statuses),
    "redirects.follow": Name("which redirects are followed", *_one_of("never", "get", "always")),
    "redirects.max": Name("how many redirects are followed", *_whole(1)),
    "timeout_s": Name("seconds to wait for connecting, sending and each read", *_seconds),
    "retry.apply": Name(
        "whether calls without a retry of their own are sent again as the values below say",
        *_yes_no,
    ),
    "retry.on": Name("what a call is sent again after", *_reasons),
    "retry.times": Name("how often a call is sent again at most", *_times(1)),
    "retry.delay_s": Name("seconds before the first retry", *_wait),
    "retry.max_delay_s": Name("seconds no wait is longer than", *_wait),
    "retry.backoff": Name(
        "whether the delay doubles each time or stays", *_one_of("exponential", "fixed")
    ),
    "retry.jitter": Name(
        "how a wait is drawn: not at all; from nothing, or half the delay, to the delay; "
        "or from delay_s to max_delay_s",
        *_one_of("none", "full", "equal", "between"),
    ),
    "retry.after": Name(
        "whether a Retry-After of the answer takes the place of the delay",
        *_one_of("honour", "ignore"),
    ),
    "retry.methods": Name(
        "whether calls that are not idempotent (POST, PATCH) are sent again as well",
        *_one_of("all", "idempotent"),
    ),
    "throttle.per_s": Name(
        "calls a second to one URL, over all steps that call it; null: no limit",
        *_or_null(_rate),
    ),
    "throttle.times": Name("how often a call that is held back tries again", *_times(0)),
    "throttle.delay_s": Name("seconds it waits at least", *_wait),
    "throttle.max_delay_s": Name("seconds it waits at most; drawn between", *_wait),
    "breaker.failures": Name(
        "failures in a row that open the circuit breaker of a host; null: no breaker",
        *_or_null(_whole(1)),
    ),
    "breaker.for_s": Name("seconds an open breaker lets nothing through", *_open),
    "breaker.half_open": Name("calls it then lets through to try", *_whole(1)),
    "policy.failure": Name(
        "what happens to the person after a failed call",
        *_one_of("proceed", "drop", "branch", "author"),
    ),
    "policy.transport_error": Name(
        "whether a call without a response is a failure like another, or fails the run",
        *_one_of("as_failure", "fail_run"),
    ),
    "policy.exits": Name("whether a call has exits for success and failure", *_yes_no),
    "policy.unconnected": Name("what an exit with nothing connected does", *_one_of("end", "next")),
    "response.exposed": Name(
        "what later steps can read of the response", *_one_of("none", "status", "full")
    ),
    "counters.success": Name("the vendor's word for the success count", *_word),
    "counters.failure": Name("the vendor's word for the failure count", *_word),
    "counters.retried": Name("the vendor's word for the count of calls sent again", *_word),
}
"""Every name; each dialect gives a value to every one of them."""


def check_setting(name: str, value: Json) -> str:
    """What is wrong with a value for a known name; empty when nothing is."""
    known = NAMES[name]
    return "" if known.fits(value) else f"must be {known.allows}"
