"""How to come to a step: the state of a walk at the moment it would send that step's request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.engine.compiled import CallNode
from sandbox.engine.walk import Walk
from sandbox.model.exchange import Answer, Send

__all__ = ["Reached", "reach"]

Ask = Callable[[Send], Answer]


class Reached(NamedTuple):
    """The first request of the step, and which of the given answerers led there."""

    send: Send
    attempt: int


def reach(node: CallNode, start: Callable[[], Walk], asks: Sequence[Ask]) -> Reached | None:
    """Walk with each answerer in turn until one comes to the step's request.

    Args:
        node: the call step.
        start: begins a fresh walk.
        asks: who answers the calls before it, best first.
    """
    for number, ask in enumerate(asks):
        walk = start()
        try:
            asked = next(walk)
            while True:
                if isinstance(asked, Send):
                    if asked.step == node.id:
                        walk.close()
                        return Reached(asked, number)
                    asked = walk.send(ask(asked))
                else:
                    asked = next(walk)
        except StopIteration:
            continue
    return None
