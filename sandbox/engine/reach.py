"""How to come to a step: a run at the moment it would send that step's request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sandbox.engine.attempts import with_key
from sandbox.engine.call import Built
from sandbox.engine.compiled import CallNode
from sandbox.engine.walk import Run
from sandbox.model.exchange import Answer, Send
from sandbox.templates.noticing import Found
from sandbox.templates.text import Provenance

__all__ = ["Reached", "reach"]

Ask = Callable[[Send], Answer]


class Reached(NamedTuple):
    """A call as it would be sent."""

    built: Built
    noticed: Found
    """What rendering noticed, such as tags that found nothing."""
    values: list[Provenance]
    on_path: bool
    """False when no answer led to the step, and it was rendered with the person as at the start."""


def reach(
    node: CallNode, start: Callable[[], Run], asks: Sequence[Ask], occurrence: int | None = None
) -> Reached:
    """Walk with each answerer in turn until one comes to the step, then render its call.

    Args:
        node: the call step.
        start: begins a fresh run.
        asks: who answers the calls before it, best first.
        occurrence: as for ``walk``.
    """
    for ask in asks:
        run = start()
        walk = run.go(occurrence, False, True)
        try:
            asked = next(walk)
            while True:
                if asked.step == node.id:
                    return _rendered(node, run, True)
                asked = walk.send(ask(asked)) if isinstance(asked, Send) else next(walk)
        except StopIteration:
            continue
    return _rendered(node, start(), False)


def _rendered(node: CallNode, run: Run, on_path: bool) -> Reached:
    with_user = node.include_user if run.include_user is None else run.include_user
    noticed: Found = []
    built = node.plan.build(run.scope, run.person, run.at_us, with_user, run.max_sent, noticed)
    if node.key_header:
        built = with_key(run, node, 1, built)
    values = node.plan.explain(run.scope, run.person, run.at_us, with_user)
    return Reached(built, noticed, values, on_path)
