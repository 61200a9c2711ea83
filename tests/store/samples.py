"""Small documents, and a workspace to put them in."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.trace import CallCounts, Status, TraceDocument
from sandbox.model.workspace import Settings, Variable
from sandbox.store import Workspace


def a_journey(own_id: str = "newsletter", name: str = "") -> Journey:
    document: dict[str, Any] = {
        "id": own_id,
        "trigger": {"kind": "event", "name": "register", "sample": {"a": 1}},
        "steps": [
            {"id": "call", "kind": "call_api", "method": "POST", "url": "http://127.0.0.1/hook"},
            {"id": "pause", "kind": "wait", "for": "3d"},
        ],
    }
    return Journey.parse(document | ({"name": name} if name else {}))


def a_profile(own_id: str = "7", **attributes: Any) -> Profile:
    return Profile(id=own_id, attributes=attributes, tags=("a",))


def some_rules(own_id: str = "down") -> RuleSet:
    rule = {"id": "r", "match": {"step": "call"}, "respond": {"items": [{"status": 503}]}}
    return RuleSet.parse({"version": 1, "id": own_id, "rules": [rule]})


def a_workspace(folder: Path) -> Workspace:
    return Workspace.create(
        folder,
        [a_journey("newsletter"), a_journey("loyalty")],
        [a_profile("7", email="j@example.com"), a_profile("8")],
        [some_rules("all-ok"), some_rules("down")],
        [Variable(name="BASE_URL", value="http://127.0.0.1"), a_secret()],
        Settings(active_rules="all-ok"),
    )


def a_secret(value: str | None = "dummy-token") -> Variable:
    return Variable.parse(
        {"name": "APP_TOKEN", "secret": True, "value": value, "from": "APP_TOKEN"}
    )


def counted(**values: int) -> CallCounts:
    codes = {name: n for name, n in values.items() if name not in CallCounts.__annotations__}
    return CallCounts(
        success=values.get("success", 0),
        failure=values.get("failure", 0),
        attempts=values.get("attempts", sum(codes.values())),
        retried=values.get("retried", 0),
        by_code=codes,
    )


def a_trace(
    journey: str = "newsletter",
    profile: str = "7",
    status: Status = "completed",
    counts: dict[str, CallCounts] | None = None,
    run_id: str = "",
    text: str = "{}",
    seed: int = 42,
) -> TraceDocument:
    return {
        "run": {
            "id": run_id,
            "journey": journey,
            "profile": profile,
            "dialect": "usercom",
            "seed": seed,
            "via": "mock",
            "status": status,
            "started": "2026-01-01T00:00:00+00:00",
            "ended": "2026-01-01T00:00:01+00:00",
        },
        "trigger": {"kind": "event", "name": "register", "event": {"a": "ł"}},
        "steps": [
            {
                "n": 1,
                "step": "call",
                "kind": "call_api",
                "visit": 1,
                "attempt": 1,
                "outcome": "success",
                "request": {
                    "method": "POST",
                    "url": "http://127.0.0.1/hook",
                    "headers": {"Authorization": "••••"},
                    "body": {},
                    "text": text,
                },
                "response": None,
                "error": None,
            },
            {"n": 2, "step": "tag", "kind": "add_tag", "input": {"tag": "x"}, "output": None},
        ],
        "counts": {"call": counted(success=1, **{"200": 1})} if counts is None else counts,
        "profile": {"before": {}, "after": {}},
        "findings": [],
    }


def all_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a workspace but those of the lock."""
    return {
        one.name: one.read_bytes()
        for one in sorted(folder.iterdir())
        if one.is_file() and not one.name.startswith(".lock")
    }


@contextlib.contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder of one's own, as a user whom file permissions bind (the superuser they do not)."""
    if sys.platform == "win32":
        pytest.skip("POSIX permissions")
    folder = Path(tempfile.mkdtemp(prefix="sandbox-nobody-"))
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        for one in [folder, *folder.rglob("*")]:
            one.chmod(0o700)
        shutil.rmtree(folder)
