"""One call: retries, values kept, tokens, redirects, and what can never be sent."""

from __future__ import annotations

import base64
import json

import pytest

from sandbox.errors import DocumentError
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Fail, Send
from tests.engine.walking import (
    START_US,
    TIMEOUT,
    Ask,
    Asked,
    call,
    calls,
    codes,
    compiled,
    go,
    notify,
    path,
    shown,
    someone,
    tag,
)
from tests.engine.walking import neutral as journey  # fmt: skip

RETRY: Json = {"on": [429, "5xx", "timeout"], "times": 3, "delay": "1m", "max_delay": "3m"}
TOKEN: Json = {
    "kind": "oauth2_client", "token_url": "http://auth.test/token", "client_id": "me",
    "client_secret": "{{env.S}}",
}  # fmt: skip


def at_s(document: Json, ask: Ask) -> list[float]:
    """When each attempt left, in seconds after the start."""
    return [(fact.at_us - START_US) / 1_000_000 for fact in calls(go(document, ask))]


# Retries -----------------------------------------------------------------------------------------


def test_a_call_is_retried_with_growing_waits_on_the_virtual_clock() -> None:
    assert at_s(journey(call(retry=RETRY)), Asked(503)) == [0, 60, 180, 360]


def test_what_an_answer_took_passes_on_the_clock_too() -> None:
    slow = Answer(503, took_ms=1500)
    assert at_s(journey(call(retry=RETRY | {"times": 1})), Asked(slow)) == [0, 61.5]


def test_a_retried_call_counts_once_by_its_last_attempt() -> None:
    asked = Asked(429, TIMEOUT, 201)
    trace = go(journey(call(retry=RETRY), tag("after")), asked)
    assert [fact.attempt for fact in calls(trace)] == [1, 2, 3]
    assert [fact.outcome for fact in calls(trace)] == ["failure", "failure", "success"]
    assert [(fact.next, fact.decided_by) for fact in calls(trace)] == [
        ("call", "policy"), ("call", "policy"), ("after", "edge"),
    ]  # fmt: skip
    assert [send.attempt for send in asked.sends] == [1, 2, 3]
    assert shown(trace)["counts"]["call"] == {
        "success": 1, "failure": 0, "attempts": 3, "retried": 2,
        "by_code": {"429": 1, "read_timeout": 1, "201": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("on", "answer", "attempts"),
    [
        ([429], 429, 4),
        ([429], 503, 1),
        (["4xx"], 404, 4),
        (["timeout"], TIMEOUT, 4),
        (["timeout"], Answer(error=Fail("connect_timeout", "connect", "")), 4),
        (["timeout"], Answer(error=Fail("refused", "connect", "")), 1),
        (["refused"], Answer(error=Fail("refused", "connect", "")), 4),
        ([], 503, 1),
    ],
)
def test_only_what_is_named_is_retried(on: Json, answer: Answer | int, attempts: int) -> None:
    asked = Asked(answer)
    go(journey(call(retry=RETRY | {"on": on})), asked)
    assert len(asked.sends) == attempts


def test_an_unknown_reason_to_retry_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"steps\[0\]\.retry\.on: '6xx' is not a status"):
        compiled(journey(call(retry=RETRY | {"on": ["6xx"]})))


