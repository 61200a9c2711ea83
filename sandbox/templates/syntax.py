"""Which syntax a journey's texts are written in: the dialect's ``template.*`` values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sandbox.model.base import Json
from sandbox.templates.compiled import Template
from sandbox.templates.filters import to_text
from sandbox.templates.handlebars.javascript import js_text
from sandbox.templates.handlebars.text import HandlebarsText
from sandbox.templates.paths import Path, PathError, parse_path
from sandbox.templates.references import MARK, Reference, read_path
from sandbox.templates.single import Known, doubled, parse_single
from sandbox.templates.snippet import CLOSE, OPEN, Tag, parse
from sandbox.templates.text import Text
from sandbox.templates.values import Value

__all__ = ["SNIPPET", "Syntax"]

Name = Literal["snippet", "kustomer", "insider"]
_SENT = ("url", "headers", "query", "body", "auth")


_NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Syntax:
    """How texts are read."""

    name: Name = "snippet"
    opens: str = OPEN
    """What begins a snippet tag."""
    closes: str = CLOSE
    known: Known = _NOTHING_KNOWN
    """What Insider's names may mean."""

    def text(
        self,
        source: str,
        at: str = "",
        encode: Callable[[str], str] | None = None,
        plays: Callable[[Tag, str], bool] | None = None,
        keep_types: bool = False,
    ) -> Text:
        """A text.

        Args:
            source: the text.
            at: the field it stands in.
            encode: for values in a URL; not used by Handlebars, whose helpers do that.
            plays: whether a tag is replaced at all, given the text before it.
            keep_types: whether a whole snippet tag keeps its value's type.

        Raises:
            TemplateError: with the position.
        """
        if self.name == "kustomer":
            if source.startswith(MARK):
                return Reference(source, at)
            return HandlebarsText(source, at, at.partition(".")[0] in _SENT)
        text = Template(source, at, keep_types, encode, self._read(), plays)
        if self.name == "insider":
            notices = (doubled(tag, at, self.known) for tag in text.tags())
            text.notices += [notice for notice in notices if notice is not None]
        return text

    def _read(self) -> Callable[[str], list[str | Tag]]:
        if self.name == "insider":
            return parse_single(self.known)
        if (self.opens, self.closes) == (OPEN, CLOSE):
            return parse
        opens, closes = self.opens, self.closes
        return lambda text: parse(text, opens, closes)

    def value(
        self,
        source: Json,
        at: str,
        keep_types: bool = False,
        nothing: Json = None,
        plays: Callable[[Tag, str], bool] | None = None,
    ) -> Value:
        """Open JSON whose strings are texts.

        Raises:
            DocumentError: with the path and position of every text that cannot be read.
        """
        return Value(
            source,
            at,
            keep_types,
            lambda text, field: self.text(text, field, None, plays, keep_types),
            nothing,
        )

    def path(self, written: str) -> Path | PathError:
        """A path of a condition; Kustomer's may begin with ``/#``."""
        if self.name == "kustomer" and written.startswith(MARK):
            return read_path(written.removeprefix(MARK))[0] or PathError(0, "a path is missing")
        return parse_path(written)

    def printed(self, value: Json) -> str:
        """A value as text in this syntax."""
        return js_text(value) if self.name == "kustomer" else to_text(value)


SNIPPET = Syntax()
"""The sandbox's own tags."""
