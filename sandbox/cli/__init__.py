"""The commands (floor 7): they compose the rooms. Stdout is data, stderr is narration.

Exit codes: 0 done; 1 a call failed or something differs, where that was asked for; 2 wrong usage
or input; 3 the store refused;
4 live sending was refused; 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from sandbox.errors import SandboxError

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    from sandbox.cli.parser import parse

    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        code: int = arguments.command(arguments)
        sys.stdout.flush()
        return code
    except SandboxError as wrong:
        print(f"sandbox: {wrong}", file=sys.stderr)  # noqa: T201
        return wrong.exit_code
    except KeyboardInterrupt:
        print("sandbox: interrupted", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone (``sandbox runs | head``); that is not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
