"""Kustomer workflows in: the editor's JSON or the API's envelope → a journey and a report."""

from __future__ import annotations

from sandbox.formats.kustomer.reading import GRADES, Grade, Note
from sandbox.formats.kustomer.shapes import looks_like_kustomer
from sandbox.formats.kustomer.workflow import Imported, from_kustomer

__all__ = ["GRADES", "Grade", "Imported", "Note", "from_kustomer", "looks_like_kustomer"]
