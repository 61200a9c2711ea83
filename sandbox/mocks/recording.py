"""Answers that were heard become rules: a live run as a rule set, one call as one rule.

1. Calls that only the order tells apart (same journey, step, method and path) share a rule, and
   its items are their answers in order; the last one repeats.
2. A matcher never holds a header, a query or a body of the request, and no secret: a part of a
   path that was masked becomes a hole, ``{masked}``.
3. Delays of a live call are kept as fixed latency, never longer than its time-out.
4. An answer in which a tag could be read is text: nothing in it is filled in.
5. What was never an answer is left out: a request that could not be sent, or that the journey's
   own limits held back, fails again by itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from sandbox.masking import MASK, Masker
from sandbox.mocks.faults import FAULTS
from sandbox.mocks.recorded_bodies import PLACEHOLDER, body_fields, kept_headers
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.rules import Item, Latency, Match, Respond, Rule, RuleSet, UrlMatch
from sandbox.model.trace import StepDocument, TraceDocument

__all__ = ["Heard", "heard_of", "heard_of_trace", "recorded"]

_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")
_NEVER_HEARD = frozenset({"build", "redirect", "sandbox"})
_STARTER: Json = {"ok": True}
_TAG = "{{"
_TYPE = "content-type"


class Heard(NamedTuple):
    """One request and what came back, without secrets."""

    journey: str
    step: str
    method: str
    url: str
    """Masked."""
    item: Item | None
    """The answer; None where nothing was heard."""
    lossy: bool = False
    """Whether the body was no UTF-8 text, so that the item's differs from it."""
    unmatched: bool = False
    """Whether nothing was heard because no rule took the call."""


def heard_of(send: Send, answer: Answer, masker: Masker) -> Heard:
    """An exchange as it happened.

    Args:
        send: the request, of a run or of one call.
        answer: what came back.
        masker: for the secrets of the workspace; one that reveals nothing.
    """
    took_ms = min(answer.took_ms, send.timeout_s * 1000)
    item: Item | None = None
    lossy = False
    if answer.error is not None:
        item = _fault_item(answer.error.kind, answer.error.phase, answer.error.message, took_ms)
    elif answer.status is not None:
        kind = next((value for name, value in answer.headers if name.lower() == _TYPE), "")
        fields, lossy = body_fields(answer.body, masker, kind, True)
        headers = kept_headers(answer.headers, masker, True)
        item = _item(answer.status, headers, fields, took_ms)
    request = send.request
    return Heard(send.journey, send.step, request.method, masker.url(request.url), item, lossy)


def heard_of_trace(
    trace: TraceDocument, step: str | None = None, timed: bool | None = None
) -> list[Heard]:
    """The calls of a run as the history keeps it; of one step, if one is named.

    The history keeps where redirects led, not their statuses: they become 302 for GET and HEAD,
    and 307, which changes nothing, for the rest. Only a live run's delays are kept, unless
    ``timed`` says otherwise. A whole run is copied to the letter; of one step the answers are
    written for reading.
    """
    heard: list[Heard] = []
    timed = trace["run"]["via"] == "live" if timed is None else timed
    for one in trace["steps"]:
        if one.get("request") is not None and step in (None, one["step"]):
            heard += _heard_of_step(trace["run"]["journey"], one, timed, step is None)
    return heard


def _heard_of_step(journey: str, step: StepDocument, timed: bool, exact: bool) -> Iterable[Heard]:
    request = step["request"]
    assert request is not None
    method, urls = request["method"], [request["url"], *step.get("redirects", [])]
    moved = 302 if method in ("GET", "HEAD") else 307
    for url, location in pairwise(urls):
        headers = {"Location": location.replace(MASK, PLACEHOLDER)}
        yield Heard(journey, step["step"], method, url, _item(moved, headers, {}, 0))
    took_ms = step["took_ms"] if timed else 0.0
    response, error = step["response"], step["error"]
    item: Item | None = None
    if error is not None:
        item = _fault_item(error["kind"], error["phase"], error["message"], took_ms)
    elif response is not None:
        kinds = (v for name, v in response["headers"].items() if name.lower() == _TYPE)
        body = response["text"].encode("utf-8", "surrogatepass")
        fields, _ = body_fields(body, Masker(), next(kinds, ""), exact)
        headers = kept_headers(response["headers"].items(), Masker(), exact)
        item = _item(response["status"], headers, fields, took_ms)
    unmatched = error is not None and error["kind"] == "unmatched"
    yield Heard(journey, step["step"], method, urls[-1], item, unmatched=unmatched)


