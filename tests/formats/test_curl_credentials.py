"""No credential of a curl command is kept; what is none is left as it is."""

from __future__ import annotations

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.formats.curl import from_curl
from sandbox.formats.curl_credentials import Guarded, guard
from sandbox.model.base import Json
from sandbox.model.workspace import Variable

URL = "https://api.test/x"


def guarded(command: str, *declared: Variable, journey: str = "crm") -> Guarded:
    imported = from_curl(command)
    return guard(imported.call, imported.variables, journey, declared)


TYPED: list[tuple[str, dict[str, Json], list[str]]] = [
    (
        "-H 'Authorization: Bearer hush'",
        {"headers": {"Authorization": "Bearer {{{env.CRM_AUTHORIZATION}}}"}},
        ["CRM_AUTHORIZATION"],
    ),
    (
        "-H 'authorization: Token token=hush'",
        {"headers": {"authorization": "Token {{{env.CRM_AUTHORIZATION}}}"}},
        ["CRM_AUTHORIZATION"],
    ),
    (
        "-H 'Authorization: hush and more'",
        {"headers": {"Authorization": "{{{env.CRM_AUTHORIZATION}}}"}},
        ["CRM_AUTHORIZATION"],
    ),
    (
        "-u me:hush:er",
        {"auth": {"kind": "basic", "user": "me", "password": "{{{env.CRM_PASSWORD}}}"}},
        ["CRM_PASSWORD"],
    ),
    (
        "-u hush:",
        {"auth": {"kind": "basic", "user": "{{{env.CRM_USER}}}", "password": ""}},
        ["CRM_USER"],
    ),
    (
        "--oauth2-bearer hush",
        {"auth": {"kind": "bearer", "token": "{{{env.CRM_TOKEN}}}"}},
        ["CRM_TOKEN"],
    ),
    (
        "-b 'session=hush; theme=dark'",
        {"headers": {"Cookie": "{{{env.CRM_COOKIE}}}"}},
        ["CRM_COOKIE"],
    ),
    (
        "-H 'X-Api-Key: hush' -H 'X-Other-Token: hush' -H 'Key: hush2' -H 'X-A: 1'",
        {
            "headers": {
                "X-Api-Key": "{{{env.CRM_X_API_KEY}}}",
                "X-Other-Token": "{{{env.CRM_X_API_KEY}}}",
                "Key": "{{{env.CRM_KEY}}}",
                "X-A": "1",
            }
        },
        ["CRM_X_API_KEY", "CRM_KEY"],
    ),
    (
        "-G -d a=1 -d api_key=hu%2Fsh -d token=",
        {"url": f"{URL}?a=1&api_key={{{{{{env.CRM_API_KEY}}}}}}&token="},
        ["CRM_API_KEY"],
    ),
    (
        '--json \'{"a": {"password": "hush", "n": 1}, "token": ["hush2", null]}\'',
        {
            "body": {
                "a": {"password": "{{{env.CRM_PASSWORD}}}", "n": 1},
                "token": ["{{{env.CRM_TOKEN}}}", None],
            }
        },
        ["CRM_PASSWORD", "CRM_TOKEN"],
    ),
    (
        "-d user=me -d client_secret=hush",
        {"body": {"user": "me", "client_secret": "{{{env.CRM_CLIENT_SECRET}}}"}},
        ["CRM_CLIENT_SECRET"],
    ),
    (
        "-d 'note=two words&client_secret=hush'",
        {"body": "note=two words&client_secret={{{env.CRM_CLIENT_SECRET}}}"},
        ["CRM_CLIENT_SECRET"],
    ),
    (
        '-d \'{"password": "hu\\"sh", "a": "b"}\'',
        {"body": '{"password": "{{{env.CRM_PASSWORD}}}", "a": "b"}'},
        ["CRM_PASSWORD"],
    ),
]


@pytest.mark.parametrize(("options", "fields", "names"), TYPED, ids=[row[0] for row in TYPED])
def test_a_typed_credential_becomes_a_variable(
    options: str, fields: dict[str, Json], names: list[str]
) -> None:
    found = guarded(f"curl {URL} {options}")
    assert {name: found.call[name] for name in fields} == fields
    assert [name for name, _ in found.typed] == names
    assert [(one.name, one.secret, one.value) for one in found.variables] == [
        (name, True, f"dummy-{name}") for name in names
    ]
    assert "hu" not in json.dumps([found.call, *(one.document() for one in found.variables)])


@pytest.mark.parametrize(
    "options",
    [
        '-H "Authorization: Bearer $T"', "-u me:$T", '--oauth2-bearer "$T"', '-b "a=$T; b=$T"',
        '-G -d "token=$T"', "-d a=1 -d key=2", "-H 'X-Key-Count: 3'", "-d 'token='",
    ],
)  # fmt: skip
def test_what_is_no_typed_credential_stays(options: str) -> None:
    imported = from_curl(f"curl {URL} {options}")
    found = guarded(f"curl {URL} {options}", Variable(name="T"))
    assert found.call == imported.call
    assert not found.typed
    assert not found.variables


def test_a_variable_of_another_meaning_is_never_taken() -> None:
    command = f"curl {URL} -u me:hush"
    (first,) = guarded(command).variables
    again = guarded(command, first)
    assert again.typed == (("CRM_PASSWORD", "the password"),)
    assert again.variables == ()
    foreign = Variable(name="CRM_PASSWORD", value="something else")
    assert guarded(command, foreign).typed[0][0] == "CRM_PASSWORD_2"
    assert guarded(f"{command} -H 'X: $CRM_PASSWORD'").typed[0][0] == "CRM_PASSWORD"
    assert guarded(f'{command} -H "X: $CRM_PASSWORD"').typed[0][0] == "CRM_PASSWORD_2"
    other = guarded(command, first, journey="crm!")
    assert other.typed[0][0] == "CRM_PASSWORD_2"
    assert guarded(command, journey="7-ü").typed[0][0] == "CURL_7_PASSWORD"


def test_the_shells_variables_are_declared_unless_they_are_there() -> None:
    command = 'curl "$BASE/x/$ID" -H "Authorization: Bearer $T"'
    found = {one.name: one for one in guarded(command, Variable(name="ID")).variables}
    assert list(found) == ["BASE", "T"]
    assert (found["BASE"].secret, found["BASE"].value) == (False, "http://127.0.0.1:8765")
    assert (found["T"].secret, found["T"].value, found["T"].from_) == (True, "dummy-T", "T")
    (host,) = guarded("curl http://$HOST/x").variables
    assert host.value == "127.0.0.1:8765"


def test_a_number_is_told() -> None:
    found = guarded(f"curl {URL} --json '{{\"password\": 1234}}'")
    assert found.call["body"] == {"password": "{{{env.CRM_PASSWORD}}}"}
    assert found.warnings == ("the field password is a number in the command; it is sent as text",)


@given(st.text("hus=&%+;\"' \\{}[]:.", min_size=1, max_size=12))
def test_nothing_of_a_credential_is_left(tail: str) -> None:
    secret = f"Zq7{tail}Kx"
    quoted = shlex.quote(secret)
    for options in (
        f"-H 'Authorization: Bearer '{quoted}", f"-H 'X-Api-Key: '{quoted}", f"-u me:{quoted}",
        f"-b a={quoted}", f"--oauth2-bearer {quoted}", f"--data-urlencode password={quoted}",
        f"--json {shlex.quote(json.dumps({'token': secret}))}",
    ):  # fmt: skip
        found = guarded(f"curl {URL} {options}")
        assert "Zq7" not in json.dumps(found.call)
        assert len(found.typed) == 1
