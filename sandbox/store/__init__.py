"""What is kept on disk: a workspace folder behind a repository, and the history of runs.

Three nouns: a ``Workspace`` is the folder, its ``repository`` gives and takes frozen models, and a
storage replaces one file whole. The only room that imports tinydb and sqlite3.
"""

from __future__ import annotations

from sandbox.store.history import SqliteHistory
from sandbox.store.repository import TinyRepository
from sandbox.store.workspace import Workspace, default_path

__all__ = ["SqliteHistory", "TinyRepository", "Workspace", "default_path"]
