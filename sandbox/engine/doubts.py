"""What to doubt about a call that went well: values it was sent without, a body that is not JSON.

The vendor's own advice for "200, but my data did not change" (Kustomer, Call a REST API within a
workflow, FAQ): check that all of the expected data was there when the step ran.
"""

from __future__ import annotations

from sandbox.engine.call import Built
from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.person import Person
from sandbox.engine.response import parse_body
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from sandbox.model.trace import Finding
from sandbox.templates.paths import MISSING

__all__ = ["doubts"]

_EMPTY = ("", None)
_MOST_NAMED = 5


def doubts(
    journey: CompiledJourney,
    node: CallNode,
    built: Built,
    answer: Answer,
    missing: bool,
    scope: Json,
    person: Person,
) -> list[Finding]:
    """Findings about an answer, after the last attempt.

    Args:
        journey: whose platform has the JSON flag or does not.
        node: the call.
        built: what was sent.
        answer: what came back.
        missing: whether a tag of the call found nothing.
        scope: the template roots as the call was rendered with.
        person: the profile as it was then.
    """
    found = []
    status = answer.status
    if status is not None and 200 <= status < 300 and (missing or built.empty):
        found += _input_missing(node, status, scope, person)
    if journey.behaviour.json_flag and node.parse_json and _unparsed(answer):
        message = (
            f"{node.id} answered {status} with a body that is not JSON: it stays text, and nothing "
            "inside it can be read"
        )
        found.append(Finding("json_not_parsed", "warning", node.id, message))
    return found


def _unparsed(answer: Answer) -> bool:
    return bool(answer.body) and parse_body(answer) is MISSING


def _input_missing(node: CallNode, status: int, scope: Json, person: Person) -> list[Finding]:
    lines = node.plan.explain(scope, person, 0, False)
    own = [line for line in lines if line.tag not in ("(vendor)", "(user info)")]
    missing = [line for line in own if line.type == "missing"]
    empty = [line for line in own if line.type != "missing" and line.value in _EMPTY]
    named = [f"{line.at} ({line.tag})" for line in (*missing, *empty)]
    if not named:
        return []
    shown = ", ".join(dict.fromkeys(named[:_MOST_NAMED]))
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    message = (
        f"{node.id} answered {status}, but {shown}{more} was sent missing or empty: a success "
        "does not say that the data changed"
    )
    return [Finding("ok_but_input_missing", "warning" if missing else "info", node.id, message)]
