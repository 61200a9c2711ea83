"""A file of documents that are known by their own ids; TinyDB's numbers stay inside.

Every write goes: lock → read again if another process wrote → work → one atomic write. A lock
alone would not do, because a TinyDB table remembers its next number: each transaction therefore
starts with new tables (and none of them caches queries).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tinydb import TinyDB
from tinydb.table import Document, Table

from sandbox.errors import StoreError
from sandbox.model.base import Json
from sandbox.store.atomic import sweep
from sandbox.store.lock import WorkspaceLock
from sandbox.store.reading import REPAIR
from sandbox.store.storage import AtomicJSONStorage, Signature, signature

__all__ = ["SCHEMA", "Collection", "DocumentFile"]

SCHEMA = 1
"""The number of the layout that this version writes."""

_META = "_meta"
_GENERATION = re.compile(rb'"generation":\s*(\d+)')


class Collection:
    """One table, for as long as a ``reading`` or ``writing`` block lasts."""

    def __init__(self, table: Table, key: str, index: dict[str, int]) -> None:
        """``key`` is the field that holds a document's id; empty in a table without ids."""
        self._table = table
        self._key = key
        self._index = index

    def ids(self) -> list[str]:
        """In the order they were added."""
        return list(self._index)

    def all(self) -> list[Document]:
        """The documents as they are stored, in the order they were added; not to be changed."""
        return list(self._table)

    def get(self, own_id: str) -> Document | None:
        """One document as it is stored; not to be changed."""
        number = self._index.get(own_id)
        return None if number is None else self._table.get(doc_id=number)

    def put(self, documents: Mapping[str, dict[str, Json]]) -> None:
        """Overwrite those that are there, in their places, and add the others at the end."""
        known = [self._index[own_id] for own_id in documents if own_id in self._index]

        def swap(old: Json) -> None:
            new = documents[old[self._key]]
            old.clear()
            old.update(new)

        if known:
            self._table.update(swap, doc_ids=known)
        added = {own_id: one for own_id, one in documents.items() if own_id not in self._index}
        if added:
            numbers = self._table.insert_multiple(added.values())
            self._index.update(zip(added, numbers, strict=True))

    def remove(self, own_ids: Iterable[str]) -> None:
        """Remove these, which are there."""
        self._table.remove(doc_ids=[self._index.pop(own_id) for own_id in own_ids])

    def replace_all(self, documents: Iterable[dict[str, Json]]) -> None:
        """Nothing but these, in this order."""
        new = list(documents)
        self._index.clear()
        self._table.truncate()
        numbers = self._table.insert_multiple(new)
        if self._key:
            self._index.update((one[self._key], at) for one, at in zip(new, numbers, strict=True))


