"""The workspace: a folder with everything that a person has made here, and what has happened.

    workspace.json   journeys, rule sets, variables, settings   indented, for eyes and git
    profiles.json    profiles                                   compact: there may be many
    history.db       runs                                       SQLite
    .lock            one writer at a time

The folder is 0700 and the files are 0600 unless their owner says otherwise. No secret is in any
of them: variables hold references, and what reaches the history is masked.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from sandbox import __version__
from sandbox.clock import iso, wall_us
from sandbox.errors import InputError, StoreError
from sandbox.model.journey import Journey
from sandbox.model.profile import Profile
from sandbox.model.rules import RuleSet
from sandbox.model.workspace import Settings, Variable
from sandbox.store.documents import DocumentFile
from sandbox.store.history import SqliteHistory
from sandbox.store.lock import WorkspaceLock
from sandbox.store.repository import PROFILE_TABLES, WORKSPACE_TABLES, TinyRepository
from sandbox.store.storage import refused

__all__ = ["Workspace", "default_path"]

WORKSPACE, PROFILES, HISTORY = "workspace.json", "profiles.json", "history.db"


def default_path(environ: Mapping[str, str]) -> Path:
    """``$SANDBOX_WORKSPACE``, else the platform's folder for a user's data."""
    named = environ.get("SANDBOX_WORKSPACE", "")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("journey-sandbox", appauthor=False))


class Workspace:
    """An open workspace; a context manager."""

    def __init__(self, folder: Path) -> None:
        """For ``create`` and ``open``: touches nothing yet."""
        self.folder = folder
        self.lock = WorkspaceLock(folder)
        self._workspace = DocumentFile(
            folder / WORKSPACE,
            "journey-sandbox workspace",
            WORKSPACE_TABLES,
            self.lock,
            indent=True,
        )
        self._profiles = DocumentFile(
            folder / PROFILES, "journey-sandbox profiles", PROFILE_TABLES, self.lock
        )
        self.repository = TinyRepository(self._workspace, self._profiles)
        self.history = SqliteHistory(folder / HISTORY, self.lock)

    @classmethod
    def create(
        cls,
        path: str | Path,
        journeys: Iterable[Journey] = (),
        profiles: Iterable[Profile] = (),
        rule_sets: Iterable[RuleSet] = (),
        variables: Iterable[Variable] = (),
        settings: Settings | None = None,
    ) -> Self:
        """Make a workspace with these in it; whatever is there stays untouched.

        Raises:
            InputError: when there is a workspace, or something in its way; nothing was changed.
            StoreError: when it cannot be written.
        """
        made = cls(Path(path).expanduser())
        documents = made.repository.documents(
            journeys, rule_sets, variables, settings or Settings()
        )
        people = made.repository.profile_documents(profiles)
        _make_folder(made.folder)
        with made.lock.hold():
            _refuse_existing(made.folder)
            about = {"app_version": __version__, "created": iso(wall_us() // 1_000_000 * 1_000_000)}
            written: list[Path] = []
            try:
                # workspace.json comes last: with it there is a workspace.
                written.append(made.folder / PROFILES)
                made._profiles.create({"profiles": people}, about)
                written.append(made.folder / HISTORY)
                made.history.create()
                written.append(made.folder / WORKSPACE)
                made._workspace.create(documents, about)
            except BaseException:
                made.close()
                for one in written:
                    with contextlib.suppress(OSError):
                        one.unlink(missing_ok=True)
                raise
        return made

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a workspace; its profiles and its history are looked at when they are needed.

        Raises:
            InputError: when there is none.
            StoreError: when it is damaged or of a newer version.
        """
        found = cls(Path(path).expanduser())
        try:
            there = _there(found.folder)
        except OSError as wrong:
            raise refused(found.folder / WORKSPACE, "read", wrong) from wrong
        if WORKSPACE not in there and PROFILES not in there:
            raise InputError(
                f"there is no workspace in {found.folder}",
                f"make one: sandbox init --workspace {found.folder}",
            )
        for name in (WORKSPACE, PROFILES):
            if name not in there:
                raise StoreError(
                    f"{found.folder / name} is missing",
                    "put a copy of it back, or move the folder away and run sandbox init",
                )
        try:
            with found._workspace.reading():
                pass
        except BaseException:
            found.close()
            raise
        return found

    def close(self) -> None:
        """Let go of all files."""
        self.repository.close()
        self.history.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        wrong: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closed."""
        self.close()


def _there(folder: Path) -> set[str]:
    """The names in a folder; nothing when it is no folder."""
    try:
        return set(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(
            f"{folder} is in the way: a file, not a folder", "choose another folder"
        ) from None
    except OSError as wrong:
        raise refused(folder / WORKSPACE, "write", wrong) from wrong


def _refuse_existing(folder: Path) -> None:
    try:
        there = _there(folder)
    except OSError as wrong:
        raise refused(folder / WORKSPACE, "read", wrong) from wrong
    if WORKSPACE in there:
        raise InputError(
            f"there is a workspace in {folder} already; nothing was changed",
            "use it as it is, choose another folder, or bring it back to the start: sandbox reset",
        )
    for name in (PROFILES, HISTORY):
        if name in there:
            raise InputError(
                f"{folder / name} is in the way; nothing was changed",
                "choose another folder, or move that file away",
            )
