"""A dialect's values with a journey's overrides folded in: what the walk reads, typed and flat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sandbox.dialects import NAMES, Dialect, check_setting
from sandbox.engine.retrying import statuses
from sandbox.errors import Problem, nearest
from sandbox.model.base import Json, shorten
from sandbox.model.calling import Breaker, Retry
from sandbox.templates.snippet import CLOSE, OPEN

__all__ = ["Behaviour", "fold"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the platform does with a call. The fields are the names of ``dialects.NAMES``."""

    syntax: Literal["snippet", "kustomer", "insider"]
    opens: str
    closes: str
    keep_types: bool
    url_tags: Literal["everywhere", "get_query"]
    encode_values: bool
    methods: tuple[str, ...]
    no_body_methods: frozenset[str]
    headers: tuple[tuple[str, str], ...]
    max_body_bytes: int | None
    envelope: tuple[tuple[str, str], ...] | None
    path: int
    user_fields: Mapping[str, Json] | None
    custom_into: str | None
    success: frozenset[int]
    follow: Literal["never", "get", "always"]
    max_redirects: int
    timeout_s: float
    failure: Literal["proceed", "drop", "branch", "author"]
    transport_error: Literal["as_failure", "fail_run"]
    exits: bool
    """Whether on_success and on_failure are used."""
    unconnected: Literal["end", "next"]
    channel_needs: tuple[tuple[str, str], ...]
    """Channel → the attribute a person needs for it."""
    checks: tuple[str, ...]
    exposed: Literal["none", "status", "full"]
    json_flag: bool
    """Whether the author says of a call that its answer is JSON."""
    retry: Retry | None
    """How calls without a retry of their own are sent again; None: not at all."""
    per_s: float | None
    """Calls a second to one URL."""
    held_back: Retry | None
    """How a call that is held back by such a limit tries again."""
    breaker: Breaker | None


def fold(dialect: Dialect, settings: Mapping[str, Json], problems: list[Problem]) -> Behaviour:
    """The dialect with the journey's settings over it; wrong settings go to ``problems``."""
    values = {name: dialect.value(name) for name in NAMES}
    for name, value in settings.items():
        if name not in NAMES:
            close = nearest(name, NAMES)
            hint = f"did you mean {' or '.join(close)}?" if close else "see `sandbox dialects NAME`"
            problems.append(Problem(f"settings.{name}", f"unknown setting; {hint}", shorten(value)))
        elif wrong := check_setting(name, value):
            problems.append(Problem(f"settings.{name}", wrong, shorten(value)))
        else:
            values[name] = value
    if values["template.syntax"] != dialect.value("template.syntax"):
        # The dialect's delimiters belong to its own syntax.
        for name, usual in (("template.open", OPEN), ("template.close", CLOSE)):
            values[name] = settings.get(name, usual)
    for part in ("retry", "throttle"):
        drawn = part == "throttle" or values["retry.jitter"] == "between"
        most = values[f"{part}.max_delay_s"]
        if drawn and most < values[f"{part}.delay_s"]:
            message = f"must not be below {part}.delay_s, because the wait is drawn between them"
            problems.append(Problem(f"settings.{part}.max_delay_s", message, shorten(most)))
    envelope, fields = values["envelope"], values["user.fields"]
    return Behaviour(
        syntax=values["template.syntax"],
        opens=values["template.open"],
        closes=values["template.close"],
        keep_types=values["template.keep_types"],
        url_tags=values["url.tags"],
        encode_values=values["url.encode_values"],
        methods=tuple(values["request.methods"]),
        no_body_methods=frozenset(values["request.no_body_methods"]),
        headers=tuple(values["request.headers"].items()),
        max_body_bytes=values["request.max_body_bytes"],
        envelope=None if envelope is None else tuple((key, part) for key, part in envelope),
        path=values["path"],
        user_fields=None if fields is None else dict(fields),
        custom_into=values["user.custom_into"],
        success=statuses(values["success.status"]),
        follow=values["redirects.follow"],
        max_redirects=values["redirects.max"],
        timeout_s=float(values["timeout_s"]),
        failure=values["policy.failure"],
        transport_error=values["policy.transport_error"],
        exits=values["policy.exits"] or values["policy.failure"] == "branch",
        unconnected=values["policy.unconnected"],
        channel_needs=tuple(values["channels.need"].items()),
        checks=tuple(values["checks"]),
        exposed=values["response.exposed"],
        json_flag="parse_json" in dialect.words,
        retry=_retry(values) if values["retry.apply"] else None,
        per_s=values["throttle.per_s"],
        held_back=_held_back(values),
        breaker=_breaker(values),
    )


def _retry(values: Mapping[str, Json]) -> Retry:
    return Retry(
        on=tuple(values["retry.on"]),
        times=values["retry.times"],
        delay=_duration(values["retry.delay_s"]),
        max_delay=_duration(values["retry.max_delay_s"]),
        backoff=values["retry.backoff"],
        jitter=values["retry.jitter"],
        retry_after=values["retry.after"],
        methods=values["retry.methods"],
    )


def _held_back(values: Mapping[str, Json]) -> Retry | None:
    if not values["throttle.times"]:
        return None
    return Retry(
        on=("throttled",),
        times=values["throttle.times"],
        delay=_duration(values["throttle.delay_s"]),
        max_delay=_duration(values["throttle.max_delay_s"]),
        jitter="between",
    )


def _breaker(values: Mapping[str, Json]) -> Breaker | None:
    if values["breaker.failures"] is None:
        return None
    return Breaker.model_validate(
        {
            "failures": values["breaker.failures"],
            "for": _duration(values["breaker.for_s"]),
            "half_open": values["breaker.half_open"],
        }
    )


def _duration(seconds: float) -> str:
    """Seconds as a journey would write them."""
    return f"{seconds:f}s"
