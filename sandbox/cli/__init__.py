"""The commands."""

from __future__ import annotations


def main() -> int:
    """Placeholder until the commands land."""
    return 0
