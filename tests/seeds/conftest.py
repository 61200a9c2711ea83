"""The commands and the demo workspace, as the command line's own tests have them."""

from __future__ import annotations

from tests.cli.conftest import demo_folder, sandbox, workspace

__all__ = ["demo_folder", "sandbox", "workspace"]
