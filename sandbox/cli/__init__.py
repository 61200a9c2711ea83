"""The commands (floor 7): they compose the rooms. Stdout is data, stderr is narration.

Exit codes: 0 done; 1 a call failed or something differs, where that was asked for; 2 wrong usage
or input; 3 the store refused;
4 live sending was refused; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sandbox.errors import SandboxError, StoreError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    # Closed before we began, as by ``>&-`` and ``2>&-``: nothing is to be written there.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    try:
        return _run(given)
    except SandboxError as wrong:
        _complain(str(wrong), given)
        return wrong.exit_code
    except KeyboardInterrupt:
        _complain("interrupted", given)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone (``sandbox runs | head``); that is not an error.
        _forget_output()
        return 0


def _run(given: list[str]) -> int:
    from sandbox.cli.parser import parse

    try:
        arguments = parse(given)
        code: int = arguments.command(arguments)
    except SystemExit as end:  # --help and --version
        code = end.code if isinstance(end.code, int) else 0
    except StoreError:
        _flush()  # it may be the output itself that cannot be written
        raise
    wrong = _flush()
    if wrong is None:
        return code
    raise StoreError(f"the output could not be written: {wrong.strerror}")


def _flush() -> OSError | None:
    """Writes what was printed; what cannot be written is dropped, and the reason returned."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as wrong:
        _forget_output()
        return wrong
    return None


def _complain(text: str, given: Sequence[str]) -> None:
    from sandbox.cli.ascii import NARRATION, wants_ascii
    from sandbox.cli.output import narrate

    NARRATION.set(wants_ascii("--ascii" in given))
    narrate(f"sandbox: {text}")


def _forget_output() -> None:
    """So that the interpreter, on its way out, does not try to write it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
