"""``serve.json`` of a workspace: the hashes of the trigger API's token and key."""

from __future__ import annotations

import json
import os

from sandbox.clock import iso, wall_us
from sandbox.errors import StoreError
from sandbox.formats.documents import write_json
from sandbox.serve.credentials import Hashes, Minted, mint
from sandbox.store.atomic import NotConfirmed, replace_file
from sandbox.store.storage import Signature, refused, signature
from sandbox.store.workspace import Workspace

__all__ = ["KeyFile"]

_FORMAT = "journey-sandbox serve"


class KeyFile:
    """Made when it is first needed; followed while it is used, so that new ones count at once."""

    def __init__(self, workspace: Workspace) -> None:
        """Touches nothing yet."""
        self.path = workspace.folder / "serve.json"
        self._lock = workspace.lock
        self._seen: Signature | None = None
        self._hashes: Hashes | None = None

    def ensure(self, new: bool = False) -> Minted | None:
        """Make token and key when there are none, or anyway with ``new``; the old ones end.

        Returns:
            What was made: this once it can be shown. None when those that are there stay.

        Raises:
            StoreError: when the file cannot be read or written.
        """
        with self._lock.hold():
            if not new and self.current() is not None:
                return None
            made = mint()
            hashes = made.hashes
            document = {
                "format": _FORMAT,
                "schema": 1,
                "created": iso(wall_us() // 1_000_000 * 1_000_000),
                "token_sha256": hashes.token,
                "key_sha256": hashes.key,
            }
            try:
                handle = replace_file(self.path, write_json(document).encode())
            except NotConfirmed:
                pass  # it is in place; a token that is lost with the disk is made again
            except OSError as wrong:
                raise refused(self.path, "write", wrong) from wrong
            else:
                if handle is not None:
                    os.close(handle)
        return made

    def current(self) -> Hashes | None:
        """The hashes as they are in the file now; None when there is none.

        Raises:
            StoreError: when it cannot be read.
        """
        found = signature(self.path)
        if found != self._seen or found is None:
            self._hashes = None if found is None else self._read()
            self._seen = found
        return self._hashes

    def _read(self) -> Hashes:
        try:
            document = json.loads(self.path.read_bytes())
            hashes = Hashes(document["token_sha256"], document["key_sha256"])
            if all(isinstance(one, str) and one.isascii() for one in hashes):
                return hashes
        except OSError as wrong:
            raise refused(self.path, "read", wrong) from wrong
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        raise StoreError(
            f"{self.path} does not hold the hashes of a token and a key",
            "make new ones: sandbox serve --new-token",
        )
