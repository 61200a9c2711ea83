"""Workflows of shapes that no example has, and what a platform would do with them.

``would_run`` is written from the vendor's rules alone (transitions in order, the first match wins,
none ends the run) and knows nothing of how the importer plays them.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sandbox.model.base import Json

HEX = "64b0c0ffee0000000000abcd"
SECRET = "64b0c0ffee0000000000beef"
EVENT: dict[str, Json] = {
    "id": "conv-9",
    "customer": "cust-42",
    "url": "http://api.test/from-the-event",
    "count": 42,
    "share": 2.5,
    "digits": "200",
    "word": "gold",
    "flag": True,
    "nothing": None,
    "tags": ["vip", "eu"],
    "deep": {"list": [{"n": 1}, {"n": 2}]},
}
_FIELDS = ["count", "share", "digits", "word", "flag", "nothing", "tags", "absent", "deep.list.1.n"]
_LITERALS: list[Json] = [1, 2, 42, 200, "42", "200", "gold", "vip", True, 2.5, "text"]
_REST = ("kustomer.rest-api.json", "kustomer.rest-api.generic")
_OTHERS = (
    "kustomer.note.create",
    "kustomer.customer.find",
    "kustomer.conversation.update",
    "kustomer.conversation.append-tags",
    "kustomer.app.weather.forecast",
)


def _comparison(draw: st.DrawFn, calls: list[str]) -> dict[str, Json]:
    op = draw(
        st.sampled_from(["eq", "dne", "gt", "gte", "lt", "lte", "contains", "exists", "true"])
    )
    reads = [f"/#steps.1.{field}" for field in _FIELDS]
    reads += [f"/#steps.{one}.response.statusCode" for one in calls] * 3
    reads += [f"/#steps.{one}.body.id" for one in calls]
    if op == "true":
        return {"op": op, "values": [draw(st.booleans())]}
    left = draw(st.sampled_from(reads))
    if op == "exists":
        return {"op": op, "values": [left, ""]}
    return {"op": op, "values": [left, draw(st.sampled_from(_LITERALS))]}


def _condition(draw: st.DrawFn, calls: list[str], depth: int = 0) -> dict[str, Json]:
    kind = draw(st.sampled_from(["plain", "plain", "and", "or", "not"]))
    if depth == 3 or kind == "plain":
        return _comparison(draw, calls)
    count = 1 if kind == "not" else draw(st.integers(1, 3))
    return {"op": kind, "values": [_condition(draw, calls, depth + 1) for _ in range(count)]}


def _transitions(draw: st.DrawFn, ahead: list[str], calls: list[str]) -> list[Json]:
    if not ahead:
        return []
    return [
        {"target": draw(st.sampled_from(ahead)), "condition": _condition(draw, calls)}
        for _ in range(draw(st.integers(0, 3)))
    ]


def _params(draw: st.DrawFn, action: str) -> dict[str, Json]:
    if action in _REST:
        uris = [
            "http://api.test/orders",
            "http://api.test/{{{steps.1.customer}}}",
            f"{{{{{{variables.{HEX}}}}}}}/orders",
            "/#steps.1.url",
        ]
        params: dict[str, Json] = {
            "uri": draw(st.sampled_from(uris)),
            "method": draw(st.sampled_from(["post", "PUT", "Patch", "DELETE", "get"])),
        }
        if draw(st.booleans()):
            params["headers"] = {"Authorization": f"Bearer {{{{{{variables.{SECRET}}}}}}}"}
        if draw(st.booleans()):
            params["qs"] = {"page": 1, "who": "/#steps.1.customer"}
        if draw(st.booleans()):
            params["json"] = draw(st.booleans())
        if action == _REST[0]:
            whole: list[Json] = ["/#steps.1", "/#steps.1.deep"]
            built: Json = {"typed": "/#steps.1.count", "name": "for {{{steps.1.word}}}"}
            params["data"] = draw(st.sampled_from([*whole, built]))
        else:
            params["data"] = '{ "customerId": "{{steps.1.customer}}" }'
        return params
    if action.endswith("update"):
        return {"id": "/#steps.1.id", "priority": 4, "custom": {"totalNum": "/#steps.1.count"}}
    if action.endswith("tags"):
        return {"id": "/#steps.1.id", "tags": ["late", "second"]}
    return {"conversation": "/#steps.1.id", "body": "For {{{steps.1.word}}}."}


@st.composite
def workflows(draw: st.DrawFn) -> dict[str, Json]:
    """The document of one workflow."""
    numeric = draw(st.booleans())
    names = [str(n + 2) if numeric else f"step-{n}" for n in range(draw(st.integers(1, 6)))]
    calls: list[str] = []
    steps: list[Json] = []
    for at, name in enumerate(names):
        step: dict[str, Json] = {"id": name}
        if draw(st.integers(0, 3)):
            step["action"] = draw(st.sampled_from([*_REST, *_REST, *_OTHERS]))
            step["params"] = _params(draw, step["action"])
            if step["action"] in _REST:
                calls.append(name)
        step["transitions"] = _transitions(draw, names[at + 1 :], calls)
        if draw(st.booleans()):
            step["errorCases"] = []
        steps.append(step)
    trigger: dict[str, Json] = {"id": "1", "transitions": _transitions(draw, names, [])}
    if draw(st.booleans()):
        trigger["eventName"] = "kustomer.conversation.update"
    else:
        trigger["callable"] = True
        trigger["schema"] = {"type": "object", "properties": {"count": {"type": "integer"}}}
    return {"name": "made-up", "enabled": True, "trigger": trigger, "steps": steps}


def _found(reference: str, context: dict[str, Json]) -> Json:
    value: Any = context
    for part in reference.removeprefix("/#").split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _same(left: Json, right: Json) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right or (str(left).lower() == right) or (left == str(right).lower())
    first, second = _number(left), _number(right)
    return left == right or (first is not None and first == second)


def _holds(condition: dict[str, Json], context: dict[str, Json]) -> bool:
    op, values = condition["op"], condition["values"]
    if op == "and":
        return all(_holds(one, context) for one in values)
    if op == "or":
        return any(_holds(one, context) for one in values)
    if op == "not":
        return not _holds(values[0], context)
    if op == "true":
        return bool(values[0])
    left = _found(values[0], context)
    if op == "exists":
        return left is not None
    right = values[1]
    if op in ("eq", "dne"):
        return _same(left, right) is (op == "eq")
    if op == "contains":
        if isinstance(left, str):
            return isinstance(right, str) and right in left
        return isinstance(left, list) and right in left
    first, second = _number(left), _number(right)
    if first is not None and second is not None:
        pair: tuple[Any, Any] = (first, second)
    elif isinstance(left, str) and isinstance(right, str):
        pair = (left, right)
    else:
        return False
    return bool(
        {"gt": pair[0] > pair[1], "gte": pair[0] >= pair[1],
         "lt": pair[0] < pair[1], "lte": pair[0] <= pair[1]}[op]
    )  # fmt: skip


def would_run(workflow: dict[str, Json], statuses: dict[str, int]) -> tuple[list[str], bool]:
    """The vendor's step ids in the order they run, and whether the last one was meant to be."""
    steps = {step["id"]: step for step in workflow["steps"]}
    context: dict[str, Json] = {"steps": {"1": EVENT}}
    path: list[str] = []
    transitions = workflow["trigger"]["transitions"]
    while True:
        if not transitions:
            return path, True
        target = next(
            (one["target"] for one in transitions if _holds(one["condition"], context)), None
        )
        if target is None:
            return path, False
        path.append(target)
        step = steps[target]
        if step.get("action") in _REST:
            parsed = step["params"].get("json") is True
            context["steps"][target] = {
                "response": {"statusCode": statuses[target]},
                "body": {"id": 42} if parsed else '{"id":42}',
            }
        transitions = step["transitions"]
