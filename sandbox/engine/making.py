"""One step of a journey document → one node of the compiled journey."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.clock import duration_s, parse_at
from sandbox.engine.call import CallPlan
from sandbox.engine.compiled import (
    AddTagNode,
    CallNode,
    ConditionNode,
    EndNode,
    MessageNode,
    Node,
    NotifyNode,
    RemoveTagNode,
    Saving,
    SplitNode,
    UpdateNode,
    WaitNode,
    Way,
)
from sandbox.engine.conditions import compile_condition, in_words, paths_of
from sandbox.engine.person import RESERVED
from sandbox.engine.reading import Reading
from sandbox.engine.retrying import Retrying, compile_retry
from sandbox.errors import InputError, Problem
from sandbox.model.base import Target
from sandbox.model.calling import Breaker
from sandbox.model.exchange import BreakerTerms, Terms
from sandbox.model.journey import (
    AddTag,
    CallApi,
    ConditionStep,
    EndStep,
    Message,
    Notify,
    RemoveTag,
    Save,
    Split,
    Step,
    UpdateAttribute,
    Wait,
)
from sandbox.templates.paths import PathError, parse_path

__all__ = ["NodeMaking"]


class NodeMaking(Reading):
    """Makes the nodes; one method for each kind of step."""

    def _node(self, step: Step, index: int, at: str) -> Node:
        make: Callable[..., Node] = getattr(self, f"_{step.kind}")
        return make(step, index, at)

    def _call_api(self, step: CallApi, index: int, at: str) -> Node:
        plan = CallPlan(step, self.behaviour, at, self.problems, self.syntax)
        self._read(step.id, (tag.path for _, tag in plan.tags()))
        self._note(step.id, plan.notices())
        follow = {None: self.behaviour.follow, True: "always", False: "never"}[
            step.follow_redirects
        ]
        return CallNode(
            step.id,
            step.kind,
            index,
            self._next(step.next, index, at),
            plan=plan,
            on_success=self._exit(step.on_success, f"{at}.on_success"),
            on_failure=self._exit(step.on_failure, f"{at}.on_failure"),
            timeout_s=step.timeout_s or self.behaviour.timeout_s,
            follow=follow,
            retry=self._retry(step, at),
            held_back=compile_retry(self.behaviour.held_back, "", "", []),
            terms=self._terms(step),
            save=tuple(self._saving(save, f"{at}.save[{n}]") for n, save in enumerate(step.save)),
            parse_json=step.parse_json,
            include_user=step.include_user,
        )

    def _exit(self, target: Target | None, at: str) -> Way | None:
        return None if target is None else self._way(target, at)

    def _retry(self, step: CallApi, at: str) -> Retrying | None:
        if step.retry is not None:
            return compile_retry(step.retry, step.method, f"{at}.retry", self.problems)
        # What is wrong with settings has been said when they were folded in.
        return compile_retry(self.behaviour.retry, step.method, "", [])

    def _terms(self, step: CallApi) -> Terms | None:
        """What the call shares with others: its URL's limit and its host's breaker."""
        throttle, breaker = step.throttle, step.breaker or self.behaviour.breaker
        per_s = self.behaviour.per_s
        if throttle is not None:
            per_s = None if throttle.bypass else throttle.per_s or per_s
        if per_s is None and breaker is None:
            return None
        return Terms(per_s, None if breaker is None else _breaker_terms(breaker))

    def _saving(self, save: Save, at: str) -> Saving:
        text = save.path[1:].removeprefix(".")
        path = parse_path(text) if text else ()
        if isinstance(path, PathError):
            self.problems.append(Problem(f"{at}.path", path.message, repr(save.path)))
            path = ()
        return Saving(save.name, path, save.type)

    def _update_attribute(self, step: UpdateAttribute, index: int, at: str) -> Node:
        if step.attribute in RESERVED:
            self.problems.append(
                Problem(
                    f"{at}.attribute", f"{step.attribute!r} is not an attribute; it is reserved"
                )
            )
        value = self._value(step.value, "value", at, step.id)
        way = self._next(step.next, index, at)
        return UpdateNode(step.id, step.kind, index, way, attribute=step.attribute, value=value)

    def _add_tag(self, step: AddTag, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        return AddTagNode(
            step.id, step.kind, index, way, tag=self._text(step.tag, "tag", at, step.id)
        )

    def _remove_tag(self, step: RemoveTag, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        return RemoveTagNode(
            step.id, step.kind, index, way, tag=self._text(step.tag, "tag", at, step.id)
        )

    def _condition(self, step: ConditionStep, index: int, at: str) -> Node:
        branches = []
        for n, branch in enumerate(step.branches):
            where = f"{at}.branches[{n}]"
            test = compile_condition(branch.when, f"{where}.when", self.problems, self.syntax)
            self._read(step.id, paths_of(branch.when, self.syntax))
            way = self._way(branch.next, f"{where}.next")
            branches.append((test, way, branch.name or in_words(branch.when)))
        otherwise = self._way(step.else_, f"{at}.else")
        return ConditionNode(
            step.id, step.kind, index, branches=tuple(branches), otherwise=otherwise
        )

    def _wait(self, step: Wait, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        if step.for_ is not None:
            length = int(duration_s(step.for_) * 1_000_000)
            return WaitNode(step.id, step.kind, index, way, for_us=length)
        until = self._text(step.until or "", "until", at, step.id)
        if until.static and until.source == step.until:
            try:
                parse_at(until.literal)
            except InputError as wrong:
                message = f"{wrong.message}, and it holds no tag; {wrong.hint}"
                self.problems.append(Problem(f"{at}.until", message))
        return WaitNode(step.id, step.kind, index, way, until=until)

    def _notify(self, step: Notify, index: int, at: str) -> Node:
        way = self._next(step.next, index, at)
        return NotifyNode(
            step.id, step.kind, index, way, text=self._text(step.text, "text", at, step.id)
        )

    def _message(self, step: Message, index: int, at: str) -> Node:
        return MessageNode(
            step.id,
            step.kind,
            index,
            self._next(step.next, index, at),
            channel=step.channel,
            to=self._text(step.to, "to", at, step.id),
            text=self._text(step.text, "text", at, step.id),
            subject=self._text(step.subject, "subject", at, step.id),
        )

    def _split(self, step: Split, index: int, at: str) -> Node:
        total = sum(arm.weight for arm in step.arms)
        arms = []
        reached = 0.0
        for n, arm in enumerate(step.arms):
            reached += arm.weight / total
            way = self._way(arm.next, f"{at}.arms[{n}].next")
            arms.append((reached, way, arm.name or f"{arm.weight / total:.0%}"))
        arms[-1] = (1.0, *arms[-1][1:])
        return SplitNode(step.id, step.kind, index, arms=tuple(arms))

    def _end(self, step: EndStep, index: int, at: str) -> Node:
        return EndNode(step.id, step.kind, index)


def _breaker_terms(breaker: Breaker) -> BreakerTerms:
    open_us = int(duration_s(breaker.for_) * 1_000_000)
    return BreakerTerms(breaker.failures, open_us, breaker.half_open)
