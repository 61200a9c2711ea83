"""What to doubt about a call that went well: values it was sent without, a body that is not JSON.

The vendor's own advice for "200, but my data did not change" (Kustomer, Call a REST API within a
workflow, FAQ): check that all of the expected data was there when the step ran.
"""

from __future__ import annotations

from sandbox.dialects import dialect
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
        journey: whose dialect has the JSON flag or does not.
        node: the call.
        built: what was sent.
        answer: what came back.
        missing: whether a tag of the call found nothing.
        scope: the template roots as the call was rendered with.
        person: the profile as it was then.
    """
    found = []
    status = answer.status
    if status is not None and 200 <= status < 300 and (missing or _has_empty(built)):
        found += _input_missing(node, status, scope, person)
    flag = node.parse_json and "parse_json" in dialect(journey.dialect).words
    if flag and _unparsed(answer):
        message = (
            f"{node.id} answered {status} with a body that is not JSON: it stays text, and nothing "
            "inside it can be read"
        )
        found.append(Finding("json_not_parsed", "warning", node.id, message))
    return found


def _unparsed(answer: Answer) -> bool:
    return bool(answer.body) and parse_body(answer) is MISSING


def _has_empty(built: Built) -> bool:
    """Whether the author's part of the payload or the query holds an empty text or null.

    Quick, because every call that goes well is asked this; what it was is worked out afterwards.
    """
    url = built.request.url
    return built.empty or "=&" in url or url.endswith("=")


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
