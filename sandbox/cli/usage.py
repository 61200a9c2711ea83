"""How the command line refuses wrong usage: one clear message, like any other wrong input."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from sandbox.errors import InputError, nearest

__all__ = ["Adder", "Once", "Parser", "Unused", "json_option", "number", "whole"]

Adder = Callable[..., argparse.ArgumentParser]
"""Adds a command: name, module, function, what it does, examples."""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Finds the width by itself: argparse would import shutil, and with it three compressors."""

    def __init__(self, prog: str) -> None:
        """``$COLUMNS``, else the terminal's width, at most 100."""
        try:
            columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
        except (OSError, ValueError):
            columns = 80
        super().__init__(prog, width=min(max(columns, 40), 102) - 2)


class Parser(argparse.ArgumentParser):
    """Wrong usage is an ``InputError`` like any other wrong input, not a wall of usage."""

    def __init__(self, prog: str, description: str, epilog: str | None, usage: str | None = None):
        """``epilog`` keeps its lines; options are never abbreviated."""
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=_Formatter,
            allow_abbrev=False,
        )

    @property
    def _command(self) -> str:
        return self.prog.removeprefix("sandbox ")

    def error(self, message: str) -> NoReturn:
        """Raise it, with the nearest names for a name that is not there."""
        hint = f"see {self.prog} --help"
        wrong = re.match(r"argument (.+): invalid choice: '(.*?)' \(choose from (.*)\)$", message)
        if wrong is not None:
            known = [name.strip(" '") for name in wrong[3].split(",")]
            message = f"{self._command}: there is no {wrong[1]} {wrong[2]!r}"
            close = nearest(wrong[2], known)
            hint = "did you mean " + " or ".join(close) + "?" if close else "there is: " + wrong[3]
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
        raise InputError(f"{self._command}: unknown option {option}", hint)


class Once(argparse.Action):
    """An option that says one thing: given twice, it is refused rather than half forgotten."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Take it, or refuse the second one."""
        given = getattr(namespace, self.dest)
        if given is not None:
            parser.error(f"{option_string} is given twice, {given} and {values}; one at a time")
        setattr(namespace, self.dest, values)


class Unused(argparse.ArgumentParser):
    """Stands in for a command that was not called: takes its arguments and forgets them."""

    def __init__(self) -> None:
        """Builds nothing."""

    def add_argument(self, *_: object, **__: object) -> argparse.Action:
        """Nothing."""
        return _NO_ACTION

    def add_mutually_exclusive_group(self, **_: object) -> Unused:  # type: ignore[override]
        """Nothing."""
        return self

    def set_defaults(self, **_: object) -> None:
        """Nothing."""


_NO_ACTION = argparse.Action([], "")


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
