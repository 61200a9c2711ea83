"""Steps that ask nobody: each changes the person or the clock, or chooses the way on."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.clock import iso, parse_at
from sandbox.draws import draw
from sandbox.engine.compiled import (
    END_AT,
    AddTagNode,
    ConditionNode,
    EndNode,
    MessageNode,
    Node,
    NotifyNode,
    RemoveTagNode,
    SplitNode,
    UpdateNode,
    WaitNode,
    Way,
)
from sandbox.engine.person import Person, label_name, template_view
from sandbox.engine.state import State
from sandbox.errors import InputError
from sandbox.model.base import Json
from sandbox.model.trace import Finding
from sandbox.templates.filters import TooLarge
from sandbox.templates.noticing import Found
from sandbox.templates.values import check_size

__all__ = ["carry_out"]

_Done = tuple[Way, Json, Json, str]
"""The way on, the step's input, its output, and who decided."""


def carry_out(run: State, node: Node, visit: int) -> tuple[Way, Json, Json, str]:
    """Carry out a step: the way on, its input, its output, and who decided."""
    found: Found = []
    try:
        done = _STEPS[node.kind](run, node, visit, found)
    except TooLarge as wrong:
        run.findings.append(Finding("value_too_large", "error", node.id, wrong.message))
        done = (node.next, None, None, "")
    if found:
        run.report(node.id, found)
    return done


def _update(run: State, node: UpdateNode, visit: int, found: Found) -> _Done:
    value = node.value.render(run.scope, found)
    if not node.value.static and isinstance(value, dict | list):
        check_size(value, f"the attribute {node.attribute}")
    attributes = {**run.person.attributes, node.attribute: value}
    _change(run, run.person._replace(attributes=attributes))
    return node.next, node.attribute, value, ""


def _add_tag(run: State, node: AddTagNode, visit: int, found: Found) -> _Done:
    name = node.tag.text(run.scope, found)
    for tag in run.person.tags:
        if label_name(tag) == name:
            return node.next, name, False, ""
    who = run.person
    _change(run, Person(who.id, who.attributes, [*who.tags, name], who.lists, who.identities))
    return node.next, name, True, ""


def _remove_tag(run: State, node: RemoveTagNode, visit: int, found: Found) -> _Done:
    name = node.tag.text(run.scope, found)
    kept = [tag for tag in run.person.tags if label_name(tag) != name]
    removed = len(kept) < len(run.person.tags)
    _change(run, run.person._replace(tags=kept))
    return node.next, name, removed, ""


def _notify(run: State, node: NotifyNode, visit: int, found: Found) -> _Done:
    return node.next, None, node.text.text(run.scope, found), ""


def _end(run: State, node: EndNode, visit: int, found: Found) -> _Done:
    return (END_AT,), None, None, ""


def _change(run: State, person: Person) -> None:
    run.person = person
    run.scope["user"] = run.scope["profile"] = template_view(person)


def _choose(run: State, node: ConditionNode, visit: int, found: Found) -> _Done:
    for test, way, label in node.branches:
        if test(run.scope):
            return way, None, label, "condition"
    return node.otherwise, None, "else" if node.otherwise else "no branch", "condition"


def _draw(run: State, node: SplitNode, visit: int, found: Found) -> _Done:
    number = draw(run.seed, "split", run.journey.id, run.person.id, node.id, visit, 1)
    for reached, way, label in node.arms:
        if number < reached:
            return way, None, label, "condition"
    return node.arms[-1][1], None, node.arms[-1][2], "condition"


def _wait(run: State, node: WaitNode, visit: int, found: Found) -> _Done:
    if node.until is None:
        run.at_us += node.for_us
        return node.next, node.says, iso(run.at_us), ""
    text = node.until.text(run.scope, found)
    try:
        run.at_us = max(run.at_us, parse_at(text))
    except InputError as wrong:
        run.findings.append(Finding("bad_moment", "warning", node.id, wrong.message))
    return node.next, text, iso(run.at_us), ""


def _message(run: State, node: MessageNode, visit: int, found: Found) -> _Done:
    to = node.to.text(run.scope, found)
    if not to.strip():
        message = (
            f"nobody to write to: {node.to.source} is empty, so the {node.channel} goes nowhere"
        )
        run.findings.append(Finding("message_no_address", "warning", node.id, message))
    flag = {"email": "emails_enabled", "sms": "sms_optin"}.get(node.channel, "")
    if flag and run.person.attributes.get(flag, node.channel == "email") is not True:
        message = f"{flag} is not true, so the person has not opted in to {node.channel}"
        run.findings.append(Finding("message_no_opt_in", "warning", node.id, message))
    shown = {"to": to, "text": node.text.text(run.scope, found)}
    if node.subject.source:
        shown["subject"] = node.subject.text(run.scope, found)
    return node.next, node.channel, shown, ""


_STEPS: dict[str, Callable[..., _Done]] = {
    "update_attribute": _update,
    "add_tag": _add_tag,
    "remove_tag": _remove_tag,
    "condition": _choose,
    "wait": _wait,
    "notify": _notify,
    "message": _message,
    "split": _draw,
    "end": _end,
}
"""Kind → what carries the step out."""
