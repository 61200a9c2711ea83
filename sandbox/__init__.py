"""Journey Sandbox: simulate customer journeys whose steps call an API, on one laptop, offline."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
