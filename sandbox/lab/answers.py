"""Answers a sweep gives: items of mock rules, answered purely exactly as the mock engine would."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import orjson

from sandbox.mocks.compiled import CompiledItem, compile_rules
from sandbox.mocks.faults import FAULTS
from sandbox.mocks.messages import fail
from sandbox.mocks.replies import reply_to
from sandbox.mocks.sendable import refusal, url_refusal
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer, Fail, Request, Send
from sandbox.model.rules import Item, Match, Respond, Rule, RuleSet
from sandbox.templates.paths import MISSING
from sandbox.templates.snippet import OPEN

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
        if self.headers or self.text is not None:
            return ""
        if self.fault:
            return self.fault if self.body is MISSING else ""
        if self.body is MISSING:
            return str(self.status)
        return f"{self.status}:{dump_json(self.body).decode()}"

    @property
    def item(self) -> Item:
        """As an item of a mock rule."""
        body: dict[str, Json] = {} if self.body is MISSING else {"json": self.body}
        # What is tried is sent as it is, braces and all.
        tagged = OPEN in f"{self.body}{self.text}{self.headers}"
        plain: dict[str, Json] = {"templates": False} if tagged else {}
        if self.fault:
            return Item(fault=self.fault, **body, **plain)
        headers = dict(self.headers)
        if self.text is not None:
            return Item(status=self.status, headers=headers, text=self.text, **plain)
        return Item(status=self.status, headers=headers, **body, **plain)

    @property
    def answer(self) -> Answer:
        """What comes back, whatever was sent and however long the caller waits."""
        if self.fault:
            written = b"" if self.body is MISSING else dump_json(self.body)
            return _of_fault(self.fault, written)
        headers, body = self.headers, b""
        if self.status not in (204, 304):
            if self.text is not None:
                body = self.text.encode()
            elif self.body is not MISSING:
                body = dump_json(self.body)
                if all(name.lower() != "content-type" for name, _ in headers):
                    headers = (*headers, _JSON)
        return Answer(self.status, headers, body, None, 0.0, "model")


@lru_cache(maxsize=256)
def _of_fault(name: str, body: bytes) -> Answer:
    item = compile_item(
        Outcome(name, None, orjson.loads(body) if body else MISSING, fault=name).item
    )
    return answer_to(item, _ANY_SEND)


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
    if fault is not None:
        if fault.phase in ("connect", "send", "head") and "{" not in fault.detail:
            # The most usual ones by a short way: no bytes of theirs matter.
            took_ms = send.timeout_s * 1000.0 if fault.takes_whole_timeout else 0.0
            return Answer(
                error=_failure(fault.name, send.timeout_s), took_ms=took_ms, source="model"
            )
        parts = url_refusal(send)
        if isinstance(parts, Fail):
            return Answer(error=parts, source="model")
        return reply_to(send, parts, "", item, 0.0).answer(send)._replace(rule=None)
    body = b"" if send.request.method == "HEAD" else item.body
    if len(body) > send.max_received:
        error = fail("too_large", "body", most=send.max_received)
        return Answer(error=error, source="model")
    return Answer(item.status, item.headers, body, None, 0.0, "model")


@lru_cache(maxsize=256)
def _failure(name: str, timeout_s: float) -> Fail:
    return FAULTS[name].fail(_ANY_SEND._replace(timeout_s=timeout_s), "")


_ANY_SEND: Final = Send(
    Request("POST", "http://api.test/", (), b""), "", "", "", 1, 1, 0, 0, 30.0, 10_000_000, {}
)
"""A request like any other, to see what a fault brings."""
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
