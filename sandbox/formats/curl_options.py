"""The options of curl: those that shape the request, those that do not matter, those refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from sandbox.errors import InputError

__all__ = ["CurlOptions", "read_options"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

_SHORT = {
    "X": "request", "H": "header", "d": "data", "u": "user", "G": "get", "b": "cookie",
    "A": "user-agent", "e": "referer", "L": "location", "k": "insecure", "I": "head",
    "m": "max-time", "F": "form", "T": "upload-file", "o": "output", "O": "remote-name",
    "s": "silent", "S": "show-error", "v": "verbose", "i": "include", "f": "fail", "g": "globoff",
    "N": "no-buffer", "w": "write-out", "x": "proxy", "K": "config", "E": "cert", "c": "cookie-jar",
    "D": "dump-header", "q": "disable", "#": "progress-bar", "4": "ipv4", "6": "ipv6",
    "0": "http1.0", "n": "netrc", "j": "junk-session-cookies", "J": "remote-header-name",
    "Z": "parallel", "z": "time-cond", "r": "range", "U": "proxy-user", "C": "continue-at",
    "y": "speed-time", "Y": "speed-limit",
}  # fmt: skip


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_QUIET = _names(
    """silent show-error verbose include fail fail-with-body globoff no-buffer progress-bar
    remote-name disable path-as-is basic no-progress-meter tcp-nodelay no-keepalive compressed
    remote-header-name http1.1 http2 http2-prior-knowledge http3 http1.0 ipv4 ipv6
    junk-session-cookies styled-output"""
)
"""Flags that change nothing about the request that is imported."""
_QUIET_WITH_VALUE = _names("output write-out cookie-jar dump-header stderr trace")
_IGNORED = _names("netrc parallel tlsv1.2 tlsv1.3 ssl-reqd retry-connrefused")
_IGNORED_WITH_VALUE = _names(
    """proxy cert key cacert capath resolve connect-to retry retry-delay retry-max-time
    connect-timeout keepalive-time interface proxy-user ciphers max-redirs speed-time
    speed-limit limit-rate"""
)
_CREDENTIALS = ("proxy-user", "cert")
_USER_IN_ADDRESS = re.compile(r"^((?:[a-z0-9]+://)?)[^/@]*@", re.I)
_REFUSED = {
    "form": "files and multipart forms cannot be sent by a journey",
    "form-string": "multipart forms cannot be sent by a journey",
    "upload-file": "files cannot be sent by a journey",
    "config": "options from a file cannot be read; write them into the command",
    "digest": "digest authentication is not supported",
    "ntlm": "NTLM authentication is not supported",
    "negotiate": "Negotiate authentication is not supported",
    "aws-sigv4": "signed AWS requests are not supported",
    "next": "only one call can be imported at a time",
    "time-cond": "conditional requests by file time are not supported",
    "continue-at": "partial transfers are not supported",
}


@dataclass(slots=True)
class CurlOptions:
    """What a command asks for, piece by piece."""

    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    data: list[str] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    json: bool = False
    get: bool = False
    head: bool = False
    user: str | None = None
    bearer: str | None = None
    redirects: bool = False
    timeout_s: float | None = None
    warnings: list[str] = field(default_factory=list)


def read_options(words: list[str]) -> CurlOptions:
    """What the words behind ``curl`` ask for.

    Raises:
        InputError: for an option that is unknown, or that a journey cannot do.
    """
    found = CurlOptions()
    queue = list(reversed(words))
    plain = False
    while queue:
        word = queue.pop()
        if plain or not word.startswith("-") or word == "-":
            found.urls.append(word)
        elif word == "--":
            plain = True
        elif word.startswith("--"):
            _option(word[2:], word, queue, found)
        else:
            _cluster(word, queue, found)
    return found


def _cluster(word: str, queue: list[str], found: CurlOptions) -> None:
    """``-sSL``, ``-XPOST``: letters until one takes a value, which may follow directly."""
    for at, letter in enumerate(word[1:], 1):
        name = _SHORT.get(letter)
        if name is None:
            raise InputError(f"unknown option -{letter} of curl", f"it stands in {word}")
        if _takes_value(name):
            if word[at + 1 :]:
                queue.append(word[at + 1 :])
            _option(name, f"-{letter}", queue, found)
            return
        _option(name, f"-{letter}", queue, found)


def _takes_value(name: str) -> bool:
    return (
        name in _WITH_VALUE
        or name in _QUIET_WITH_VALUE
        or name in _IGNORED_WITH_VALUE
        or name in ("form", "form-string", "upload-file", "config", "aws-sigv4", "time-cond")
        or name == "continue-at"
    )


def _option(name: str, shown: str, queue: list[str], found: CurlOptions) -> None:
    if name in _REFUSED:
        raise InputError(f"{shown}: {_REFUSED[name]}", "take it out of the command")
    value = ""
    if _takes_value(name):
        if not queue:
            raise InputError(f"{shown} needs a value", "was the whole command copied?")
        value = queue.pop()
    if name in _WITH_VALUE:
        _WITH_VALUE[name](found, value, shown)
    elif name in _FLAGS:
        _FLAGS[name](found)
    elif name in _IGNORED or name in _IGNORED_WITH_VALUE:
        told = "" if name in _CREDENTIALS else _USER_IN_ADDRESS.sub(r"\1", value)
        found.warnings.append(f"left out: {shown} {told}".rstrip())
    elif name not in _QUIET and name not in _QUIET_WITH_VALUE:
        raise InputError(f"unknown option {shown} of curl", "take it out of the command")


def _no_file(value: str, shown: str) -> str:
    if value.startswith("@"):
        raise InputError(
            f"{shown} {value}: the file {value[1:]} is not part of the command",
            "write its content into the command",
        )
    return value


def _request(found: CurlOptions, value: str, shown: str) -> None:
    if value.upper() not in _METHODS:
        raise InputError(
            f"{shown} {value}: a journey cannot send this method", "it can: " + ", ".join(_METHODS)
        )
    found.method = value.upper()


def _header(found: CurlOptions, value: str, shown: str) -> None:
    _no_file(value, shown)
    # HTTP/2's own (:authority) are copied from browsers.
    start = 1 if value.startswith(":") else 0
    name, colon, rest = value[start:].partition(":")
    name = value[:start] + name
    if colon and rest.strip(" \t"):
        found.headers.append((name.strip(), rest.strip(" \t")))
    elif colon:
        found.without.add(name.strip().lower())
    elif value.rstrip().endswith(";"):
        found.headers.append((value.rstrip()[:-1], ""))
    else:
        raise InputError(f"{shown}: a header is written Name: value")


def _data(found: CurlOptions, value: str, shown: str) -> None:
    found.data.append(_no_file(value, shown))


def _data_raw(found: CurlOptions, value: str, _: str) -> None:
    found.data.append(value)


def _json_data(found: CurlOptions, value: str, shown: str) -> None:
    found.json = True
    if found.data:
        # curl puts several pieces of --json together as they are.
        found.data[-1] += _no_file(value, shown)
    else:
        found.data.append(_no_file(value, shown))


def _encoded(value: str, shown: str) -> str:
    """``content``, ``=content``, ``name=content``; ``@file`` and ``name@file`` are refused."""
    name, equals, content = value.partition("=")
    if "@" in name:
        _no_file("@" + name.partition("@")[2], shown)
    if not equals:
        return _quoted(value)
    return (f"{name}=" if name else "") + _quoted(content)


def _quoted(content: str) -> str:
    """Percent-encoded; the values of template tags will be when they are known."""
    parts = re.split(r"\{\{\{env\.(\w+)\}\}\}", content)
    return "".join(
        f"{{{{{{encodeURIComponent env.{part}}}}}}}" if at % 2 else quote(part, safe="")
        for at, part in enumerate(parts)
    )


def _data_urlencode(found: CurlOptions, value: str, shown: str) -> None:
    found.data.append(_encoded(value, shown))


def _url_query(found: CurlOptions, value: str, shown: str) -> None:
    found.query.append(value[1:] if value.startswith("+") else _encoded(value, shown))


def _cookie(found: CurlOptions, value: str, shown: str) -> None:
    if "=" not in value:
        raise InputError(
            f"{shown} {value}: the cookie file {value} is not part of the command",
            "write the cookies as name=value",
        )
    found.headers.append(("Cookie", value))


def _user(found: CurlOptions, value: str, _: str) -> None:
    if ":" not in value:
        found.warnings.append("-u names a user and no password; it is left empty")
    found.user = value


def _max_time(found: CurlOptions, value: str, shown: str) -> None:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise InputError(f"{shown} {value}: must be a number of seconds")
    found.timeout_s = seconds


def _insecure(found: CurlOptions) -> None:
    found.warnings.append("left out: -k; certificates are always checked")


def _set(name: str) -> Callable[[CurlOptions], None]:
    return lambda found: setattr(found, name, True)


def _add_header(name: str) -> Callable[[CurlOptions, str, str], None]:
    return lambda found, value, _: found.headers.append((name, value)) if value else None


def _add_url(found: CurlOptions, value: str, _: str) -> None:
    found.urls.append(value)


def _bearer(found: CurlOptions, value: str, _: str) -> None:
    found.bearer = value


_WITH_VALUE: dict[str, Callable[[CurlOptions, str, str], None]] = {
    "request": _request,
    "header": _header,
    "data": _data,
    "data-ascii": _data,
    "data-binary": _data,
    "data-raw": _data_raw,
    "data-urlencode": _data_urlencode,
    "json": _json_data,
    "user": _user,
    "oauth2-bearer": _bearer,
    "url": _add_url,
    "url-query": _url_query,
    "cookie": _cookie,
    "user-agent": _add_header("User-Agent"),
    "referer": _add_header("Referer"),
    "range": lambda found, value, _: found.headers.append(("Range", f"bytes={value}")),
    "max-time": _max_time,
}
_FLAGS: dict[str, Callable[[CurlOptions], None]] = {
    "get": _set("get"),
    "head": _set("head"),
    "location": _set("redirects"),
    "location-trusted": _set("redirects"),
    "insecure": _insecure,
}
