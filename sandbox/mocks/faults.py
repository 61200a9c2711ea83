"""The closed catalogue of faults: what a rule may say instead of a status.

A fault is either a transport error (it has a kind and a phase of the closed list, and the httpx
class with the text that a real client raises) or an answer that is legal HTTP and bad all the
same (it has a status and a body). Classes and texts: httpx 0.28, httpcore 1.0, h11 0.16 and
OpenSSL 3 against a loopback server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from sandbox.errors import UnknownName
from sandbox.mocks.messages import fail
from sandbox.model.exchange import Fail, Phase, Send

__all__ = ["ALIASES", "FAULTS", "Fault", "find_fault"]


class Fault(NamedTuple):
    """One fault of the catalogue."""

    name: str
    sentence: str
    """What it plays, for a person who chooses it from a list."""
    kind: str | None = None
    """Of the closed list; None for a legal answer."""
    phase: Phase = "head"
    raised: str = ""
    """The name of the httpx class; empty when our own cap ends the call."""
    detail: str = ""
    """The text of that exception; ``{host}`` stands for the host called."""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """The whole body of a legal answer."""

    @property
    def is_answer(self) -> bool:
        """Whether this is a legal answer rather than a transport error."""
        return self.kind is None

    @property
    def takes_whole_timeout(self) -> bool:
        """Whether it lasts exactly as long as the caller waits."""
        return self.kind is not None and self.kind.endswith("_timeout")

    def text(self, host: str) -> str:
        """The text of the exception for a call to ``host``."""
        return self.detail.replace("{host}", host)

    def fail(self, send: Send, host: str) -> Fail:
        """This transport error as it meets one request."""
        assert self.kind is not None, self.name
        return fail(
            self.kind,
            self.phase,
            raised=self.raised,
            detail=self.text(host),
            limit_s=send.timeout_s,
            most=send.max_received,
        )


_VERIFY = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
_JSON = (("content-type", "application/json"),)
_HTML = (
    b"<!doctype html><html><head><title>Sign in</title></head>"
    b"<body><h1>Please sign in</h1></body></html>"
)

_ALL: Final = (
    Fault("dns", "The host's name cannot be resolved.",
          "dns", "connect", "ConnectError", "[Errno -2] Name or service not known"),
    Fault("refused", "Nothing listens on the port: the connection is refused.",
          "refused", "connect", "ConnectError", "All connection attempts failed"),
    Fault("connect_timeout", "The host never answers the connection attempt.",
          "connect_timeout", "connect", "ConnectTimeout"),
    Fault("tls_untrusted", "The certificate is signed by nobody the client trusts.",
          "tls", "connect", "ConnectError", _VERIFY + "self-signed certificate"),
    Fault("tls_expired", "The certificate has expired.",
          "tls", "connect", "ConnectError", _VERIFY + "certificate has expired"),
    Fault("tls_hostname", "The certificate belongs to another host.",
          "tls", "connect", "ConnectError",
          _VERIFY + "Hostname mismatch, certificate is not valid for '{host}'."),
    Fault("tls_not_tls", "The port speaks plain HTTP where TLS is expected.",
          "tls", "connect", "ConnectError", "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    Fault("tls_stall", "The TLS handshake begins and never ends.",
          "connect_timeout", "connect", "ConnectTimeout"),
    Fault("proxy_407", "The proxy on the way asks for credentials.",
          "proxy", "connect", "ProxyError", "407 Proxy Authentication Required"),
    Fault("pool_timeout", "All the client's own connections are busy for too long.",
          "pool_timeout", "connect", "PoolTimeout"),
    Fault("write_timeout", "The server stops reading while the request is being sent.",
          "write_timeout", "send", "WriteTimeout"),
    Fault("read_timeout", "The server takes the request and never answers.",
          "read_timeout", "head", "ReadTimeout"),
    Fault("reset", "The connection is reset before an answer comes.",
          "reset", "head", "ReadError", "Connection reset by peer"),
    Fault("empty_response", "The server closes the connection without an answer.",
          "disconnected", "head", "RemoteProtocolError",
          "Server disconnected without sending a response."),
    Fault("garbage", "What comes back is not HTTP at all.",
          "protocol", "head", "RemoteProtocolError",
          "illegal status line: bytearray(b'\\x00\\x01\\x02 not HTTP')"),
    Fault("bad_status_line", "The answer's first line has a status of four digits.",
          "protocol", "head", "RemoteProtocolError",
          "illegal status line: bytearray(b'HTTP/1.1 2000 OK')"),
    Fault("bad_header", "One line of the answer's headers is not a header.",
          "protocol", "head", "RemoteProtocolError", "illegal header line"),
    Fault("headers_too_big", "The answer's headers are larger than a client accepts.",
          "protocol", "head", "RemoteProtocolError", "Receive buffer too long"),
    Fault("read_timeout_mid_body", "The answer begins, then nothing more comes.",
          "read_timeout", "body", "ReadTimeout"),
    Fault("reset_mid_body", "The connection is reset in the middle of the body.",
          "reset", "body", "ReadError", "Connection reset by peer"),
    Fault("truncated", "The connection closes before the announced length has come.",
          "truncated", "body", "RemoteProtocolError",
          "peer closed connection without sending complete message body"
          " (received 4 bytes, expected 99)"),
    Fault("truncated_chunked", "The connection closes before the last chunk has come.",
          "truncated", "body", "RemoteProtocolError",
          "peer closed connection without sending complete message body"
          " (incomplete chunked read)"),
    Fault("bad_chunk", "A chunk of the body announces no valid length.",
          "protocol", "body", "RemoteProtocolError",
          "illegal chunk header: bytearray(b'zz\\r\\n')"),
    Fault("gzip_corrupt", "The body says it is gzip, and its bytes are broken.",
          "decoding", "body", "DecodingError",
          "Error -3 while decompressing data: invalid block type"),
    Fault("huge", "The body is larger than the sandbox accepts.", "too_large", "body"),
    Fault("invalid_json", "200 with a JSON content type and JSON that cannot be parsed.",
          headers=_JSON, body=b'{"id": 1, "status": "ok", '),
    Fault("html_instead", "200 with a sign-in page in HTML where JSON is expected.",
          headers=(("content-type", "text/html; charset=utf-8"),), body=_HTML),
    Fault("empty_json", "200 with a JSON content type and no body at all.", headers=_JSON),
    Fault("error_in_200", "200 whose body says that the call failed.",
          headers=_JSON,
          body=b'{"status":"error","error":{"code":"not_saved","message":"Nothing was saved."}}'),
)  # fmt: skip

FAULTS: Final[Mapping[str, Fault]] = {fault.name: fault for fault in _ALL}
"""Name → fault, in the order of a call's phases."""

ALIASES: Final[Mapping[str, str]] = {"timeout": "read_timeout"}
"""Short names that mean one of the catalogue."""


def find_fault(name: str) -> Fault:
    """The fault of that name or alias.

    Raises:
        UnknownName: with the nearest names.
    """
    found = FAULTS.get(ALIASES.get(name, name))
    if found is None:
        raise UnknownName("fault", name, [*FAULTS, *ALIASES])
    return found
