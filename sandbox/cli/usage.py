"""How the command line refuses wrong usage: one clear message, like any other wrong input."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import NoReturn

from sandbox.errors import InputError, nearest

__all__ = ["Adder", "Parser", "json_option", "number", "whole"]

Adder = Callable[..., argparse.ArgumentParser]
"""Adds a command: name, module, function, what it does, examples."""


class Parser(argparse.ArgumentParser):
    """Wrong usage is an ``InputError`` like any other wrong input, not a wall of usage."""

    @property
    def _command(self) -> str:
        return self.prog.removeprefix("sandbox ")

    def error(self, message: str) -> NoReturn:
        """Raise it, with the nearest names for a name that is not there."""
        hint = f"see {self.prog} --help"
        wrong = re.match(r"argument (.+): invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if wrong is not None:
            what = "unknown command" if wrong[1] == "COMMAND" else f"{wrong[1]}: there is no"
            known = [name.strip(" '") for name in wrong[3].split(",")]
            message = f"{what} {wrong[2]!r}"
            close = nearest(wrong[2], known)
            if close:
                hint = "did you mean " + " or ".join(close) + f"? ({hint})"
            elif wrong[1] != "COMMAND":
                hint = "there is: " + ", ".join(known)
        elif wrong := re.match(r"the following arguments are required: (.*)", message):
            message = f"{self._command}: give {wrong[1]}"
        else:
            message = f"{self._command}: {message.removeprefix('argument ')}"
        raise InputError(message, hint)

    def refuse(self, extra: str) -> NoReturn:
        """An option or an argument that this command does not have."""
        if not extra.startswith("-"):
            raise InputError(
                f"{self._command}: one argument too many: {extra!r}", f"see {self.prog} --help"
            )
        option = extra.partition("=")[0]
        close = nearest(option, set(re.findall(r"--[a-z][a-z-]*", self.format_help())))
        hint = f"see {self.prog} --help"
        if close:
            hint = f"did you mean {' or '.join(close)}? ({hint})"
        raise InputError(
            f"{self._command}: unknown option {option}", f"{hint}(see {self.prog} --help)"
        )


def number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        span = f"from {least}" + (f" to {most}" if most is not None else " up")
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if number < least or (most is not None and number > most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {span}")
        return number

    return read


def whole(text: str) -> int:
    """Any whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def json_option(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print JSON")
