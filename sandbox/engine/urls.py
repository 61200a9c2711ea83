"""URLs and headers that can be sent, checked purely: mock, live and sweep agree on what is refused.

What comes out is final: absolute, ASCII, percent-encoded (RFC 3986), so that no client changes it
on the way.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urljoin, urlsplit

from sandbox import sendable
from sandbox.model.base import dump_json, is_text
from sandbox.model.exchange import Fail

__all__ = ["encode_value", "header_problem", "host_of", "normalise", "redirect_target"]

_HOST = re.compile(
    r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)
_DOTTED = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_LONGEST_LABEL = 63
"""RFC 1035 §2.3.4."""
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?[]"
_MANAGED = {"host", "content-length", "transfer-encoding", "connection"}
_LONGEST = 65_536


def encode_value(text: str) -> str:
    """A value put into a URL: everything but letters, digits and ``-._~`` percent-encoded."""
    return quote(text, safe="")


@lru_cache(maxsize=8192)
def normalise(url: str) -> tuple[str, Fail | None]:
    """The URL as it is sent, or why it cannot be."""
    if not url.strip():
        return "", Fail("invalid_url", "build", "the URL is empty")
    if len(url) > _LONGEST:
        return "", _invalid(url, f"is longer than {_LONGEST:,} characters")
    if re.search(r"[\x00-\x1f\x7f]", url):
        return "", _invalid(url, "holds a control character")
    if not is_text(url):
        return "", _invalid(url, "holds lone surrogates, which are no characters")
    # The messages quote the whole URL and no part of it: a part of a secret cannot be masked.
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", _invalid(url, "has a host that is no name")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        return "", _invalid(url, "has a port that is no number from 1 to 65535")
    scheme = parts.scheme.lower()
    if not scheme or "://" not in url:
        return "", _invalid(url, "has no scheme; it must begin with https:// or http://")
    if scheme not in ("http", "https"):
        return "", Fail(
            "unsupported_scheme",
            "build",
            f"the URL {_short(url)} has a scheme other than http and https",
        )
    if parts.username is not None or parts.password is not None:
        return "", Fail(
            "invalid_url", "build", "a user name and password in the URL are not sent; use auth"
        )
    host, problem = _host(parts.hostname or "")
    if problem:
        return "", _invalid(url, problem)
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    path = quote(_STRAY.sub("%25", parts.path), safe=_PATH_SAFE) or "/"
    query = quote(_STRAY.sub("%25", parts.query), safe=_QUERY_SAFE)
    made = f"{scheme}://{host}{path}" + (f"?{query}" if query else "")
    if len(made) > _LONGEST:
        return "", _invalid(url, f"is longer than {_LONGEST:,} characters once it is encoded")
    return made, None


def _host(name: str) -> tuple[str, str]:
    """A host as it is sent, or what is wrong with it."""
    if not name:
        return "", "has no host"
    try:
        if ":" in name:
            IPv6Address(name)
            return f"[{name}]", ""
        host = name if name.isascii() else name.encode("idna").decode()
        if _DOTTED.fullmatch(host):
            IPv4Address(host)
    except AddressValueError:
        return "", "has a host that is no address"
    except UnicodeError:
        return "", "has a host that is no name"
    if any(len(label) > _LONGEST_LABEL for label in host.split(".")):
        return "", f"has a host with a part of more than {_LONGEST_LABEL} characters"
    if not _HOST.fullmatch(host) or len(host) > 253:
        return "", "has a host that is no name"
    return host, ""


def _short(url: str) -> str:
    # Whole or not at all, and escaped as JSON: half a secret could not be recognised and masked.
    return dump_json(url).decode() if len(url) <= 500 else f"of {len(url):,} characters"


def _invalid(url: str, why: str) -> Fail:
    return Fail("invalid_url", "build", f"the URL {_short(url)} {why}")


def header_problem(name: str, value: str) -> str:
    """Why a header can never be sent; empty when it can."""
    if name.lower() in _MANAGED:
        return f"{name} is set by the protocol and cannot be given"
    return sendable.header_problem(name, value)


def host_of(url: str) -> str:
    """Host and port of a normalised URL, as an allow-list names them."""
    return urlsplit(url).netloc


def redirect_target(url: str, location: str) -> tuple[str, Fail | None]:
    """Where a redirect leads, or why it leads nowhere."""
    try:
        target, fail = normalise(urljoin(url, location.strip()))
    except ValueError as wrong:
        return "", Fail("bad_redirect", "redirect", f"Location {_short(location)}: {wrong}")
    if fail is not None:
        return "", Fail("bad_redirect", "redirect", f"Location {_short(location)}: {fail.message}")
    return target, None
