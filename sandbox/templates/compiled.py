"""Text and JSON with tags, compiled to closures.

``Template`` is one text, ``Value`` is open JSON whose strings are templates. Both render many
times for one parse, tell which
tags found nothing, and can explain themselves: tag → path → value → type. The explaining renders
again; the walk never pays for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from sandbox.errors import DocumentError, Problem, TemplateError
from sandbox.model.base import Json
from sandbox.templates.filters import to_text, type_name
from sandbox.templates.paths import MISSING, dotted
from sandbox.templates.snippet import MAX_TEXT, Missing, Tag, TooLarge, as_text, parse, tag_value

__all__ = [
    "MAX_VALUES",
    "Provenance",
    "Template",
    "Value",
    "check_size",
    "compile_text",
    "compile_value",
]

MAX_VALUES = 10_000
"""Values one rendered attribute may hold, itself and all inside it."""
MAX_LEVELS = 64
"""Levels it may nest."""

Found = list[Missing]
Render = Callable[[Json, Found], Json]


class Provenance(NamedTuple):
    """Where one rendered value came from."""

    at: str
    """The field: ``body.extra.variable_1``."""
    tag: str
    path: str
    value: Json
    """None when missing."""
    type: str
    """A JSON type, ``missing``, or ``too large``."""
    rendered: Json
    """What stands in the payload in the tag's place."""


class Template:
    """One text with tags."""

    __slots__ = ("_render", "at", "encode", "keep_types", "parts", "source", "static")

    def __init__(
        self,
        source: str,
        at: str = "",
        keep_types: bool = False,
        encode: Callable[[str], str] | None = None,
    ) -> None:
        """Parse ``source``.

        Args:
            source: the text.
            at: the field it stands in, for findings.
            keep_types: whether a text that is one whole tag keeps the value's JSON type.
            encode: applied to every value but one at the very start (so a base URL stays as it is)
                and those of ``env``, which are the author's own constants.

        Raises:
            TemplateError: with the position.
        """
        self.source = source
        self.at = at
        self.keep_types = keep_types
        self.encode = encode
        self.parts = parse(source)
        self.static = not any(isinstance(part, Tag) for part in self.parts)
        self._render = self._compiled()

    def _raw(self, index: int, tag: Tag) -> bool:
        """Whether a tag's value is put in as it is."""
        return self.encode is None or index == 0 or tag.path[:1] == ("env",)

    def _compiled(self) -> Render:
        at, source, encode = self.at, self.source, self.encode
        if self.static:
            return lambda scope, found: source
        if len(self.parts) == 1 and isinstance(self.parts[0], Tag):
            tag = self.parts[0]
            value = tag_value(tag)
            if self.keep_types:

                def kept(scope: Json, found: Found) -> Json:
                    result = value(scope)
                    if result is MISSING:
                        found.append(Missing(tag, at))
                        return None
                    return result

                return kept

            def whole(scope: Json, found: Found) -> str:
                result = value(scope)
                if result is MISSING:
                    found.append(Missing(tag, at))
                    return ""
                if type(result) is str and len(result) <= MAX_TEXT:
                    return result
                return as_text(result)

            return whole
        pieces: list[tuple[str, Tag | None, Callable[[Json], Json] | None, bool]] = []
        for index, part in enumerate(self.parts):
            if isinstance(part, Tag):
                pieces.append(("", part, tag_value(part), self._raw(index, part)))
            else:
                pieces.append((part, None, None, True))

        def render(scope: Json, found: Found) -> str:
            out: list[str] = []
            size = 0
            for text, tag, value, raw in pieces:
                if tag is not None and value is not None:
                    result = value(scope)
                    if result is MISSING:
                        found.append(Missing(tag, at))
                        continue
                    text = result if type(result) is str else to_text(result)
                    if not raw and encode is not None:
                        text = encode(text)
                out.append(text)
                size += len(text)
                if size > MAX_TEXT:
                    raise TooLarge(f"{at or 'a text'} grew past {MAX_TEXT:,} characters")
            return "".join(out)

        live = [value for _, _, value, _ in pieces if value is not None]
        return render if len(live) > 1 else _remembering(live[0], render)

    def render(self, scope: Json, found: Found) -> Json:
        """Render for a scope; tags that find nothing are appended to ``found``.

        Raises:
            TooLarge: past ``MAX_TEXT`` characters.
        """
        return self._render(scope, found)

    def text(self, scope: Json, found: Found) -> str:
        """``render``, as text whatever the dialect."""
        result = self._render(scope, found)
        return result if type(result) is str else as_text(result)

    def tags(self) -> Iterator[Tag]:
        """The tags, in order."""
        return (part for part in self.parts if isinstance(part, Tag))

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


