"""The bench: one execution core under two fronts (floor 5)."""

from __future__ import annotations

from sandbox.bench.bench import Bench
from sandbox.bench.options import DEFAULT_SEED, Preview, RunOptions
from sandbox.bench.stepping import Stepper

__all__ = ["DEFAULT_SEED", "Bench", "Preview", "RunOptions", "Stepper"]
