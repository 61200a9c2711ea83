"""Journeys small enough to be enumerated naively, and answers finer than any class."""

from __future__ import annotations

import itertools
import json
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CompiledJourney
from sandbox.model.base import Json
from sandbox.model.exchange import Answer
from sandbox.model.journey import Journey
from tests.lab.naive import error, status

__all__ = ["ATTRIBUTES", "EVENT", "Small", "small_journeys"]

EVENT: dict[str, Json] = {"tier": "gold", "kind": "x", "code": 404}
ATTRIBUTES: dict[str, Json] = {"tier": "none", "email": "a@b.test", "level": 3}

_VALUES: dict[str, list[Json]] = {
    "ok": [True, False, "true"],
    "n": [0, 1, 3, 5, 9],
    "tier": ["gold", "golden", "silver", "none", 7, "x-silver", None],
}
_TOLD: list[Json] = ["", 0, ["gold"], 'say "gold"\n']
"""What filters, helpers and places that can break tell from the other values."""
_NUMBERS = (200, 201, 204, 300, 404, 429, 500)


_ABSENT = object()
T = TypeVar("T")


class Small(NamedTuple):
    """A journey and the answers to try."""

    document: dict[str, Json]
    journey: CompiledJourney
    answers: list[Answer]

    def __repr__(self) -> str:
        return json.dumps(self.document)


