"""The arguments of the commands that call something."""

from __future__ import annotations

import argparse

from sandbox.cli.usage import Adder, Once, json_option, number, whole

__all__ = ["person_options", "running"]


def running(add: Adder) -> None:
    """``fire``, ``trigger``, ``send``, ``echo`` and ``serve``."""
    fire = add(
        "fire",
        "running",
        "fire",
        "run one journey for one person and print the trace",
        "sandbox fire newsletter --profile 7",
        "sandbox fire newsletter --profile 7 --answer call=503 --no-user-info",
        "sandbox fire api-call --profile 7 --live --allow-host 127.0.0.1",
    )
    fire.add_argument("journey", metavar="JOURNEY")
    _run_options(fire)
    trigger = add(
        "trigger",
        "running",
        "trigger",
        "an event happens: run every journey that listens to it",
        "sandbox trigger purchase --profile 7 --set amount=12",
        "sandbox trigger order-update --profile 7 --as curl",
        "sandbox trigger order-update --profile 7 --new-profile --as http",
    )
    trigger.add_argument("event_name", metavar="EVENT", help="an event, or an api journey's id")
    _run_options(trigger)
    trigger.add_argument(
        "--as",
        dest="form",
        choices=["curl", "http"],
        help="print the request that a system outside would send; nothing runs",
    )
    trigger.add_argument(
        "--to", metavar="URL", help="send that request to this server (with --live)"
    )
    trigger.add_argument(
        "--new-profile", action="store_true", help="that request with the whole person in it"
    )
    send = add(
        "send",
        "running",
        "send",
        'one call outside any run ("Test API"), counted nowhere',
        "sandbox send newsletter call --profile 7",
    )
    send.add_argument("journey", metavar="JOURNEY")
    send.add_argument("step", metavar="STEP")
    _run_options(send)
    echo = add(
        "echo",
        "echo",
        "echo",
        "a real endpoint on this machine, for first live calls",
        "sandbox echo --port 8765",
    )
    echo.add_argument(
        "--port", type=number(0, 65535), default=8765, metavar="N", help="0: any free one"
    )
    echo.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    echo.add_argument("--reveal", action="store_true", help="show secrets")
    json_option(echo)
    serve = add(
        "serve",
        "serve",
        "serve",
        "the trigger API on this machine, and mock rules for tools outside",
        "sandbox serve",
        "sandbox serve --rules flaky",
        "sandbox serve --port 0 --rules down --rules-port 0 --json",
    )
    serve.add_argument(
        "--port", type=number(0, 65535), default=8766, metavar="N", help="0: any free one"
    )
    serve.add_argument(
        "--new-token", action="store_true", help="make a new token and key; the old ones end"
    )
    serve.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    serve.add_argument(
        "--rules", metavar="NAME|FILE", help="serve these mock rules too, faults as real bytes"
    )
    serve.add_argument(
        "--rules-port", type=number(0, 65535), metavar="N", help="for the rules (default 8767)"
    )
    serve.add_argument(
        "--skip-unservable", action="store_true",
        help="leave out rules with faults that no server can play (dns, refused …)",
    )  # fmt: skip
    json_option(serve)


def _run_options(parser: argparse.ArgumentParser) -> None:
    person_options(parser)
    parser.add_argument(
        "--live", action="store_true", help="send for real (allowed hosts only); default: mock"
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="let live calls go to this host, or host:port",
    )
    parser.add_argument(
        "--keep", action="store_true", help="write the profile's changes back to the workspace"
    )
    parser.add_argument(
        "--record", metavar="NAME", help="keep what a live run hears as this rule set, no secrets"
    )
    parser.add_argument(
        "--replace", action="store_true", help="with --record: over the rule set of that name"
    )
    parser.add_argument(
        "--compare-with",
        metavar="NAME|FILE",
        help="tell which answers have another shape than these rules have; then exit with 1",
    )
    parser.add_argument(
        "--fail-on",
        choices=["any", "none"],
        default="none",
        help="any: exit with 1 when a call failed",
    )


def person_options(parser: argparse.ArgumentParser) -> None:
    """The options that say for whom, and with what event and answers."""
    parser.add_argument("--profile", required=True, action=Once, metavar="ID", help="the person")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="K=V",
        dest="sets",
        help="a field of the event, or user.K=V an attribute, for this run (JSON, else text)",
    )
    parser.add_argument("--event", metavar="FILE", help="the event as JSON or YAML (- for stdin)")
    parser.add_argument(
        "--occurrence", type=number(1), metavar="N", help="the event's n-th time for this person"
    )
    parser.add_argument("--rules", metavar="NAME|FILE", help="mock rules (else the active ones)")
    parser.add_argument(
        "--answer",
        action="append",
        default=[],
        metavar="STEP=A,B,C",
        dest="answers",
        help='answers in order, the last repeats: 503, 201:{"id":1}, timeout, reset …',
    )
    parser.add_argument(
        "--no-user-info", action="store_true", help="exclude the user info from the call"
    )
    parser.add_argument("--dialect", metavar="NAME", help="play the journey as this vendor would")
    parser.add_argument("--seed", type=whole, metavar="N", help="else the rules' seed, else 42")
    parser.add_argument("--at", metavar="ISO", help="the start of the virtual clock")
    parser.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    parser.add_argument("--reveal", action="store_true", help="show secrets")
    json_option(parser)
