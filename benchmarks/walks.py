"""Pure walks against a loop that is written by hand for this one journey.

The loop does what any simulator of the journey must: it builds the same body from 34 fields,
writes it as JSON, draws by the same keys, moves a clock and counts. It has no templates, no rules,
no dialects, no trace, and it can do nothing else.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable

import orjson

from benchmarks.journey import DAY_US, ENV, EVENT, FAILING, SEED, compiled, people, rules
from benchmarks.measure import Row, interleaved, median_ratio
from sandbox.clock import DEFAULT_START_US, iso_us
from sandbox.draws import draw
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.person import Person
from sandbox.engine.walk import drive_pure, walk
from sandbox.mocks.engine import MockEngine
from sandbox.model.base import Json
from sandbox.model.exchange import Answer, Send
from sandbox.model.trace import Trace

__all__ = ["WALKS_TARGET", "again", "by_hand", "by_walking", "enumerated", "measure"]

WALKS_TARGET = 40_000
"""Walks a second on one core of a quiet machine."""

_COUNTED = ("welcome ok", "welcome failed", "remind ok", "recover ok")
_OK = Answer(200, (), b'{"ok":true}', source="model")
_BAD = Answer(500, (), b'{"ok":false}', source="model")


def by_hand(crowd: list[Person]) -> dict[str, int]:
    """The hand-written loop; returns how many calls succeeded and failed at each step."""
    counts = dict.fromkeys(_COUNTED, 0)
    for person in crowd:
        user = person.attributes
        at_us = DEFAULT_START_US
        _send("welcome", user, at_us)
        if draw(SEED, "welcome", "j1", person.id, "welcome", 1, 1) < FAILING:
            counts["welcome failed"] += 1
            _send("recover", user, at_us)
            counts["recover ok"] += 1
            continue
        counts["welcome ok"] += 1
        at_us += DAY_US
        _send("remind", user, at_us)
        counts["remind ok"] += 1
        at_us += 3 * DAY_US
        _tagged = [*person.tags, "synced"]
    return counts


def _send(step: str, user: dict[str, Json], at_us: int) -> tuple[str, dict[str, str], bytes]:
    body = {
        "path": 1,
        "timestamp": iso_us(at_us),
        "extra": {
            "order": EVENT["order"],
            "items": str(EVENT["items"]),
            "total": EVENT["total"],
            "currency": EVENT["currency"],
            "coupon": EVENT["coupon"],
            "landing": EVENT["landing"],
        },
        "user": {
            "id": user["id"],
            "key": user["key"],
            "name": user["name"],
            "email": user["email"],
            "gender": user["gender"],
            "status": user["status"],
            "phone_number": user["phone_number"],
            "first_seen": user["first_seen"],
            "last_seen": user["last_seen"],
            "page_views": user["page_views"],
            "last_ip": user["last_ip"],
            "timezone": user["timezone"],
            "city": user["city"],
            "region": user["region"],
            "country": user["country"],
            "emails_enabled": user["emails_enabled"],
            "browser_language": user["browser_language"],
            "score": user["score"],
            "browser": user["browser"],
            "os_type": user["os_type"],
            "resolution": user["resolution"],
            "created_at": user["created_at"],
            "updated_at": user["updated_at"],
            "attributes": user["attributes"],
            "gravatar_url": user["gravatar_url"],
            "lists": user["lists"],
            "tags": user["tags"],
            "notifications": user["notifications"],
            "facebook_url": user["facebook_url"],
            "linkedin_url": user["linkedin_url"],
            "twitter_url": user["twitter_url"],
            "google_url": user["google_url"],
            "last_contacted": user["last_contacted"],
            "user_id": user["user_id"],
        },
    }
    headers = {
        "Authorization": f"Bearer {ENV['APP_TOKEN']}",
        "Content-Type": "application/json",
    }
    return f"{ENV['BASE_URL']}/{step}", headers, orjson.dumps(body)


def by_walking(
    journey: CompiledJourney, crowd: list[Person], answerer: Callable[[], Callable[[Send], Answer]]
) -> dict[str, int]:
    """The same people through the engine; every walk leaves its whole trace."""
    counts = dict.fromkeys(_COUNTED, 0)
    for person in crowd:
        begun = walk(
            journey, person, EVENT, env=ENV, seed=SEED, start_us=DEFAULT_START_US, via="model"
        )
        _count(drive_pure(begun, answerer()), counts)
    return counts


def again(journey: CompiledJourney, person: Person, number: int) -> None:
    """One person, again and again, with the answers chosen from outside: what a sweep does.

    The requests are the same each time, and are made once.
    """
    for _ in range(number):
        begun = walk(journey, person, EVENT, env=ENV, seed=SEED, start_us=DEFAULT_START_US)
        try:
            next(begun)
            while True:
                begun.send(_OK)
        except StopIteration:
            continue


def _count(trace: Trace, counts: dict[str, int]) -> None:
    for fact in trace.facts:
        if fact.answer is not None:
            counts[f"{fact.step} {'ok' if fact.outcome == 'success' else 'failed'}"] += 1


def enumerated(send: Send) -> Answer:
    """Answers at once, by the loop's own draws: what a sweep or a cohort does."""
    if send.step == "welcome":
        drawn = draw(send.seed, "welcome", send.journey, send.profile, send.step, 1, 1)
        return _BAD if drawn < FAILING else _OK
    return _OK


def measure(rounds: int = 25, number: int = 500) -> list[Row]:
    """Rows for walks answered by an enumerator and by mock rules.

    Raises:
        RuntimeError: when loop and walks do not count the same.
    """
    journey, crowd, engine = compiled(), people(number), MockEngine(rules())
    counted: dict[str, dict[str, int]] = {}

    def loop() -> None:
        counted["loop"] = by_hand(crowd)

    def walks() -> None:
        counted["walks"] = by_walking(journey, crowd, lambda: enumerated)

    def ruled() -> None:
        counted["rules"] = by_walking(journey, crowd, lambda: engine.session().answer)

    def swept() -> None:
        again(journey, crowd[0], number)

    work = {"loop": loop, "walks": walks, "rules": ruled, "swept": swept}
    taken = interleaved(rounds, work)
    if not counted["loop"] == counted["walks"] == counted["rules"]:
        raise RuntimeError(f"the loop and the walks did not do the same work: {counted}")
    each = {name: statistics.median(times) / number * 1e6 for name, times in taken.items()}
    rows = []
    for name, what in (
        ("walks", "pure walk, six steps"),
        ("rules", "pure walk, answered by rules"),
    ):
        rows.append(
            Row(
                f"{what} ÷ hand-written loop",
                f"{each[name]:.1f} µs",
                f"{each['loop']:.1f} µs",
                median_ratio(taken[name], taken["loop"]),
            )
        )
    loops = f"{number / min(taken['loop']):,.0f}"
    for name, what, target in (
        ("walks", "pure walks a second, everybody different", None),
        ("swept", "pure walks a second, one person as in a sweep", WALKS_TARGET),
    ):
        best = number / min(taken[name])
        says, met = (f">= {target:,}", best >= target) if target else ("", None)
        rows.append(Row(what, f"{best:,.0f}", loops, None, says, met))
    return rows
