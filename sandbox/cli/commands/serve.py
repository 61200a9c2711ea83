"""``serve``: the trigger API on this machine, for systems outside that start journeys; and the mock
rules as a server, for tools outside that call what a journey calls.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import Coroutine

from sandbox.bench.bench import Bench
from sandbox.cli.compose import LateAnswerers, open_workspace
from sandbox.cli.key_file import KeyFile
from sandbox.cli.narrator import Narrator
from sandbox.cli.output import Output
from sandbox.cli.rules_serving import rules_server
from sandbox.cli.signals import INTERRUPTED, caught_into
from sandbox.environment import parse_env_file
from sandbox.errors import InputError
from sandbox.masking import Masker
from sandbox.model.base import Json, dump_json
from sandbox.serve.credentials import Minted
from sandbox.serve.gate import Heard
from sandbox.serve.limiter import Limiter
from sandbox.serve.openapi import JOURNEYS, NEW_PROFILE, TRIGGER
from sandbox.serve.rules_server import RULES_PORT
from sandbox.serve.runs import Lost, Ran
from sandbox.serve.server import TriggerServer
from sandbox.store.workspace import Workspace

__all__ = ["serve"]


def serve(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT (exit code 130) or SIGTERM (0); what was promised is run first."""
    output = Output(arguments)
    if arguments.rules is None and (arguments.rules_port is not None or arguments.skip_unservable):
        raise InputError(
            "--rules-port and --skip-unservable belong to --rules NAME",
            "sandbox list rules shows the names",
        )
    values = None
    if arguments.env_file:
        from sandbox.cli.files import read_text

        values = parse_env_file(read_text(arguments.env_file), arguments.env_file)
    with open_workspace(arguments) as workspace:
        bench = Bench(workspace.repository, workspace.history, LateAnswerers(), os.environ, values)
        return asyncio.run(_serve(arguments, output, workspace, bench))


async def _serve(
    arguments: argparse.Namespace, output: Output, workspace: Workspace, bench: Bench
) -> int:
    keys = KeyFile(workspace)
    narrator = Narrator()
    teller = _Teller(narrator, bench.masker())
    version = workspace.repository.version
    server = TriggerServer(bench, keys.current, version, teller.tell, Limiter())
    rules = rules_server(arguments, bench, narrator, teller.masker)
    stop = asyncio.Event()
    caught: list[int] = []
    caught_into(caught, stop)
    await server.start(arguments.port)
    narrator.start()
    try:
        if rules is not None:
            await rules.start(RULES_PORT if arguments.rules_port is None else arguments.rules_port)
        # Only now: a port that is taken must not use up the one time that they are shown.
        made = keys.ensure(arguments.new_token)
        rules_url = None if rules is None else rules.url
        _announce(arguments, output, narrator, (server.url, rules_url), made)
        await _until(stop, server.failed())
        stop.clear()
        if server.unfinished:
            narrator.say(f"stopping after {server.unfinished:,} more runs; once more to leave now")
        await _until(stop, server.stop())
    finally:
        if rules is not None:
            await rules.stop()
        await server.stop()
        narrator.stop()
        await bench.close()
    return INTERRUPTED if signal.SIGINT in caught else 0


async def _until(stop: asyncio.Event, work: Coroutine[object, object, None]) -> None:
    """Do the work to its end, or until a signal."""
    working = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        for task in (working, stopped):
            task.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


def _announce(
    arguments: argparse.Namespace,
    output: Output,
    narrator: Narrator,
    urls: tuple[str, str | None],
    made: Minted | None,
) -> None:
    url, rules_url = urls
    if arguments.json:
        shown: dict[str, Json] = {"url": url, "rules_url": rules_url}
        if made is not None:
            shown |= {"token": made.token, "key": made.key}
        output.raw(dump_json(shown) + b"\n")
        return
    output.line(f"url    {url}")
    if rules_url is not None:
        output.line(f"rules  {rules_url}")
    if made is not None:
        output.line(f"token  {made.token}")
        output.line(f"key    {made.key}")
        narrator.say("token and key are shown this once; only their hashes are kept")
    else:
        narrator.say("token and key as before; sandbox serve --new-token makes new ones")
    output.flush()
    narrator.say(
        f"\n  POST {TRIGGER}\n  POST {NEW_PROFILE}\n  GET  {JOURNEYS}\n  GET  /openapi.json\n\n"
        "the request to send: sandbox trigger order-update --profile 7 --as curl "
        f"--to {url}\nCtrl-C stops it\n"
    )
    if rules_url is not None:
        narrator.say(
            f"mock rules {arguments.rules} for tools outside: {rules_url}, any path\n"
            "rules that match on the step need the header X-Sandbox-Step; a call that no rule "
            "takes is answered 501\n"
        )


class _Teller:
    """What happens, in a line each."""

    def __init__(self, narrator: Narrator, masker: Masker) -> None:
        self._narrator = narrator
        self.masker = masker

    def tell(self, what: Heard | Ran | Lost) -> None:
        if isinstance(what, Heard):
            text = self._heard(what)
        elif isinstance(what, Ran):
            text = self._ran(what)
        else:
            promise = what.promise
            text = f"  LOST {promise.journey} for profile {promise.profile}: {what.reason}"
        self._narrator.say(self.masker.text(text))

    def _heard(self, heard: Heard) -> str:
        lines = [f"{heard.method} {heard.path}  {heard.status}  {heard.about}".rstrip()]
        lines += [f"  warning: {one}" for one in heard.warnings]
        return "\n".join(lines)

    def _ran(self, ran: Ran) -> str:
        run, counts = ran.trace["run"], ran.trace["counts"]
        codes = [
            f"{step} {' '.join(one['by_code'])}" for step, one in counts.items() if one["by_code"]
        ]
        return "  ".join([f"  run {ran.id}", run["journey"], run["status"], *codes])
