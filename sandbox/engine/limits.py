"""What people share before anything is sent: limits on calls a second, and circuit breakers.

A walk knows what its platform asks for (``Send.terms``) and nothing of anybody else. Whoever runs
walks together gives them one ``Limits`` and asks it before the answerer, in the order of (virtual
time, profile). A refusal is an answer ``throttled @ sandbox`` or ``breaker_open @ sandbox``; what
comes of it (wait and try again, or give up) is the walk's business.

A limit has windows of one second (of one call, for limits below one a second), cut from the clock's
own beginning, so that all who share it agree on them. Every call to the same URL counts, whichever
journey and step it is of; the query does not tell URLs apart. Breakers are per host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from sandbox.engine.breaker import Breaker
from sandbox.model.exchange import Answer, BreakerTerms, Fail, Send

__all__ = ["Limits", "Pass", "is_failure"]

_SECOND_US = 1_000_000
_MOST_WINDOWS = 65_536

Ask = Callable[[Send], Answer]


class Pass(NamedTuple):
    """A call was let through; hand it back with the answer."""

    breaker: Breaker
    ticket: int


class Limits:
    """The counts and breakers that some walks share."""

    def __init__(self) -> None:
        """Nothing has been sent."""
        self._sent: dict[tuple[str, int, int], int] = {}
        self._breakers: dict[tuple[str, BreakerTerms], Breaker] = {}

    def enter(self, send: Send) -> Answer | Pass | None:
        """Whether a call may go out: a refusal, or what ``leave`` is to be given."""
        terms = send.terms
        if terms is None or send.hop:
            return None
        passed: Pass | None = None
        if terms.breaker is not None:
            host = urlsplit(send.request.url).netloc.rpartition("@")[2].lower()
            key = host, terms.breaker
            breaker = self._breakers.get(key)
            if breaker is None:
                breaker = self._breakers[key] = Breaker(terms.breaker)
            ticket = breaker.admit(send.at_us)
            if ticket is None:
                return _refused("breaker_open", f"the circuit breaker of {host} is open")
            passed = Pass(breaker, ticket)
        if terms.per_s is not None and not self._counted(send, terms.per_s):
            if passed is not None:
                passed.breaker.forget(passed.ticket)
            message = f"the limit of {terms.per_s:g} calls a second to this URL is reached"
            return _refused("throttled", message)
        return passed

    def leave(self, passed: Answer | Pass | None, send: Send, answer: Answer | None) -> None:
        """Say what became of a call that ``enter`` has let through; None: it was given up."""
        if not isinstance(passed, Pass):
            return
        if answer is None:
            passed.breaker.forget(passed.ticket)
            return
        end_us = send.at_us + int(answer.took_ms * 1000)
        passed.breaker.told(passed.ticket, end_us, is_failure(answer))

    def asking(self, ask: Ask) -> Ask:
        """The same answerer behind these limits."""

        def limited(send: Send) -> Answer:
            if send.terms is None:
                return ask(send)
            entered = self.enter(send)
            if isinstance(entered, Answer):
                return entered
            answer = ask(send)
            self.leave(entered, send, answer)
            return answer

        return limited

    def _counted(self, send: Send, per_s: float) -> bool:
        """Whether there is room; then the call is counted."""
        most, long_us = (int(per_s), _SECOND_US) if per_s >= 1 else (1, int(_SECOND_US / per_s))
        window = send.request.url.partition("?")[0], long_us, send.at_us // long_us
        sent = self._sent.get(window, 0)
        if sent >= most:
            return False
        self._sent[window] = sent + 1
        if len(self._sent) > _MOST_WINDOWS:
            # Asked in the order of time, so the oldest windows are over.
            for old in list(self._sent)[: _MOST_WINDOWS // 2]:
                del self._sent[old]
        return True


def is_failure(answer: Answer) -> bool:
    """Whether an answer counts against a breaker: no response, or a status of 500 and above."""
    return answer.error is not None or (answer.status is not None and answer.status >= 500)


def _refused(kind: str, message: str) -> Answer:
    return Answer(error=Fail(kind, "sandbox", f"{message}; nothing was sent"))
