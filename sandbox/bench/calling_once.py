"""One call outside any run ("Test API")."""

from __future__ import annotations

from sandbox.engine.asking import ask
from sandbox.engine.compiled import CallNode
from sandbox.engine.reach import Reached
from sandbox.engine.walk import Run
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import StepFact
from sandbox.seams import Answerer

__all__ = ["call_once"]


async def call_once(run: Run, node: CallNode, reached: Reached, answerer: Answerer) -> StepFact:
    """Send it once and say what came; no counter, no profile and no history is touched.

    Args:
        run: a fresh run, whose token and time-outs count.
        node: the call step.
        reached: the call as it would be sent.
        answerer: who answers.
    """
    hops: list[str] = []
    asking = ask(run, node, 1, 1, reached.built, hops)
    at_us = run.at_us
    try:
        asked = next(asking)
        while True:
            assert isinstance(asked, Send)
            asked = asking.send(await answerer.answer(asked))
    except StopIteration as end:
        answer: Answer = end.value
    success = answer.error is None and answer.status in run.journey.behaviour.success
    outcome = "success" if success else "failure"
    return StepFact(
        node.id, node.kind, 1, 1, at_us, outcome, "", "", reached.built.request, answer,
        None, None, tuple(hops),
    )  # fmt: skip
