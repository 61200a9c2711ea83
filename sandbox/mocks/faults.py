"""The closed catalogue of faults: what a rule may say instead of a status.

A fault is either a transport error (it has a kind and a phase of the closed list, and the httpx
class with the text that a real client raises) or an answer that is legal HTTP and bad all the
same (it has a status and a body). Classes and texts: httpx 0.28, httpcore 1.0, h11 0.16 and
OpenSSL 3 against a loopback server. What its bytes are is ``script_making``'s business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from sandbox.errors import UnknownName
from sandbox.mocks.messages import fail
from sandbox.model.exchange import Fail, Phase, Send

__all__ = ["ALIASES", "DELIVERIES", "FAULTS", "Delivery", "Fault", "find_fault"]

Delivery = Literal["pure", "respx", "wire", "server"]

DELIVERIES: Final[Mapping[Delivery, str]] = {
    "pure": "rules alone, in a sweep or a cohort",
    "respx": "an exception or a response through httpx and respx",
    "wire": "bytes through the real HTTP parser over a scripted network",
    "server": "bytes from the listener of sandbox serve --rules",
}
"""The ways in which a rule's answer reaches a caller."""

_EVERYWHERE: Final[tuple[Delivery, ...]] = ("pure", "respx", "wire", "server")
_IN_PROCESS: Final[tuple[Delivery, ...]] = ("pure", "respx", "wire")
_AS_OBJECT: Final[tuple[Delivery, ...]] = ("pure", "respx")


class Fault(NamedTuple):
    """One fault of the catalogue."""

    name: str
    sentence: str
    """What it plays, for a person who chooses it from a list."""
    kind: str | None = None
    """Of the closed list; None for a legal answer."""
    phase: Phase = "head"
    raised: str = ""
    """The name of the httpx class; empty when httpx raises none."""
    detail: str = ""
    """The text of that exception; ``{host}`` stands for the host called, ``{received}`` and
    ``{announced}`` for bytes of the body.
    """
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    """The whole body of a legal answer, or of the answer that is broken."""
    deliveries: tuple[Delivery, ...] = _EVERYWHERE
    """Which of them play it as a real endpoint would."""
    breaks_answer: bool = False
    """Whether an item may say which answer (status, headers, body) it breaks."""
    parameters: tuple[str, ...] = ()
    """The fields of an item that it takes besides."""
    followed: tuple[str, Phase] | None = None
    """What becomes of a redirect of this kind when it is followed: kind and phase."""

    @property
    def is_answer(self) -> bool:
        """Whether this is a legal answer rather than a transport error."""
        return self.kind is None

    @property
    def takes_whole_timeout(self) -> bool:
        """Whether it lasts as long as the caller waits."""
        return self.kind is not None and self.kind.endswith("_timeout")

    def text(self, host: str, received: int = 0, announced: int = 0) -> str:
        """The text of the exception for a call to ``host``."""
        if "{" not in self.detail:
            return self.detail
        text = self.detail.replace("{host}", host.strip("[]")).replace("{received}", str(received))
        return text.replace("{announced}", str(announced))

    def fail(self, send: Send, host: str, received: int = 0, announced: int = 0) -> Fail:
        """This transport error as it meets one request.

        Args:
            send: the request, with its limits.
            host: the host called.
            received: bytes of body that had come.
            announced: bytes of body that were announced.
        """
        assert self.kind is not None, self.name
        return fail(
            self.kind,
            self.phase,
            raised=self.raised,
            detail=self.text(host, received, announced),
            limit_s=send.timeout_s,
            most=send.max_received,
        )


_VERIFY = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
_JSON = (("content-type", "application/json"),)
_GZIP = (*_JSON, ("content-encoding", "gzip"))
_UTF8 = (("content-type", "application/json; charset=utf-8"),)
_HTML_TYPE = (("content-type", "text/html; charset=utf-8"),)
_HTML = (
    b"<!doctype html><html><head><title>Sign in</title></head>"
    b"<body><h1>Please sign in</h1></body></html>"
)
_SAMPLE = b'{"id":1,"status":"ok"}'
_SPEED = ("drip", "bytes_per_s")
_PART = ("after_bytes", *_SPEED)


def _connect(
    name: str,
    sentence: str,
    kind: str,
    raised: str,
    detail: str = "",
    deliveries: tuple[Delivery, ...] = _IN_PROCESS,
) -> Fault:
    """Before a connection stands: no server can play it."""
    return Fault(name, sentence, kind, "connect", raised, detail, deliveries=deliveries)


def _body(
    name: str,
    sentence: str,
    kind: str | None,
    raised: str = "",
    detail: str = "",
    *,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = _JSON,
    body: bytes = _SAMPLE,
    parameters: tuple[str, ...] = _PART,
) -> Fault:
    """Something about the body of an answer that an item may give."""
    return Fault(name, sentence, kind, "body", raised, detail, status, headers, body,
                 breaks_answer=True, parameters=parameters)  # fmt: skip


def _redirect(
    name: str, sentence: str, followed: tuple[str, Phase] | None, location: str = ""
) -> Fault:
    """A legal redirect that leads nowhere; ``{url}`` is the URL called."""
    headers = (("location", location),) if location else ()
    return Fault(name, sentence, None, "redirect", "", "", 302, headers,
                 breaks_answer=True, followed=followed)  # fmt: skip


