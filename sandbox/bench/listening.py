"""Listening in on a run: every request and answer, as they pass."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.model.exchange import Answer, Send
from sandbox.seams import Answerer

__all__ = ["Listening"]


class Listening:
    """An ``Answerer`` that asks another one and tells what came back."""

    def __init__(self, answerer: Answerer, heard: Callable[[Send, Answer], None]) -> None:
        """``heard`` is called with every answer, redirects and access tokens included."""
        self._answerer = answerer
        self._heard = heard

    async def answer(self, send: Send) -> Answer:
        """The other one's answer.

        Raises:
            LiveRefused: when the guard does not let it out; nothing was sent.
        """
        answer = await self._answerer.answer(send)
        self._heard(send, answer)
        return answer

    async def close(self) -> None:
        """Close the other one."""
        await self._answerer.close()