# What is kept of a response ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind", "body", "kept"),
    [
        ("$.id", "string", '{"id": "a"}', "a"),
        ("$.id", "string", '{"id": 5}', "5"),
        ("$.id", "string", '{"id": {"b": 1}}', '{"b":1}'),
        ("$.id", "number", '{"id": 5}', "5"),
        ("$.id", "number", '{"id": "59.90"}', "59.9"),
        ("$.items[1].name", "string", '{"items": [1, {"name": "x"}]}', "x"),
        ("$.items.1.name", "string", '{"items": [1, {"name": "x"}]}', "x"),
        ("$", "string", '"whole"', "whole"),
        ("$[0]", "number", "[7]", "7"),
        ("$.at", "date", '{"at": "2026-01-02"}', "2026-01-02T00:00:00"),
    ],
)
def test_a_value_of_the_response_is_kept(path: str, kind: str, body: str, kept: str) -> None:
    save = [{"name": "kept", "path": path, "type": kind}]
    trace = go(journey(call(save=save), notify("{{kept}}")), Asked(Answer(200, (), body.encode())))
    assert trace.facts[-1].output == kept
    assert codes(trace) == []


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("string", '{"id": null}', "no string at $.id"),
        ("string", "{}", "no string at $.id"),
        ("number", '{"id": "five"}', "no number"),
        ("number", '{"id": true}', "no number"),
        ("number", '{"id": "nan"}', "no number"),
        ("date", '{"id": "soon"}', "no date"),
        ("string", "<html>", "empty or not JSON"),
        ("string", "", "empty or not JSON"),
    ],
)
def test_a_value_that_is_not_there_is_a_finding(kind: str, body: str, says: str) -> None:
    save = [{"name": "kept", "path": "$.id", "type": kind}]
    trace = go(
        journey(call(save=save), notify("<{{kept}}>")), Asked(Answer(200, (), body.encode()))
    )
    assert codes(trace) == ["save_missing", "value_missing"]
    assert says in trace.findings[0].message
    assert trace.facts[-1].output == "<>"


@pytest.mark.parametrize(
    ("parse", "body", "seen"),
    [
        (True, b'{"a": 1}', '{"a":1}'),
        (True, b"plain", "plain"),
        (True, b'\xef\xbb\xbf{"a": 1}', '{"a":1}'),
        (False, b'{"a": 1}', '{"a": 1}'),
        (True, b"", ""),
    ],
)
def test_later_steps_read_the_body_as_json_when_the_step_says_so(
    parse: bool, body: bytes, seen: str
) -> None:
    steps = (call(parse_json=parse), notify("{{steps.call.body}}"))
    trace = go(journey(*steps, dialect="kustomer"), Asked(Answer(200, (), body)))
    assert trace.facts[-1].output == seen


def test_later_steps_read_status_headers_and_what_was_sent() -> None:
    said = " ".join(
        f"{{{{steps.call.{one}}}}}"
        for one in ("response.statusCode", "response.headers.x-id", "input.uri")
    )
    trace = go(
        journey(call(), notify(said), dialect="kustomer"), Asked(Answer(201, (("X-Id", "9"),)))
    )
    assert trace.facts[-1].output == "201 9 http://api.test/hook"


# Authorization -----------------------------------------------------------------------------------


def header(send: Send, name: str) -> list[str]:
    return [value for key, value in send.request.headers if key.lower() == name.lower()]


def test_a_bearer_token_and_a_password_are_templates() -> None:
    asked = Asked(200)
    env = {"S": "pässwörd→"}
    go(journey(call(auth={"kind": "bearer", "token": "t-{{user.id}}"})), asked)
    go(journey(call(auth={"kind": "basic", "user": "me", "password": "{{env.S}}"})), asked, env=env)
    go(journey(call(auth={"kind": "basic", "user": "ż", "password": "→"})), asked)
    encoded = [base64.b64encode(text.encode()).decode() for text in ("me:pässwörd→", "ż:→")]
    assert [header(send, "Authorization") for send in asked.sends] == [
        ["Bearer t-7"], [f"Basic {encoded[0]}"], [f"Basic {encoded[1]}"],
    ]  # fmt: skip


def test_two_ways_to_authorize_are_refused() -> None:
    with pytest.raises(DocumentError, match="keep one"):
        compiled(
            journey(call(headers={"authorization": "x"}, auth={"kind": "bearer", "token": "y"}))
        )


class TokenServer:
    """Gives numbered tokens, then answers the calls."""

    def __init__(self, reply: bytes = b'{"access_token": "t%d", "expires_in": 3600}') -> None:
        self.reply = reply
        self.tokens: list[Send] = []
        self.calls: list[Send] = []

    def __call__(self, send: Send) -> Answer:
        if not send.step.endswith(":token"):
            self.calls.append(send)
            return Answer(200, (), b"{}")
        self.tokens.append(send)
        return Answer(200, (), self.reply.replace(b"%d", str(len(self.tokens)).encode()), took_ms=5)


