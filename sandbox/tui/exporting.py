"""A run as a file in the current folder."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.errors import StoreError
from sandbox.model.base import dump_json
from sandbox.model.trace import TraceDocument

__all__ = ["write_run"]


def write_run(trace: TraceDocument, folder: Path | None = None) -> Path:
    """Write it under a name that is free; never over anything.

    Raises:
        StoreError: when the folder cannot be written.
    """
    run = trace["run"]
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{run['journey']}-{run['id'] or 'unfinished'}")
    folder = folder or Path.cwd()
    for number in range(1, 1000):
        suffix = f"-{number}" if number > 1 else ""
        path = folder / f"{name}{suffix}.json"
        try:
            with path.open("xb") as file:
                file.write(dump_json(trace, indent=True) + b"\n")
        except FileExistsError:
            continue
        except OSError as wrong:
            raise StoreError(
                f"{path}: {wrong.strerror}", "start the workbench in a folder you can write to"
            ) from wrong
        return path
    raise StoreError(f"{folder}: there are a thousand exports of this run already", "move some")
