"""The command line: names, options and help. Each command's code is imported when it is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module

from sandbox import __version__
from sandbox.cli.lab_arguments import lab
from sandbox.cli.looking_arguments import documents, looking, workspace
from sandbox.cli.running_arguments import running
from sandbox.cli.usage import Parser
from sandbox.errors import InputError

__all__ = ["parse"]


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Arguments → a namespace whose ``command`` runs them.

    Raises:
        InputError: for wrong usage.
    """
    parser = Parser(
        prog="sandbox",
        description="Simulate customer journeys whose steps call an API: offline, on this machine.",
        epilog="Without a command the workbench opens. Answers are mocked unless --live is given.\n"
        "\nbegin with:\n  sandbox list\n  sandbox fire newsletter --profile 7",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"sandbox {__version__}")
    _shared(parser, None)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    parser.set_defaults(
        command=_late("workbench", "open_workbench"), parser=parser, journey=None, env_file=None
    )

    def add(
        name: str, module: str, function: str, says: str, *examples: str
    ) -> argparse.ArgumentParser:
        shown = "\n".join(f"  {example}" for example in examples)
        word = "examples" if len(examples) > 1 else "example"
        one = commands.add_parser(
            name,
            help=says,
            description=says[:1].upper() + says[1:] + ".",
            epilog=f"{word}:\n{shown}" if shown else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        _shared(one, argparse.SUPPRESS)
        one.set_defaults(command=_late(module, function), parser=one)
        return one

    workspace(add)
    running(add)
    lab(add)
    looking(add)
    documents(add)
    arguments, extra = parser.parse_known_args(argv)
    if extra:
        arguments.parser.refuse(extra[0])
    if arguments.workspace is not None and not arguments.workspace.strip():
        raise InputError("--workspace names no folder", "give one, or leave the option out")
    return arguments


def _late(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    def command(arguments: argparse.Namespace) -> int:
        from sandbox.cli.ascii import NARRATION, wants_ascii

        NARRATION.set(wants_ascii(arguments.ascii))
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