def test_a_token_is_fetched_once_and_kept_for_the_run() -> None:
    server = TokenServer()
    go(journey(call(auth=TOKEN), call("again", auth=TOKEN)), server, env={"S": "h&sh"})
    (token,) = server.tokens
    assert (token.step, token.request.method) == ("call:token", "POST")
    assert token.request.url == "http://auth.test/token"
    assert token.request.body == b"grant_type=client_credentials&client_id=me&client_secret=h%26sh"
    assert [header(send, "Authorization") for send in server.calls] == [["Bearer t1"]] * 2


def test_a_token_that_expired_is_fetched_again() -> None:
    server = TokenServer()
    wait = {"id": "w", "kind": "wait", "for": "1h"}
    go(journey(call(auth=TOKEN), wait, call("again", auth=TOKEN)), server, env={"S": "x"})
    assert [header(send, "Authorization") for send in server.calls] == [
        ["Bearer t1"],
        ["Bearer t2"],
    ]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Answer(401, (), b"{}"), "answered 401"),
        (Answer(200, (), b"{}"), "no access token"),
        (Answer(200, (), b"[1]"), "no access token"),
        (Answer(200, (), b"<html>"), "no access token"),
        (Answer(200, (), b'{"access_token": 5}'), "no access token"),
        (Answer(200, (), b'{"access_token": "a\\r\\nX-Evil: 1"}'), "cannot be sent"),
        (Answer(error=Fail("dns", "connect", "no such host")), "the token request: no such host"),
    ],
)
def test_without_a_token_nothing_is_sent(reply: Answer, says: str) -> None:
    asked = Asked(reply)
    trace = go(journey(call(auth=TOKEN)), asked, env={"S": "x"})
    assert [send.step for send in asked.sends] == ["call:token"]
    answer = calls(trace)[0].answer
    assert answer is not None
    assert answer.error is not None
    assert says in answer.error.message


def test_what_the_token_request_misses_is_told() -> None:
    trace = go(journey(call(auth=TOKEN)), TokenServer(), env={})
    assert codes(trace) == ["value_missing", "ok_but_input_missing"]
    assert "auth.client_secret" in trace.findings[0].message


# Redirects ---------------------------------------------------------------------------------------

SECRETS = {
    "Authorization": "Bearer x",
    "Cookie": "a=b",
    "Content-Type": "application/json",
    "X-A": "1",
}


def redirected(
    status: int, location: str, method: str = "POST", follow: bool | None = True, **fields: Json
) -> list[Send]:
    asked = Asked(Answer(status, (("location", location),)), 200)
    step = call(method=method, body={"a": 1}, headers=SECRETS, follow_redirects=follow, **fields)
    go(journey(step), asked)
    return asked.sends


@pytest.mark.parametrize(
    ("status", "method", "then", "keeps_body"),
    [
        (301, "POST", "GET", False),
        (302, "POST", "GET", False),
        (303, "POST", "GET", False),
        (303, "PUT", "GET", False),
        (302, "PUT", "PUT", True),
        (307, "POST", "POST", True),
        (308, "DELETE", "DELETE", True),
        (303, "HEAD", "HEAD", False),
        (301, "GET", "GET", False),
    ],
)
def test_a_followed_redirect_keeps_or_changes_the_method(
    status: int, method: str, then: str, keeps_body: bool
) -> None:
    first, second = redirected(status, "/new?x=1", method)
    assert (first.hop, second.hop) == (0, 1)
    assert second.request.method == then
    assert second.request.url == "http://api.test/new?x=1"
    assert bool(second.request.body) == keeps_body
    if then == "GET" and method != "GET":
        assert header(second, "Content-Type") == []
    assert header(second, "Authorization") == ["Bearer x"]


