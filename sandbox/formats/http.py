"""A request as it goes over the wire, HTTP/1.1 (RFC 9112)."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.errors import InputError
from sandbox.model.exchange import Request
from sandbox.model.trace import RequestDocument

__all__ = ["request_target", "to_http", "to_http_bytes"]

_NO_BODY_MEANS_ZERO = ("POST", "PUT", "PATCH")


def to_http_bytes(request: Request | RequestDocument) -> bytes:
    """Request line, Host, our headers in their order, Content-Length, blank line, body.

    Host and Content-Length are what the protocol adds; one that the request brings itself stays
    where it is.

    Raises:
        InputError: for a URL without a host.
    """
    method, url, headers, body = _parts(request)
    target, host = request_target(url)
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    framed = names & {"content-length", "transfer-encoding"}
    if not framed and (body or method in _NO_BODY_MEANS_ZERO):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def to_http(request: Request | RequestDocument) -> str:
    """The same as text, line ends included; bytes that are not UTF-8 show as ``\ufffd``."""
    return to_http_bytes(request).decode("utf-8", "replace")


def request_target(url: str) -> tuple[str, str]:
    """What stands in the request line (path and query), and in the Host header.

    Raises:
        InputError: for a URL without a host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as wrong:
        raise InputError(f"{url!r} is not a URL: {wrong}", "write https://host/path") from None
    if not parts.hostname:
        raise InputError(f"{url!r} has no host", "write https://host/path")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port is not None and port != {"http": 80, "https": 443}.get(parts.scheme.lower()):
        host += f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return (parts.path or "/") + query, host


def _parts(
    request: Request | RequestDocument,
) -> tuple[str, str, list[tuple[str, str]], bytes]:
    if isinstance(request, Request):
        return request.method.upper(), request.url, list(request.headers), request.body
    text = request["text"].encode("utf-8", "surrogateescape")
    return request["method"].upper(), request["url"], list(request["headers"].items()), text
