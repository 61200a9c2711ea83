"""Small journeys whose calls share limits on calls a second and circuit breakers."""

from __future__ import annotations

from hypothesis import strategies as st

from sandbox.engine.compile import compile_journey
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from sandbox.model.journey import Journey
from tests.lab.generated import Small
from tests.lab.naive import error, status

__all__ = ["NAMED", "limited_journeys"]

NAMED: dict[str, Answer] = {
    "404": status(404),
    "5xx": status(503),
    "timeout": error("read_timeout", "head"),
    "refused": error("refused", "connect"),
    "reset": error("reset", "head"),
}
"""What is tried, by its row in the matrix."""


@st.composite
def limited_journeys(draw: st.DrawFn, most_calls: int = 2) -> Small:
    """Calls one after the other, of one URL or two, with a wait or a decision between them."""

    def one(*choices: Json) -> Json:
        return draw(st.sampled_from(choices))

    calls = [f"c{n}" for n in range(draw(st.integers(2, most_calls)))]
    ends = ["ok", "bad", "end"]
    steps: list[dict[str, Json]] = []
    for n, name in enumerate(calls):
        later = [*calls[n + 1 : n + 2], *ends]
        onward = later[0]
        step: dict[str, Json] = {
            "id": name, "kind": "call_api", "method": one("POST", "GET"),
            "url": "http://api.test/" + str(one("hook", "hook", "hook", "else")),
            "on_success": one(onward, onward, *later),
        }  # fmt: skip
        if one(True, True, False):
            step["on_failure"] = one(onward, onward, *later, *calls[: n + 1])
        if one(True, True, False):
            step["throttle"] = {"per_s": one(0.02, 1, 1, 2)}
        if one(True, True, False):
            terms = {"failures": one(1, 1, 2, 3), "for": one("20s", "40s", "5m")}
            step["breaker"] = {**terms, "half_open": one(1, 2)}
        if one(True, False):
            step["retry"] = {
                "on": one([503], ["5xx", "timeout"], ["refused"], ["throttled"], ["breaker_open"]),
                "times": one(1, 1, 2), "delay": one("100ms", "1s", "30s"), "jitter": "none",
            }  # fmt: skip
        if one(True, False, False, False):
            wait = f"w{n}"
            steps.append({"id": wait, "kind": "wait", "for": one("1s", "35s"), "next": onward})
            step["on_success"] = wait
        if one(True, False, False):
            which = f"d{n}"
            when: Json = {
                "path": f"steps.{name}.error.kind", "op": "eq",
                "value": one("throttled", "breaker_open", "read_timeout"),
            }  # fmt: skip
            branches: Json = [{"when": when, "next": one(*later), "name": "yes"}]
            decide = {"id": which, "kind": "condition", "branches": branches}
            steps.append({**decide, "else": one(*later)})
            step["on_failure"] = which
        steps.append(step)
    order = {step["id"]: step for step in steps}
    first = order.pop(calls[0])
    for end in ("ok", "bad"):
        order[end] = {"id": end, "kind": "add_tag", "tag": end, "next": "end"}
    settings: dict[str, Json] = {}
    if one(True, False):
        settings["throttle.times"] = one(0, 1)
        settings["throttle.delay_s"] = settings["throttle.max_delay_s"] = one(0, 1, 60)
    document: dict[str, Json] = {
        "id": "j",
        "dialect": one("usercom", "usercom", "insider-glossary", "kustomer"),
        "trigger": {"kind": "event", "name": "e"},
        "settings": settings,
        "steps": [first, *order.values()],
    }
    return Small(document, compile_journey(Journey.parse(document)), [status(200), *NAMED.values()])
