"""``sandbox`` and ``sandbox tui``."""

from __future__ import annotations

import argparse
import gc
import sys

from sandbox.errors import InputError

__all__ = ["open_workbench"]


def open_workbench(arguments: argparse.Namespace) -> int:
    """Open the terminal application."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            "the workbench needs a terminal",
            "try: sandbox fire newsletter --profile 7, or sandbox --help",
        )
    # Starting makes many objects and drops few: collecting among them costs a tenth of the time
    # to the first frame. The workbench turns it on again.
    gc.disable()
    from sandbox.cli.compose import opened_workspace
    from sandbox.cli.output import Output
    from sandbox.tui.app import run

    arguments.reveal = False
    with opened_workspace(arguments) as opened:
        if arguments.journey:
            opened.repository.journey(arguments.journey)
        run(opened, ascii=Output(arguments).ascii, journey=arguments.journey)
    return 0
