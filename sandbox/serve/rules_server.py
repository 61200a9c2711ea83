"""The mock rules as a server on 127.0.0.1, for tools outside: the same faults, as real bytes.

ASGI servers cannot write a broken answer, so this is a listener of its own. What it says comes from
the scripts that the wire tier reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from sandbox.errors import DocumentError, InputError
from sandbox.mocks.deliveries import undeliverable
from sandbox.mocks.engine import MockEngine
from sandbox.mocks.replies import Reply
from sandbox.mocks.script import Script
from sandbox.mocks.script_making import plain_script
from sandbox.model.base import Json, dump_json
from sandbox.model.exchange import Fail
from sandbox.model.match import Match
from sandbox.model.rules import RuleSet
from sandbox.serve.http1 import Incoming, Limits, Refused, read_request, write_answer
from sandbox.serve.listener import Listener, hang_up
from sandbox.serve.rules_asking import Askers, People
from sandbox.serve.script_writing import write_script

__all__ = ["RULES_PORT", "Played", "RulesServer"]

RULES_PORT: Final = 8767

_LIMITS = Limits(body=1_000_000)
_JSON = (("Content-Type", "application/json"),)
_STATUS_OF: Final = {"unmatched": 501, "too_large": 500}


class Played(NamedTuple):
    """One request that arrived, and what it met."""

    method: str
    target: str
    status: int | None
    """None where no status can be said: the connection is broken, or held."""
    rule: str | None
    fault: str | None
    about: str = ""
    """Why no rule answered."""


class RulesServer(Listener):
    """The rules, listening."""

    hint = "choose another --rules-port, or 0 for any that is free"

    def __init__(
        self,
        rule_set: RuleSet,
        seed: int,
        now_us: Callable[[], int],
        people: People | None = None,
        tell: Callable[[Played], None] | None = None,
        *,
        limits: Limits = _LIMITS,
    ) -> None:
        """Compile the rules; open nothing yet.

        Args:
            rule_set: what is served; expectations are left out, as they are judged in runs.
            seed: of the draws.
            now_us: the clock that windows and rate limits follow.
            people: what rules see of the person whose id a request names.
            tell: hears of every request; must not wait.
            limits: of one caller and of all.

        Raises:
            DocumentError: when a rule is wrong, or asks for what no server can play.
        """
        super().__init__(limits)
        problems = undeliverable(rule_set, "server")
        if problems:
            raise DocumentError(
                f"rules {rule_set.id or rule_set.name}".rstrip(),
                problems,
                "--skip-unservable leaves these rules out; in a run they all play",
            )
        kept = tuple(rule.model_copy(update={"expect": None}) for rule in rule_set.rules)
        engine = MockEngine(rule_set.model_copy(update={"rules": kept}))
        self._by_step = any(_asks_step(rule.match) for rule in kept)
        self._askers = Askers(engine, seed, now_us(), people or _nobody)
        self._now_us = now_us
        self._tell = tell

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Play one request after the other."""
        # So that draining means that the system has it all: a reset must not take bytes along.
        writer.transport.set_write_buffer_limits(high=0)
        while await self._one(reader, writer):
            pass
        if not writer.is_closing():
            await hang_up(reader, writer)

    async def refuse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refused: Refused
    ) -> None:
        """Say why as JSON, and hang up."""
        body = dump_json({"error": {"message": refused.reason}})
        write_answer(writer, refused.status, _JSON, body, keep_alive=False)
        await hang_up(reader, writer)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Read and answer one request; whether another may follow."""
        incoming = await read_request(reader, writer, self._limits)
        if incoming is None:
            return False
        script, played = self._play(incoming)
        if self._tell is not None:
            self._tell(played)
        keep = await write_script(script, reader, writer, self._limits.idle_s)
        return keep and incoming.keep_alive

    def _play(self, incoming: Incoming) -> tuple[Script, Played]:
        head_only = incoming.method == "HEAD"
        try:
            session, send = self._askers.ask(incoming, self._port, self._now_us())
        except InputError as wrong:
            return self._refusal(incoming, 400, Fail("unsendable", "build", wrong.message))
        reply = session.reply(send)
        if reply.script is None and reply.error is not None:
            status = _STATUS_OF.get(reply.error.kind, 400)
            return self._refusal(incoming, status, reply.error)
        fault = None if reply.fault is None else reply.fault.name
        script = reply.script
        if script is None:
            wait_us = round(reply.took_ms * 1000.0)
            script = plain_script(
                reply.status, reply.headers, reply.body, wait_us, head_only=head_only
            )
        if script.head.startswith(b"HTTP/"):
            line, _, rest = script.head.partition(b"\r\n")
            named = f"X-Sandbox-Rule: {reply.rule}".encode("ascii")
            script = script._replace(head=b"\r\n".join((line, named, rest)))
        played = Played(incoming.method, incoming.target, _status(reply, script), reply.rule, fault)
        return script, played

    def _refusal(self, incoming: Incoming, status: int, error: Fail) -> tuple[Script, Played]:
        """No rule answers: JSON that says why, and which rules came nearest."""
        said: dict[str, Json] = {"kind": error.kind, "phase": error.phase, "message": error.message}
        nearest = [
            {"rule": one.rule, "differences": [each._asdict() for each in one.differences]}
            for one in error.near
        ]
        document: dict[str, Json] = {"error": said, "nearest": nearest}
        named = any(name.lower() == "x-sandbox-step" for name, _ in incoming.headers)
        if error.kind == "unmatched" and self._by_step and not named:
            document["hint"] = "some rules match on the step; name it in the header X-Sandbox-Step"
        script = plain_script(
            status, _JSON, dump_json(document), 0, head_only=incoming.method == "HEAD"
        )
        return script, Played(incoming.method, incoming.target, status, None, None, error.message)


def _status(reply: Reply, script: Script) -> int | None:
    return reply.status if script.answers else None


def _asks_step(match: Match) -> bool:
    inner = (*(match.any or ()), *((match.not_,) if match.not_ is not None else ()))
    return match.step is not None or any(map(_asks_step, inner))


def _nobody(profile: str) -> dict[str, Json]:
    return {}
