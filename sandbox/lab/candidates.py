"""Every answer that is tried on one call, and what the journey can know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, product
from typing import Final

from sandbox.engine.compiled import CallNode, CompiledJourney
from sandbox.engine.conditions import holds
from sandbox.engine.response import exposed, save_values
from sandbox.lab.answers import Outcome
from sandbox.lab.reads import Reads
from sandbox.lab.values import OTHER, body_of, distinct, values_for
from sandbox.mocks.faults import FAULTS
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Answer, Request
from sandbox.sendable import header_problem
from sandbox.templates.filters import to_text
from sandbox.templates.paths import MISSING, Path, dotted, look_up

__all__ = ["Candidates"]

_STATUSES: Final = {
    302: "3xx", 401: "401", 404: "404", 409: "409", 400: "4xx", 429: "429", 503: "5xx",
}  # fmt: skip
_FAULTS: Final = {"read_timeout": "timeout", "refused": "refused", "reset": "reset"}
_MOVED: Final = (301, 302, 303, 307, 308)
_HOSTILE: Final = 'a "quoted"\nline'
_MOST_BODIES = 256
_MOST_ANSWERS = 6_000

Inside = Callable[[Path], Path | None]
"""A path of the journey → the place within what is made, when it leads there."""


class Candidates:
    """The answers of one call."""

    def __init__(self, journey: CompiledJourney, node: CallNode, scope: Json, again: bool) -> None:
        self.journey = journey
        self.node = node
        self.reads = Reads(journey, node, scope)
        self.again = again or node.retry is not None
        self.limits: list[str] = []
        if node.plan.oauth:
            self.limits.append(f"{node.id}: its token endpoint always answers well")
        for path in sorted(self.reads.blurred) if self.reads.pool else ():
            self.limits.append(
                f"{node.id}: {dotted(path)} flows on through filters or among other tags; only "
                "the constants of the conditions were tried for it"
            )

    # What the platform does with an answer ---------------------------------------------------

    def is_success(self, answer: Answer) -> bool:
        """Whether it counts as a success."""
        return answer.error is None and answer.status in self.journey.behaviour.success

    def is_retried(self, answer: Answer) -> bool:
        """Whether the call is sent again after it."""
        retry = self.node.retry
        if retry is None:
            return False
        if answer.error is not None:
            return answer.error.kind in retry.kinds
        return answer.status in retry.statuses

    def follows(self, answer: Answer) -> bool:
        """Whether it is a redirect that is followed."""
        moved = answer.status in _MOVED and any(
            name.lower() == "location" for name, _ in answer.headers
        )
        return moved and self._may_follow()

    def _may_follow(self) -> bool:
        follow = self.node.follow
        get = follow == "get" and self.node.plan.step.method in ("GET", "HEAD")
        return follow == "always" or get

    # What the journey can know of it ---------------------------------------------------------

    def signature(self, answer: Answer) -> object:
        """What the journey can know of an answer; two with the same signature are one class."""
        scope = self._scope(answer)
        reads = self.reads
        doubt = answer.error is not None and answer.error.phase in ("send", "head", "body")
        return (
            self.is_success(answer),
            self.is_retried(answer),
            answer.error is not None and self.journey.behaviour.transport_error == "fail_run",
            self.follows(answer),
            self.again and doubt,
            tuple(holds(test, scope) for test in reads.tests),
            tuple(look_up(scope, path) is MISSING for path in reads.paths),
            tuple(_kind(look_up(scope, path)) for path in sorted(reads.fragile)),
            tuple(_exactly(look_up(scope, path)) for path in reads.exact_in_order()),
        )

    def _scope(self, answer: Answer) -> dict[str, Json]:
        request = Request(self.node.plan.step.method, "", (), b"")
        if self.node.plan.step.method == "HEAD":
            answer = answer._replace(body=b"")
        scope: dict[str, Json] = {
            "steps": {self.node.id: exposed(self.node, request, None, answer)}
        }
        save_values(self.node, answer, scope, [])
        return scope

    # What is tried ---------------------------------------------------------------------------

    def all(self) -> Iterator[Outcome]:
        """Every answer that is tried, the plain success first."""
        bodies = self._bodies()
        good, more = bodies[0], bodies[1:]
        success = self._success_status()
        headers = self._headers()
        yield Outcome("2xx", success, **good, headers=headers[0])
        yield Outcome("204", 204)
        yield Outcome("2xx unreadable", success, body={})
        yield Outcome("2xx not JSON", fault="invalid_json")
        for status, name in _STATUSES.items():
            place = (("location", "/elsewhere"),) if status == 302 and self._may_follow() else ()
            yield Outcome(name, status, headers=place)
        for fault, name in _FAULTS.items():
            yield Outcome(name, fault=fault)
        yield from (Outcome(name, fault=name) for name in self._faults())
        usual = sorted(_STATUSES, key=lambda status: (status not in (400, 503), status))
        statuses = [success, *usual, *self._statuses({204, success, *_STATUSES})]
        if len(statuses) * (len(bodies) + 2) * len(headers) > _MOST_ANSWERS:
            self.limits.append(f"{self.node.id}: only {_MOST_ANSWERS:,} answers were tried")
        rest = product(statuses, headers, [{}, good, {"body": {}}, *more])
        for status, these, body in islice(rest, _MOST_ANSWERS):
            followed = status == 302 and self._may_follow()
            if body or these or status not in _STATUSES or followed:
                yield Outcome(_named(status, body, these), status, **body, headers=these)

    def _success_status(self) -> int:
        success = self.journey.behaviour.success
        usual = [status for status in (200, 201, 202) if status in success]
        fitting = sorted(status for status in success if status >= 200 and status not in (204, 304))
        return (usual or fitting or [200])[0]

    def _statuses(self, known: set[int]) -> list[int]:
        """One of each group of statuses that can be told apart and none of the usual ones is in."""
        path = ("steps", self.node.id, "response", "statusCode")
        tests = [test for test in self.reads.tests if test.path == path]
        exact = any(path[: len(one)] == one for one in self.reads.exact)
        groups: dict[object, int] = {}
        for status in [*sorted(known), *range(200, 1000)]:
            scope = {"steps": {self.node.id: {"response": {"statusCode": status}}}}
            answer = Answer(status)
            groups.setdefault(
                (
                    self.is_success(answer),
                    self.is_retried(answer),
                    status in _MOVED and self._may_follow(),
                    status in (204, 304),
                    tuple(holds(test, scope) for test in tests),
                ),
                status,
            )
        found = [status for status in groups.values() if status not in known]
        if exact:
            wanted = [one for one in self.reads.pool if isinstance(one, int) and 200 <= one < 1000]
            found += [one for one in wanted if one not in known and one not in found]
        return found

    def _faults(self) -> list[str]:
        """One of each group of transport faults that can be told apart, past the usual three."""
        own = ("steps", self.node.id, "error")
        reads = any(path[: len(own)] == own[: len(path)] for path in self.reads.paths)
        if self.node.retry is None and not reads:
            return []
        return [name for name, one in FAULTS.items() if not one.is_answer and name not in _FAULTS]

    def _headers(self) -> list[tuple[tuple[str, str], ...]]:
        own = ("steps", self.node.id, "response", "headers")
        places = self._places(lambda path: path[4:5] if path[:4] == own else None)
        found: list[tuple[tuple[str, str], ...]] = []
        for values in islice(product(*places.values()), 32):
            pairs = [
                (path[0], to_text(value))
                for path, value in zip(places, values, strict=True)
                if value is not MISSING and path
            ]
            if not any(header_problem(name, value) for name, value in pairs):
                found.append(tuple(pairs))
        return list(dict.fromkeys([*found, ()]))

    def _places(self, inside: Inside) -> dict[Path, list[Json]]:
        """Places in an answer → the values to be tried there; untested ones have one sample."""
        tests: dict[Path, list[tuple[str, Json]]] = {}
        pooled: set[Path] = set()
        kinds: dict[Path, str] = {}
        for path in self.reads.paths:
            place = inside(path)
            if place is not None:
                tests.setdefault(place, [])
                if path in self.reads.exact:
                    pooled.add(place)
                kinds[place] = next((s.type for s in self.node.save if s.name == path[0]), "")
        for test in self.reads.tests:
            place = inside(test.path)
            if place is not None:
                tests[place].append((test.op, test.value))
        found: dict[Path, list[Json]] = {}
        for place, these in tests.items():
            values = values_for(these) if these else []
            if place in pooled:
                sample = self._sample(place, inside, kinds[place])
                values = [*values, sample, *self.reads.pool, OTHER, MISSING]
            found[place] = distinct(values) or [self._sample(place, inside, kinds[place])]
        return found

    def _sample(self, place: Path, inside: Inside, kind: str) -> Json:
        typed = {"number": 1, "date": "2026-01-01T00:00:00+00:00"}
        if kind in typed:
            return typed[kind]
        read = (one for one in self.reads.samples if inside(one) == place)
        return next((self.reads.samples[one] for one in read), "value")

    def _bodies(self) -> list[dict[str, Json]]:
        """Bodies as arguments of an ``Outcome``; the first one has everything that is read."""
        reads = self.reads
        places = self._places(reads.inside)
        whole = places.pop((), [])
        fixed = {place: values[0] for place, values in places.items() if len(values) == 1}
        varied = {place: values for place, values in places.items() if len(values) > 1}
        fragile = {reads.inside(path) for path in reads.fragile} & fixed.keys()
        fillings: list[dict[Path, Json]] = [fixed, {}]
        for text in ("value", 1, "", _HOSTILE, ["value"]) if fragile else ():
            fillings.append({**fixed, **{place: text for place in fixed if place in fragile}})
        ways = 1
        for values in varied.values():
            ways *= len(values)
        if ways > _MOST_BODIES:
            self.limits.append(
                f"{self.node.id}: its bodies can differ in {ways:,} ways for the conditions; "
                f"{_MOST_BODIES} were tried"
            )
        made: list[dict[str, Json]] = []
        for values_of in islice(product(*varied.values()), _MOST_BODIES):
            chosen = dict(zip(varied, values_of, strict=True))
            for filling in fillings:
                made.append({"body": body_of({**filling, **chosen})})
        for value in whole:
            if value is not MISSING:
                text = isinstance(value, str)
                made.append({"text": value} if text else {"body": value})
                made += [{"body": value}] if text else []
        unique = {dump_json(sorted(body.items())): body for body in made}
        return list(unique.values())


def _exactly(value: Json) -> object:
    return None if value is MISSING else dump_json(value)


def _kind(value: Json) -> str:
    """What kind of text a value makes."""
    if value is MISSING:
        return "missing"
    text = to_text(value)
    if not text:
        return "empty"
    if any(char in text for char in '"\\\n\r'):
        return "hostile" if isinstance(value, str) else "json"
    return "text" if isinstance(value, str) else "json"


def _named(status: int, body: dict[str, Json], headers: tuple[tuple[str, str], ...]) -> str:
    """Whole, never cut: a part of a secret could not be recognised and masked."""
    words = str(status)
    if "text" in body:
        words += f":{dump_json(body['text']).decode()}"
    elif "body" in body:
        words += f":{dump_json(body['body']).decode()}"
    return words + "".join(f" {name}: {value}" for name, value in headers)
