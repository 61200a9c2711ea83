"""Each vendor as data: every value there, with an origin and a source, and allowed."""

from __future__ import annotations

import pytest

from sandbox.dialects import NAMES, check_setting, dialect, dialect_names
from sandbox.errors import DocumentError, UnknownName
from sandbox.model.base import Json
from tests.engine.walking import call, compiled, journey

ALL = dialect_names()
ENVELOPE = [["path", "path"], ["timestamp", "now"], ["extra", "body"], ["user", "user"]]


def test_the_five_dialects_are_there() -> None:
    assert ALL == ("insider", "insider-glossary", "kustomer", "sprinklr", "usercom")


@pytest.mark.parametrize("name", ALL)
def test_every_value_says_where_it_comes_from(name: str) -> None:
    found = dialect(name)
    assert found.name == name
    assert set(found.values) == set(NAMES)
    for key, setting in found.values.items():
        assert setting.origin in ("documented", "reported", "assumed"), key
        assert setting.source, key
        assert setting.date.startswith("20"), key
        assert check_setting(key, setting.value) == "", key


@pytest.mark.parametrize(
    ("name", "key", "value", "origin"),
    [
        ("usercom", "envelope", ENVELOPE, "documented"),
        ("usercom", "success.status", ["2xx"], "documented"),
        ("usercom", "policy.failure", "branch", "documented"),
        ("usercom", "redirects.follow", "never", "assumed"),
        ("usercom", "template.keep_types", False, "assumed"),
        ("insider", "policy.failure", "proceed", "documented"),
        ("insider", "policy.exits", False, "documented"),
        ("insider", "request.max_body_bytes", 102_400, "reported"),
        ("insider-glossary", "policy.failure", "drop", "documented"),
        ("kustomer", "policy.failure", "author", "documented"),
        ("kustomer", "policy.transport_error", "fail_run", "assumed"),
        ("kustomer", "template.keep_types", True, "documented"),
        ("sprinklr", "policy.failure", "proceed", "assumed"),
    ],
)  # fmt: skip
def test_what_the_vendors_are_known_for(name: str, key: str, value: Json, origin: str) -> None:
    setting = dialect(name).values[key]
    assert (setting.value, setting.origin) == (value, origin)


def test_an_unknown_dialect_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean usercom"):
        dialect("user.com")
    with pytest.raises(UnknownName, match="did you mean kustomer"):
        compiled(journey(call()), "customer")


WRONG: dict[str, Json] = {
    "template.syntax": "liquid", "template.open": "a", "template.close": "",
    "template.fallback": 5, "url.tags": "never", "request.sources": "10.0.0.1",
    "channels.need": {"email": 1}, "checks": ["all"], "counters.retried": 1,
    "template.keep_types": "yes", "url.encode_values": 1, "request.methods": ["FETCH"],
    "request.no_body_methods": "GET", "request.headers": {"a": 1}, "request.max_body_bytes": 0,
    "envelope": [["a", "b"]], "path": -1, "user.fields": [], "user.custom_into": 5,
    "success.status": ["2xy"], "redirects.follow": True, "redirects.max": 0, "timeout_s": 0,
    "policy.failure": "retry", "policy.transport_error": "drop", "policy.exits": "no",
    "policy.unconnected": "stop", "response.exposed": "all", "counters.success": 1,
    "counters.failure": None, "retry.apply": 1, "retry.on": ["6xx"], "retry.times": 101,
    "retry.delay_s": -1, "retry.max_delay_s": 1e9, "retry.backoff": "linear",
    "retry.jitter": "some", "retry.after": True, "retry.methods": "POST", "throttle.per_s": 0,
    "throttle.times": "ten", "throttle.delay_s": None, "throttle.max_delay_s": "7m",
    "breaker.failures": 0, "breaker.for_s": 0, "breaker.half_open": 0,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_setting_of_a_journey_is_refused_with_what_is_allowed(name: str) -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(), settings={name: WRONG[name]}))
    (problem,) = refused.value.problems
    assert problem.path == f"settings.{name}"
    assert problem.message == f"must be {NAMES[name].allows}"


def test_unknown_settings_are_refused_all_at_once_with_the_nearest() -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(), settings={"policy.fail": "drop", "timeout": 5, "path": True}))
    problems = {problem.path: problem.message for problem in refused.value.problems}
    assert set(problems) == {"settings.policy.fail", "settings.timeout", "settings.path"}
    assert "policy.failure" in problems["settings.policy.fail"]
    assert "timeout_s" in problems["settings.timeout"]


def test_a_setting_of_the_journey_goes_over_the_dialects() -> None:
    own = compiled(journey(call(), settings={"policy.failure": "drop", "timeout_s": 5, "path": 6}))
    assert own.behaviour.failure == "drop"
    assert own.behaviour.timeout_s == 5
    assert own.behaviour.path == 6
    other = compiled(journey(call(), settings={"policy.failure": "drop"}), "insider")
    assert other.behaviour.failure == "drop"


def test_under_another_dialect_the_template_syntax_stays_the_journeys() -> None:
    written = journey(call(), dialect="kustomer")
    assert compiled(written, "usercom").behaviour.keep_types is True
    assert compiled(written, "usercom").behaviour.encode_values is False
    assert compiled(journey(call()), "kustomer").behaviour.keep_types is False
    assert compiled(journey(call()), "kustomer").behaviour.failure == "author"
