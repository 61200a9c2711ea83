"""A curl command, as it is copied from a browser or a manual → the fields of a call."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from sandbox.errors import DocumentError, InputError
from sandbox.formats.curl_options import CurlOptions, read_options
from sandbox.formats.json_text import read_json
from sandbox.formats.shell import split
from sandbox.model.base import Json

__all__ = ["ImportedCall", "from_curl"]

_FORM = "application/x-www-form-urlencoded"
_MANAGED = ("host", "content-length", "transfer-encoding", "connection")
_USER_IN_URL = re.compile(r"^(https?://)([^/?#@]*)@", re.I)
_SCHEME = re.compile(r"^(\{\{|[a-z][a-z0-9+.-]*://)", re.I)


class ImportedCall(NamedTuple):
    """The fields of a ``call_api`` step, and what of the command was left out or changed."""

    call: dict[str, Json]
    warnings: list[str]
    variables: list[str]
    """The shell's variables in the command."""


def from_curl(text: str) -> ImportedCall:
    """The call that a curl command makes; the query stays in the URL.

    A shell variable becomes ``{{{env.NAME}}}``, which escapes nothing. A JSON body becomes open
    JSON, a form that is sent the same an object of its fields, anything else text.

    Raises:
        InputError: for what cannot be imported: files, multipart forms, unknown options.
    """
    command = split(text)
    words = command.words
    while words and words[0] in ("$", "%", ">"):
        words = words[1:]
    program = re.split(r"[/\\]", words[0])[-1].lower() if words else ""
    if program not in ("curl", "curl.exe"):
        got = f"it begins with {words[0][:40]!r}" if words else "there is nothing in it"
        raise InputError(f"not a curl command: {got}", "copy the whole command, from curl on")
    options = read_options(words[1:])
    warnings = []
    if command.rest:
        begins = " ".join(word.partition("=")[0] for word in command.rest.split()[:2])
        warnings.append(f"left out what follows the command: {begins[:60]}")
    warnings += options.warnings
    return ImportedCall(_call(options, warnings), warnings, command.variables)


def _call(options: CurlOptions, warnings: list[str]) -> dict[str, Json]:
    url, user = _url(options, warnings)
    headers = _headers(options, warnings)
    data = None if options.get else _data(options)
    default = "HEAD" if options.head else "GET" if data is None else "POST"
    call: dict[str, Json] = {"method": options.method or default, "url": url}
    if data is not None:
        kind, body = _body(data, headers, options, warnings)
        call |= {"body": body, "body_kind": kind}
    if headers:
        call["headers"] = headers
    if any(name.lower() == "authorization" for name in headers):
        if user is not None or options.bearer is not None:
            warnings.append("left out: who calls; the Authorization header stands for it in curl")
    elif options.bearer is not None:
        call["auth"] = {"kind": "bearer", "token": options.bearer}
    elif user is not None:
        name, _, password = user.partition(":")
        call["auth"] = {"kind": "basic", "user": name, "password": password}
    if options.redirects:
        call["follow_redirects"] = True
    if options.timeout_s is not None:
        call["timeout_s"] = options.timeout_s
    return call


def _data(options: CurlOptions) -> str | None:
    return "&".join(options.data) if options.data else None


def _url(options: CurlOptions, warnings: list[str]) -> tuple[str, str | None]:
    """The URL with all of its query, and who calls when the URL or ``-u`` says it."""
    if not options.urls:
        raise InputError("the command has no URL", "was the whole command copied?")
    if len(options.urls) > 1:
        raise InputError(
            f"the command has {len(options.urls)} URLs",
            "only one call can be imported at a time; is a value not quoted?",
        )
    url = options.urls[0].partition("#")[0].strip()
    if not _SCHEME.match(url):
        url = f"http://{url}"
        warnings.append(f"the URL had no scheme; curl takes http: {url.partition('?')[0][:60]}")
    user = options.user
    inside = _USER_IN_URL.match(url)
    if inside:
        url = inside[1] + url[inside.end() :]
        if user is None:
            user = unquote(inside[2])
            warnings.append("the user name and password of the URL became auth")
    query = [*options.query, *(options.data if options.get else [])]
    if query:
        url += ("&" if "?" in url else "?") + "&".join(query)
    return url, user


def _headers(options: CurlOptions, warnings: list[str]) -> dict[str, str]:
    given = list(options.headers)
    names = {name.lower() for name, _ in given} | options.without
    if options.json:
        given += [
            (name, "application/json")
            for name in ("Content-Type", "Accept")
            if name.lower() not in names
        ]
    headers: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for name, value in given:
        lower = name.lower()
        if lower in _MANAGED or name.startswith(":"):
            warnings.append(f"left out: the header {name}, which the protocol sets itself")
        elif lower in spelt:
            joint = "; " if lower == "cookie" else ", "
            headers[spelt[lower]] += joint + value
            warnings.append(f"the header {name} stood more than once; its values are joined")
        else:
            spelt[lower] = name
            headers[name] = value
    return headers


def _body(
    data: str, headers: dict[str, str], options: CurlOptions, warnings: list[str]
) -> tuple[str, Json]:
    """Kind and body; may add the Content-Type that curl would send."""
    given = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    kind = (given or "").partition(";")[0].strip().lower()
    bare = given is None and "content-type" in options.without
    if kind == "application/json" or kind.endswith("+json") or bare:
        value = _json(data)
        if value is not None:
            return "json", value
        if not bare and data.strip() != "null":
            warnings.append("the body is not JSON, though its Content-Type says so; kept as text")
        return "text", data
    if kind == _FORM or given is None:
        fields = _fields(data)
        if fields is not None:
            return "form", fields
        if given is None:
            headers["Content-Type"] = _FORM
            if _json(data) is not None:
                warnings.append(
                    "the body looks like JSON, but without a Content-Type curl sends it as a form; "
                    "that is kept: change the header if it is meant to be JSON"
                )
    return "text", data


def _json(data: str) -> Json:
    """The value, or None for what is not JSON (and for null, which a step takes for no body)."""
    try:
        return read_json(data, "body")
    except DocumentError:
        return None


def _fields(data: str) -> dict[str, Json] | None:
    """The form's fields, when sending them again gives the same bytes."""
    if not data or not all("=" in part for part in data.split("&")):
        return None
    pairs = parse_qsl(data, keep_blank_values=True, errors="surrogateescape")
    fields: dict[str, Json] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    again = [
        (name, one)
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    readable = all(one.isprintable() or one.isspace() for pair in pairs for one in pair)
    if not readable:
        return None
    encoded = "&".join(f"{quote(name, safe='')}={quote(one, safe='')}" for name, one in again)
    return fields if encoded == data else None
