"""Each vendor as data: what it sends, what counts as success, what happens to the person then.

A dialect is one JSON file here. Every value has an origin (``documented``, ``reported`` or
``assumed``), a source and a date. A new vendor is a new file with the same names, no new ``if``.
"""

from __future__ import annotations

from sandbox.dialects.dialect import Dialect, Origin, Setting, dialect, dialect_names
from sandbox.dialects.names import NAMES, Name, check_setting

__all__ = [
    "NAMES",
    "Dialect",
    "Name",
    "Origin",
    "Setting",
    "check_setting",
    "dialect",
    "dialect_names",
]