_ALL: Final = (
    _connect("dns", "The host's name cannot be resolved.",
             "dns", "ConnectError", "[Errno -2] Name or service not known"),
    _connect("refused", "Nothing listens on the port: the connection is refused.",
             "refused", "ConnectError", "All connection attempts failed"),
    _connect("connect_timeout", "The host never answers the connection attempt.",
             "connect_timeout", "ConnectTimeout"),
    _connect("tls_untrusted", "The certificate is signed by nobody the client trusts.",
             "tls", "ConnectError", _VERIFY + "self-signed certificate"),
    _connect("tls_expired", "The certificate has expired.",
             "tls", "ConnectError", _VERIFY + "certificate has expired"),
    _connect("tls_hostname", "The certificate belongs to another host.", "tls", "ConnectError",
             _VERIFY + "Hostname mismatch, certificate is not valid for '{host}'."),
    _connect("tls_not_tls", "The port speaks plain HTTP where TLS is expected.",
             "tls", "ConnectError", "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    _connect("tls_stall", "The TLS handshake begins and never ends.",
             "connect_timeout", "ConnectTimeout"),
    _connect("proxy_407", "The proxy on the way asks for credentials.",
             "proxy", "ProxyError", "407 Proxy Authentication Required", _AS_OBJECT),
    _connect("pool_timeout", "All the client's own connections are busy for too long.",
             "pool_timeout", "PoolTimeout", "", _AS_OBJECT),
    Fault("write_timeout", "The server stops reading while the request is being sent.",
          "write_timeout", "send", "WriteTimeout", deliveries=_IN_PROCESS),
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
          "protocol", "head", "RemoteProtocolError",
          "illegal header line: bytearray(b'no colon here')"),
    Fault("headers_too_big", "The answer's headers are larger than a client accepts.",
          "protocol", "head", "RemoteProtocolError", "Receive buffer too long"),
    Fault("unasked_101", "The server switches to another protocol that nobody asked for.",
          "protocol", "head", "RemoteProtocolError",
          "Received server _SWITCH_UPGRADE event without a pending proposal"),
    _body("read_timeout_mid_body", "The answer begins, then nothing more comes.",
          "read_timeout", "ReadTimeout"),
    _body("reset_mid_body", "The connection is reset in the middle of the body.",
          "reset", "ReadError", "Connection reset by peer"),
    _body("truncated", "The connection closes before the announced length has come.",
          "truncated", "RemoteProtocolError",
          "peer closed connection without sending complete message body"
          " (received {received} bytes, expected {announced})"),
    _body("truncated_chunked", "The connection closes before the last chunk has come.",
          "truncated", "RemoteProtocolError",
          "peer closed connection without sending complete message body"
          " (incomplete chunked read)"),
    _body("bad_chunk", "A chunk of the body announces no valid length.",
          "protocol", "RemoteProtocolError",
          "illegal chunk header: bytearray(b'zz\\r\\n')"),
    _body("length_mismatch", "Content-Length announces less than the body has: the client takes "
          "the first bytes for all of it.", None),
    _body("drip", "The body comes in small pieces with pauses: no time-out as long as each pause "
          "is shorter than the caller's.", None, parameters=("drip",)),
    _body("bandwidth", "The body comes as slowly as a bad line lets it.", None,
          parameters=("bytes_per_s",)),
    _body("huge", "The body is larger than the sandbox accepts.", "too_large", parameters=_SPEED),
    _body("gzip_corrupt", "The body says it is gzip, and its bytes are broken.",
          "decoding", "DecodingError", "Error -3 while decompressing data: invalid block type",
          headers=_GZIP, parameters=_SPEED),
    _body("gzip_truncated", "The gzip stream stops early and the answer is whole: httpx takes it "
          "for all of the body, the sandbox does not.",
          "decoding", "", "the compressed stream stops before its end", headers=_GZIP),
    _body("wrong_charset", "JSON that says it is UTF-8, and is not.", None, headers=_UTF8,
          body='{"name":"José"}'.encode("latin-1"), parameters=()),
    _body("wrong_content_type", "JSON that says it is HTML.", None, headers=_HTML_TYPE,
          parameters=()),
    Fault("invalid_json", "200 with a JSON content type and JSON that cannot be parsed.",
          phase="body", headers=_JSON, body=b'{"id": 1, "status": "ok", '),
    Fault("html_instead", "200 with a sign-in page in HTML where JSON is expected.",
          phase="body", headers=_HTML_TYPE, body=_HTML),
    Fault("empty_json", "200 with a JSON content type and no body at all.",
          phase="body", headers=_JSON),
    _body("body_on_204", "204 with a body all the same: clients throw it away.", None,
          status=204, parameters=()),
    Fault("error_in_200", "200 whose body says that the call failed.",
          phase="body", headers=_JSON,
          body=b'{"status":"error","error":{"code":"not_saved","message":"Nothing was saved."}}'),
    _redirect("redirect_loop", "A redirect that leads to where it came from.",
              ("too_many_redirects", "redirect"), "{url}"),
    _redirect("no_location", "A redirect that does not say where to.", None),
    _redirect("bad_location", "A redirect to something that is no URL.",
              ("bad_redirect", "redirect"), "http://[bad"),
    _redirect("to_unsupported_scheme", "A redirect to a scheme that is not HTTP.",
              ("bad_redirect", "redirect"), "ftp://{host}/"),
)  # fmt: skip

FAULTS: Final[Mapping[str, Fault]] = {fault.name: fault for fault in _ALL}
"""Name → fault, in the order of a call's phases."""

ALIASES: Final[Mapping[str, str]] = {"timeout": "read_timeout", "loop": "redirect_loop"}
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