@pytest.mark.parametrize(
    ("location", "kept"),
    [
        ("http://api.test/b", True),
        ("http://api.test:80/b", True),
        ("//api.test/b", True),
        ("https://api.test/b", False),
        ("http://api.test:8080/b", False),
        ("http://evil.test/b", False),
        ("http://api.test.evil.test/b", False),
    ],
)
def test_credentials_do_not_go_to_another_origin(location: str, kept: bool) -> None:
    second = redirected(307, location)[1]
    assert bool(header(second, "Authorization")) == kept
    assert bool(header(second, "Cookie")) == kept
    assert header(second, "X-A") == ["1"]


@pytest.mark.parametrize(
    ("dialect", "method", "follow", "sends"),
    [
        ("usercom", "GET", None, 1),
        ("usercom", "GET", True, 2),
        ("kustomer", "GET", None, 2),
        ("kustomer", "POST", None, 1),
        ("kustomer", "GET", False, 1),
        ("insider", "POST", None, 1),
    ],
)
def test_redirects_are_followed_only_where_the_vendor_or_step_says_so(
    dialect: str, method: str, follow: bool | None, sends: int
) -> None:
    asked = Asked(Answer(302, (("Location", "/b"),)), 200)
    step = call(method=method) | ({} if follow is None else {"follow_redirects": follow})
    trace = go(journey(step, dialect=dialect), asked)
    assert len(asked.sends) == sends
    assert len(calls(trace)[0].redirects) == sends - 1
    assert calls(trace)[0].outcome == ("success" if sends == 2 else "failure")


def test_a_redirect_without_location_is_the_answer() -> None:
    trace = go(journey(call(follow_redirects=True)), Asked(302))
    answer = calls(trace)[0].answer
    assert answer is not None
    assert answer.status == 302


def test_a_circle_of_redirects_ends() -> None:
    asked = Asked(Answer(307, (("Location", "/hook"),), took_ms=10))
    trace = go(journey(call(follow_redirects=True), settings={"redirects.max": 3}), asked)
    (fact,) = calls(trace)
    assert len(asked.sends) == 4
    assert fact.answer is not None
    assert fact.answer.error is not None
    assert fact.answer.error[:2] == ("too_many_redirects", "redirect")
    assert fact.answer.took_ms == 40
    assert shown(trace)["counts"]["call"]["by_code"] == {"too_many_redirects": 1}


@pytest.mark.parametrize(
    "location",
    ["http://[", "ftp://api.test/x", "javascript:alert(1)", "http://a b/", "http://u:p@x/",
     "http://x:99999/", "http://" + "a" * 300],
)  # fmt: skip
def test_a_redirect_that_leads_nowhere_is_an_error(location: str) -> None:
    asked = Asked(Answer(301, (("Location", location),)), 200)
    trace = go(journey(call(follow_redirects=True)), asked)
    answer = calls(trace)[0].answer
    assert len(asked.sends) == 1
    assert answer is not None
    assert answer.error is not None
    assert answer.error[:2] == ("bad_redirect", "redirect")