class _Draw:
    """Draws a journey; remembers what its conditions read, so that answers fit it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.dialect = self.one("usercom", "kustomer", "insider", "insider-glossary", "sprinklr")
        self.tells = False
        """Whether a text minds what kind of value it is given."""
        self.fields: list[str] = ["tier", *self.some(["", "ok", "n"], 1)]
        self.fields = [field for field in self.fields if field]
        self.used: set[str] = {"tier"}
        self.numbers: set[int] = set()
        self.headers = False
        self.calls: list[str] = []
        self.keeping: list[str] = []

    def one(self, *choices: T) -> T:
        return self._draw(st.sampled_from(choices))

    def chance(self, of: int) -> bool:
        return self._draw(st.integers(0, of - 1)) == 0

    def some(self, choices: list[str], most: int) -> list[str]:
        return self._draw(
            st.lists(st.sampled_from(choices), min_size=1, max_size=most, unique=True)
        )

    # Texts -----------------------------------------------------------------------------------

    def whole(self, path: str) -> str:
        """A text that is one value, as the vendor writes it."""
        if self.dialect == "kustomer" and self.chance(2):
            self.tells = True
            return self.one("/#" + path, "/#fn:ifExists," + path + ",gold", "/#fn:parseInt," + path)
        return self.inside(path)

    def inside(self, path: str) -> str:
        """A value among other text, as the vendor writes it."""
        if self.dialect == "kustomer":
            shape = self.one(
                "{{P}}", "{{P}}", "{{{P}}}", "{{#if P}}gold{{else}}{{event.no}}{{/if}}",
                "{{toLower P}}", '{{#if (eq P "gold")}}{{event.no}}{{/if}}', "{{P.length}}",
            )  # fmt: skip
        elif self.dialect.startswith("insider"):
            shape = self.one("{P}", "{P}", "{{P}}", '{P | default:"gold"}', "{P | number}")
        else:
            shape = self.one("{{P}}", "{{P}}", '{{P | default:"gold"}}', "{{P | number}}")
        self.tells = self.tells or shape.strip("{}") != "P"
        return shape.replace("P", path)

    # Conditions ----------------------------------------------------------------------------

    def comparison(self) -> dict[str, Json]:
        call = self.one(*self.calls)
        field = self.one(*self.fields)
        self.used.add(field)
        kind = self.one(
            "status", "status", "body", "body", "exists", "saved", "user", "tags", "error",
            "event", "dynamic", "other call", "from user", "header", "whole", "status of event",
        )  # fmt: skip
        body = f"steps.{call}.body.{field}"
        if kind == "status":
            return self.of_status(f"steps.{call}.response.statusCode")
        if kind == "body":
            return self.of_field(body, field)
        if kind == "exists":
            return {"path": body, "op": "exists", "value": self.one(True, False)}
        if kind == "saved" and call in self.keeping:
            return self.of_field(f"kept_{call}", "tier")
        if kind == "user":
            return {
                "path": "user.tier",
                "op": self.one("eq", "ne"),
                "value": self.one("gold", "silver"),
            }
        if kind == "tags":
            return {"path": "user.tags", "op": "contains", "value": self.one("gold", "x-silver")}
        if kind == "error":
            op = self.one("exists", "eq")
            path = f"steps.{call}.error" + (".kind" if op == "eq" else "")
            return {"path": path, "op": op, "value": True if op == "exists" else "refused"}
        if kind == "event":
            return {"path": "event.kind", "op": "eq", "value": self.one("x", "y")}
        if kind == "dynamic":
            value = self.event("tier")
            return {"path": f"steps.{call}.body.tier", "op": "eq", "value": value}
        if kind == "other call":
            other = self.one(*self.calls)
            return {
                "path": f"steps.{call}.body.tier",
                "op": self.one("eq", "ne"),
                "value": self.constant(f"steps.{other}.body.tier"),
            }
        if kind == "from user":
            value = self.constant(f"steps.{call}.body.tier")
            return {"path": "user.tier", "op": "eq", "value": value}
        if kind == "header":
            self.headers = True
            return {"path": f"steps.{call}.response.headers.x-next", "op": "exists"}
        if kind == "whole":
            return {"path": f"steps.{call}.body", "op": "exists"}
        return {
            "path": f"steps.{call}.response.statusCode", "op": "eq", "value": self.event("code"),
        }  # fmt: skip

    def constant(self, path: str) -> str:
        """What a comparison compares with, without filters."""
        shapes: tuple[str, ...] = ("/#P", "{{{P}}}") if self.dialect == "kustomer" else ("{{P}}",)
        return self.one(*shapes).replace("P", path)

    def event(self, name: str) -> str:
        """A value of the event, likewise."""
        if self.dialect == "kustomer":
            return self.one("/#event." + name, "/#steps.1." + name, "{{event." + name + "}}")
        braces = "{e.P}" if self.dialect.startswith("insider") else "{{event.P}}"
        return braces.replace("P", name)

    def of_status(self, path: str) -> dict[str, Json]:
        op = self.one("lt", "gte", "eq", "in")
        value: Json = self.one(*_NUMBERS)
        self.numbers.add(value)
        if op == "in":
            other = self.one(*_NUMBERS)
            self.numbers.add(other)
            value = [value, other]
        return {"path": path, "op": op, "value": value}

    def of_field(self, path: str, field: str) -> dict[str, Json]:
        if field == "n":
            return {"path": path, "op": self.one("gt", "lt", "eq"), "value": self.one(1, 5)}
        if field == "ok":
            truth = self.one(True, True, False, "true")
            op = self.one("eq", "ne", "in")
            return {"path": path, "op": op, "value": [truth] if op == "in" else truth}
        op = self.one("eq", "ne", "in", "starts_with", "contains")
        return {"path": path, "op": op, "value": ["gold", "none"] if op == "in" else "gold"}

    def condition(self) -> dict[str, Json]:
        shape = self.one("plain", "plain", "all", "any", "not")
        if shape == "plain":
            return self.comparison()
        if shape == "not":
            return {"not": self.comparison()}
        return {shape: [self.comparison(), self.comparison()]}

    # Steps ---------------------------------------------------------------------------------

    def call(self, name: str, later: list[str], earlier: list[str]) -> dict[str, Json]:
        step: dict[str, Json] = {
            "id": name, "kind": "call_api", "url": "http://api.test/" + name,
            "method": self.one("POST", "POST", "GET"), "body": {"a": 1},
        }  # fmt: skip
        if self.calls and self.chance(2):
            field = self.one(*self.fields)
            self.used.add(field)
            path = f"steps.{self.one(*self.calls)}.body.{field}"
            if self.chance(3):
                step["body"] = {"x": self.whole(path)}
            else:
                tag = self.inside(path)
                step["body"] = self.one('{"x": ' + tag + " }", '{"x": "' + tag + '"}')
                self.tells = True
        if self.chance(3):
            step["retry"] = {"on": self.one([429], ["5xx", "timeout"], ["refused"]), "times": 1}
        if self.chance(3):
            step["save"] = [{"name": f"kept_{name}", "path": "$.tier"}]
            self.keeping.append(name)
        if self.chance(6):
            step["follow_redirects"] = self.one(True, False)
        if self.chance(2):
            step["on_success"] = self.target(later)
        if self.chance(2):
            back = earlier and self.chance(4)
            step["on_failure"] = self.one(*earlier) if back else self.target(later)
        self.calls.append(name)
        return step

    def target(self, later: list[str]) -> Json:
        if not later:
            return "end"
        target = self.one(*later, "end")
        return ["mark", target] if self.chance(4) else target

    def step(self, name: str, later: list[str]) -> dict[str, Json]:
        call = self.one(*self.calls)
        tier, first = (f"steps.{call}.body.{name}" for name in ("tier", self.fields[0]))
        kind = self.one(
            "condition", "condition", "condition", "update", "tag", "wait", "message", "split"
        )
        if kind == "condition":
            branches = [
                {"when": self.condition(), "next": self.target(later), "name": f"way {n}"}
                for n in range(self.one(1, 1, 2))
            ]
            step: dict[str, Json] = {"id": name, "kind": "condition", "branches": branches}
            return step if self.chance(4) else {**step, "else": self.target(later)}
        if kind == "update":
            kept = f"kept_{call}" if call in self.keeping else tier
            value = self.whole(self.one(tier, kept, "user.level"))
            return {"id": name, "kind": "update_attribute", "attribute": "tier", "value": value}
        if kind == "tag":
            tag = self.one(self.whole(tier), "x-" + self.inside(tier))
            return {"id": name, "kind": "add_tag", "tag": tag}
        if kind == "wait":
            until = self.one({"for": "1d"}, {"until": self.whole(first)})
            return {"id": name, "kind": "wait", **until}
        if kind == "message":
            text = self.one("hello", self.whole(first), self.inside("event.nothing"))
            return {"id": name, "kind": "message", "to": self.inside("user.email"), "text": text}
        arms = [{"weight": 1, "next": self.target(later)}, {"weight": 0, "next": "end"}]
        return {"id": name, "kind": "split", "arms": arms}

    def answers(self) -> list[Answer]:
        """Every status beside the numbers that are compared, every body the fields can make."""
        codes = {200, 204, 299, 302, 404, 429, 503, 599}
        beside: set[int] = set()
        for number in self.numbers:
            beside |= {near for near in (number - 1, number, number + 1) if near >= 200}
        bodies: list[bytes] = [b"{}", b"<html>"]
        fields = [field for field in self.fields if field in self.used]
        told = _TOLD if self.tells else []
        for values in itertools.product(*([_ABSENT, *_VALUES[field], *told] for field in fields)):
            made = {f: v for f, v in zip(fields, values, strict=True) if v is not _ABSENT}
            bodies.append(json.dumps(made).encode())
        full = sorted(({200, 201, 404} | beside) - {204, 304})  # these two have no body
        found: list[Answer] = []
        for headers in ((), (("x-next", "1"),)) if self.headers else ((),):
            found += [status(code, b"", *headers) for code in sorted(codes | beside)]
            found += [status(code, body, *headers) for body in bodies for code in full]
        found += [
            error("read_timeout", "head"),
            error("refused", "connect"),
            error("tls", "connect"),
        ]
        return found


@st.composite
def small_journeys(draw: st.DrawFn, most_steps: int = 5, most_calls: int = 2) -> Small:
    made = _Draw(draw)
    count = draw(st.integers(2, most_steps))
    names = [f"s{n}" for n in range(count)]
    places = {0, *draw(st.sets(st.integers(1, count - 1), max_size=most_calls - 1))}
    steps: list[dict[str, Json]] = []
    for n, name in enumerate(names):
        later, earlier = names[n + 1 :], names[: n + 1]
        steps.append(made.call(name, later, earlier) if n in places else made.step(name, later))
    steps.append({"id": "mark", "kind": "add_tag", "tag": "marked", "next": "end"})
    document: dict[str, Json] = {
        "id": "j",
        "dialect": made.dialect,
        "trigger": {"kind": "event", "name": "e"},
        "steps": steps,
    }
    return Small(document, compile_journey(Journey.parse(document)), made.answers())
