"""A request's URL in the parts that rules and the guard of live calls look at."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import unquote

__all__ = ["MAX_URL", "BadUrl", "Parts", "split_url"]

MAX_URL = 65_536
"""Characters; httpx refuses more."""

_URL = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(?:#.*)?")
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\]]*\]|[^:@\[\]]*)(?::([0-9]*))?")
_NAME = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=-]+")
_DOTTED = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_OUTSIDE = re.compile(r"[^\x21-\x7e]")
_PORTS = {"http": 80, "https": 443}


class BadUrl(ValueError):
    """A URL that no client can call: the kind of failure, and why."""

    def __init__(self, kind: str, reason: str) -> None:
        """``kind`` is ``invalid_url`` or ``unsupported_scheme``."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Parts(NamedTuple):
    """A URL that can be called."""

    scheme: str
    host: str
    """Lower case; an IPv6 address keeps its brackets."""
    port: int
    """The scheme's own where the URL names none."""
    authority: str
    """What the Host header says: ``host``, with the port unless it is the scheme's own."""
    target: str
    """What the request line says: path and query, as written."""
    paths: tuple[str, ...]
    """The path as written and, where that differs, with its escapes undone."""
    plain: str
    """The URL with scheme and host in lower case, without the scheme's own port or a fragment."""

    @property
    def hosts(self) -> tuple[str, str]:
        """The two ways to name the host: without and with the port."""
        return self.host, f"{self.host}:{self.port}"


@lru_cache(maxsize=4096)
def split_url(url: str) -> Parts:
    """The parts of an absolute http or https URL, percent-encoded ASCII.

    Raises:
        BadUrl: when no client could call it.
    """
    if len(url) > MAX_URL:
        raise BadUrl("invalid_url", f"it has {len(url):,} characters, {MAX_URL:,} are possible")
    outside = _OUTSIDE.search(url)
    if outside:
        raise BadUrl(
            "invalid_url",
            f"character {outside.start() + 1} is {outside[0]!a}; it must be percent-encoded",
        )
    match = _URL.fullmatch(url)
    assert match is not None, "the pattern takes every text"
    scheme, authority, path, query = match.groups()
    if not scheme or authority is None:
        raise BadUrl("invalid_url", "it needs a scheme and a host, as in https://api.example.com/x")
    scheme = scheme.lower()
    if scheme not in _PORTS:
        raise BadUrl("unsupported_scheme", f"{scheme}://")
    host, port = _host_and_port(authority, _PORTS[scheme])
    shown = host if port == _PORTS[scheme] else f"{host}:{port}"
    path = path or "/"
    target = path + (query or "")
    decoded = unquote(path) if "%" in path else path
    return Parts(
        scheme=scheme,
        host=host,
        port=port,
        authority=shown,
        target=target,
        paths=(path,) if decoded == path else (path, decoded),
        plain=f"{scheme}://{shown}{target}",
    )


def _host_and_port(authority: str, usual: int) -> tuple[str, int]:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        raise BadUrl("invalid_url", "its host or port is not valid")
    user, host, port = match.groups()
    if user is not None:
        # A client would turn it into an Authorization header that nobody wrote or saw.
        raise BadUrl("invalid_url", "it carries a user name; write an Authorization header instead")
    host = host.lower()
    try:
        if host.startswith("["):
            IPv6Address(host[1:-1])
        elif _DOTTED.fullmatch(host):
            IPv4Address(host)
        elif not _NAME.fullmatch(host):
            raise BadUrl("invalid_url", "it has no host" if not host else "its host is not valid")
        elif any(not 0 < len(label) < 64 for label in host.removesuffix(".").split(".")):
            raise BadUrl("invalid_url", "its host has a part that is empty or too long")
    except AddressValueError as wrong:
        raise BadUrl("invalid_url", f"its host is not an address: {wrong}") from None
    number = int(port[:6]) if port else usual
    if not 0 < number < 65_536:
        raise BadUrl("invalid_url", f"its port {port} is not between 1 and 65535")
    return host, number
