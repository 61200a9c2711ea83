"""The command line: names, options and help. Each command's code is imported when it is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from sandbox import __version__

__all__ = ["parse"]

Adder = Callable[..., argparse.ArgumentParser]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Arguments → a namespace whose ``command`` runs them; wrong usage exits with 2."""
    parser = argparse.ArgumentParser(
        prog="sandbox",
        description="Simulate customer journeys whose steps call an API: offline, on this machine.",
        epilog="Without a command the workbench opens. Answers are mocked unless --live is given.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sandbox {__version__}")
    _shared(parser, None)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    parser.set_defaults(command=_late("workbench", "open_workbench"), journey=None)

    def add(name: str, module: str, function: str, says: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=says, description=says, allow_abbrev=False)
        _shared(one, argparse.SUPPRESS)
        one.set_defaults(command=_late(module, function))
        return one

    _workspace(add)
    _running(add)
    _looking(add)
    _documents(add)
    return parser.parse_args(argv)


def _late(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    def command(arguments: argparse.Namespace) -> int:
        code: int = getattr(import_module(f"sandbox.cli.commands.{module}"), function)(arguments)
        return code

    return command


def _shared(parser: argparse.ArgumentParser, default: object) -> None:
    """Options that stand before or after the command."""
    parser.add_argument(
        "--workspace",
        metavar="DIR",
        default=default,
        help="the workspace's folder (else $SANDBOX_WORKSPACE, else yours)",
    )
    parser.add_argument(
        "--ascii",
        action="store_true",
        default=False if default is None else default,
        help="draw with ASCII characters only",
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _workspace(add: Adder) -> None:
    tui = add("tui", "workbench", "open_workbench", "open the workbench")
    tui.add_argument("journey", nargs="?", metavar="JOURNEY", help="select this journey")
    init = add("init", "workspace", "init", "make a workspace with the demo in it")
    init.add_argument("folder", nargs="?", metavar="DIR", help="where (as --workspace)")
    init.add_argument("--empty", action="store_true", help="without the demo")
    reset = add("reset", "workspace", "reset", "back to the start of a lesson")
    which = reset.add_mutually_exclusive_group()
    which.add_argument("--counts", action="store_true", help="forget every run")
    which.add_argument("--profiles", action="store_true", help="put the demo's profiles back")
    which.add_argument(
        "--all",
        action="store_true",
        help="forget every run and put the whole demo back; what you added stays",
    )
    listing = add("list", "workspace", "show_list", "what is in the workspace")
    listing.add_argument(
        "what",
        nargs="?",
        choices=["journeys", "profiles", "rules", "env"],
        help="only these",
    )
    _json(listing)


def _running(add: Adder) -> None:
    fire = add("fire", "running", "fire", "run one journey for one person and print the trace")
    fire.add_argument("journey", metavar="JOURNEY")
    _run_options(fire)
    trigger = add("trigger", "running", "trigger", "an event happens: run what listens to it")
    trigger.add_argument("event_name", metavar="EVENT", help="an event, or an api journey's id")
    _run_options(trigger)
    send = add("send", "running", "send", "one call outside any run (Test API)")
    send.add_argument("journey", metavar="JOURNEY")
    send.add_argument("step", metavar="STEP")
    _run_options(send)
    echo = add("echo", "echo", "echo", "a real endpoint on this machine, for first live calls")
    echo.add_argument("--port", type=int, default=8765, metavar="N", help="0: any free one")
    _json(echo)


def _run_options(parser: argparse.ArgumentParser) -> None:
    _person_options(parser)
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
        "--fail-on",
        choices=["any", "none"],
        default="none",
        help="any: exit with 1 when a call failed",
    )


def _person_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--profile", required=True, metavar="ID", help="the person")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="K=V",
        dest="sets",
        help="a field of the event, or user.K=V an attribute, for this run (JSON, else text)",
    )
    parser.add_argument("--event", metavar="FILE", help="the event as JSON or YAML (- for stdin)")
    parser.add_argument("--occurrence", type=int, metavar="N", help="the event's n-th time")
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
    parser.add_argument("--seed", type=int, metavar="N", help="else the rules' seed, else 42")
    parser.add_argument("--at", metavar="ISO", help="the start of the virtual clock")
    parser.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    parser.add_argument("--reveal", action="store_true", help="show secrets")
    _json(parser)


def _looking(add: Adder) -> None:
    render = add("render", "looking", "render", "the exact request a step would send")
    render.add_argument("journey", metavar="JOURNEY")
    render.add_argument("step", metavar="STEP")
    _person_options(render)
    render.add_argument(
        "--as", dest="form", choices=["http", "curl", "json"], default="http", help="default: http"
    )
    render.add_argument("--diff", action="store_true", help="with against without the user info")
    render.add_argument(
        "--explain", action="store_true", help="where each value came from, and its type"
    )
    mapping = add("map", "looking", "show_map", "a journey as a graph")
    mapping.add_argument("journey", metavar="JOURNEY")
    mapping.add_argument("--mermaid", action="store_true", help="as Mermaid text")
    mapping.add_argument("--dialect", metavar="NAME", help="with the exits this vendor has")
    _json(mapping)
    counts = add("counts", "looking", "counts", "successes and failures per step, as bars")
    counts.add_argument("journey", nargs="?", metavar="JOURNEY")
    counts.add_argument("--run", metavar="ID", help="of one run only")
    _json(counts)
    runs = add("runs", "looking", "runs", "the history, newest first")
    runs.add_argument("--journey", metavar="ID")
    runs.add_argument("--profile", metavar="ID")
    runs.add_argument("--limit", type=int, default=50, metavar="N")
    _json(runs)
    show = add("show", "looking", "show", "one run with its exact requests and answers")
    show.add_argument("run", metavar="RUN")
    show.add_argument("--reveal", action="store_true", help="has no effect: secrets are not kept")
    _json(show)


def _documents(add: Adder) -> None:
    check = add("check", "documents", "check", "static findings of journeys, rules or profiles")
    check.add_argument("sources", nargs="+", metavar="FILE|JOURNEY")
    check.add_argument("--env-file", metavar="FILE", help="NAME=value lines for env.NAME")
    _json(check)
    dialects = add("dialects", "documents", "dialects", "what each vendor does, with the source")
    dialects.add_argument("name", nargs="?", metavar="NAME")
    _json(dialects)
    bringing = add("import", "documents", "bring", "bring documents in")
    bringing.add_argument("files", nargs="+", metavar="FILE")
    bringing.add_argument(
        "--as",
        dest="form",
        choices=["profiles", "journey", "rules", "env", "settings", "curl"],
        help="what it is (else told by the content)",
    )
    bringing.add_argument("--replace", action="store_true", help="overwrite what has the same id")
    bringing.add_argument("--id", metavar="ID", help="the id of a journey made from curl")
    taking = add("export", "documents", "take", "take a document out")
    taking.add_argument(
        "kind", choices=["journey", "profile", "profiles", "rules", "env", "settings", "run"]
    )
    taking.add_argument("id", nargs="?", metavar="ID")
    taking.add_argument("--as", dest="form", choices=["json", "yaml"], default="json")
    schema = add("schema", "documents", "schema", "the JSON Schema of a document")
    schema.add_argument("kind", choices=["profile", "journey", "rules", "trace"])
