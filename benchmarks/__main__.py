"""``python -m benchmarks [NAME …]``: every measurement, or those that are named."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable

from benchmarks import first_frame, mocking, rendering, sending, start_up, sweeping, walks, wire
from benchmarks.measure import Row, table

MEASURED: dict[str, Callable[[], list[Row]]] = {
    "mocked": sending.measure_mocked,
    "mocking": mocking.measure,
    "live": sending.measure_live,
    "wire": wire.measure,
    "walks": walks.measure,
    "sweeping": sweeping.measure,
    "rendering": rendering.measure,
    "start-up": start_up.measure,
    "first-frame": first_frame.measure,
}


def main() -> int:
    """Measure and print; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURED))
    names = parser.parse_args().names or list(MEASURED)
    for name in names:
        if name not in MEASURED:
            parser.error(f"unknown: {name}; there is {', '.join(MEASURED)}")
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr)
        rows += MEASURED[name]()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores{load}")
    print(table(rows))
    print(
        "\nMedians of interleaved rounds. Calls and walks: CPU time for each; commands: CPU time of"
        "\nthe process; first frame: time on the clock. Trust the ratios before the figures."
    )
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
