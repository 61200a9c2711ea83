"""A text with snippet tags, compiled to a closure.

It renders many times for one parse, tells which tags found nothing, and can explain itself: tag →
path → value → type. The explaining renders again; the walk never pays for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from sandbox.model.base import Json
from sandbox.templates.filters import to_text, type_name
from sandbox.templates.gathering import Slot, joined, lone
from sandbox.templates.noticing import Found, Notice, nothing_at
from sandbox.templates.paths import MISSING, dotted
from sandbox.templates.snippet import Tag, TooLarge, as_text, parse, tag_value
from sandbox.templates.text import Printing, Provenance, Render, Straight, Text

__all__ = ["Template"]

_PRINTING = Printing(to_text, lambda text: True, str)


class Template(Text):
    """One text with tags that are a path and filters."""

    __slots__ = ("encode", "keep_types", "parts")

    def __init__(
        self,
        source: str,
        at: str = "",
        keep_types: bool = False,
        encode: Callable[[str], str] | None = None,
        read: Callable[[str], list[str | Tag]] = parse,
        plays: Callable[[Tag, str], bool] | None = None,
    ) -> None:
        """Parse ``source``.

        Args:
            source: the text.
            at: the field it stands in, for findings.
            keep_types: whether a text that is one whole tag keeps the value's JSON type.
            encode: applied to every value but one at the very start (so a base URL stays as it is)
                and those of ``env``, which are the author's own constants.
            read: text → its literal pieces and tags.
            plays: whether the vendor replaces a tag, given the text before it; None: every one.

        Raises:
            TemplateError: with the position.
        """
        super().__init__(source, at)
        self.plain = True
        self.keep_types = keep_types
        self.encode = encode
        self.parts = read(source)
        if plays is not None:
            self._keep_literal(plays)
        self.static = not any(isinstance(part, Tag) for part in self.parts)
        if self.static:
            self.literal = "".join(part for part in self.parts if isinstance(part, str))
        self.render = self._compiled()

    def _keep_literal(self, plays: Callable[[Tag, str], bool]) -> None:
        """Tags that the vendor does not replace become text."""
        before = ""
        for index, part in enumerate(self.parts):
            if isinstance(part, Tag) and not plays(part, before):
                self.parts[index] = part.source
                message = f"{part.source} in {self.at}: the vendor replaces no tag here, so it is "
                self.notices.append(
                    Notice("url_tag_literal", "warning", message + "sent as it is written")
                )
            before += part.source if isinstance(part, Tag) else part

    def _raw(self, index: int, tag: Tag) -> bool:
        """Whether a tag's value is put in as it is."""
        return self.encode is None or index == 0 or tag.path[:1] == ("env",)

    def _compiled(self) -> Render:
        at = self.at
        if self.static:
            literal = self.literal
            return lambda scope, found: literal
        if len(self.parts) == 1 and isinstance(self.parts[0], Tag):
            tag = self.parts[0]
            value = tag_value(tag)
            keep = self.keep_types
            gone = nothing_at(tag.source, at, tag.where)
            if tag.path and not tag.filters:
                self.straight = Straight(tag.path, None if keep else _PRINTING)

            def whole(scope: Json, found: Found) -> Json:
                result = value(scope)
                if result is MISSING:
                    found.append(gone)
                    return None if keep else ""
                return result if keep else as_text(result)

            return whole
        frame: list[str] = []
        slots: list[Slot] = []
        for index, part in enumerate(self.parts):
            if isinstance(part, Tag):
                frame.append("")
                slots.append(self._slot(index, part))
            else:
                frame.append(part)
        self.straight = lone(frame, slots)
        return joined(frame, slots, at)

    def _slot(self, index: int, tag: Tag) -> Slot:
        """A tag inside a text: always text."""
        value, encode = tag_value(tag), None if self._raw(index, tag) else self.encode
        gone = nothing_at(tag.source, self.at, tag.where)

        def printed(scope: Json, found: Found) -> str:
            result = value(scope)
            if result is MISSING:
                found.append(gone)
                return ""
            text = result if type(result) is str else to_text(result)
            return text if encode is None else encode(text)

        straight = None
        if encode is None and tag.path and not tag.filters:
            straight = Straight(tag.path, _PRINTING)
        return Slot(index, straight, printed)

    def text(self, scope: Json, found: Found) -> str:
        """``render``, as text whatever the dialect."""
        result = self.render(scope, found)
        return result if type(result) is str else as_text(result)

    def tags(self) -> Iterator[Tag]:
        """The tags, in order."""
        return (part for part in self.parts if isinstance(part, Tag))

    def pieces(self) -> list[str | Tag]:
        """Its text and tags, in order."""
        return self.parts

    def explain(self, scope: Json) -> list[Provenance]:
        """One line per tag."""
        whole = self.keep_types and len(self.parts) == 1
        lines = []
        for index, tag in enumerate(self.parts):
            if not isinstance(tag, Tag):
                continue
            try:
                value = tag_value(tag)(scope)
            except TooLarge:
                lines.append(
                    Provenance(self.at, tag.source, dotted(tag.path), None, "too large", None)
                )
                continue
            missing = value is MISSING
            rendered: Json = (None if missing else value) if whole else to_text(value)
            if self.encode is not None and not self._raw(index, tag):
                with suppress(UnicodeEncodeError):  # the call itself says that it is unsendable
                    rendered = self.encode(rendered)
            lines.append(
                Provenance(
                    self.at,
                    tag.source,
                    dotted(tag.path) or "(literal)",
                    None if missing else value,
                    type_name(value),
                    rendered,
                )
            )
        return lines