def recorded(
    heard: Sequence[Heard],
    set_id: str,
    name: str = "",
    seed: int | None = None,
    start: bool = False,
) -> RuleSet:
    """The rule set that answers the same again.

    Args:
        heard: in the order in which it was heard.
        set_id: the rule set's id.
        name: what it is, for a person.
        seed: the run's, so that a replay draws as the run did.
        start: a call that no rule took gets a plain 200, to begin with.
    """
    several = _hosts(heard)
    groups: dict[tuple[object, ...], list[Item]] = {}
    matches: dict[tuple[object, ...], Match] = {}
    for one in heard:
        item = one.item
        if item is None and start and one.unmatched:
            item = Item.model_validate({"status": 200, "json": _STARTER})
        if item is None:
            continue
        match = _match(one, several)
        call = (one.journey, one.step, one.method, str(match.url))
        matches[call] = match
        groups.setdefault(call, []).append(item)
    rules: list[Rule] = []
    taken: set[str] = set()
    for key, items in groups.items():
        rule_id = _free(str(key[1]), taken)
        taken.add(rule_id)
        respond = Respond(items=tuple(_shortened(items)))
        rules.append(Rule(id=rule_id, match=matches[key], respond=respond))
    fields: dict[str, Json] = {"version": 1, "id": set_id}
    fields |= {"name": name} if name else {}
    fields |= {} if seed is None else {"seed": seed}
    return RuleSet(**fields, rules=tuple(rules))


def _item(status: int, headers: dict[str, str], body: dict[str, Json], took_ms: float) -> Item:
    fields: dict[str, Json] = {"status": status}
    fields |= {"headers": headers} if headers else {}
    if _TAG in str((headers, body)):
        fields["templates"] = False
    return Item.model_validate(fields | body | _latency(took_ms))


def _fault_item(kind: str, phase: str, message: str, took_ms: float) -> Item | None:
    """The fault that fails like this; among several, the one whose text was heard."""
    if phase in _NEVER_HEARD:
        return None
    alike = [one for one in FAULTS.values() if (one.kind, one.phase) == (kind, phase)]
    alike = alike or [one for one in FAULTS.values() if one.kind == kind]
    if not alike:
        return None
    said = [one for one in alike if one.detail and one.detail.partition("{")[0] in message]
    fault = (said or alike)[0]
    delay = {} if fault.takes_whole_timeout else _latency(took_ms)
    return Item.model_validate({"fault": fault.name, **delay})


def _latency(took_ms: float) -> dict[str, Json]:
    """Whole microseconds, so that a replay's clock goes as the run's did."""
    took_us = int(took_ms * 1000)
    exact_ms = took_us / 1000
    if int(exact_ms * 1000) != took_us:
        exact_ms = math.nextafter(exact_ms, math.inf)
    return {"latency": Latency(dist="fixed", ms=exact_ms)} if took_us else {}


def _shortened(items: Sequence[Item]) -> list[Item]:
    """Equal neighbours as one item that answers several times."""
    found: list[Item] = []
    for item in items:
        last = found[-1] if found else None
        if last is not None and last.model_copy(update={"times": item.times}) == item:
            found[-1] = last.model_copy(update={"times": last.times + 1})
        else:
            found.append(item)
    return found


def _match(one: Heard, several: set[tuple[str, str]]) -> Match:
    """As few conditions as tell the calls of a run apart."""
    host, path = _host_and_path(one.url)
    named = (one.journey, one.step) in several and host
    url = UrlMatch(host=host, path=path) if named else UrlMatch(path=path)
    return Match(journey=(one.journey,), step=(one.step,), method=(one.method,), url=url)


def _hosts(heard: Sequence[Heard]) -> set[tuple[str, str]]:
    """The steps that call more than one host, as a redirect may make them."""
    hosts: dict[tuple[str, str], set[str]] = {}
    for one in heard:
        hosts.setdefault((one.journey, one.step), set()).add(_host_and_path(one.url)[0])
    return {step for step, found in hosts.items() if len(found) > 1}


def _host_and_path(url: str) -> tuple[str, str]:
    """The host, empty where it was masked, and the path with a hole for what was masked."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    path = re.sub(f"(?:{MASK})+", "{masked}", parts.path or "/")
    return "" if MASK in host else host, path


def _free(name: str, taken: set[str]) -> str:
    base = _UNFIT.sub("-", name)[:56].lstrip(".-") or "call"
    number = 1
    found = base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found