class DocumentFile:
    """One JSON file with a ``_meta`` table and tables of documents."""

    def __init__(
        self,
        path: Path,
        holds: str,
        tables: Mapping[str, str],
        lock: WorkspaceLock,
        indent: bool = False,
    ) -> None:
        """Touches nothing yet.

        Args:
            path: the file.
            holds: what ``_meta.format`` says.
            tables: table → the field of its documents that is their id (empty: none).
            lock: the workspace's.
            indent: two spaces, for eyes and git; else compact.
        """
        self.path = path
        self._holds = holds
        self._keys = dict(tables)
        self._lock = lock
        self._database = TinyDB(path, indent, storage=AtomicJSONStorage)
        storage = self._database.storage
        assert isinstance(storage, AtomicJSONStorage)
        self._storage = storage
        self._indexes: dict[str, dict[str, int]] = {}
        self._indexed = -1
        self._swept = False

    def create(
        self, tables: Mapping[str, list[dict[str, Json]]], about: Mapping[str, Json]
    ) -> None:
        """Write the first state; the caller holds the lock and knows that there is no file.

        Args:
            tables: table → documents; every table of the file.
            about: what ``_meta`` says besides format, schema and generation.
        """
        meta = {"format": self._holds, "schema": SCHEMA, "generation": 1, **about}
        with self._storage.transaction():
            self._table(_META).insert(meta)
            for name in self._keys:
                self._table(name).insert_multiple(tables.get(name, []))

    @contextlib.contextmanager
    def reading(self) -> Iterator[dict[str, Collection]]:
        """The tables in one state, without a lock: a writer replaces the file whole.

        Raises:
            StoreError: when the file is missing, damaged or newer than this program.
        """
        with self._storage.steady():
            yield self._collections()

    @contextlib.contextmanager
    def writing(self) -> Iterator[dict[str, Collection]]:
        """The tables in their newest state, under the lock; written once when the block ends.

        Raises:
            StoreError: when the file cannot be locked, read or written; nothing was changed. Any
                exception of the block leaves the file as it was, too.
        """
        with self._lock.hold():
            self._really_follow()
            with self._storage.steady():
                with self._storage.transaction():
                    yield self._collections()
                    if self._storage.dirty:
                        self._table(_META).update(_next_generation)
                # The collections kept their indexes up to date.
                self._indexed = self._storage.loads

    def changed(self) -> bool:
        """Whether another process wrote since this one last read; costs about a microsecond."""
        return self._storage.changed()

    def version(self) -> Signature | None:
        """Differs from the last one when anybody has written; None when the file is missing."""
        return signature(self.path)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _table(self, name: str) -> Table:
        return Table(self._storage, name, cache_size=0)

    def _really_follow(self) -> None:
        """Under the lock: compare the generation too, where file systems keep time coarsely."""
        if not self._swept:
            sweep(self.path)
            self._swept = True
        if self._storage.changed():
            return
        with self._storage.steady():
            known = self._meta().get("generation")
        try:
            with open(self.path, "rb") as source:
                found = _GENERATION.search(source.read(1024))
        except OSError:
            found = None
        if found is None or int(found[1]) != known:
            self._storage.forget()

    def _meta(self) -> Mapping[str, Json]:
        return next(iter(self._table(_META)), {})

    def _collections(self) -> dict[str, Collection]:
        tree = self._storage.read()
        if tree is None:
            raise StoreError(f"{self.path} is missing", "put a copy of it back")
        if self._indexed != self._storage.loads:
            self._check_meta()
            self._indexes = {name: self._index(name, key) for name, key in self._keys.items()}
            self._indexed = self._storage.loads
        return {
            name: Collection(self._table(name), key, self._indexes[name])
            for name, key in self._keys.items()
        }

    def _check_meta(self) -> None:
        meta = self._meta()
        holds, schema = meta.get("format"), meta.get("schema")
        if holds != self._holds:
            says = f"its _meta.format is {holds!r}" if holds else "it has no _meta.format"
            raise StoreError(f"{self.path} is not a {self._holds} file: {says}", REPAIR)
        if type(schema) is not int or schema < 1 or type(meta.get("generation")) is not int:
            raise StoreError(f"{self.path}: _meta needs whole numbers schema, generation", REPAIR)
        if schema > SCHEMA:
            raise StoreError(
                f"{self.path} was written by a newer version: it has schema {schema}, "
                f"this program knows {SCHEMA}; nothing was changed",
                "update the program to open this workspace",
            )

    def _index(self, name: str, key: str) -> dict[str, int]:
        index: dict[str, int] = {}
        if not key:
            return index
        for document in self._table(name):
            own_id = document.get(key)
            if not isinstance(own_id, str):
                raise StoreError(
                    f"{self.path}: {name}.{document.doc_id} has no {key} of text", REPAIR
                )
            if own_id in index:
                raise StoreError(
                    f"{self.path}: {name}.{index[own_id]} and {name}.{document.doc_id} "
                    f"have the same {key}, {own_id!r}",
                    REPAIR,
                )
            index[own_id] = document.doc_id
        return index


def _next_generation(meta: Json) -> None:
    meta["generation"] += 1
