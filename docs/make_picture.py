"""Makes the picture of the README from the real workbench: ``python docs/make_picture.py``.

A demo workspace in a temporary folder, a few runs with fixed seeds, and the screen as SVG. Fonts are
the reader's own: the picture names no host.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from pathlib import Path

from sandbox.bench.bench import Bench
from sandbox.bench.opened import Opened
from sandbox.cli.compose import LateAnswerers, create_demo
from sandbox.tui.app import SandboxApp

__all__ = ["main"]

PICTURE = Path(__file__).with_name("workbench.svg")
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_KEYS = ("f", "f", "5", "f", "f", "t", "f", "f")


async def _screen(folder: Path) -> str:
    with create_demo(folder) as workspace:
        documents, history = workspace.repository, workspace.history
        opened = Opened(documents, history, lambda: Bench(documents, history, LateAnswerers(), {}))
        app = SandboxApp(opened, journey="newsletter")
        async with app.run_test(size=(150, 44)) as pilot:
            await pilot.pause(0.5)
            for key in _KEYS:
                await pilot.press(key)
                await pilot.pause(0.4)
            await pilot.pause(0.5)
            return app.export_screenshot(title="sandbox", simplify=True)


def main() -> None:
    """Write the picture."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        svg = asyncio.run(_screen(Path(folder) / "demo"))
    svg = _FONTS.sub("", svg).replace(
        "Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono"
    )
    PICTURE.write_text(
        "\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
