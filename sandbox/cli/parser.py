"""The command line: names, options and help.

Only the arguments of the command that was called are built, and its code is imported when it
runs: starting does not pay for the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from sandbox import __version__
from sandbox.cli.lab_arguments import lab
from sandbox.cli.looking_arguments import documents, looking, workspace
from sandbox.cli.running_arguments import running
from sandbox.cli.usage import Parser, Unused
from sandbox.errors import InputError, nearest

__all__ = ["parse"]

_GROUPS = (workspace, running, looking, lab, documents)
_UNUSED = Unused()
_VALUED = "--workspace"


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Arguments → a namespace whose ``command`` runs them.

    Raises:
        InputError: for wrong usage.
        SystemExit: after ``--help`` and ``--version``.
    """
    at = _command_at(argv)
    wanted = argv[at] if at < len(argv) else None
    says: dict[str, str] = {}
    built: list[Parser] = []

    def add(
        name: str, module: str, function: str, about: str, *examples: str
    ) -> argparse.ArgumentParser:
        says[name] = about
        if name != wanted:
            return _UNUSED
        built.append(_command(name, about, examples))
        built[0].set_defaults(command=_late(module, function))
        return built[0]

    for group in _GROUPS:
        group(add)
    if wanted is not None and not built:
        _refuse_command(wanted, says)
    parser = built[0] if built else _whole(says)
    arguments, extra = parser.parse_known_args([*argv[:at], *argv[at + 1 :]])
    if extra:
        parser.refuse(extra[0])
    if arguments.workspace is not None and not arguments.workspace.strip():
        raise InputError("--workspace names no folder", "give one, or leave the option out")
    return arguments


def _command_at(argv: Sequence[str]) -> int:
    """Where the command's name stands; options shared by all may stand before it."""
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        if argv[at] in ("-h", "--help", "--version"):
            return len(argv)
        at += 2 if argv[at] == _VALUED else 1
    return at


def _command(name: str, says: str, examples: Sequence[str]) -> Parser:
    shown = "\n".join(f"  {example}" for example in examples)
    word = "examples" if len(examples) > 1 else "example"
    parser = Parser(
        prog=f"sandbox {name}",
        description=says[:1].upper() + says[1:] + ".",
        epilog=f"{word}:\n{shown}" if shown else None,
    )
    _shared(parser)
    return parser


def _whole(says: dict[str, str]) -> Parser:
    """The parser for no command at all: help, version, or the workbench."""
    listed = "".join(f"  {name:<10} {about}\n" for name, about in says.items())
    parser = Parser(
        prog="sandbox",
        usage="sandbox [-h] [--version] [--workspace DIR] [--ascii] COMMAND ...",
        description="Simulate customer journeys whose steps call an API: offline, on this machine.",
        epilog=f"commands:\n{listed}\n"
        "Without a command the workbench opens. Answers are mocked without --live.\n"
        "\nbegin with:\n  sandbox list\n  sandbox fire newsletter --profile 7",
    )
    parser.add_argument("--version", action="version", version=f"sandbox {__version__}")
    _shared(parser)
    parser.set_defaults(command=_late("workbench", "open_workbench"), journey=None)
    return parser


def _refuse_command(name: str, known: dict[str, str]) -> NoReturn:
    close = nearest(name, known)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise InputError(f"unknown command {name!r}", f"{hint}(see sandbox --help)")


def _late(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    def command(arguments: argparse.Namespace) -> int:
        from sandbox.cli.ascii import NARRATION, wants_ascii
        from sandbox.cli.signals import interrupted_at_once

        NARRATION.set(wants_ascii(arguments.ascii))
        with interrupted_at_once():
            run = getattr(import_module(f"sandbox.cli.commands.{module}"), function)
        code: int = run(arguments)
        return code

    return command


def _shared(parser: Parser) -> None:
    """Options that stand before or after the command."""
    parser.add_argument(
        _VALUED, metavar="DIR", help="the workspace's folder (else $SANDBOX_WORKSPACE, else yours)"
    )
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
