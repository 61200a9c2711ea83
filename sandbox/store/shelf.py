"""One kind of document in a file: frozen models in and out, each validated when it is touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from tinydb.table import Document

from sandbox.errors import DocumentError, InputError, StoreError, UnknownName
from sandbox.model.base import Json, Model
from sandbox.store.documents import DocumentFile

__all__ = ["Shelf"]

M = TypeVar("M", bound=Model)

_MANY = 2000


class Shelf(Generic[M]):
    """The documents of one model in one table of a file."""

    def __init__(
        self, file: DocumentFile, table: str, what: str, model: type[M], key: str = "id"
    ) -> None:
        """Touches nothing yet.

        Args:
            file: where they are stored.
            table: the table's name there.
            what: what a person calls one of them.
            model: its model.
            key: the field that holds its id.
        """
        self._file = file
        self._table = table
        self._what = what
        self._model = model
        self._key = key

    def ids(self) -> list[str]:
        """In the order they were added; nothing is validated."""
        with self._file.reading() as tables:
            return tables[self._table].ids()

    def all(self) -> list[M]:
        """Those that validate, in the order they were added; see ``problems`` for the others."""
        found: list[M] = []
        for document in self._stored():
            try:
                found.append(self._opened(document))
            except StoreError:
                continue
        return found

    def problems(self) -> list[StoreError]:
        """One error for each stored document that no longer validates."""
        found: list[StoreError] = []
        for document in self._stored():
            try:
                self._opened(document)
            except StoreError as wrong:
                found.append(wrong)
        return found

    def one(self, own_id: str) -> M:
        """One document.

        Raises:
            UnknownName: with the nearest ids.
            StoreError: when it no longer validates; names file and id.
        """
        with self._file.reading() as tables:
            document = tables[self._table].get(own_id)
            if document is None:
                raise self._unknown(own_id, tables[self._table].ids())
        return self._opened(document)

    def closed(self, models: Iterable[M]) -> dict[str, dict[str, Json]]:
        """The documents of these models by their ids, each sure to be readable again.

        Raises:
            InputError: when one has no id or cannot be stored, or two have the same id.
        """
        documents: dict[str, dict[str, Json]] = {}
        for model in models:
            own_id = getattr(model, self._key)
            if not own_id:
                raise InputError(
                    f"a {self._what} without {self._key} cannot be stored",
                    f"give it a {self._key}",
                )
            if own_id in documents:
                raise InputError(
                    f"two of the {self._what}s have the {self._key} {own_id!r}",
                    "nothing was stored; give one of them another",
                )
            source = f"{self._what} {own_id!r}"
            document = model.document()
            if self._model.parse(document, source) != model and not _is_json(model):
                raise InputError(
                    f"{source} holds something that JSON cannot carry (NaN, infinity, a set …)",
                    "nothing was stored",
                )
            documents[own_id] = document
        return documents

    def put(self, models: Iterable[M], replace: bool = False) -> None:
        """Add or, with ``replace``, overwrite (in place); all or none.

        Raises:
            InputError: when ids exist and ``replace`` is off, or a model cannot be stored.
            StoreError: when the file cannot be written.
        """
        documents = self.closed(models)
        if not documents:
            return
        with self._file.writing() as tables:
            table = tables[self._table]
            taken = sorted(documents.keys() & set(table.ids()))
            if taken and not replace:
                shown = ", ".join(taken[:12]) + (f" and {len(taken) - 12} more" * (len(taken) > 12))
                there = "is" if len(taken) == 1 else "are"
                raise InputError(
                    f"{self._what} {shown} {there} in the workspace already; nothing was stored",
                    "add --replace to overwrite",
                )
            table.put(documents)

    def change(self, own_id: str, change: Callable[[M | None], M]) -> None:
        """Replace one by what ``change`` makes of it (None: not there), under the lock.

        Raises:
            StoreError: when the stored one no longer validates, or the file cannot be written.
        """
        with self._file.writing() as tables:
            table = tables[self._table]
            stored = table.get(own_id)
            new = change(None if stored is None else self._opened(stored))
            table.put(self.closed([new]))

    def delete(self, own_ids: Sequence[str]) -> None:
        """Remove these; all or none.

        Raises:
            UnknownName: for the first that is not there.
        """
        with self._file.writing() as tables:
            table = tables[self._table]
            there = set(table.ids())
            for own_id in own_ids:
                if own_id not in there:
                    raise self._unknown(own_id, table.ids())
            if own_ids:
                table.remove(dict.fromkeys(own_ids))

    def _stored(self) -> list[Document]:
        with self._file.reading() as tables:
            return tables[self._table].all()

    def _opened(self, document: Document) -> M:
        own_id = document[self._key]
        try:
            return self._model.parse(document, f"{self._what} {own_id!r}")
        except DocumentError as wrong:
            raise StoreError(
                f"{self._file.path}: {wrong.message}",
                f"correct it in the file, or overwrite this {self._what} with --replace; "
                "everything else can still be read",
            ) from wrong

    def _unknown(self, own_id: str, known: list[str]) -> UnknownName:
        if len(known) > _MANY:
            # Likeness is worked out for every name: keep to those that begin alike.
            alike = [one for one in known if one[:1] == own_id[:1]]
            known = (alike or known)[:_MANY]
        return UnknownName(self._what, own_id, known)


def _is_json(model: Model) -> bool:
    """Whether nothing would silently become something else, as NaN becomes null."""
    try:
        json.dumps(model.model_dump(), allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
