"""One sentence for every way a call can fail, so that no message is ever empty.

httpx leaves the text of time-outs and resets empty; a person needs to know what did not happen,
in which phase, and what the limit was. The mocks and the wire build their messages here, so a
mocked failure reads like the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sandbox.model.exchange import Fail, Phase

__all__ = ["SENTENCES", "fail"]

SENTENCES: Final[Mapping[tuple[str, Phase], str]] = {
    ("unsendable", "build"): "the request cannot be sent as it is",
    ("invalid_url", "build"): "the URL is not valid",
    ("unsupported_scheme", "build"): "the URL's scheme is neither http nor https",
    ("dns", "connect"): "the host's name could not be resolved",
    ("refused", "connect"): "no connection: nothing accepts it at this host and port",
    ("connect_timeout", "connect"): "no connection within {limit}",
    ("tls", "connect"): "no secure connection: the TLS handshake failed",
    ("proxy", "connect"): "the proxy did not let the call through",
    ("pool_timeout", "connect"): "no free connection within {limit}",
    ("write_timeout", "send"): "the request could not be written within {limit}",
    ("reset", "send"): "the connection broke while the request was being written",
    ("reset", "head"): "the connection was reset before an answer came",
    ("reset", "body"): "the connection was reset in the middle of the body",
    ("read_timeout", "head"): "no answer within {limit}",
    ("read_timeout", "body"): "the answer began, then nothing more came for {limit}",
    ("disconnected", "head"): "the server closed the connection without an answer",
    ("protocol", "head"): "what came back is not a valid HTTP answer",
    ("protocol", "body"): "the body breaks the rules of HTTP",
    ("truncated", "body"): "the connection closed before the whole body had come",
    ("decoding", "body"): "the compressed body could not be decoded",
    ("too_large", "body"): "the body is larger than the {most} bytes that are accepted",
    ("too_many_redirects", "redirect"): "too many redirects",
    ("bad_redirect", "redirect"): "the redirect leads nowhere that can be called",
    ("unmatched", "sandbox"): "no rule matched",
    ("breaker_open", "sandbox"): "the circuit breaker is open; nothing was sent",
    ("throttled", "sandbox"): "the throttle held the call back; nothing was sent",
}
"""(kind, phase) → what happened; ``{limit}`` and ``{most}`` stand for the limits."""


def fail(
    kind: str,
    phase: Phase,
    *,
    raised: str = "",
    detail: str = "",
    limit_s: float = 0.0,
    most: int = 0,
) -> Fail:
    """A failure of the closed list with its message.

    Args:
        kind: with ``phase``, one of ``SENTENCES``.
        phase: where it happened.
        raised: the httpx class that stands for it, where there is one.
        detail: what the library, the peer or the check had to say.
        limit_s: the time-out that applied.
        most: the bytes that are accepted.
    """
    sentence = SENTENCES[kind, phase].format(limit=f"{limit_s:g} s", most=f"{most:,}")
    if raised and detail:
        return Fail(kind, phase, f"{sentence} ({raised}: {detail})")
    if raised:
        return Fail(kind, phase, f"{sentence} ({raised})")
    return Fail(kind, phase, f"{sentence}: {detail}" if detail else sentence)
