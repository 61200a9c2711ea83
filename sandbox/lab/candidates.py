"""Every answer that is tried on one call."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from typing import Final

from sandbox.engine.conditions import holds
from sandbox.lab.answers import Outcome
from sandbox.lab.known import MOVED, Known
from sandbox.lab.places import Places
from sandbox.mocks.faults import FAULTS
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer
from sandbox.templates.paths import MISSING, Path, dotted

__all__ = ["Candidates"]

_STATUSES: Final = {
    302: "3xx", 401: "401", 404: "404", 409: "409", 400: "4xx", 429: "429", 503: "5xx",
}  # fmt: skip
_FAULTS: Final = {"read_timeout": "timeout", "refused": "refused", "reset": "reset"}
_MOST_ANSWERS = 6_000


class Candidates:
    """The answers of one call."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.node = known.node
        self.reads = known.reads
        self.places = Places(known, self._success_status())
        self.limits = self.places.limits
        """What could matter and is not tried."""
        if known.node.plan.oauth:
            self.limits.append(f"{known.node.id}: its token endpoint always answers well")
        if known.node.terms is not None:
            self.limits.append(
                f"{known.node.id}: only the run's own calls can reach its limit or open its "
                "breaker here, not other people's"
            )
            if known.node.retry is not None:
                self.limits.append(
                    f"{known.node.id}: of its attempts only the first fails, or all do alike; its "
                    "limit and breaker count each of them"
                )
        for path, why in sorted(self.reads.blurred.items()):
            if self.reads.pool or path in self.reads.linked:
                self.limits.append(f"{known.node.id}: {dotted(path)} {why}")

    def all(self) -> Iterator[Outcome]:
        """Every answer that is tried, the plain success first."""
        bodies = self.places.bodies()
        good, more = bodies[0], bodies[1:]
        success = self._success_status()
        headers = self.places.headers()
        yield Outcome("2xx", success, **good, headers=headers[0])
        yield Outcome("204", 204)
        yield Outcome("2xx unreadable", success, body={})
        yield Outcome("2xx not JSON", fault="invalid_json")
        for status, name in _STATUSES.items():
            place = (
                (("location", "/elsewhere"),) if status == 302 and self.known.may_follow() else ()
            )
            yield Outcome(name, status, headers=place)
        for fault, name in _FAULTS.items():
            yield Outcome(name, fault=fault)
        yield from _faults(good.get("body", MISSING))
        yield from self._asking_to_wait()
        usual = sorted(_STATUSES, key=lambda status: (status not in (400, 503), status))
        statuses = [success, *usual, *self._statuses({204, success, *_STATUSES})]
        if len(statuses) * (len(bodies) + 2) * len(headers) > _MOST_ANSWERS:
            self.limits.append(f"{self.node.id}: only {_MOST_ANSWERS:,} answers were tried")
        rest = product(statuses, headers, [{}, good, {"body": {}}, *more])
        for status, these, body in islice(rest, _MOST_ANSWERS):
            followed = status == 302 and self.known.may_follow()
            if body or these or status not in _STATUSES or followed:
                yield Outcome(_named(status, body, these), status, **body, headers=these)

    def _asking_to_wait(self) -> Iterator[Outcome]:
        """Answers that say when to come again, where the call listens to them."""
        retry = self.node.retry
        if retry is None or not retry.honours:
            return
        hours = str(min(4 * 3600, retry.max_delay_us // 1_000_000))
        for status in (429, 503):
            if status in retry.statuses:
                headers = (("retry-after", hours),)
                yield Outcome(_named(status, {}, headers), status, headers=headers)

    def _success_status(self) -> int:
        success = self.known.journey.behaviour.success
        usual = [status for status in (200, 201, 202) if status in success]
        fitting = sorted(status for status in success if status >= 200 and status not in (204, 304))
        return (usual or fitting or [200])[0]

    def _statuses(self, known: set[int]) -> list[int]:
        """One of each group of statuses that can be told apart and none of the usual ones is in."""
        path = ("steps", self.node.id, "response", "statusCode")
        tests = [test for test in self.reads.tests if test.path == path]
        exact = any(path[: len(one)] == one for one in self.reads.exact | self.reads.flowing)
        told = any(_touch(path, read) for written in self.reads.texts for read in written.paths)
        groups: dict[object, int] = {}
        for status in [*sorted(known), *range(200, 1000)]:
            scope = {"steps": {self.node.id: {"response": {"statusCode": status}}}}
            answer = Answer(status)
            groups.setdefault(
                (
                    self.known.is_success(answer),
                    self.known.is_retried(answer),
                    status in MOVED and self.known.may_follow(),
                    status in (204, 304),
                    tuple(holds(test, scope, self.known.journey.syntax) for test in tests),
                    self.known.seen(answer)[0] if told else None,
                ),
                status,
            )
        found = [status for status in groups.values() if status not in known]
        if exact:
            wanted = [one for one in self.reads.pool if isinstance(one, int) and 200 <= one < 1000]
            found += [one for one in wanted if one not in known and one not in found]
        return found


def _faults(good: Json) -> Iterator[Outcome]:
    """The other faults of the catalogue; those that spoil an answer spoil the good one as well."""
    for name, fault in FAULTS.items():
        if name not in _FAULTS and name != "invalid_json":
            yield Outcome(name, fault=name)
            spoils = fault.breaks_answer and fault.is_answer and fault.phase == "body"
            if spoils and good is not MISSING:
                yield Outcome(f"{name}:{dump_json(good).decode()}", body=good, fault=name)


def _touch(one: Path, other: Path) -> bool:
    """Whether one path leads into or along the other."""
    return one[: len(other)] == other[: len(one)]


def _named(status: int, body: dict[str, Json], headers: tuple[tuple[str, str], ...]) -> str:
    """Whole, never cut: a part of a secret could not be recognised and masked."""
    words = str(status)
    if "text" in body:
        words += f":{dump_json(body['text']).decode()}"
    elif "body" in body:
        words += f":{dump_json(body['body']).decode()}"
    return words + "".join(f" {name}: {value}" for name, value in headers)
