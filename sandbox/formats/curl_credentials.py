"""Credentials that are typed into a curl command become secret variables: the store keeps none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote_plus

from sandbox.masking import is_secret_header, is_secret_key
from sandbox.model.base import Json
from sandbox.model.workspace import Variable

__all__ = ["Guarded", "guard"]

_TAG: Final = r"\{\{\{?[^{}]+\}\}\}?"
_ONLY_TAGS = re.compile(rf"\s*(?:{_TAG}\s*)+")
_NAME_IN_TAG = re.compile(r"\{\{\{(?:encodeURIComponent )?env\.(\w+)\}\}\}")
_COOKIES_OF_TAGS = re.compile(rf"\s*[^=;]+=\s*(?:{_TAG})+\s*(?:;\s*[^=;]+=\s*(?:{_TAG})+\s*)*;?")
_SCHEME = re.compile(
    r"((?:basic|bearer|token|digest|apikey|api-key|key|oauth|dpop|hawk|ssws|geniekey|negotiate"
    r"|privatetoken|hmac|signature)\s+)(?=\S)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?<![^?&])([^=&?#]+)=([^&#]*)")
_JSON_PAIR = re.compile(r'("((?:[^"\\]|\\.)*)"\s*:\s*")((?:[^"\\]|\\.)+)(?=")')
_NO_PASSWORD: Final = ("", "x", "x-oauth-basic", "api_token")
"""Passwords that stand for none: the user is the credential then."""
_ENDPOINT: Final = "127.0.0.1:8765"


class Guarded(NamedTuple):
    """A call without credentials."""

    call: dict[str, Json]
    variables: tuple[Variable, ...]
    """To be declared, with dummies; those of the shell that are declared already are left out."""
    typed: tuple[tuple[str, str], ...]
    """For each credential that stood in the command: its variable, and where it stood."""
    warnings: tuple[str, ...]


def guard(
    call: Mapping[str, Json], shell: Iterable[str], journey_id: str, declared: Iterable[Variable]
) -> Guarded:
    """The call with a variable for each credential.

    Args:
        call: the fields of the step.
        shell: the shell's variables in it.
        journey_id: the names of variables begin with it.
        declared: variables that are there; one is used again only for what it was made for.
    """
    taking = _Taking(journey_id, declared, shell)
    guarded = dict(call)
    guarded["url"] = _in_pairs(call["url"], taking, "the query parameter", after="?")
    if "headers" in call:
        guarded["headers"] = {
            name: _header(name, value, taking) for name, value in call["headers"].items()
        }
    if "auth" in call:
        guarded["auth"] = _auth(call["auth"], taking)
    if "body" in call:
        guarded["body"] = _body(call["body"], call.get("body_kind"), taking)
    kept = "".join(_strings(guarded))
    for name in dict.fromkeys(shell):
        if name not in taking.known and re.search(rf"\benv\.{name}\b", kept):
            taking.variables.append(_of_shell(name, str(guarded["url"]), journey_id))
    return Guarded(guarded, tuple(taking.variables), tuple(taking.typed), tuple(taking.warnings))


class _Taking:
    """Credentials taken out of one command."""

    def __init__(self, journey_id: str, declared: Iterable[Variable], shell: Iterable[str]) -> None:
        self.known = {one.name: one for one in declared}
        self.variables: list[Variable] = []
        self.typed: list[tuple[str, str]] = []
        self.warnings: list[str] = []
        self._shell = frozenset(shell)
        self._journey = journey_id
        self._names: dict[str, str] = {}

    def take(self, value: str, word: str, place: str) -> str:
        """A tag for a value; the same value has one variable."""
        if not value.strip() or _ONLY_TAGS.fullmatch(value):
            return value
        if value not in self._names:
            self._names[value] = self._declare(word, place)
            self.typed.append((self._names[value], place))
        return f"{{{{{{env.{self._names[value]}}}}}}}"

    def _declare(self, word: str, place: str) -> str:
        note = f"curl command {self._journey}: {place}"
        wanted = _letters(f"{self._journey}_{word}")
        taken = {*self._names.values(), *self._shell}
        number, name = 1, wanted
        while name in taken or (name in self.known and self.known[name].note != note):
            number += 1
            name = f"{wanted}_{number}"
        if name not in self.known:
            fields = {"name": name, "secret": True, "from": name, "note": note}
            self.variables.append(Variable.parse({**fields, "value": f"dummy-{name}"}))
        return name


def _letters(text: str) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
    return name if name[:1].isalpha() else f"CURL_{name}"


def _header(name: str, value: str, taking: _Taking) -> str:
    if not is_secret_header(name):
        return value
    if name.lower() == "cookie" and _COOKIES_OF_TAGS.fullmatch(value):
        return value
    scheme = _SCHEME.match(value)
    start = scheme.end() if scheme else 0
    return value[:start] + taking.take(value[start:], name, f"the header {name}")


def _auth(auth: Mapping[str, Json], taking: _Taking) -> dict[str, Json]:
    if auth["kind"] == "bearer":
        return {**auth, "token": taking.take(auth["token"], "token", "the bearer token")}
    user, password = auth["user"], auth["password"]
    if password.lower() in _NO_PASSWORD:
        return {**auth, "user": taking.take(user, "user", "the user")}
    return {**auth, "password": taking.take(password, "password", "the password")}


def _body(body: Json, kind: Json, taking: _Taking) -> Json:
    if not isinstance(body, str):
        return _fields(body, taking)
    if kind == "json":
        return body
    if body.lstrip().startswith(("{", "[")):
        return _JSON_PAIR.sub(lambda match: _json_pair(match, taking), body)
    return _in_pairs(body, taking, "the field")


def _json_pair(match: re.Match[str], taking: _Taking) -> str:
    if not is_secret_key(match[2]):
        return match[0]
    return match[1] + taking.take(match[3], match[2], f"the field {match[2]}")


def _fields(value: Json, taking: _Taking, key: str = "") -> Json:
    """Open JSON; the values of a list have the name of the list."""
    if isinstance(value, dict):
        return {name: _fields(item, taking, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_fields(item, taking, key) for item in value]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    if not is_secret_key(key):
        return value
    if not isinstance(value, str):
        taking.warnings.append(f"the field {key} is a number in the command; it is sent as text")
    return taking.take(str(value), key, f"the field {key}")


def _in_pairs(text: str, taking: _Taking, what: str, after: str = "") -> str:
    """``name=value&name=value``, behind a sign; values stay encoded as they are."""
    head, sign, rest = text.partition(after) if after else ("", "", text)

    def pair(match: re.Match[str]) -> str:
        name = unquote_plus(match[1])
        if not is_secret_key(name):
            return match[0]
        return f"{match[1]}={taking.take(match[2], name, f'{what} {name}')}"

    return head + sign + _PAIR.sub(pair, rest)


def _of_shell(name: str, url: str, journey_id: str) -> Variable:
    """A variable of the shell: an address where the URL begins with it, a secret anywhere else."""
    _, behind, rest = url.rpartition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    fields: dict[str, Json] = {"name": name, "from": name, "note": f"curl command {journey_id}"}
    if name in _NAME_IN_TAG.findall(host):
        value = _ENDPOINT if behind else f"http://{_ENDPOINT}"
        return Variable.parse({**fields, "value": value})
    return Variable.parse({**fields, "secret": True, "value": f"dummy-{name}"})


def _strings(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
