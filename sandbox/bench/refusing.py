"""A live run whose later call leads to a host that is not allowed: refused, and kept with the run.

Before anything was sent the refusal ends the run, and nothing is kept of it. Afterwards that would
hide what has happened: the call fails as one that cannot be sent, the journey's own policy decides
on the way, and a finding says which host was refused.
"""

from __future__ import annotations

from sandbox.errors import LiveRefused
from sandbox.mocks.messages import fail
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Finding
from sandbox.seams import Answerer

__all__ = ["LIVE_REFUSED", "Refusing"]

LIVE_REFUSED = "live_refused"
"""The finding's code."""


class Refusing:
    """An ``Answerer`` of one live run that knows what of it has left."""

    def __init__(self, answerer: Answerer) -> None:
        """``answerer`` sends, and guards the hosts."""
        self._answerer = answerer
        self._tried = False
        self._sent = 0
        self.findings: list[Finding] = []
        """A refusal each, once for a step and host."""

    async def answer(self, send: Send) -> Answer:
        """The answerer's own, or the failure of a call that the guard held back.

        Raises:
            LiveRefused: when the guard refuses and no call of this run was tried before.
        """
        try:
            answer = await self._answerer.answer(send)
        except LiveRefused as refused:
            if not self._tried:
                raise
            self._note(send.step.removesuffix(":token"), refused.message)
            error = fail("unsendable", "build", detail=refused.message)
            return Answer(error=error, source="live")
        phase = None if answer.error is None else answer.error.phase
        self._tried = self._tried or phase not in ("build", "redirect")
        self._sent += phase not in ("build", "redirect", "connect")
        return answer

    async def close(self) -> None:
        """Close the answerer."""
        await self._answerer.close()

    def _note(self, step: str, refusal: str) -> None:
        if any(one.step == step and one.message.startswith(refusal) for one in self.findings):
            return
        sent = "1 request was" if self._sent == 1 else f"{self._sent} requests were"
        message = f"{refusal}; {sent} sent before it"
        self.findings.append(Finding(LIVE_REFUSED, "error", step, message))
