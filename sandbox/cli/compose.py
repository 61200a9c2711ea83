"""Composition: opens the workspace and joins store, wire and bench."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.cli.output import narrate
from sandbox.errors import InputError
from sandbox.store.workspace import Workspace, default_path

if TYPE_CHECKING:
    from sandbox.bench.bench import Bench
    from sandbox.bench.opened import Opened
    from sandbox.mocks.engine import Session
    from sandbox.seams import Answerer

__all__ = [
    "LateAnswerers",
    "create_demo",
    "known_secrets",
    "open_bench",
    "open_workspace",
    "opened_workspace",
]


class LateAnswerers:
    """Makes answerers; httpx and respx are imported when the first one is made."""

    def mocked(self, session: Session) -> Answerer:
        """Answers from mock rules, through the real client stack."""
        from sandbox.wire.mocked import MockedAnswerer

        return MockedAnswerer(session)

    def live(self, allowed_hosts: Iterable[str]) -> Answerer:
        """Sends for real, to these hosts only."""
        from sandbox.wire.live import LiveAnswerer

        return LiveAnswerer(allowed_hosts)

    def warm(self) -> None:
        """Import both."""
        import sandbox.wire.live
        import sandbox.wire.mocked  # noqa: F401


def create_demo(folder: Path, empty: bool = False) -> Workspace:
    """Make a workspace, with the demo or empty.

    Raises:
        InputError: when there is one already.
    """
    if empty:
        return Workspace.create(folder)
    from sandbox.cli.demo import demo

    return Workspace.create(folder, *demo())


def open_workspace(arguments: argparse.Namespace) -> Workspace:
    """The workspace a command works in; a missing default one is made, with the demo."""
    if arguments.workspace:
        return Workspace.open(arguments.workspace)
    folder = default_path(os.environ)
    try:
        missing = not any((folder / name).exists() for name in ("workspace.json", "profiles.json"))
    except OSError:
        missing = False  # opening says what is wrong
    if missing:
        try:
            made = create_demo(folder)
        except InputError:
            return Workspace.open(folder)  # another process was quicker
        narrate(f"sandbox: made a demo workspace in {folder}")
        return made
    return Workspace.open(folder)


@contextmanager
def known_secrets(arguments: argparse.Namespace) -> Iterator[Callable[[], Iterable[str]]]:
    """The values of secret variables, as they are when one asks; no workspace is made for them."""
    from sandbox.environment import resolve

    given = _env_file(arguments)
    folder = default_path(os.environ)
    if arguments.workspace or (folder / "workspace.json").exists():
        with open_workspace(arguments) as workspace:
            variables = workspace.repository.variables
            yield lambda: resolve(variables(), os.environ, given).secrets
    else:
        yield lambda: resolve((), {}, given).secrets


def _env_file(arguments: argparse.Namespace) -> dict[str, str] | None:
    env_file = getattr(arguments, "env_file", None)
    if not env_file:
        return None
    from sandbox.cli.files import read_text
    from sandbox.environment import parse_env_file

    return parse_env_file(read_text(env_file), env_file)


@contextmanager
def opened_workspace(arguments: argparse.Namespace) -> Iterator[Opened]:
    """The command's workspace, and a bench over it for when one is needed."""
    from sandbox.bench.opened import Opened

    values = _env_file(arguments)
    with open_workspace(arguments) as workspace:

        def bench() -> Bench:
            from sandbox.bench.bench import Bench

            return Bench(
                workspace.repository,
                workspace.history,
                LateAnswerers(),
                os.environ,
                values,
                getattr(arguments, "reveal", False),
            )

        yield Opened(workspace.repository, workspace.history, bench)


@contextmanager
def open_bench(arguments: argparse.Namespace) -> Iterator[Bench]:
    """A bench over the command's workspace."""
    with opened_workspace(arguments) as opened:
        yield opened.bench
