"""``trigger --as`` and ``trigger --to``: the request that a system outside would send."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace

from sandbox.bench.bench import Bench
from sandbox.bench.live_guard import refuse_unlisted
from sandbox.bench.options import RunOptions
from sandbox.charts.line import Span
from sandbox.cli.compose import LateAnswerers, open_bench
from sandbox.cli.options import run_options
from sandbox.cli.output import Output, narrate
from sandbox.cli.report import Report
from sandbox.clock import DEFAULT_START_US, wall_us
from sandbox.engine.credentials import credentials_of
from sandbox.engine.fold import request_document, step_document
from sandbox.engine.urls import normalise
from sandbox.errors import InputError, LiveRefused
from sandbox.formats.curl import to_curl
from sandbox.formats.http import to_http_bytes
from sandbox.masking import Masker
from sandbox.model.exchange import Answer, Request, Send
from sandbox.model.journey import Journey
from sandbox.model.trace import RequestDocument, StepFact
from sandbox.serve.outside import Outside, address, outside_request

__all__ = ["trigger_from_outside"]

_TOKEN, _KEY = "SPRINKLR_TOKEN", "SPRINKLR_KEY"
_SERVER = "http://127.0.0.1:8766"
"""Where ``sandbox serve`` listens unless it is told otherwise."""
_TIMEOUT_S = 30.0
_NOT_SENT = ("rules", "answers", "occurrence", "dialect", "seed", "keep", "no_user_info")


def trigger_from_outside(arguments: argparse.Namespace) -> int:
    """Print the request, or send it; nothing runs in this process."""
    output = Output(arguments)
    _refuse_what_does_not_fit(arguments)
    with open_bench(arguments) as bench:
        options = run_options(arguments, bench.repository, [])
        if arguments.form is not None:
            made = _made(arguments, bench, options, reveal=arguments.reveal)
            _show(arguments, output, bench, made)
            return 0
        _guard(arguments, bench, options)
        made = _made(arguments, bench, options, reveal=True)
        answer = asyncio.run(_send(bench, options, made.request, arguments))
        fact = StepFact(
            "trigger", "call_api", 1, 1, wall_us(), _outcome(answer), "", "",
            made.request, answer, None, None, (),
        )  # fmt: skip
        step = step_document(fact, 1, bench.masker().also(credentials_of([fact])))
    for note in made.notes:
        narrate(note)
    if arguments.json:
        output.json(step)
    else:
        title = f"{arguments.event_name} for profile {arguments.profile}, as a system outside"
        output.lines([(Span(title, "strong"),)])
        output.lines(Report(output.glyphs, output.width, exact=True).step(step))
    return 1 if arguments.fail_on == "any" and step["outcome"] == "failure" else 0


def _refuse_what_does_not_fit(arguments: argparse.Namespace) -> None:
    if arguments.form is None and arguments.to is None:
        raise InputError(
            "--new-profile belongs to a request", "add --as curl to print it, or --to URL --live"
        )
    if arguments.form is not None and arguments.live:
        raise InputError("--as prints and --live sends", "choose one of them")
    for name in _NOT_SENT:
        given = getattr(arguments, name)
        if given is not None and given is not False and given != []:
            option = {"answers": "answer"}.get(name, name).replace("_", "-")
            raise InputError(
                f"--{option} is about a run here; this request is run by whoever gets it",
                f"leave --{option} out",
            )


def _guard(arguments: argparse.Namespace, bench: Bench, options: RunOptions) -> None:
    """Refuse before anything else is asked for: whoever may not send needs no token."""
    if not arguments.live:
        raise LiveRefused(
            f"sending to {arguments.to} needs --live; nothing was sent",
            "add --live --allow-host HOST, or --as curl to only print the request",
        )
    url, fail = normalise(address(arguments.to, arguments.new_profile))
    if fail is None:
        refuse_unlisted([url], bench.allowed_hosts(options))


def _made(
    arguments: argparse.Namespace, bench: Bench, options: RunOptions, reveal: bool
) -> Outside:
    journeys = bench.repository.journeys()
    if all(one.id != arguments.event_name for one in journeys):
        _refuse_event(arguments.event_name, journeys)
    journey = bench.repository.journey(arguments.event_name)
    if journey.trigger.kind != "api":
        raise InputError(
            f"the journey {journey.id} is not started by API but by {journey.trigger.kind}",
            "leave out --as, --to and --new-profile to trigger it here",
        )
    profile = bench.repository.profile(arguments.profile)
    if options.set_user:
        attributes = {**profile.attributes, **options.set_user}
        profile = profile.model_copy(update={"attributes": attributes})
    event = journey.trigger.sample if options.event is None else options.event
    now_us = options.at_us
    if now_us is None:
        now_us = wall_us() if arguments.live else DEFAULT_START_US
    return outside_request(
        address(arguments.to or _SERVER, arguments.new_profile),
        journey.id,
        profile,
        {**event, **options.set_event},
        _credentials(bench) if reveal else (f"${_TOKEN}", f"${_KEY}"),
        now_us // 1000 if arguments.new_profile else None,
    )


def _refuse_event(name: str, journeys: Sequence[Journey]) -> None:
    """An event has no request of its own; whoever names one is told which journeys have."""
    if any(one.trigger.kind == "event" and one.trigger.name == name for one in journeys):
        known = [one.id for one in journeys if one.trigger.kind == "api"]
        raise InputError(
            f"{name} is an event; a system outside starts a journey by its id",
            f"started by API: {', '.join(known) or 'none of this workspace'}; "
            "without --as, --to and --new-profile the event happens here",
        )


def _credentials(bench: Bench) -> tuple[str, str]:
    values = bench.environment().values
    missing = [name for name in (_TOKEN, _KEY) if not values.get(name)]
    if missing:
        raise InputError(
            f"{' and '.join(missing)}: no value for the request's Authorization and Key",
            "declare them as secret variables of the workspace and export them, or write "
            "NAME=value lines into a file for --env-file; sandbox serve shows both once",
        )
    return values[_TOKEN], values[_KEY]


def _show(arguments: argparse.Namespace, output: Output, bench: Bench, made: Outside) -> None:
    request, reveal = made.request, arguments.reveal
    document = request_document(request, Masker(reveal=True))
    secrets = bench.environment().secrets
    if arguments.json:
        shown = document if reveal else _masked(document, bench.masker())
        output.json({"request": shown, "notes": list(made.notes)})
        return
    if arguments.form == "curl":
        named = None if reveal else {**secrets, f"${_TOKEN}": _TOKEN, f"${_KEY}": _KEY}
        output.raw(to_curl(document, named).encode() + b"\n")
    else:
        shown = document if reveal else _masked(document, bench.masker())
        if shown["text"] != document["text"]:
            # A masked body is not as long as the one that is sent; the header tells the truth.
            length = {"Content-Length": str(len(request.body))}
            shown = {**shown, "headers": {**shown["headers"], **length}}
        data = to_http_bytes(shown)
        output.raw(data + b"\n" if output.terminal else data)
    for note in made.notes:
        narrate(note)


def _masked(document: RequestDocument, masker: Masker) -> RequestDocument:
    """The body masked; token and key stand as the names of their variables already."""
    text, body = masker.body(document["text"], document["body"])
    return {**document, "text": text, "body": body}


def _outcome(answer: Answer) -> str:
    return "success" if answer.status is not None and answer.status < 300 else "failure"


async def _send(
    bench: Bench, options: RunOptions, request: Request, arguments: argparse.Namespace
) -> Answer:
    settings = bench.repository.settings()
    answerer = LateAnswerers().live(bench.allowed_hosts(replace(options, live=True)))
    send = Send(
        request,
        arguments.event_name,
        arguments.profile,
        "trigger",
        1,
        1,
        0,
        wall_us(),
        _TIMEOUT_S,
        settings.max_received_bytes,
        {},
    )
    try:
        return await answerer.answer(send)
    finally:
        await answerer.close()
