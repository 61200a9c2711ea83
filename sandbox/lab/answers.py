"""Answers a sweep gives: items of mock rules, answered purely exactly as the mock engine would."""

from __future__ import annotations

from typing import Final, NamedTuple

from sandbox.mocks.compiled import CompiledItem, compile_rules
from sandbox.mocks.faults import FAULTS
from sandbox.mocks.messages import fail
from sandbox.mocks.sendable import refusal
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer, Fail, Send
from sandbox.model.rules import Item, Match, Respond, Rule, RuleSet
from sandbox.templates.paths import MISSING

__all__ = [
    "TOKEN",
    "TOKEN_ITEM",
    "Outcome",
    "answer_to",
    "compile_item",
    "refused",
    "rules_of",
]

_JSON: Final = ("content-type", "application/json")


class Outcome(NamedTuple):
    """One thing that can come back, by the name it has in a report."""

    name: str
    status: int | None = None
    """None for a fault."""
    body: Json = MISSING
    """A JSON body."""
    text: str | None = None
    """A body that is not JSON."""
    headers: tuple[tuple[str, str], ...] = ()
    fault: str = ""

    @property
    def said(self) -> str:
        """As ``--answer`` takes it; empty when only a rule can say it (headers, other bodies)."""
        if self.fault:
            return self.fault
        if self.headers or self.text is not None:
            return ""
        if self.body is MISSING:
            return str(self.status)
        return f"{self.status}:{dump_json(self.body).decode()}"

    @property
    def item(self) -> Item:
        """As an item of a mock rule."""
        if self.fault:
            return Item(fault=self.fault)
        headers = dict(self.headers)
        if self.text is not None:
            return Item(status=self.status, headers=headers, text=self.text)
        if self.body is MISSING:
            return Item(status=self.status, headers=headers)
        return Item(status=self.status, headers=headers, json=self.body)

    @property
    def answer(self) -> Answer:
        """What a journey sees of it, whatever was sent."""
        if self.fault:
            fault = FAULTS[self.fault]
            if fault.kind is not None:
                error = Fail(fault.kind, fault.phase, fault.sentence)
                return Answer(error=error, source="model")
            return Answer(fault.status, fault.headers, fault.body, None, 0.0, "model")
        headers, body = self.headers, b""
        if self.status not in (204, 304):
            if self.text is not None:
                body = self.text.encode()
            elif self.body is not MISSING:
                body = dump_json(self.body)
                if all(name.lower() != "content-type" for name, _ in headers):
                    headers = (*headers, _JSON)
        return Answer(self.status, headers, body, None, 0.0, "model")


def compile_item(item: Item) -> CompiledItem:
    """An item, compiled as every mock rule is."""
    rules = RuleSet(rules=(Rule(id="sweep", respond=Respond(items=(item,))),))
    return compile_rules(rules)[0].items[0]


def refused(send: Send) -> Answer | None:
    """The failure of a request that no client could send; it uses up no answer."""
    found = refusal(send)
    return Answer(error=found, source="model") if isinstance(found, Fail) else None


def answer_to(item: CompiledItem, send: Send) -> Answer:
    """What the caller sees of an item; a time-out lasts as long as the caller waits."""
    fault = item.fault
    if fault is not None and not fault.is_answer:
        host = send.request.url.partition("://")[2].partition("/")[0].partition("?")[0]
        host = host if host.startswith("[") else host.partition(":")[0]
        took_ms = send.timeout_s * 1000.0 if fault.takes_whole_timeout else 0.0
        return Answer(error=fault.fail(send, host), took_ms=took_ms, source="model")
    body = b"" if send.request.method == "HEAD" else item.body
    if len(body) > send.max_received:
        error = fail("too_large", "body", most=send.max_received)
        return Answer(error=error, source="model")
    return Answer(item.status, item.headers, body, None, 0.0, "model")


TOKEN_ITEM: Final = Outcome("token", 200, {"access_token": "swept"})
"""What every token endpoint answers: how access tokens are got is not what is swept."""
TOKEN: Final = TOKEN_ITEM.answer


def rules_of(items: dict[str, tuple[Item, ...]], seed: int | None = None) -> RuleSet:
    """Rules that answer these steps with these items in order; the last one repeats."""
    rules = tuple(
        Rule(id=f"call-{n}", match=Match(step=(step,)), respond=Respond(items=these))
        for n, (step, these) in enumerate(items.items(), 1)
    )
    return RuleSet(id="sweep", seed=seed, rules=rules)
