"""What a journey can know of an answer to one call."""

from __future__ import annotations

from typing import Final

from sandbox.engine.compiled import CallNode, CompiledJourney, MessageNode, NotifyNode
from sandbox.engine.conditions import holds
from sandbox.engine.limits import is_failure
from sandbox.engine.response import exposed, save_values
from sandbox.engine.retrying import UNDER_WAY
from sandbox.engine.urls import redirect_target
from sandbox.lab.reads import Reads
from sandbox.lab.values import put
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer, Request
from sandbox.templates.paths import MISSING, look_up

__all__ = ["MOVED", "Known"]

MOVED: Final = (301, 302, 303, 307, 308)
"""Statuses that redirect."""


class Known:
    """What the journey can know of the answers to one call."""

    def __init__(self, journey: CompiledJourney, node: CallNode, scope: Json, again: bool) -> None:
        """Read the journey.

        Args:
            journey: the compiled journey.
            node: the call.
            scope: the template roots at the start of a run.
            again: whether a person can come to the call twice.
        """
        self.journey = journey
        self.node = node
        self.reads = Reads(journey, node, scope)
        self.again = again or node.retry is not None
        self._minds_time = journey.limited or _minds_time(journey)
        self._around = [scope]
        if self.reads.others:
            for path, sample in self.reads.others.items():
                scope = put(scope, path, sample)
            self._around.append(scope)

    def is_success(self, answer: Answer) -> bool:
        """Whether it counts as a success."""
        return answer.error is None and answer.status in self.journey.behaviour.success

    def is_retried(self, answer: Answer) -> bool:
        """Whether the call is sent again after it."""
        retry = self.node.retry
        return retry is not None and retry.wants(answer)

    def follows(self, answer: Answer) -> bool:
        """Whether it is a redirect that is followed."""
        moved = answer.status in MOVED and any(
            name.lower() == "location" for name, _ in answer.headers
        )
        return moved and self.may_follow()

    def may_follow(self) -> bool:
        """Whether the call follows redirects."""
        return self.node.follows

    def final(self, answer: Answer) -> Answer:
        """What the journey sees in the end: a redirect that leads nowhere is an error."""
        if not self.follows(answer):
            return answer
        location = next(value for name, value in answer.headers if name.lower() == "location")
        failed = redirect_target("http://api.test/", location)[1]
        return answer if failed is None else Answer(error=failed, source="model")

    def seen(self, answer: Answer) -> tuple[object, object]:
        """What the journey can know of an answer, and the values that matter to the letter."""
        opens = self._opens(answer)
        answer = self.final(answer)
        own, saved = self._exposed(answer)
        scope: Json = {"steps": {self.node.id: own}, **saved}
        reads = self.reads
        error = answer.error
        doubt = error is not None and error.phase in UNDER_WAY
        roughly: list[object] = [
            self.is_success(answer),
            self.is_retried(answer),
            error is not None and self.journey.behaviour.transport_error == "fail_run",
            self.follows(answer),
            self.again and doubt,
            self._waits(answer),
            opens,
            self._minds_time and error is not None and error.kind.endswith("_timeout"),
            tuple(holds(test, scope, self.journey.syntax) for test in reads.tests),
            tuple(look_up(scope, path) is MISSING for path in reads.paths),
        ]
        exactly: list[object] = [_exactly(look_up(scope, path)) for path in reads.exact_in_order()]
        for around in self._around if reads.texts else ():
            there = {**around, "steps": {**around["steps"], self.node.id: own}, **saved}
            for written in reads.texts:
                rough, exact = written.seen(there)
                roughly.append(rough)
                exactly.append(exact)
        return tuple(roughly), tuple(exactly)

    def _opens(self, answer: Answer) -> bool:
        """Whether it is a failure to the call's breaker, which sees redirects as they come."""
        terms = self.node.terms
        return terms is not None and terms.breaker is not None and is_failure(answer)

    def _waits(self, answer: Answer) -> int:
        """Microseconds before the call is sent again, where the journey minds the time; else 0."""
        retry = self.node.retry
        if retry is None or not self._minds_time or not retry.wants(answer):
            return 0
        return retry.waiting(1, answer, 0, 0, "sweep").wait_us

    def _exposed(self, answer: Answer) -> tuple[Json, dict[str, Json]]:
        """What ``steps.<id>`` holds after an answer, and the values that are kept."""
        request = Request(self.node.plan.step.method, "", (), b"")
        if self.node.plan.step.method == "HEAD":
            answer = answer._replace(body=b"")
        saved: dict[str, Json] = {}
        save_values(self.node, answer, saved, [])
        return exposed(self.node, request, None, answer), saved


def _minds_time(journey: CompiledJourney) -> bool:
    """Whether more than a text that is shown or sent depends on when it is."""
    inputs = any(path[2:3] == ("input",) for path in journey.reads)
    steps = {step for path, those in journey.reads.items() if path[0] == "now" for step in those}
    shown = (NotifyNode, MessageNode) if inputs else (NotifyNode, MessageNode, CallNode)
    return any(not isinstance(journey.node(step), shown) for step in steps)


def _exactly(value: Json) -> object:
    return None if value is MISSING else dump_json(value)