class Value:
    """Open JSON whose strings (values, not keys) are templates."""

    __slots__ = ("render", "source", "templates")

    def __init__(self, source: Json, at: str, keep_types: bool) -> None:
        """Compile ``source``.

        Raises:
            DocumentError: with the path and position of every tag that cannot be read.
        """
        self.source = source
        self.templates: list[Template] = []
        problems: list[Problem] = []
        self.render: Render = self._compiled(source, at, keep_types, problems)
        if problems:
            raise DocumentError("template", problems)

    @property
    def static(self) -> bool:
        """Whether nothing in it depends on the scope."""
        return not self.templates

    def _compiled(self, value: Json, at: str, keep_types: bool, problems: list[Problem]) -> Render:
        if isinstance(value, str):
            try:
                template = Template(value, at, keep_types)
            except TemplateError as wrong:
                problems.append(Problem(at, str(wrong)))
                return lambda scope, found: None
            if template.static:
                return lambda scope, found: value
            self.templates.append(template)
            return template._render
        before = len(self.templates)
        if isinstance(value, dict):
            fields = [
                (key, self._compiled(item, f"{at}.{key}" if at else key, keep_types, problems))
                for key, item in value.items()
            ]
            if len(self.templates) > before:
                return lambda scope, found: {key: render(scope, found) for key, render in fields}
        elif isinstance(value, list):
            items = [
                self._compiled(item, f"{at}[{index}]", keep_types, problems)
                for index, item in enumerate(value)
            ]
            if len(self.templates) > before:
                return lambda scope, found: [render(scope, found) for render in items]
        return lambda scope, found: value

    def tags(self) -> Iterator[Tag]:
        """Every tag, in document order."""
        for template in self.templates:
            yield from template.tags()

    def explain(self, scope: Json) -> list[Provenance]:
        """One line per tag."""
        return [line for template in self.templates for line in template.explain(scope)]


def check_size(value: Json, at: str) -> None:
    """Hold a rendered object or list to the limits; a loop that nests one in itself grows fast.

    Raises:
        TooLarge: past ``MAX_VALUES`` values, ``MAX_LEVELS`` levels or ``MAX_TEXT`` characters.
    """
    values = size = 0
    level = [value]
    for _ in range(MAX_LEVELS):
        inner: list[Json] = []
        for one in level:
            values += 1
            if isinstance(one, str):
                size += len(one)
            elif isinstance(one, dict):
                inner += one.values()
                size += sum(map(len, one))
            elif isinstance(one, list | tuple):
                inner += one
            if values + len(inner) > MAX_VALUES or size > MAX_TEXT:
                raise TooLarge(
                    f"{at} holds more than {MAX_VALUES:,} values or {MAX_TEXT:,} characters"
                )
        if not inner:
            return
        level = inner
    raise TooLarge(f"{at} is nested deeper than {MAX_LEVELS} levels")


def _remembering(value: Callable[[Json], Json], render: Callable[[Json, Found], str]) -> Render:
    """``render`` for a text with one tag, which mostly finds what it found last: a URL, a key.

    Only texts are remembered, by identity: they cannot change.
    """
    last: tuple[Json, str] = (MISSING, "")

    def remembering(scope: Json, found: Found) -> str:
        nonlocal last
        kept, text = last
        result = value(scope)
        if result is kept and kept is not MISSING:
            return text
        text = render(scope, found)
        if type(result) is str:
            last = (result, text)
        return text

    return remembering


def compile_text(
    source: str, at: str = "", keep_types: bool = False, encode: Callable[[str], str] | None = None
) -> Template:
    """A ``Template``; see there."""
    return Template(source, at, keep_types, encode)


def compile_value(source: Json, at: str = "", keep_types: bool = False) -> Value:
    """A ``Value``; see there."""
    return Value(source, at, keep_types)