# What can never be sent --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("", "invalid_url"),
        ("api.test/hook", "invalid_url"),
        ("/hook", "invalid_url"),
        ("http://", "invalid_url"),
        ("http:///hook", "invalid_url"),
        ("http://a b/", "invalid_url"),
        ("http://api.test/\n", "invalid_url"),
        ("http://api.test:x/", "invalid_url"),
        ("http://api.test:99999/", "invalid_url"),
        ("http://me:pw@api.test/", "invalid_url"),
        ("http://[::1/", "invalid_url"),
        ("http://-/", "invalid_url"),
        ("http://api.test/" + "a" * 70_000, "invalid_url"),
        ("ftp://api.test/", "unsupported_scheme"),
        ("file:///etc/passwd", "unsupported_scheme"),
    ],
)
def test_a_url_that_cannot_be_called_costs_nothing(url: str, kind: str) -> None:
    asked = Asked(200)
    trace = go(journey(call(url="{{event.url}}"), tag("after")), asked, event={"url": url})
    assert asked.sends == []
    (step,) = shown(trace)["steps"]
    assert step["error"] is not None
    assert (step["error"]["kind"], step["error"]["phase"]) == (kind, "build")
    assert step["outcome"] == "failure"
    assert trace.ended_us == START_US


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ({"headers": {"X-A": "{{event.x}}"}}, "a\nb"),
        ({"headers": {"X-A": "{{event.x}}"}}, "a\r\nX-Evil: 1"),
        ({"headers": {"X-A": "{{event.x}}"}}, "\x00"),
        ({"headers": {"X-A": "{{event.x}}"}}, "日本"),
        ({"headers": {"X-A": "{{event.x}}"}}, "\udc80"),
        ({"url": "http://api.test/{{event.x}}"}, "\udc80"),
        ({"url": "{{event.x}}"}, "http://api.test/\udc80"),
        ({"query": {"a": "{{event.x}}"}}, "\udc80"),
        ({"body": "{{event.x}}", "body_kind": "text"}, "\udc80"),
        ({"body": {"a": "{{event.x}}"}, "body_kind": "form"}, "\udc80"),
        ({"body": '{"a": "{{event.x}}"}'}, 'say "x"'),
        ({"body": "{{event.x}}{{event.x}}"}, "a" * 600_000),
        ({"body": ["{{event.x}}", "{{event.x}}"]}, "a" * 600_000),
    ],
)
def test_what_only_becomes_unsendable_when_rendered_is_a_failure(
    fields: dict[str, Json], event: str
) -> None:
    asked = Asked(200)
    trace = go(journey(call(**fields), dialect="insider"), asked, event={"x": event})
    assert asked.sends == []
    (fact,) = calls(trace)
    assert fact.answer is not None
    assert fact.answer.error is not None
    assert fact.answer.error.phase == "build"
    json.dumps(shown(trace))


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"url": "api.test/hook"}, "steps[0].url"),
        ({"url": "ftp://api.test/{{user.id}}"}, "steps[0].url"),
        ({"url": "http://me:pw@api.test/"}, "steps[0].url"),
        ({"url": "http://api.test/{{user.id"}, "steps[0].url"),
        ({"headers": {"X-A": "a\nb"}}, "steps[0].headers.X-A"),
        ({"headers": {"X A": "a"}}, "steps[0].headers.X A"),
        ({"headers": {"Host": "x"}}, "steps[0].headers.Host"),
        ({"headers": {"content-length": "5"}}, "steps[0].headers.content-length"),
        ({"headers": {"X-A": "{{user.id | nope}}"}}, "steps[0].headers.X-A"),
        ({"body": {"a": ["{{"]}}, "steps[0].body.a[0]"),
        ({"query": {"a": "{{}}"}}, "steps[0].query.a"),
        ({"auth": {"kind": "bearer", "token": "a\nb"}}, "steps[0].headers.Authorization"),
        ({"save": [{"name": "x", "path": "$..a"}]}, "steps[0].save[0].path"),
        ({"next": "nowhere"}, "steps[0].next"),
        ({"on_success": ["end", "call"]}, "steps[0].on_success"),
    ],
)
def test_what_is_written_and_can_never_work_is_refused(fields: dict[str, Json], path: str) -> None:
    with pytest.raises(DocumentError) as refused:
        compiled(journey(call(**fields)))
    assert path in [problem.path for problem in refused.value.problems]


def test_a_refused_url_is_shown_as_it_is_written() -> None:
    with pytest.raises(DocumentError, match=r"ftp://api\.test/\{\{user\.id\}\}"):
        compiled(journey(call(url="ftp://api.test/{{user.id}}")))


