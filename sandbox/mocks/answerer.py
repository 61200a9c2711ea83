"""Answers a walk from rules alone: no client, no event loop needed."""

from __future__ import annotations

from sandbox.mocks.engine import MockEngine, Session
from sandbox.model.exchange import Answer, Send
from sandbox.model.rules import RuleSet

__all__ = ["PureAnswerer"]


class PureAnswerer:
    """An ``Answerer`` over one session of a mock engine; the source of its answers is ``model``."""

    def __init__(self, session: Session) -> None:
        """``session``: one run's, from ``MockEngine.session()``."""
        self._session = session

    @classmethod
    def of(cls, rule_set: RuleSet) -> PureAnswerer:
        """An answerer for one run over rules that are compiled here.

        Raises:
            DocumentError: when a rule cannot be compiled.
        """
        return cls(MockEngine(rule_set).session())

    def answer_now(self, send: Send) -> Answer:
        """The answer to one request, without an event loop."""
        return self._session.answer(send)

    async def answer(self, send: Send) -> Answer:
        """The answer to one request."""
        return self._session.answer(send)

    async def close(self) -> None:
        """Nothing to let go of."""
