from __future__ import annotations

import socket
import ssl

import httpx
import pytest
import respx

from sandbox.model.exchange import PHASES_OF
from sandbox.wire.errors import FAILURES, chain, fail_from


def every_exception() -> list[type[Exception]]:
    found = [one for one in vars(httpx).values() if isinstance(one, type)]
    return [one for one in found if issubclass(one, Exception)]


def instance(kind: type[Exception]) -> Exception:
    if issubclass(kind, httpx.HTTPStatusError):
        request = httpx.Request("GET", "http://a/")
        return kind("", request=request, response=httpx.Response(500))
    if issubclass(kind, (httpx.ResponseNotRead, httpx.RequestNotRead, httpx.StreamConsumed,
                         httpx.StreamClosed)):  # fmt: skip
        return kind()
    return kind("")


@pytest.mark.parametrize("head_seen", [False, True])
@pytest.mark.parametrize("kind", every_exception())
def test_every_exception_of_httpx_is_in_the_closed_list(
    kind: type[Exception], head_seen: bool
) -> None:
    assert issubclass(kind, FAILURES)
    found = fail_from(instance(kind), head_seen=head_seen, limit_s=3)
    assert found.phase in PHASES_OF[found.kind]
    assert kind.__name__ in found.message
    if issubclass(kind, httpx.TimeoutException):
        assert "3 s" in found.message


def raised_from(error: BaseException, *causes: BaseException) -> BaseException:
    one = error
    for cause in causes:
        one.__cause__ = cause
        one = cause
    return error


@pytest.mark.parametrize(
    ("causes", "secure", "kind"),
    [
        ([socket.gaierror(-2, "no name")], False, "dns"),
        ([OSError("all failed"), ExceptionGroup("", [ConnectionRefusedError(111, "no")])], False,
         "refused"),
        ([ssl.SSLError(1, "bad")], True, "tls"),
        ([ConnectionResetError(104, "reset")], True, "tls"),
        ([ConnectionResetError(104, "reset")], False, "refused"),
        ([OSError(113, "no route")], False, "refused"),
        ([], False, "refused"),
    ],
)  # fmt: skip
def test_refused_dns_and_tls_are_told_apart_by_their_causes(
    causes: list[BaseException], secure: bool, kind: str
) -> None:
    error = raised_from(httpx.ConnectError(""), *causes)
    found = fail_from(error, secure=secure)
    assert (found.kind, found.phase) == (kind, "connect")
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            assert cause.strerror in found.message


@pytest.mark.parametrize(
    ("text", "head_seen", "expected"),
    [
        ("Server disconnected without sending a response.", False, ("disconnected", "head")),
        ("peer closed connection without sending complete message body", True,
         ("truncated", "body")),
        ("illegal status line", False, ("protocol", "head")),
        ("illegal chunk header", True, ("protocol", "body")),
        ("Invalid URL in location header: x.", False, ("bad_redirect", "redirect")),
    ],
)  # fmt: skip
def test_what_a_server_does_wrong(text: str, head_seen: bool, expected: tuple[str, str]) -> None:
    found = fail_from(httpx.RemoteProtocolError(text), head_seen=head_seen)
    assert found[:2] == expected
    assert text in found.message


def test_respx_and_bare_socket_errors() -> None:
    assert fail_from(respx.models.AllMockedAssertionError("x"))[:2] == ("unmatched", "sandbox")
    assert fail_from(ConnectionResetError(104, "x"))[:2] == ("reset", "head")
    assert fail_from(TimeoutError(), head_seen=True)[:2] == ("read_timeout", "body")


def test_a_bug_of_ours_is_not_an_answer() -> None:
    with pytest.raises(AssertionError, match="ours"):
        fail_from(AssertionError("ours"))


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = OSError("a"), OSError("b")
    first.__cause__, second.__cause__ = second, first
    assert list(chain(first)) == [first, second]