# The request -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"url": "HTTP://API.test:80"}, "http://api.test/"),
        ({"url": "https://api.test:443/a#frag"}, "https://api.test/a"),
        ({"url": "http://api.test:8080/a"}, "http://api.test:8080/a"),
        ({"url": "http://api.test/a b/é"}, "http://api.test/a%20b/%C3%A9"),
        ({"url": "http://api.test/100%/%41"}, "http://api.test/100%25/%41"),
        ({"url": "http://bücher.test/"}, "http://xn--bcher-kva.test/"),
        ({"url": "http://[::1]:80/"}, "http://[::1]/"),
        ({"url": "http://api.test/{{user.phone}}"}, "http://api.test/%2B655551234567"),
        ({"url": "http://api.test/", "query": {"a": "b c", "d e": [1, True, None]}},
         "http://api.test/?a=b%20c&d%20e=1&d%20e=true&d%20e="),
        ({"url": "http://api.test/?x=1#f", "query": {"a": "&="}}, "http://api.test/?x=1&a=%26%3D"),
        ({"url": "http://api.test/?", "query": {"a": 1}}, "http://api.test/?a=1"),
        ({"url": "{{user.base}}/x", "query": {}}, "https://h.test/p?q=1/x"),
    ],
)  # fmt: skip
def test_the_url_as_it_is_sent(fields: dict[str, Json], url: str) -> None:
    asked = Asked(200)
    person = someone(phone="+655551234567", base="https://h.test/p?q=1")
    go(journey(call(**fields), dialect="insider"), asked, person=person)
    assert asked.sends[0].request.url == url


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"body": {"a": "{{user.n}}", "b": [1, None]}}, b'{"a":"5","b":[1,null]}'),
        ({"body": None}, b""),
        ({"body": {}}, b"{}"),
        ({"body": "{{user.n}}"}, b'"5"'),
        ({"body": '{"a": {{user.n}}}'}, b'{"a":5}'),
        ({"body": {"a": 1}, "method": "GET"}, b""),
        ({"body": "a={{user.n}}", "body_kind": "text"}, b"a=5"),
        ({"body": {"a": "b c", "l": [1, "{{user.n}}"], "n": None}, "body_kind": "form"},
         b"a=b%20c&l=1&l=5&n="),
        ({"body_kind": "form"}, b""),
    ],
)  # fmt: skip
def test_the_body_as_it_is_sent(fields: dict[str, Json], body: bytes) -> None:
    asked = Asked(200)
    go(journey(call(**fields), dialect="insider"), asked, person=someone(n=5))
    assert asked.sends[0].request.body == body


def test_a_typed_dialect_keeps_types_in_the_body_and_nowhere_else() -> None:
    asked = Asked(200)
    person = someone(n=5, b=True, l=[1], o={"a": None})
    body = {
        "n": "{{user.n}}",
        "b": "{{user.b}}",
        "l": "{{user.l}}",
        "o": "{{user.o}}",
        "t": "n {{user.n}}",
    }
    go(
        journey(call(body=body, query={"n": "{{user.n}}"}), dialect="kustomer"),
        asked,
        person=person,
    )
    assert json.loads(asked.sends[0].request.body) == {
        "n": 5, "b": True, "l": [1], "o": {"a": None}, "t": "n 5",
    }  # fmt: skip
    assert asked.sends[0].request.url.endswith("?n=5")


def test_a_send_says_who_asks_and_how_long_it_waits() -> None:
    asked = Asked(200)
    go(journey(call(timeout_s=2.5)), asked, seed=9)
    send = asked.sends[0]
    assert (send.journey, send.profile, send.step, send.visit, send.attempt) == (
        "j",
        "7",
        "call",
        1,
        1,
    )
    assert (send.seed, send.at_us, send.timeout_s, send.hop) == (9, START_US, 2.5, 0)
    assert send.user["id"] == "7"


def test_a_missing_value_in_a_call_is_told_once_with_its_field() -> None:
    trace = go(
        journey(call(retry=RETRY, url="http://api.test/{{user.x}}", headers={"X-A": "{{user.x}}"})),
        Asked(503),
    )
    assert [finding.message for finding in trace.findings] == [
        "{{user.x}} in url: nothing at user.x",
        "{{user.x}} in headers.X-A: nothing at user.x",
    ]
    assert path(trace) == ["call"] * 4
