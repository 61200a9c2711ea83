"""The journey that is measured: six steps, three of them calls of 1 KB, waits of 1 and 3 days.

Everybody has 34 fields, all of which are sent. One in twenty gets a 500 at the first call and
takes the failure exit to a call of its own; everybody makes two calls.
"""

from __future__ import annotations

from sandbox.engine.compile import compile_journey
from sandbox.engine.compiled import CompiledJourney
from sandbox.engine.person import Person, person_of
from sandbox.model.base import Json
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet

__all__ = ["DAY_US", "ENV", "EVENT", "FAILING", "SEED", "compiled", "people", "rules"]

SEED = 42
FAILING = 0.05
DAY_US = 86_400_000_000
ENV = {"BASE_URL": "http://127.0.0.1:8000", "APP_TOKEN": "benchmark"}
EVENT: dict[str, Json] = {
    "order": "A-1001",
    "items": 3,
    "total": "129.50",
    "currency": "EUR",
    "coupon": "SPRING-24",
    "landing": "https://www.example.org/shop/spring-collection?ref=mail",
}


def _call(name: str, **more: Json) -> dict[str, Json]:
    return {
        "id": name,
        "kind": "call_api",
        "url": "{{env.BASE_URL}}/" + name,
        "headers": {
            "Authorization": "Bearer {{env.APP_TOKEN}}",
            "Content-Type": "application/json",
        },
        "body": {name: "{{event." + name + "}}" for name in EVENT},
        **more,
    }


def compiled() -> CompiledJourney:
    """The journey, ready to be walked."""
    return compile_journey(
        Journey.parse(
            {
                "id": "j1",
                "dialect": "usercom",
                "trigger": {"kind": "event", "name": "register", "sample": EVENT},
                "steps": [
                    _call("welcome", on_failure="recover"),
                    {"id": "day", "kind": "wait", "for": "1d"},
                    _call("remind"),
                    {"id": "days", "kind": "wait", "for": "3d"},
                    {"id": "done", "kind": "add_tag", "tag": "synced", "next": "end"},
                    _call("recover"),
                ],
            }
        )
    )


def rules() -> RuleSet:
    """Rules that answer as the hand-written loop does."""
    return RuleSet.parse(
        {
            "version": 1,
            "id": "j1",
            "rules": [
                {
                    "id": "welcome",
                    "match": {"step": "welcome"},
                    "respond": {
                        "mode": "weighted",
                        "items": [
                            {"weight": 5, "status": 500, "json": {"ok": False}},
                            {"weight": 95, "status": 200, "json": {"ok": True}},
                        ],
                    },
                },
                {"id": "rest", "respond": {"items": [{"status": 200, "json": {"ok": True}}]}},
            ],
        }
    )


def people(number: int) -> list[Person]:
    """Different people with 34 fields each."""
    return [
        person_of(Profile.parse({"id": str(n), "attributes": _fields(n)})) for n in range(number)
    ]


def _fields(n: int) -> dict[str, Json]:
    return {
        "id": n,
        "key": f"x7NM5xw2{n:06d}",
        "name": f"Person Number {n}",
        "email": f"person.{n}@example.org",
        "gender": "unknown",
        "status": "visitor",
        "phone_number": None,
        "first_seen": "2021-01-07T13:33:24.576109Z",
        "last_seen": "2021-01-07T13:33:24.604490Z",
        "page_views": n % 40,
        "last_ip": "192.0.2.7",
        "timezone": "Europe/Warsaw",
        "city": "Gdynia",
        "region": None,
        "country": "PL",
        "emails_enabled": True,
        "browser_language": "en",
        "score": n % 100,
        "browser": "Chrome",
        "os_type": "Mac OS X",
        "resolution": "1440x900",
        "created_at": "2021-01-07T13:33:24.585602Z",
        "updated_at": "2021-01-07T13:33:24.632061Z",
        "attributes": [],
        "gravatar_url": "https://example.org/gravatar.png",
        "lists": [],
        "tags": [],
        "notifications": True,
        "facebook_url": None,
        "linkedin_url": None,
        "twitter_url": None,
        "google_url": None,
        "last_contacted": None,
        "user_id": f"u-{n}",
    }
