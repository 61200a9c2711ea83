"""One Handlebars text, ready to render."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.model.base import Json
from sandbox.templates.filters import MAX_TEXT, TooLarge, type_name
from sandbox.templates.gathering import Slot, joined, lone
from sandbox.templates.handlebars.compiler import compile_program, escape_notice, plain_path
from sandbox.templates.handlebars.frames import Frame, Line, State
from sandbox.templates.handlebars.javascript import (
    UNSAFE,
    escape_html,
    is_harmless,
    js_getter,
    js_text,
)
from sandbox.templates.handlebars.nodes import Comment, Content, Mustache
from sandbox.templates.handlebars.parser import parse
from sandbox.templates.noticing import Found, Notice, nothing_at
from sandbox.templates.paths import MISSING, dotted, look_up
from sandbox.templates.snippet import Tag
from sandbox.templates.text import Printing, Provenance, Render, Straight, Text

__all__ = ["HandlebarsText"]

_SHORT = 10_000
_TAG = re.compile(r"\{\{(?:(?!\{\{).)*?\}\}", re.DOTALL)
_REFERENCE = re.compile(r"/#(?:fn:)?[A-Za-z][\w.\[\],-]*")


class HandlebarsText(Text):
    """A text with ``{{…}}`` tags; it always renders text."""

    __slots__ = ("_frames", "_plain", "_tags")

    def __init__(self, source: str, at: str = "", escapes_harm: bool = False) -> None:
        """Parse ``source``.

        Args:
            source: the text.
            at: the field it stands in, for findings.
            escapes_harm: whether it is sent to an endpoint, where HTML escapes are no good.

        Raises:
            TemplateError: with the position.
        """
        super().__init__(source, at)
        program = parse(source)
        compiled = compile_program(source, program, at, escapes_harm)
        self._frames = compiled.render
        self._tags = compiled.tags
        nodes = [node for node in program.body if not isinstance(node, Comment)]
        self._plain: list[Content | Mustache] | None = [
            node for node in nodes if isinstance(node, Content | Mustache)
        ]
        if len(self._plain) < len(nodes):
            self._plain = None
        self.static = all(isinstance(node, Content) for node in nodes)
        if self.static:
            self.plain = True
            self.literal = "".join(node.value for node in nodes if isinstance(node, Content))
            literal = self.literal
            self.render = lambda scope, found: literal
        elif self._plain is not None and all(
            isinstance(node, Content) or plain_path(node) for node in self._plain
        ):
            self.plain = True  # blocks and helpers may read more than their paths
            self.render = self._flat(self._plain, escapes_harm)
        else:
            self.render = self._framed
        self._look_for_references()
        for name in compiled.assumed:
            message = f"{at}: the vendor's spelling of the helper {name} is assumed"
            self.notices.append(Notice("kustomer.helper_assumed", "info", message))

    def _look_for_references(self) -> None:
        outside = _TAG.sub("", self.source) if "/#" in self.source else ""
        for match in _REFERENCE.finditer(outside):
            written = match.group()
            message = (
                f"{self.at}: {written} stands inside a text, where it is no reference: it is sent "
                f"as it is written; {{{{{{{written.removeprefix('/#')}}}}}}} puts the value in"
            )
            self.notices.append(Notice("kustomer.reference_in_text", "warning", message))

    def _flat(self, nodes: list[Content | Mustache], notice_escapes: bool) -> Render:
        """Nothing but text and values from the root: no frames are needed."""
        at = self.at
        frame: list[str] = []
        slots: list[Slot] = []
        for index, node in enumerate(nodes):
            if isinstance(node, Content):
                frame.append(node.value)
            else:
                frame.append("")
                slots.append(_slot(index, node, at, notice_escapes))
        if len(nodes) == 1:
            (only,) = slots
            self.straight = only.straight
            return only.render
        self.straight = lone(frame, slots)
        return joined(frame, slots, at)

    def _framed(self, scope: Json, found: Found) -> str:
        return self._frames(self._frame(scope, found, None))

    def _frame(self, scope: Json, found: Found, lines: list[Line] | None) -> Frame:
        return Frame(scope, None, None, State(scope, found, self.at, lines), {}, ())

    def text(self, scope: Json, found: Found) -> str:
        """``render``."""
        made: str = self.render(scope, found)
        return made

    def tags(self) -> Iterator[Tag]:
        """The paths it reads, but for those inside a loop."""
        return iter(self._tags)

    def explain(self, scope: Json) -> list[Provenance]:
        """One line per value that is printed, turn by turn in a loop."""
        if self.static:
            return []
        lines: list[Line] = []
        try:
            self._frames(self._frame(scope, [], lines))
        except TooLarge:
            return [Provenance(self.at, self.source[:80], "(everything)", None, "too large", None)]
        return [
            Provenance(
                self.at,
                line.source,
                line.path,
                None if line.value is MISSING else line.value,
                type_name(line.value),
                line.rendered,
            )
            for line in lines
        ]

    def pieces(self) -> list[str | Tag] | None:
        """Its text and printed values, in order; None with blocks."""
        if self._plain is None:
            return None
        return [
            node.value if isinstance(node, Content) else self._tag_of(node) for node in self._plain
        ]

    def _tag_of(self, node: Mustache) -> Tag:
        """The tag of a printed value: with the first path that it reads."""
        first = next((tag.path for tag in self._tags if tag.source == node.source), ())
        return Tag(node.source, node.start, first, None, ())


_AS_IT_IS = Printing(js_text, lambda text: True, str)
_ESCAPED = Printing(js_text, is_harmless, escape_html)


def _slot(place: int, node: Mustache, at: str, notice_escapes: bool) -> Slot:
    """A value from the root as text."""
    path = plain_path(node)
    get = js_getter(path)
    gone = nothing_at(node.source, at, dotted(path))
    changed = escape_notice(node.source, at) if notice_escapes and node.escape else None
    escape = node.escape
    unsafe = UNSAFE.search if escape else _nothing  # for one short text quicker than is_harmless

    def printed(scope: Json, found: Found) -> str:
        value = get(scope)
        if type(value) is str and len(value) < _SHORT and unsafe(value) is None:
            return value
        # What lies beyond null is null to Handlebars, and printed as nothing; it is not there.
        if value is MISSING or (value is None and look_up(scope, path) is MISSING):
            found.append(gone)
            return ""
        text = js_text(value)
        if escape and (escaped := escape_html(text)) is not text:
            if changed is not None:
                found.append(changed)
            text = escaped
        if len(text) > MAX_TEXT:
            raise TooLarge(f"{at or 'a text'} grew past {MAX_TEXT:,} characters")
        return text

    return Slot(place, Straight(path, _ESCAPED if escape else _AS_IT_IS, changed), printed)


def _nothing(text: str) -> None:
    """Nothing to escape."""
