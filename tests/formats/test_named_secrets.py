from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.formats.curl import to_curl
from sandbox.formats.named_secrets import name_secrets
from sandbox.model.base import Json
from sandbox.model.trace import RequestDocument
from tests.spellings import SECRETS, spellings

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def request(
    text: str = "", url: str = "https://api.test/", headers: dict[str, str] | None = None
) -> RequestDocument:
    try:
        body: Json = json.loads(text)
    except ValueError:
        body = text
    return {"method": "POST", "url": url, "headers": headers or {}, "text": text, "body": body}


def told(sent: RequestDocument, **variables: str) -> str:
    """What both readers see: the shell's command, and the page for other people."""
    secrets = {value: name for name, value in variables.items()}
    named = name_secrets(sent, secrets)
    shown = named.document
    page = [shown["url"], *shown["headers"].values(), shown["text"], json.dumps(shown["body"])]
    return "\n".join([to_curl(sent, secrets), *map(named.told, page)])


BODIES = st.sampled_from(
    [
        (lambda one: urlencode({"client": one}), FORM),
        (lambda one: f"client={quote(one, safe='')}&password=literal-pass", FORM),
        (lambda one: json.dumps({"note": one, "password": "literal-pass"}), {}),
        (lambda one: json.dumps([{"a": f"x{one}"}, one], ensure_ascii=False), {}),
        (lambda one: f"<a>{one}</a>", {"Content-Type": "text/xml"}),
        (lambda one: f"says {quote_plus(one)} and {json.dumps(one)}", {}),
    ]
)


@given(SECRETS, BODIES)
def test_a_secret_is_named_or_masked_in_whatever_spelling(secret: str, body: Json) -> None:
    write, kind = body
    path = quote(secret, safe="")
    url = f"https://api.test/{path}/x?q={quote_plus(secret)}&token=literal-pass"
    headers = {**kind, "X-Js": json.dumps(secret), "X-Plain": f"a {secret}"}
    said = told(request(write(secret), url, headers), SEC=secret)
    assert "$SEC" in said
    assert "literal-pass" not in said
    for spelling in spellings(secret):
        assert spelling not in said


SEC = "p@ss=w0rd-xyz"


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (request("client_secret=lit-1&password=lit-1&a=1", headers=FORM),
         "client_secret=••••&password=••••&a=1"),
        (request("client=p%40ss%3Dw0rd-xyz", headers=FORM), "client=••••"),
        (request('{"password": "lit-1", "note": "p@ss=w0rd-xyz"}'),
         '{"password":"••••","note":"$SEC"}'),
        (request('{"password": "p@ss=w0rd-xyz",  "n": 1}'), '{"password": "$SEC",  "n": 1}'),
        (request('{"password": "lit-1", "tokens": {"token": ["lit-1"]}, "n": "p@ss=w0rd-xyz"}'),
         '{"password":"••••","tokens":{"token":["••••"]},"n":"$SEC"}'),
        (request(url="https://api.test/?api_key=lit-1&token=p@ss=w0rd-xyz"),
         "https://api.test/?api_key=••••&token=$SEC"),
        (request(headers={"Authorization": "Bearer lit-1", "Key": SEC}), "Bearer ••••"),
    ],
)  # fmt: skip
def test_credentials_of_the_journey_itself_are_masked_beside_variables(
    sent: RequestDocument, seen: str
) -> None:
    said = told(sent, SEC=SEC)
    assert seen in said
    assert "lit-1" not in said
    assert "p%40ss" not in said


@pytest.mark.parametrize(
    ("pair", "option"),
    [
        (f"me:{SEC}", '-u "me:$SEC"'),
        (f"me@x.test:a {SEC}", '-u "me@x.test:a $SEC"'),
        (f"{SEC}:", '-u "$SEC:"'),
        (f"{SEC}:lit-1", "-u \"$SEC\"':••••'"),
        (f"it's:{SEC}", "-u 'it'\"'\"'s:'\"$SEC\""),
        ("me:lit-1", "-H 'Authorization: Basic ••••'"),
        (SEC, "-H 'Authorization: Basic ••••'"),
        (f"me:{SEC.upper()}", "-H 'Authorization: Basic ••••'"),
    ],
)
def test_basic_credentials_are_an_option_when_a_variable_stands_in_them(
    pair: str, option: str
) -> None:
    code = base64.b64encode(pair.encode()).decode()
    said = told(request(headers={"Authorization": f"Basic {code}"}), SEC=SEC)
    assert option in said
    assert "lit-1" not in said
    assert code[-8:] not in said
    assert SEC not in said


@pytest.mark.parametrize("code", ["", "???", "w6k6", base64.b64encode(b"\xff:\xff").decode()])
def test_a_basic_header_that_is_none_is_masked(code: str) -> None:
    said = told(request(headers={"authorization": f"Basic {code}"}), SEC=SEC)
    assert "-u" not in said


def test_a_number_that_is_secret_takes_nothing_else_along() -> None:
    said = told(request('{"pin": 98431, "password": "lit-1"}'), PIN="98431")
    assert "98431" not in said
    assert "lit-1" not in said


def test_a_request_may_hold_any_character() -> None:
    odd = "\U000f0000\U000f0001"
    named = name_secrets(request(f"{odd} {SEC}"), {SEC: "SEC"})
    assert named.told(named.document["text"]) == f"{odd} $SEC"


def test_to_reveal_is_to_show_everything() -> None:
    command = to_curl(request("password=lit-1", headers={**FORM, "Authorization": "Bearer lit-2"}))
    assert "lit-1" in command
    assert "lit-2" in command
